#include <algorithm>

#include "base/text.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

constexpr int64_t delay_seconds_min = 10, delay_seconds_max = 86'400;

// Without a number, or with one beyond counting: a random one, below what the server gives a request.
int64_t seconds_of(App& app, std::string_view argument) {
  if (std::optional<int64_t> given = parse_int(argument)) return *given;
  auto limit = std::chrono::duration_cast<std::chrono::seconds>(app.parts().options.http_server_timeout).count();
  int64_t most = std::clamp<int64_t>(limit, delay_seconds_min + 1, delay_seconds_max);
  return delay_seconds_min + static_cast<int64_t>(app.parts().random.below(static_cast<uint64_t>(most - delay_seconds_min)));
}

io::Task<Result<void>> tell(App& app, const Call& call, int64_t seconds, http::Responder& responder) {
  http::ResponseHead head;
  head.headers.add("X-Content-Type-Options", "nosniff");
  app.mark(head, call);
  responder.tell_that_it_stays();
  CO_CHECK(co_await responder.start(head));
  co_await app.pause(call, std::chrono::seconds(std::min(seconds, delay_seconds_max)));
  if (app.is_late(call)) co_return Result<void>();  // left unfinished: the server cuts it
  CO_CHECK(co_await responder.write(to_json_text(json::object{{"delay", seconds}})));
  co_return co_await responder.finish();
}

}  // namespace

io::Task<int> chunked(App& app, const Call& call, http::ServerRequest&, http::Responder& responder) {
  // A peer that has gone meanwhile is nothing that could be done anything about.
  [[maybe_unused]] Result<void> told = co_await tell(app, call, seconds_of(app, call.argument), responder);
  co_return 200;
}

}  // namespace pds::podinfo
