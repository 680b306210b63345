#include "base/check.h"
#include "podinfo/shared_page.h"

// What is taken for a page is one: written and read again it is the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds::podinfo;
  auto page = parse_shared_text({reinterpret_cast<const char*>(data), size});
  if (!page) return 0;
  std::string text = to_shared_text(page->page, page->loaded);
  auto again = parse_shared_text(text);
  ASSERT(text.size() > shared_page_bytes_max || (again && to_shared_text(again->page, again->loaded) == text));
  return 0;
}
