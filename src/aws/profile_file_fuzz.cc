#include "aws/profile_file.h"
#include "base/check.h"

// Names are names, values no longer than the text, and an error quotes nothing of it.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds;
  auto sections = aws::parse_profile_file({reinterpret_cast<const char*>(data), size});
  if (!sections) {
    ASSERT(sections.error().message.size() < 100);
    return 0;
  }
  for (const auto& [title, properties] : *sections) {
    ASSERT(title.find('\n') == std::string::npos);
    for (const auto& [name, value] : properties) ASSERT(!name.empty() && name.find('=') == std::string::npos && value.size() <= size);
  }
  return 0;
}
