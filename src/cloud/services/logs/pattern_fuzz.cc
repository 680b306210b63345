#include <cstddef>
#include <cstdint>

#include "cloud/services/logs/pattern.h"

// The first line is a pattern, the rest a message.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  size_t newline = input.find('\n');
  auto pattern = pds::cloud::logs::Pattern::parse(input.substr(0, newline));
  if (pattern && newline != std::string_view::npos) (void)pattern->matches(input.substr(newline + 1));
  return 0;
}
