#include "base/text.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

// 101 would make the client speak another protocol; there is no interim answer of that kind.
bool is_interim(int64_t code) { return code >= 100 && code < 200 && code != 101; }
bool is_final(int64_t code) { return code >= 200 && code < 1000; }

http::Response with_code(int code) {
  http::Response response = document(code, json::object{{"status", code}});
  if (http::standard_reason(code).empty()) response.head.reason = "status code " + std::to_string(code);
  if (code == 304) response.head.headers.remove("Content-Type");
  if (code == 204 || code == 304) response.body.clear();
  return response;
}

}  // namespace

io::Task<int> status(App& app, const Call& call, http::ServerRequest&, http::Responder& responder) {
  std::optional<int64_t> code = parse_int(call.argument);
  if (!code) {
    co_return co_await app.send(call, error_document(400, "strconv.Atoi: parsing \"" + call.argument + "\": value out of range"),
                                responder);
  }
  if (is_interim(*code)) {
    http::ResponseHead interim;
    interim.status = static_cast<int>(*code);
    if (http::standard_reason(interim.status).empty()) interim.reason = "status code " + std::to_string(*code);
    [[maybe_unused]] Result<void> told = co_await responder.interim(interim);
    co_await app.send(call, document(200, json::object{{"status", *code}}), responder);
    co_return interim.status;
  }
  if (!is_final(*code))
    co_return co_await app.send(call, error_document(400, "a status that can be sent lies between 100 and 999, and is not 101"),
                                responder);
  co_return co_await app.send(call, with_code(static_cast<int>(*code)), responder);
}

}  // namespace pds::podinfo
