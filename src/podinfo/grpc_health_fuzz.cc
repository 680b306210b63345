#include "podinfo/grpc_health.h"

// Any answer will do but a crash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)pds::podinfo::decode_health_answer({reinterpret_cast<const char*>(data), size});
  return 0;
}
