#include "podinfo/data_request.h"

// Any answer will do but a crash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)pds::podinfo::check_data_id(text);
  (void)pds::podinfo::parse_data_body(text);
  (void)pds::podinfo::parse_data_paging(std::string(text), std::string(text));
  return 0;
}
