#include "base/text.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

// Beyond the time any client of ours waits; podinfo's own server gives up at 30 seconds.
constexpr int64_t delay_seconds_max = 3600;

}  // namespace

io::Task<http::Response> delay(App& app, const Call& call) {
  std::optional<int64_t> seconds = parse_int(call.argument);
  if (!seconds) co_return error_document(400, "strconv.Atoi: parsing \"" + call.argument + "\": value out of range");
  if (*seconds > delay_seconds_max)
    co_return error_document(400, "a delay of more than " + std::to_string(delay_seconds_max) + " seconds is refused");
  co_await app.parts().loop.sleep_for(std::chrono::seconds(*seconds));
  co_return document(200, json::object{{"delay", *seconds}});
}

}  // namespace pds::podinfo
