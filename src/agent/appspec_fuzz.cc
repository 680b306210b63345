#include "agent/appspec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)pds::agent::parse_appspec({reinterpret_cast<const char*>(data), size});
  return 0;
}
