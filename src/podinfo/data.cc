#include <fmt/format.h>

#include "podinfo/data_tier.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

constexpr const char* no_database = "no database is set (--database-url)";

// These paths are ours: the status says what the document does.
http::Response refusal(int status, std::string_view message) {
  http::Response response = error_document(status, message);
  response.head.status = status;
  return response;
}

http::Response unavailable(std::string_view message) {
  http::Response response = refusal(503, message);
  response.head.headers.add("Retry-After", "1");
  return response;
}

http::Response bad_request(const Error& error) { return refusal(400, error.message); }

// What the database said goes to the log, and not to the client: it names hosts and users.
http::Response failure(App& app, const Call& call, const Error& error, bool is_write) {
  switch (blame_of(error)) {
    case PgBlame::crowd:
      return unavailable(error.message);
    case PgBlame::server:
      return unavailable("the database cannot be reached");
    case PgBlame::unknown:
    case PgBlame::late:
      return unavailable(is_write ? "the database did not answer; it is not known whether the change was made" : "the database did not answer");
    case PgBlame::query:
      break;
  }
  app.parts().logger.warn("database refused a query",
                          {{"sqlstate", error.code}, {"error", error.message}, {"correlation_id", call.correlation_id}});
  return unavailable(fmt::format("the database refused the query (SQLSTATE {})", error.code));
}

// As the first service of this name had it: something that looks like data.
http::Response sample(App& app) {
  const AppParts& parts = app.parts();
  return document(200, json::object{{"id", request_id(parts.random)},
                                    {"message", "sample data: no database is set"},
                                    {"timestamp", to_iso8601_millis(parts.clock.now())},
                                    {"environment", parts.options.environment},
                                    {"version", parts.release.version}});
}

json::object to_json(const DataItem& item) { return {{"id", item.id}, {"message", item.message}, {"timestamp", item.timestamp}}; }

http::Response item_document(const App& app, int status, const DataItem& item) {
  json::object out = to_json(item);
  out["environment"] = app.parts().options.environment;
  out["version"] = app.parts().release.version;
  return document(status, std::move(out));
}

http::Response list_document(const App& app, const DataPage& page) {
  json::array items;
  for (const DataItem& item : page.items) items.push_back(to_json(item));
  json::object out{{"count", page.items.size()}, {"items", std::move(items)}};
  if (page.more) out["next"] = page.items.back().id;
  out["environment"] = app.parts().options.environment;
  out["version"] = app.parts().release.version;
  return document(200, std::move(out));
}

Result<LogPosition> least_of(const Call& call) {
  std::optional<std::string_view> token = call.head.headers.find(data_token_field);
  if (!token) return LogPosition{};
  std::optional<LogPosition> position = parse_token(*token);
  if (!position) return fail("E_BAD_REQUEST", fmt::format("{} is none of ours", data_token_field));
  return *position;
}

http::Response change_document(App& app, const Call& call, const Result<DataStore::Change>& change) {
  using enum DataStore::Change::Kind;
  if (!change) return failure(app, call, change.error(), true);
  http::Response response = change->kind == absent    ? refusal(404, "there is no item of that id")
                            : change->kind == removed ? empty(204)
                                                      : item_document(app, change->kind == created ? 201 : 200, change->item);
  if (change->kind == created) response.head.headers.add("Location", app.prefix() + "/api/data/" + change->item.id);
  if (change->position) response.head.headers.add(data_token_field, to_token(*change->position));
  return response;
}

io::Task<Result<bool>> has_database(DataTier* tier) {
  if (!tier) co_return false;
  co_return co_await tier->has_database();
}

// Nothing: go on. Otherwise the answer where there is no database, or none yet.
io::Task<std::optional<http::Response>> refuse_without_database(DataTier* tier, int status) {
  Result<bool> there = co_await has_database(tier);
  if (!there) co_return unavailable(there.error().message);
  if (*there) co_return std::nullopt;
  http::Response response = refusal(status, no_database);
  if (status == 405) response.head.headers.add("Allow", "GET");
  co_return response;
}

