#include "oci/registry_service.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "oci/registry_routes.h"
#include "oci/registry_uploads.h"

namespace pds::oci {
namespace {

constexpr size_t piece_bytes = 512 * 1024;  // moved per trip to a worker thread: large enough that the trips cost nothing

// Where a request is, with what was decided about it.
struct Exchange {
  http::ServerRequest& request;
  http::Responder& responder;
  Route route;
  RegistryAccess access;
  std::shared_ptr<Store> store;
  bool head_only() const { return request.head.method == "HEAD"; }
};

RegistryAction action_of(const Route& route, std::string_view method) {
  if (route.kind == Route::Kind::ping) return RegistryAction::ping;
  if (route.kind == Route::Kind::upload_start || route.kind == Route::Kind::upload) return RegistryAction::push;
  if (method == "GET" || method == "HEAD") return RegistryAction::pull;
  return method == "DELETE" ? RegistryAction::remove : RegistryAction::push;
}

std::string text_of(std::optional<std::string_view> header) { return std::string(header.value_or("")); }

http::ResponseHead head_of(int status) {
  http::ResponseHead head{.status = status};
  head.headers.add("Docker-Distribution-Api-Version", "registry/2.0");
  return head;
}

io::Task<void> answer(http::Responder& responder, http::Response response) {
  response.head.headers.set("Docker-Distribution-Api-Version", "registry/2.0");
  (void)co_await responder.send(response.head, response.body);
}

std::unexpected<Error> not_allowed(std::string_view method) {
  return fail("E_UNSUPPORTED", fmt::format("{} is not possible here", method.substr(0, 32)), 405);
}

// `tag` or a digest, as manifests are named.
std::optional<ManifestRecord> find(const Store& store, const std::string& name) {
  if (auto digest = Digest::parse(name)) return store.find_manifest(*digest);
  return store.find_tag(name);
}

}  // namespace

struct RegistryService::Impl {
  io::Loop& loop;
  const RegistryAuthorizer authorizer;
  const RegistryServiceOptions options;
  Uploads uploads;

  // ---- the way in ----

  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) {
    auto route = parse_route(request.head.path());
    if (!route) {
      Error error{"E_UNSUPPORTED", "the distribution API has no such path", 404};
      co_return co_await answer(responder, error_response(error));
    }
    Exchange exchange{request, responder, *std::move(route), {}, nullptr};
    Result<void> done = co_await authorised(exchange);
    if (done || responder.started()) co_return;
    http::Response refusal = error_response(done.error());
    if (refusal.head.status == 401) refusal.head.headers.set("WWW-Authenticate", options.challenge);
    co_await answer(responder, std::move(refusal));
  }

  Result<Registry*> registry_for(const Exchange& exchange, RegistryAction action, const std::string& repository) {
    RegistryAccess access = exchange.access;
    access.action = action;
    access.repository = repository;
    return authorizer(access);
  }

  io::Task<Result<void>> authorised(Exchange& exchange) {
    const http::RequestHead& head = exchange.request.head;
    const std::string& repository = exchange.route.repository;
    exchange.access = {.action = action_of(exchange.route, head.method),
                       .repository = repository,
                       .authorization = text_of(head.headers.find("authorization")),
                       .host = std::string(head.host())};
    bool ping = exchange.route.kind == Route::Kind::ping;
    if (!ping && !is_valid_repository(repository)) co_return fail("E_NAME_INVALID", "the repository's name is not valid", 400);
    CO_TRY(Registry * registry, registry_for(exchange, exchange.access.action, repository));
    if (ping) co_return co_await exchange.responder.send(head_of(200), "");
    CO_TRY(exchange.store, registry->repository(repository));
    co_return co_await dispatch(exchange);
  }

