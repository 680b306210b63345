#include "aws/codec_query.h"
#include "aws/codec_sample.h"
#include "base/check.h"

// Both dialects: what was read is written to parameters that can be read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds;
  using aws::sample::Node;
  auto root = aws::parse_query({reinterpret_cast<const char*>(data), size});
  if (!root) return 0;
  for (aws::QueryDialect dialect : {aws::QueryDialect::query, aws::QueryDialect::ec2}) {
    Node node, again;
    const aws::Shape& shape = shape_of(&node);
    if (!aws::read_query(*root, shape, &node, dialect)) continue;
    std::string form;
    aws::write_query(shape, &node, dialect, form);
    auto second = aws::parse_query(form);
    ASSERT(second.has_value() && aws::read_query(*second, shape, &again, dialect).has_value());
  }
  return 0;
}
