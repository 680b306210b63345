#include "podinfo/document.h"
#include "podinfo/endpoints.h"
#include "podinfo/redis.h"

namespace pds::podinfo {
namespace {

void warn(App& app, const Call& call, std::string_view command, const Error& error) {
  app.parts().logger.warn("cache command failed", {{"command", command}, {"error", error.message}, {"correlation_id", call.correlation_id}});
}

http::Response offline() { return error_document(400, "cache server is offline"); }

}  // namespace

io::Task<http::Response> cache_write(App& app, const Call& call) {
  Redis* redis = app.parts().cache;
  if (!redis) co_return offline();
  auto done = co_await redis->command({"SET", call.argument, call.body});
  if (done) co_return empty(202);
  warn(app, call, "SET", done.error());
  co_return error_document(500, "cache set failed");
}

// A server that cannot be reached has nothing, as the original says it.
io::Task<http::Response> cache_read(App& app, const Call& call) {
  Redis* redis = app.parts().cache;
  if (!redis) co_return offline();
  auto exists = co_await redis->command({"EXISTS", call.argument});
  if (!exists) warn(app, call, "EXISTS", exists.error());
  if (!exists || exists->number == 0) co_return empty(404);
  auto value = co_await redis->command({"GET", call.argument});
  if (!value) warn(app, call, "GET", value.error());
  if (!value || value->kind != RedisReply::Kind::text) co_return empty(500);
  co_return raw(200, std::move(value->text));
}

io::Task<http::Response> cache_delete(App& app, const Call& call) {
  Redis* redis = app.parts().cache;
  if (!redis) co_return offline();
  auto done = co_await redis->command({"DEL", call.argument});
  if (done) co_return empty(202);
  warn(app, call, "DEL", done.error());
  co_return empty(400);
}

}  // namespace pds::podinfo
