#include <cstdint>

#include "podinfo/jwt.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view token(reinterpret_cast<const char*>(data), size);
  [[maybe_unused]] auto claims = pds::podinfo::verify_token(token, "key", pds::from_epoch_seconds(1'800'000'000));
  return 0;
}
