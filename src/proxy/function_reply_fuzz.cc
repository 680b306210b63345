// Whatever a function answers: an answer that is taken can be sent, and has a status of a response.
#include <cstdint>
#include <cstdlib>

#include "http/serialize.h"
#include "proxy/function_target.h"

using namespace pds;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Result<http::Response> reply = proxy::from_alb_reply({reinterpret_cast<const char*>(data), size});
  if (!reply) return 0;
  if (reply->head.status < 200 || reply->head.status > 599) abort();
  if (!http::can_be_sent(reply->head.headers)) abort();
  if (reply->head.reason.find_first_of("\r\n") != std::string::npos) abort();
  return 0;
}
