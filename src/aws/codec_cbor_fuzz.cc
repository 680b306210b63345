#include "aws/codec_cbor.h"
#include "aws/codec_sample.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  aws::sample::Node node, again;
  (void)aws::read_cbor_error(bytes);
  if (!aws::read_cbor(bytes, shape_of(&node), &node)) return 0;
  std::string text;
  aws::write_cbor(shape_of(&node), &node, false, text);
  ASSERT(aws::read_cbor(text, shape_of(&again), &again).has_value());
  return 0;
}
