#include "aws/codec.h"
#include "aws/codec_sample.h"
#include "base/check.h"

// What was read is written and read again to the same text.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds;
  auto node = aws::from_json_text<aws::sample::Node>({reinterpret_cast<const char*>(data), size});
  if (!node) return 0;
  std::string text = aws::to_json_text(*node);
  auto again = aws::from_json_text<aws::sample::Node>(text);
  ASSERT(again.has_value() && aws::to_json_text(*again) == text);
  return 0;
}
