#include <algorithm>

#include "base/text.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

// What a sleep may count; where the server has no limit, this is one.
constexpr int64_t delay_seconds_max = 86'400;

}  // namespace

io::Task<http::Response> delay(App& app, const Call& call) {
  std::optional<int64_t> seconds = parse_int(call.argument);
  if (!seconds) co_return error_document(400, "strconv.Atoi: parsing \"" + call.argument + "\": value out of range");
  co_await app.pause(call, std::chrono::seconds(std::min(*seconds, delay_seconds_max)));
  co_return document(200, json::object{{"delay", *seconds}});
}

}  // namespace pds::podinfo
