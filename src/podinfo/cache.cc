#include "podinfo/document.h"
#include "podinfo/endpoints.h"
#include "podinfo/redis.h"

namespace pds::podinfo {
namespace {

void warn(App& app, const Call& call, std::string_view message, const Error& error) {
  app.parts().logger.warn(message, {{"error", error.message}, {"key", call.argument}, {"correlation_id", call.correlation_id}});
}

void warn_not_found(App& app, const Call& call) {
  app.parts().logger.warn("cache key not found", {{"key", call.argument}, {"correlation_id", call.correlation_id}});
}

http::Response offline() { return error_document(400, "cache server is offline"); }

}  // namespace

io::Task<http::Response> cache_write(App& app, const Call& call) {
  Redis* redis = app.parts().cache;
  if (!redis) co_return offline();
  auto done = co_await redis->command({"SET", call.argument, call.body});
  if (done) co_return empty(202);
  warn(app, call, "cache set failed", done.error());
  co_return error_document(500, "cache set failed");
}

// A server that cannot be reached has nothing, as the original says it.
io::Task<http::Response> cache_read(App& app, const Call& call) {
  Redis* redis = app.parts().cache;
  if (!redis) co_return offline();
  auto exists = co_await redis->command({"EXISTS", call.argument});
  if (!exists) warn(app, call, "cache get failed", exists.error());
  if (exists && exists->number == 0) warn_not_found(app, call);
  if (!exists || exists->number == 0) co_return empty(404);
  auto value = co_await redis->command({"GET", call.argument});
  if (!value) warn(app, call, "cache get failed", value.error());
  if (!value || value->kind != RedisReply::Kind::text) co_return empty(500);
  co_return raw(200, std::move(value->text));
}

io::Task<http::Response> cache_delete(App& app, const Call& call) {
  Redis* redis = app.parts().cache;
  if (!redis) co_return offline();
  auto done = co_await redis->command({"DEL", call.argument});
  if (done) co_return empty(202);
  warn(app, call, "cache delete failed", done.error());
  co_return empty(400);
}

}  // namespace pds::podinfo
