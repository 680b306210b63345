// An event that was accepted is a request that a strict parser accepts, with the same path.
#include <cstdint>
#include <cstdlib>

#include "http/parser.h"
#include "http/serialize.h"
#include "podinfo/lambda_event.h"

using namespace pds;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Result<podinfo::LambdaEvent> event = podinfo::parse_lambda_event({reinterpret_cast<const char*>(data), size});
  if (!event) return 0;
  if (!http::can_be_sent(event->request.head.headers)) abort();
  http::RequestHead head = event->request.head;
  head.headers = {};
  head.headers.add("Host", "h");
  std::string text;
  http::append_request_head(text, head, {});
  http::RequestParser parser{http::Limits{.request_line_bytes_max = SIZE_MAX / 2}};
  size_t consumed = 0;
  // A target may hold bytes that a head may not (beyond ASCII, or "#"): refused then, never read differently.
  if (parser.feed(text, consumed) == http::Progress::done && parser.head.target != head.target) abort();
  podinfo::lambda_answer(*event, http::Response::text(200, event->request.body));
  return 0;
}