  io::Task<Result<void>> dispatch(Exchange& exchange) {
    const std::string& method = exchange.request.head.method;
    bool reading = method == "GET" || method == "HEAD";
    switch (exchange.route.kind) {
      case Route::Kind::blob:
        if (reading) co_return co_await get_blob(exchange);
        if (method == "DELETE") co_return co_await delete_blob(exchange);
        break;
      case Route::Kind::manifest:
        if (reading) co_return co_await get_manifest(exchange);
        if (method == "PUT") co_return co_await put_manifest(exchange);
        if (method == "DELETE") co_return co_await delete_manifest(exchange);
        break;
      case Route::Kind::upload_start:
        if (method == "POST") co_return co_await start_upload(exchange);
        break;
      case Route::Kind::upload:
        if (method == "PATCH") co_return co_await patch_upload(exchange);
        if (method == "PUT") co_return co_await finish_upload(exchange);
        if (method == "GET") co_return co_await upload_status(exchange);
        if (method == "DELETE") co_return co_await cancel_upload(exchange);
        break;
      case Route::Kind::tags:
        if (reading) co_return co_await list_tags(exchange);
        break;
      case Route::Kind::referrers:
        if (reading) co_return co_await list_referrers(exchange);
        break;
      case Route::Kind::ping:
        break;
    }
    co_return not_allowed(method);
  }

  // ---- blobs ----

  io::Task<Result<void>> get_blob(Exchange& exchange) {
    CO_TRY(Digest digest, Digest::parse(exchange.route.name));
    std::shared_ptr<Store> store = exchange.store;
    // The first reader pays for checking the digest; on a worker, because layers are large.
    auto opened = co_await loop.offload([store, digest] { return store->open_blob(digest); });
    if (!opened) co_return std::unexpected(std::move(opened).error());
    auto file = std::make_shared<BlobFile>(*std::move(opened));
    http::ResponseHead head = head_of(200);
    head.headers.add("Content-Type", "application/octet-stream");
    head.headers.add("Docker-Content-Digest", digest.text());
    head.headers.add("Accept-Ranges", "bytes");
    head.headers.add("ETag", fmt::format("\"{}\"", digest.text()));
    auto range = parse_range(text_of(exchange.request.head.headers.find("range")), file->size);
    if (range && !range->satisfiable) {
      head = head_of(416);
      head.headers.add("Content-Range", fmt::format("bytes */{}", file->size));
      co_return co_await exchange.responder.send(head, "");
    }
    uint64_t first = range ? range->first : 0, end = range ? range->last + 1 : file->size;
    if (range) {
      head.status = 206;
      head.headers.add("Content-Range", fmt::format("bytes {}-{}/{}", first, end - 1, file->size));
    }
    head.headers.add("Content-Length", std::to_string(end - first));
    if (exchange.head_only() || first == end) co_return co_await exchange.responder.send(head, "");
    co_return co_await stream_blob(exchange, std::move(head), file, first, end);
  }

  io::Task<Result<void>> stream_blob(Exchange& exchange, http::ResponseHead head, std::shared_ptr<BlobFile> file, uint64_t first,
                                     uint64_t end) {
    CO_CHECK(co_await exchange.responder.start(head));
    while (first < end) {
      size_t size = static_cast<size_t>(std::min<uint64_t>(piece_bytes, end - first));
      auto piece = co_await loop.offload([file, first, size] { return file->read_at(first, size); });
      if (!piece) co_return std::unexpected(std::move(piece).error());
      CO_CHECK(co_await exchange.responder.write(*piece));
      first += piece->size();
    }
    co_return co_await exchange.responder.finish();
  }

  io::Task<Result<void>> delete_blob(Exchange& exchange) {
    CO_TRY(Digest digest, Digest::parse(exchange.route.name));
    std::shared_ptr<Store> store = exchange.store;
    auto done = co_await loop.offload([store, digest] { return store->delete_blob(digest); });
    if (!done) co_return done;
    co_return co_await exchange.responder.send(head_of(202), "");
  }

  // ---- uploads ----

