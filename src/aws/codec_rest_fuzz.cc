#include <algorithm>

#include "aws/codec.h"
#include "aws/codec_sample.h"

// The first byte chooses the wire; up to a line feed the target, then the body. Any answer will do but a crash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds;
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  size_t line = std::min(text.find('\n'), text.size());
  static const aws::Operation operation{
      "Fuzz", [] -> const aws::Shape& { return shape_of(static_cast<const aws::sample::Node*>(nullptr)); },
      [] -> const aws::Shape& { return shape_of(static_cast<const aws::sample::Node*>(nullptr)); }, "POST", "/a/{Name}/{Rest+}"};
  const aws::Operation* all[] = {&operation};
  http::Request request;
  request.head.method = "POST";
  request.head.target = text.substr(0, line);
  request.body = text.substr(std::min(line + 1, text.size()));
  aws::Labels labels;
  (void)aws::match_rest(all, request.head, labels);
  aws::sample::Node node;
  auto wire = static_cast<aws::Wire>(data[0] % 6);
  (void)aws::decode_request(wire, operation, request.head, request.body, labels, &node);
  http::Response response;
  response.head.status = 400;
  response.body = request.body;
  aws::ServiceInfo service{.signing_name = "s", .id = "S", .protocol = static_cast<aws::Protocol>(data[0] % 5)};
  (void)aws::decode_response(service, operation, response, &node);
  return 0;
}
