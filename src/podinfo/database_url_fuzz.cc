#include "podinfo/database_url.h"

// Any answer will do but a crash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  size_t third = size / 3;
  (void)pds::podinfo::pair_hosts(text.substr(0, third), text.substr(third, third), text.substr(2 * third));
  return 0;
}
