#include <algorithm>

#include "base/text.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {

io::Task<http::Response> delay(App& app, const Call& call) {
  std::optional<int64_t> seconds = parse_int(call.argument);
  if (!seconds) co_return error_document(400, "strconv.Atoi: parsing \"" + call.argument + "\": value out of range");
  co_await app.pause(call, std::min(std::chrono::seconds(*seconds), delay_max));
  co_return document(200, json::object{{"delay", *seconds}});
}

}  // namespace pds::podinfo
