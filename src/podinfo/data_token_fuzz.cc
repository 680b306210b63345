#include "podinfo/data_token.h"

// Any answer will do but a crash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)pds::podinfo::parse_token(text);
  (void)pds::podinfo::parse_lsn(text);
  return 0;
}
