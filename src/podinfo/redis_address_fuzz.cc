#include "podinfo/redis_address.h"

// Any answer will do but a crash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)pds::podinfo::parse_redis_address({reinterpret_cast<const char*>(data), size});
  return 0;
}
