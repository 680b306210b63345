// Whatever arrives on a control socket is refused or reads back as itself; nothing else happens.
#include "base/check.h"
#include "sandbox/wire.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds::sandbox;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)unpack(bytes);
  (void)decode_error(bytes);
  (void)decode_exit(bytes);
  (void)decode_usage(bytes);
  (void)decode_endpoint(bytes);
  // Decoding orders a map and rounds a fraction, so the first reading is compared with the second, not with the input.
  if (auto spec = decode_spec(bytes)) {
    auto again = decode_spec(encode(*spec));
    ASSERT(again && encode(*again) == encode(*spec));
    (void)validate(*spec);
  }
  if (auto command = decode_command(bytes)) {
    auto again = decode_command(encode(*command));
    ASSERT(again && encode(*again) == encode(*command));
  }
  return 0;
}
