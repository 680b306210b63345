#include "aws/xml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)pds::aws::parse_xml({reinterpret_cast<const char*>(data), size});
  return 0;
}