  http::ResponseHead upload_head(int status, const Exchange& exchange, const std::string& id, uint64_t size) const {
    http::ResponseHead head = head_of(status);
    head.headers.add("Location", fmt::format("/v2/{}/blobs/uploads/{}", exchange.route.repository, id));
    head.headers.add("Docker-Upload-UUID", id);
    head.headers.add("Range", fmt::format("0-{}", size == 0 ? 0 : size - 1));
    return head;
  }

  http::ResponseHead created_head(const Exchange& exchange, std::string_view kind, const Digest& digest) const {
    http::ResponseHead head = head_of(201);
    head.headers.add("Location", fmt::format("/v2/{}/{}/{}", exchange.route.repository, kind, digest.text()));
    head.headers.add("Docker-Content-Digest", digest.text());
    return head;
  }

  // The body to the end of the upload; in pieces, written on a worker.
  io::Task<Result<void>> append_body(Exchange& exchange, Uploads::Handle upload) {
    std::string gathered;
    while (true) {
      CO_TRY(std::string_view piece, co_await exchange.request.body.read());
      bool ended = piece.empty();
      gathered += piece;
      if (gathered.size() < piece_bytes && !ended) continue;
      auto appended = co_await loop.offload([upload, bytes = std::exchange(gathered, {})] { return upload->writer.append(bytes); });
      if (!appended) co_return appended;
      if (ended) co_return Result<void>();
    }
  }

  io::Task<Result<void>> commit(Exchange& exchange, Uploads::Handle upload, Digest expected) {
    auto done = co_await loop.offload([upload, expected] { return upload->writer.commit("", expected); });
    if (!done) co_return std::unexpected(std::move(done).error());
    co_return co_await exchange.responder.send(created_head(exchange, "blobs", expected), "");
  }

  // True when the content was there to be mounted, and the request is answered.
  io::Task<Result<bool>> mounted(Exchange& exchange) {
    const http::RequestHead& head = exchange.request.head;
    auto wanted = Digest::parse(head.query_parameter("mount").value_or(""));
    std::string from = head.query_parameter("from").value_or("");
    if (!wanted || !is_valid_repository(from)) co_return false;
    auto registry = registry_for(exchange, RegistryAction::pull, from);
    auto source = registry ? (*registry)->repository(from) : std::unexpected(registry.error());
    if (!source) co_return false;  // to be pushed then, like anything else: not even whether it exists is told
    std::shared_ptr<Store> store = exchange.store;
    auto done = co_await loop.offload([store, source = *source, digest = *wanted] { return store->adopt_blob(*source, digest); });
    if (!done) co_return false;
    CO_CHECK(co_await exchange.responder.send(created_head(exchange, "blobs", *wanted), ""));
    co_return true;
  }

  io::Task<Result<void>> start_upload(Exchange& exchange) {
    const http::RequestHead& head = exchange.request.head;
    if (head.query_parameter("mount")) {
      CO_TRY(bool answered, co_await mounted(exchange));
      if (answered) co_return Result<void>();
    }
    std::optional<std::string> digest_text = head.query_parameter("digest");
    std::optional<Digest> digest;
    if (digest_text) {
      CO_TRY(digest, Digest::parse(*digest_text));
    }
    CO_TRY(auto begun, uploads.begin(exchange.store, exchange.route.repository));
    CO_CHECK(co_await append_body(exchange, begun.second));
    if (digest) co_return co_await commit(exchange, begun.second, *digest);
    uint64_t size = begun.second->writer.size();
    uploads.put_back(begun.first, begun.second);
    co_return co_await exchange.responder.send(upload_head(202, exchange, begun.first, size), "");
  }

  io::Task<Result<void>> patch_upload(Exchange& exchange) {
    const std::string& id = exchange.route.name;
    CO_TRY(Uploads::Handle upload, uploads.take(id, exchange.route.repository));
    // "<first>-<last>": a chunk out of order is refused, and the upload stays as it was.
    if (auto range = exchange.request.head.headers.find("content-range")) {
      uint64_t size = upload->writer.size();
      if (parse_int(range->substr(0, range->find('-'))) != static_cast<int64_t>(size)) {
        uploads.put_back(id, upload);
        co_return co_await exchange.responder.send(upload_head(416, exchange, id, size), "");
      }
    }
    CO_CHECK(co_await append_body(exchange, upload));
    uint64_t size = upload->writer.size();
    uploads.put_back(id, std::move(upload));
    co_return co_await exchange.responder.send(upload_head(202, exchange, id, size), "");
  }

