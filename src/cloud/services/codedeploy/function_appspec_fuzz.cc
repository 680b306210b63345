#include "cloud/services/codedeploy/function_appspec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)pds::cloud::codedeploy::parse_function_appspec({reinterpret_cast<const char*>(data), size});
  return 0;
}