io::Task<http::Response> list(App& app, const Call& call, DataTier& tier) {
  Result<LogPosition> least = least_of(call);
  if (!least) co_return bad_request(least.error());
  Result<DataPaging> paging = parse_data_paging(call.head.query_parameter("limit"), call.head.query_parameter("after"));
  if (!paging) co_return bad_request(paging.error());
  Result<SharedPage> page = co_await tier.list(*std::move(paging), *least);
  co_return page ? list_document(app, **page) : failure(app, call, page.error(), false);
}

// The message of a body that is read here, because less is taken than elsewhere.
io::Task<std::expected<std::string, http::Response>> read_message(http::Body& body) {
  Result<std::string> bytes = co_await http::read_all(body, data_body_bytes_max);
  if (!bytes && bytes.error().code == "E_TOO_LARGE")
    co_return std::unexpected(refusal(413, fmt::format("the body is larger than {} bytes", data_body_bytes_max)));
  if (!bytes) co_return std::unexpected(refusal(400, "the body did not come in whole"));
  Result<std::string> message = parse_data_body(*bytes);
  if (!message) co_return std::unexpected(bad_request(message.error()));
  co_return *std::move(message);
}

io::Task<http::Response> create(App& app, const Call& call, http::Body& body) {
  DataTier* tier = app.parts().data;
  if (std::optional<http::Response> refused = co_await refuse_without_database(tier, 405)) co_return *std::move(refused);
  std::expected<std::string, http::Response> message = co_await read_message(body);
  if (!message) co_return std::move(message).error();
  co_return change_document(app, call, co_await tier->create(*std::move(message)));
}

io::Task<http::Response> put(App& app, const Call& call, http::Body& body) {
  DataTier* tier = app.parts().data;
  if (std::optional<http::Response> refused = co_await refuse_without_database(tier, 405)) co_return *std::move(refused);
  if (Result<void> sound = check_data_id(call.argument); !sound) co_return bad_request(sound.error());
  std::expected<std::string, http::Response> message = co_await read_message(body);
  if (!message) co_return std::move(message).error();
  co_return change_document(app, call, co_await tier->put(call.argument, *std::move(message)));
}

}  // namespace

io::Task<http::Response> data(App& app, const Call& call) {
  DataTier* tier = app.parts().data;
  Result<bool> there = co_await has_database(tier);
  if (!there) co_return unavailable(there.error().message);
  co_return *there ? co_await list(app, call, *tier) : sample(app);
}

io::Task<http::Response> data_item(App& app, const Call& call) {
  DataTier* tier = app.parts().data;
  if (std::optional<http::Response> refused = co_await refuse_without_database(tier, 404)) co_return *std::move(refused);
  Result<LogPosition> least = least_of(call);
  if (!least) co_return bad_request(least.error());
  if (Result<void> sound = check_data_id(call.argument); !sound) co_return bad_request(sound.error());
  Result<SharedPage> page = co_await tier->find(call.argument, *least);
  if (!page) co_return failure(app, call, page.error(), false);
  if ((*page)->items.empty()) co_return refusal(404, "there is no item of that id");
  co_return item_document(app, 200, (*page)->items.front());
}

io::Task<int> data_create(App& app, const Call& call, http::ServerRequest& request, http::Responder& responder) {
  co_return co_await app.send(call, co_await create(app, call, request.body), responder);
}

io::Task<int> data_put(App& app, const Call& call, http::ServerRequest& request, http::Responder& responder) {
  co_return co_await app.send(call, co_await put(app, call, request.body), responder);
}

io::Task<http::Response> data_remove(App& app, const Call& call) {
  DataTier* tier = app.parts().data;
  if (std::optional<http::Response> refused = co_await refuse_without_database(tier, 405)) co_return *std::move(refused);
  if (Result<void> sound = check_data_id(call.argument); !sound) co_return bad_request(sound.error());
  co_return change_document(app, call, co_await tier->remove(call.argument));
}

}  // namespace pds::podinfo