  io::Task<Result<void>> finish_upload(Exchange& exchange) {
    auto digest = Digest::parse(exchange.request.head.query_parameter("digest").value_or(""));
    if (!digest) co_return std::unexpected(std::move(digest).error());
    CO_TRY(Uploads::Handle upload, uploads.take(exchange.route.name, exchange.route.repository));
    CO_CHECK(co_await append_body(exchange, upload));
    co_return co_await commit(exchange, std::move(upload), *std::move(digest));
  }

  io::Task<Result<void>> upload_status(Exchange& exchange) {
    const std::string& id = exchange.route.name;
    CO_TRY(Uploads::Handle upload, uploads.take(id, exchange.route.repository));
    uint64_t size = upload->writer.size();
    uploads.put_back(id, std::move(upload));
    co_return co_await exchange.responder.send(upload_head(204, exchange, id, size), "");
  }

  io::Task<Result<void>> cancel_upload(Exchange& exchange) {
    CO_TRY([[maybe_unused]] Uploads::Handle upload, uploads.take(exchange.route.name, exchange.route.repository));
    co_return co_await exchange.responder.send(head_of(204), "");
  }

  // ---- manifests ----

  io::Task<Result<void>> get_manifest(Exchange& exchange) {
    auto record = find(*exchange.store, exchange.route.name);
    if (!record)
      co_return fail("E_MANIFEST_UNKNOWN", fmt::format("there is no manifest '{}' here", exchange.route.name.substr(0, 200)), 404);
    std::shared_ptr<Store> store = exchange.store;
    auto bytes = co_await loop.offload([store, digest = record->digest] { return store->read_manifest(digest); });
    if (!bytes) co_return std::unexpected(std::move(bytes).error());
    http::ResponseHead head = head_of(200);
    head.headers.add("Content-Type", record->media_type);
    head.headers.add("Docker-Content-Digest", record->digest.text());
    head.headers.add("ETag", fmt::format("\"{}\"", record->digest.text()));
    co_return co_await exchange.responder.send(head, *bytes);
  }

  io::Task<Result<void>> put_manifest(Exchange& exchange) {
    const std::string& name = exchange.route.name;
    auto named = Digest::parse(name);
    if (!named && !is_valid_tag(name))
      co_return fail("E_REFERENCE_INVALID", "a manifest is put under a tag or under its digest", 400);
    CO_TRY(std::string bytes, co_await http::read_all(exchange.request.body, manifest_bytes_max));
    Digest digest = Digest::of(bytes);
    if (named) CO_CHECK(check_digest("manifest", *named, digest));
    std::optional<std::string> tag = named ? std::nullopt : std::optional(name);
    if (tag && options.before_tag) CO_CHECK(options.before_tag(exchange.access, *tag, digest));
    std::string type = text_of(exchange.request.head.headers.find("content-type"));
    type = std::string(trim(std::string_view(type).substr(0, type.find(';'))));
    std::shared_ptr<Store> store = exchange.store;
    auto put =
        co_await loop.offload([store, bytes = std::move(bytes), type, tag] { return store->put_manifest(bytes, type, tag); });
    if (!put) co_return std::unexpected(std::move(put).error());
    if (options.after_push) options.after_push(exchange.access, *put);
    http::ResponseHead head = created_head(exchange, "manifests", digest);
    if (put->subject) head.headers.add("OCI-Subject", put->subject->text());
    co_return co_await exchange.responder.send(head, "");
  }

  io::Task<Result<void>> delete_manifest(Exchange& exchange) {
    std::shared_ptr<Store> store = exchange.store;
    auto done = co_await loop.offload([store, name = exchange.route.name]() -> Result<void> {
      auto digest = Digest::parse(name);
      return digest ? store->delete_manifest(*digest) : store->delete_tag(name);
    });
    if (!done) co_return done;
    co_return co_await exchange.responder.send(head_of(202), "");
  }

  // ---- listings ----

  // n of the query: how many entries at most.
  Result<size_t> page_size(const http::RequestHead& head) const {
    auto text = head.query_parameter("n");
    if (!text) return options.page_max;
    auto n = parse_int(*text);
    if (!n || *n < 0) return fail("E_UNSUPPORTED", "'n' is not a number of entries", 400);
    return std::min(options.page_max, static_cast<size_t>(*n));
  }

  io::Task<Result<void>> list_tags(Exchange& exchange) {
    CO_TRY(size_t count_max, page_size(exchange.request.head));
    std::vector<std::string> tags = exchange.store->tags();
    std::string last = exchange.request.head.query_parameter("last").value_or("");
    auto from = std::upper_bound(tags.begin(), tags.end(), last);
    if (last.empty()) from = tags.begin();
    auto to = from + static_cast<ptrdiff_t>(std::min(count_max, static_cast<size_t>(tags.end() - from)));
    json::array names;
    for (auto at = from; at != to; ++at) names.emplace_back(*at);
    http::Response response =
        http::Response::json(200, to_text(json::object{{"name", exchange.route.repository}, {"tags", std::move(names)}}));
    if (to != tags.end() && to != from) {
      response.head.headers.add("Link", fmt::format("</v2/{}/tags/list?n={}&last={}>; rel=\"next\"", exchange.route.repository,
                                                    count_max, percent_encode(*(to - 1))));
    }
    co_await answer(exchange.responder, std::move(response));
    co_return Result<void>();
  }

  io::Task<Result<void>> list_referrers(Exchange& exchange) {
    const http::RequestHead& head = exchange.request.head;
    CO_TRY(Digest subject, Digest::parse(exchange.route.name));
    CO_TRY(size_t count_max, page_size(head));
    count_max = std::max<size_t>(1, std::min(count_max, index_entries_max));
    std::string type = head.query_parameter("artifactType").value_or("");
    std::string last = head.query_parameter("last").value_or("");
    Index index;
    bool more = false;
    for (const ManifestRecord& record : exchange.store->referrers(subject, type)) {
      if (!last.empty() && record.digest.text() <= last) continue;
      more = index.manifests.size() == count_max;
      if (more) break;
      index.manifests.push_back({.media_type = record.media_type,
                                 .digest = record.digest,
                                 .size = record.size,
                                 .artifact_type = record.artifact_type,
                                 .annotations = record.annotations});
    }
    http::ResponseHead out = head_of(200);
    out.headers.add("Content-Type", media::index);
    if (!type.empty()) out.headers.add("OCI-Filters-Applied", "artifactType");
    if (more) {
      out.headers.add("Link", fmt::format("</v2/{}/referrers/{}?n={}&last={}{}>; rel=\"next\"", exchange.route.repository,
                                          subject.text(), count_max, percent_encode(index.manifests.back().digest.text()),
                                          type.empty() ? "" : "&artifactType=" + percent_encode(type)));
    }
    co_return co_await exchange.responder.send(out, serialise(index));
  }
};

RegistryService::RegistryService(io::Loop& loop, const Clock& clock, RegistryAuthorizer authorizer, RegistryServiceOptions options)
    : impl_(new Impl{loop, std::move(authorizer), options, Uploads(clock, options.uploads_max, options.upload_idle_max)}) {}
RegistryService::~RegistryService() = default;

io::Task<void> RegistryService::serve(http::ServerRequest& request, http::Responder& responder) {
  return impl_->serve(request, responder);
}
void RegistryService::expire_uploads() { impl_->uploads.expire(); }
size_t RegistryService::open_uploads() const { return impl_->uploads.size(); }

}  // namespace pds::oci
