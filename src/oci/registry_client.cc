#include "oci/registry_client.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "http/tls_connector.h"
#include "oci/registry_protocol.h"

namespace pds::oci {
namespace {

constexpr size_t piece_bytes = 512 * 1024;
constexpr int index_depth_max = 4;
constexpr size_t answer_bytes_max = 32u << 20;  // of one that is held in memory: a manifest, a listing, a bundle with an SBOM in it

const std::string manifest_types =
    fmt::format("{}, {}, {}, {}", media::manifest, media::index, media::docker_manifest, media::docker_index);

Result<void> check_reference(const std::string& reference) {
  if (is_valid_tag(reference) || Digest::parse(reference)) return {};
  return fail("E_REFERENCE_INVALID", fmt::format("'{}' is neither a tag nor a digest", reference.substr(0, 200)));
}

struct Call {
  std::string method, target;
  std::string body, content_type, accept, content_range;
};

}  // namespace

struct RegistryClient::Impl {
  io::Loop& loop;
  const std::string host;
  const RegistryClientOptions options;
  http::Client client;

  http::RequestHead head_of(const Call& call) const {
    http::RequestHead head{.method = call.method, .target = call.target};
    head.headers.add("Host", host);
    if (!options.authorization.empty()) head.headers.add("Authorization", options.authorization);
    if (!call.accept.empty()) head.headers.add("Accept", call.accept);
    if (!call.content_type.empty()) head.headers.add("Content-Type", call.content_type);
    if (!call.content_range.empty()) head.headers.add("Content-Range", call.content_range);
    return head;
  }

  // What the registry answered, whatever it was; repeated while that may help.
  io::Task<Result<http::Response>> ask(Call call) {
    http::Request request{.head = head_of(call), .body = std::move(call.body)};
    Duration pause = options.first_pause;
    for (int attempt = 1;; ++attempt, pause *= 2) {
      Result<http::Response> response = co_await client.send(request);
      bool again = response ? is_retryable_status(response->head.status) : response.error().retryable;
      if (!again || attempt >= options.attempts_max) co_return response;
      co_await loop.sleep_for(pause);
    }
  }

  // An answer with one of the expected statuses, or the registry's error.
  io::Task<Result<http::Response>> expect(Call call, std::initializer_list<int> statuses) {
    std::string what = fmt::format("{} {}{}", call.method, host, call.target);
    std::vector<int> expected(statuses);
    CO_TRY(http::Response response, co_await ask(std::move(call)));
    if (std::find(expected.begin(), expected.end(), response.head.status) == expected.end())
      co_return registry_error(what, response);
    co_return response;
  }

  // ---- blobs ----

  io::Task<Result<bool>> has_blob(std::string repository, Digest digest) {
    CO_TRY(http::Response response,
           co_await expect({.method = "HEAD", .target = fmt::format("/v2/{}/blobs/{}", repository, digest.text())}, {200, 404}));
    co_return response.head.status == 200;
  }

  // Where to upload to; nothing when the blob was mounted and is there already.
  io::Task<Result<std::optional<std::string>>> begin_upload(std::string repository, Digest digest, std::string mount_from) {
    std::string target = fmt::format("/v2/{}/blobs/uploads/", repository);
    if (!mount_from.empty())
      target += fmt::format("?mount={}&from={}", percent_encode(digest.text()), percent_encode(mount_from, true));
    CO_TRY(http::Response response, co_await expect({.method = "POST", .target = target}, {201, 202}));
    if (response.head.status == 201) co_return std::nullopt;
    CO_TRY(std::string location, local_target(response.head.headers.get("location"), host));
    co_return location;
  }

  // One request whose body is a part of the file, streamed.
  io::Task<Result<http::Response>> send_part(Call call, std::shared_ptr<BlobFile> file, uint64_t first, uint64_t end) {
    http::RequestHead head = head_of(call);
    head.headers.add("Content-Length", std::to_string(end - first));
    CO_TRY(auto exchange, co_await client.begin(head, http::RequestBody::sized));
    Result<void> sent;
    while (sent && first < end) {
      size_t size = static_cast<size_t>(std::min<uint64_t>(piece_bytes, end - first));
      auto piece = co_await loop.offload([file, first, size] { return file->read_at(first, size); });
      if (!piece) co_return std::unexpected(std::move(piece).error());
      sent = co_await exchange->write(*piece);
      first += piece->size();
    }
    if (sent) sent = co_await exchange->finish();
    // A registry may refuse before it has read everything; its reason counts more than the broken pipe.
    Result<const http::ResponseHead*> answer = co_await exchange->response();
    if (!answer) co_return std::unexpected(sent ? answer.error() : sent.error());
    http::Response response{.head = **answer};
    CO_TRY(response.body, co_await http::read_all(exchange->body(), manifest_bytes_max));
    co_return response;
  }

  io::Task<Result<void>> upload(std::string location, std::shared_ptr<BlobFile> file, Digest digest) {
    uint64_t first = 0;
    if (options.chunk_bytes > 0) {
      while (first < file->size) {
        uint64_t end = std::min(file->size, first + options.chunk_bytes);
        Call call{.method = "PATCH",
                  .target = location,
                  .content_type = "application/octet-stream",
                  .content_range = fmt::format("{}-{}", first, end - 1)};
        CO_TRY(http::Response response, co_await send_part(call, file, first, end));
        if (response.head.status != 202) co_return registry_error(fmt::format("PATCH {}{}", host, location), response);
        CO_TRY(location, local_target(response.head.headers.get("location"), host));
        first = end;
      }
    }
    std::string target =
        location + (location.find('?') == std::string::npos ? "?" : "&") + "digest=" + percent_encode(digest.text());
    Call call{.method = "PUT", .target = target, .content_type = "application/octet-stream"};
    CO_TRY(http::Response response, co_await send_part(call, file, first, file->size));
    if (response.head.status != 201) co_return registry_error(fmt::format("PUT {}{}", host, target), response);
    co_return Result<void>();
  }

  io::Task<Result<void>> push_blob_once(std::string repository, const Store& store, Digest digest, std::string mount_from) {
    CO_TRY(bool there, co_await has_blob(repository, digest));
    if (there) co_return Result<void>();
    CO_TRY(auto location, co_await begin_upload(repository, digest, std::move(mount_from)));
    if (!location) co_return Result<void>();
    const Store* from = &store;
    auto opened = co_await loop.offload([from, digest] { return from->open_blob(digest); });
    if (!opened) co_return std::unexpected(std::move(opened).error());
    co_return co_await upload(*std::move(location), std::make_shared<BlobFile>(*std::move(opened)), digest);
  }

  io::Task<Result<void>> pull_blob_once(std::string repository, Descriptor blob, Store& store) {
    std::string target = fmt::format("/v2/{}/blobs/{}", repository, blob.digest.text());
    CO_TRY(auto exchange, co_await client.begin(head_of({.method = "GET", .target = target}), http::RequestBody::none));
    CO_TRY(const http::ResponseHead* head, co_await exchange->response());
    if (head->status != 200) {
      http::Response refused{.head = *head};
      CO_TRY(refused.body, co_await http::read_all(exchange->body(), manifest_bytes_max));
      co_return registry_error(fmt::format("GET {}{}", host, target), refused);
    }
    CO_TRY(BlobWriter begun, store.begin_blob());
    auto writer = std::make_shared<BlobWriter>(std::move(begun));
    CO_CHECK(co_await receive(exchange->body(), writer, blob));
    auto done = co_await loop.offload([writer, blob] { return writer->commit(blob.media_type, blob.digest); });
    if (!done) co_return std::unexpected(std::move(done).error());
    co_return Result<void>();
  }

  io::Task<Result<void>> receive(http::Body& body, std::shared_ptr<BlobWriter> writer, const Descriptor& blob) {
    auto wrong_size = [&](uint64_t found) {
      return fail("E_SIZE_MISMATCH", fmt::format("{} from {} has {}{} bytes, the manifest says {}", blob.digest.text(), host,
                                                 found > blob.size ? "at least " : "", found, blob.size));
    };
    if (body.length() && *body.length() != blob.size) co_return wrong_size(*body.length());
    std::string gathered;
    uint64_t total = 0;
    while (true) {
      CO_TRY(std::string_view piece, co_await body.read());
      total += piece.size();
      if (total > blob.size) co_return wrong_size(total);
      gathered += piece;
      if (gathered.size() < piece_bytes && !piece.empty()) continue;
      bool ended = piece.empty();
      auto appended = co_await loop.offload([writer, bytes = std::exchange(gathered, {})] { return writer->append(bytes); });
      if (!appended) co_return appended;
      if (!ended) continue;
      if (total != blob.size) co_return wrong_size(total);
      co_return Result<void>();
    }
  }

  // Failures in the middle of a stream; those of whole requests are repeated below.
  io::Task<bool> worth_repeating(const Result<void>& result, int attempt) {
    if (result || !result.error().retryable || attempt >= options.attempts_max) co_return false;
    co_await loop.sleep_for(options.first_pause * (1 << (attempt - 1)));
    co_return true;
  }

  // ---- manifests ----

  io::Task<Result<std::optional<FetchedManifest>>> as_served(std::string repository, std::string reference) {
    CO_CHECK(check_reference(reference));
    Call call{.method = "GET", .target = fmt::format("/v2/{}/manifests/{}", repository, reference), .accept = manifest_types};
    std::string what = fmt::format("GET {}{}", host, call.target);
    CO_TRY(http::Response response, co_await expect(std::move(call), {200, 404}));
    if (response.head.status == 404) {
      // Absent is an answer; a repository that is absent is not.
      auto error = registry_error(what, response);
      if (error.error().code != "E_MANIFEST_UNKNOWN") co_return error;
      co_return std::nullopt;
    }
    if (response.body.size() > manifest_bytes_max)
      co_return fail("E_TOO_LARGE", fmt::format("{}: the manifest is larger than {} bytes", what, manifest_bytes_max));
    std::string type = response.head.headers.get("content-type");
    FetchedManifest out{.bytes = std::move(response.body),
                        .media_type = std::string(trim(std::string_view(type).substr(0, type.find(';'))))};
    out.digest = Digest::of(out.bytes);
    co_return out;
  }

  io::Task<Result<std::optional<FetchedManifest>>> find_manifest(std::string repository, std::string reference) {
    CO_TRY(auto found, co_await as_served(repository, reference));
    auto asked = Digest::parse(reference);
    if (found && asked && *asked != found->digest) {
      co_return fail("E_MANIFEST_TAMPERED", fmt::format("{}/{}@{}: the registry sent a manifest with the digest {}", host,
                                                        repository, asked->text(), found->digest.text()));
    }
    co_return found;
  }

  io::Task<Result<Digest>> put_manifest(std::string repository, std::string reference, std::string bytes, std::string media_type) {
    CO_CHECK(check_reference(reference));
    CO_TRY(auto subject, subject_of(bytes, media_type));
    Digest digest = Digest::of(bytes);
    Call call{.method = "PUT",
              .target = fmt::format("/v2/{}/manifests/{}", repository, reference),
              .body = bytes,
              .content_type = media_type};
    CO_TRY(http::Response response, co_await expect(std::move(call), {201}));
    std::string said = response.head.headers.get("docker-content-digest", digest.text());
    if (said != digest.text())
      co_return fail("E_DIGEST_MISMATCH",
                     fmt::format("{}: the registry stored {} as {}", host, digest.text(), said.substr(0, 100)));
    if (subject && !response.head.headers.find("oci-subject"))
      CO_CHECK(co_await add_to_fallback(repository, bytes, media_type, *subject));
    co_return digest;
  }

  // Without the referrers API the tag sha256-<hex> names an index of what refers to that digest. Two clients that do this at once
  // can lose an entry; the specification has no remedy, and our own registry has the API.
  io::Task<Result<void>> add_to_fallback(std::string repository, std::string bytes, std::string media_type, Digest subject) {
    std::string tag = fallback_tag(subject);
    CO_TRY(auto found, co_await find_manifest(repository, tag));
    Index index;
    if (found) {
      CO_TRY(index, parse_index(found->bytes, found->media_type));
    }
    CO_TRY(Descriptor entry, referrer_descriptor(bytes, media_type));
    auto same = [&](const Descriptor& other) { return other.digest == entry.digest; };
    if (std::any_of(index.manifests.begin(), index.manifests.end(), same)) co_return Result<void>();
    if (index.manifests.size() >= index_entries_max)
      co_return fail("E_TOO_MANY_MANIFESTS", fmt::format("{} already has {} referrers", subject.text(), index.manifests.size()));
    index.manifests.push_back(std::move(entry));
    Call call{.method = "PUT",
              .target = fmt::format("/v2/{}/manifests/{}", repository, tag),
              .body = serialise(index),
              .content_type = index.media_type};
    CO_TRY([[maybe_unused]] http::Response response, co_await expect(std::move(call), {201}));
    co_return Result<void>();
  }

  io::Task<Result<std::vector<Descriptor>>> referrers(std::string repository, Digest subject) {
    std::vector<Descriptor> out;
    std::string target = fmt::format("/v2/{}/referrers/{}", repository, subject.text());
    for (size_t page = 0; !target.empty() && page < options.pages_max; ++page) {
      CO_TRY(http::Response response,
             co_await expect({.method = "GET", .target = target, .accept = std::string(media::index)}, {200, 404}));
      if (response.head.status == 404) co_return co_await fallback_referrers(repository, subject);
      CO_TRY(Index index, parse_index(response.body));
      for (Descriptor& descriptor : index.manifests) out.push_back(std::move(descriptor));
      if (out.size() > index_entries_max)
        co_return fail("E_TOO_LARGE", fmt::format("{} has more than {} referrers", subject.text(), index_entries_max));
      CO_TRY(target, next_page(response.head.headers.get("link"), host));
    }
    co_return out;
  }

  io::Task<Result<std::vector<Descriptor>>> fallback_referrers(std::string repository, Digest subject) {
    CO_TRY(auto found, co_await find_manifest(repository, fallback_tag(subject)));
    if (!found) co_return std::vector<Descriptor>();
    CO_TRY(Index index, parse_index(found->bytes, found->media_type));
    co_return std::move(index.manifests);
  }

  io::Task<Result<std::vector<std::string>>> tags(std::string repository) {
    std::vector<std::string> out;
    std::string target = fmt::format("/v2/{}/tags/list", repository);
    for (size_t page = 0; !target.empty() && page < options.pages_max; ++page) {
      CO_TRY(http::Response response, co_await expect({.method = "GET", .target = target}, {200}));
      CO_CHECK(append_tags(response.body, out));
      CO_TRY(target, next_page(response.head.headers.get("link"), host));
    }
    co_return out;
  }

  // ---- whole images ----

  io::Task<Result<void>> push_image(RegistryClient& self, std::string repository, const Store& store, Digest digest,
                                    std::optional<std::string> tag, int depth) {
    if (depth > index_depth_max) co_return fail("E_MANIFEST_INVALID", "the image's indexes are nested too deeply");
    CO_TRY(std::string bytes, store.read_manifest(digest));
    CO_TRY(ImageParts parts, parts_of(bytes, store.find_manifest(digest)->media_type));
    for (const Descriptor& blob : parts.blobs) CO_CHECK(co_await self.push_blob(repository, store, blob.digest));
    for (const Descriptor& child : parts.manifests)
      CO_CHECK(co_await push_image(self, repository, store, child.digest, std::nullopt, depth + 1));
    std::string reference = tag ? *tag : digest.text();
    CO_TRY([[maybe_unused]] Digest stored, co_await put_manifest(repository, reference, bytes, parts.media_type));
    co_return Result<void>();
  }

  io::Task<Result<ManifestRecord>> pull_image(RegistryClient& self, std::string repository, Digest digest, Store& store,
                                              int depth) {
    if (depth > index_depth_max) co_return fail("E_MANIFEST_INVALID", "the image's indexes are nested too deeply");
    CO_TRY(FetchedManifest fetched, co_await self.manifest(repository, digest.text()));
    CO_TRY(ImageParts parts, parts_of(fetched.bytes, fetched.media_type));
    for (const Descriptor& blob : parts.blobs) CO_CHECK(co_await self.pull_blob(repository, blob, store));
    for (const Descriptor& child : parts.manifests) {
      CO_TRY([[maybe_unused]] ManifestRecord record, co_await pull_image(self, repository, child.digest, store, depth + 1));
    }
    Store* into = &store;
    co_return co_await loop.offload(
        [into, bytes = std::move(fetched.bytes), type = parts.media_type] { return into->put_manifest(bytes, type); });
  }
};

RegistryClient::RegistryClient(io::Loop& loop, std::shared_ptr<io::Connector> connector, std::string host,
                               RegistryClientOptions options)
    : impl_(new Impl{loop, std::move(host), std::move(options),
                     http::Client(loop, std::move(connector), {.limits = {.body_bytes_max = answer_bytes_max}})}) {}
RegistryClient::~RegistryClient() = default;

const std::string& RegistryClient::host() const { return impl_->host; }

io::Task<Result<bool>> RegistryClient::has_blob(std::string repository, Digest digest) {
  return impl_->has_blob(std::move(repository), std::move(digest));
}

io::Task<Result<void>> RegistryClient::push_blob(std::string repository, const Store& store, Digest digest,
                                                 std::string mount_from) {
  for (int attempt = 1;; ++attempt) {
    Result<void> pushed = co_await impl_->push_blob_once(repository, store, digest, mount_from);
    bool again = co_await impl_->worth_repeating(pushed, attempt);
    if (!again) co_return pushed;
  }
}

io::Task<Result<void>> RegistryClient::pull_blob(std::string repository, Descriptor blob, Store& store) {
  Store* into = &store;
  bool there = co_await impl_->loop.offload([into, digest = blob.digest] { return into->has_blob(digest); });
  if (there) co_return Result<void>();
  for (int attempt = 1;; ++attempt) {
    Result<void> pulled = co_await impl_->pull_blob_once(repository, blob, store);
    bool again = co_await impl_->worth_repeating(pulled, attempt);
    if (!again) co_return pulled;
  }
}

io::Task<Result<std::string>> RegistryClient::read_blob(std::string repository, Descriptor blob, size_t bytes_max) {
  if (blob.size > bytes_max) {
    co_return fail("E_TOO_LARGE", fmt::format("{} has {} bytes, more than {}", blob.digest.text(), blob.size, bytes_max), 413);
  }
  Call call{.method = "GET", .target = fmt::format("/v2/{}/blobs/{}", repository, blob.digest.text())};
  CO_TRY(http::Response response, co_await impl_->expect(std::move(call), {200}));
  CO_CHECK(check_digest(fmt::format("blob from {}/{}", impl_->host, repository), blob.digest, Digest::of(response.body)));
  co_return std::move(response.body);
}

static Result<FetchedManifest> present(Result<std::optional<FetchedManifest>> found, std::string_view what) {
  if (!found) return std::unexpected(std::move(found).error());
  if (!*found) return fail("E_MANIFEST_UNKNOWN", fmt::format("there is no manifest {}", what), 404);
  return **std::move(found);
}

io::Task<Result<FetchedManifest>> RegistryClient::manifest(std::string repository, std::string reference) {
  auto found = co_await impl_->find_manifest(repository, reference);
  co_return present(std::move(found), fmt::format("{}/{} {}", impl_->host, repository, reference));
}

io::Task<Result<FetchedManifest>> RegistryClient::manifest_as_served(std::string repository, Digest digest) {
  auto found = co_await impl_->as_served(repository, digest.text());
  co_return present(std::move(found), fmt::format("{}/{}@{}", impl_->host, repository, digest.text()));
}

io::Task<Result<std::optional<FetchedManifest>>> RegistryClient::find_manifest(std::string repository, std::string reference) {
  return impl_->find_manifest(std::move(repository), std::move(reference));
}

io::Task<Result<Digest>> RegistryClient::put_manifest(std::string repository, std::string reference, std::string bytes,
                                                      std::string media_type) {
  return impl_->put_manifest(std::move(repository), std::move(reference), std::move(bytes), std::move(media_type));
}

io::Task<Result<void>> RegistryClient::delete_manifest(std::string repository, Digest digest) {
  CO_TRY(
      [[maybe_unused]] http::Response response,
      co_await impl_->expect({.method = "DELETE", .target = fmt::format("/v2/{}/manifests/{}", repository, digest.text())}, {202}));
  co_return Result<void>();
}

io::Task<Result<std::vector<Descriptor>>> RegistryClient::referrers(std::string repository, Digest subject,
                                                                    std::string artifact_type) {
  CO_TRY(std::vector<Descriptor> all, co_await impl_->referrers(std::move(repository), std::move(subject)));
  // Filtered here: a registry need not do it, and the fallback cannot.
  if (!artifact_type.empty()) std::erase_if(all, [&](const Descriptor& d) { return d.artifact_type != artifact_type; });
  co_return all;
}

io::Task<Result<std::vector<std::string>>> RegistryClient::tags(std::string repository) {
  return impl_->tags(std::move(repository));
}

io::Task<Result<void>> RegistryClient::push_image(std::string repository, const Store& store, Digest manifest,
                                                  std::optional<std::string> tag) {
  return impl_->push_image(*this, std::move(repository), store, std::move(manifest), std::move(tag), 0);
}

io::Task<Result<ManifestRecord>> RegistryClient::pull_image(std::string repository, Digest manifest, Store& store) {
  return impl_->pull_image(*this, std::move(repository), std::move(manifest), store, 0);
}

namespace {

bool is_on_this_machine(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

}  // namespace

Result<std::unique_ptr<RegistryClient>> connect_registry(io::Loop& loop, const std::string& registry, RegistryClientOptions options) {
  TRY(http::Url url, http::parse_url("https://" + registry));
  if (is_on_this_machine(url.host)) {
    TRY(url, http::parse_url("http://" + registry));
  }
  std::shared_ptr<const http::TlsClientContext> tls;
  if (url.scheme == "https") {
    TRY(tls, http::TlsClientContext::make({.authorities_file = options.authorities_file}));
  }
  TRY(std::shared_ptr<io::Connector> connector, http::url_connector(loop, url, std::move(tls)));
  return std::make_unique<RegistryClient>(loop, std::move(connector), registry, std::move(options));
}

std::string basic_authorization(std::string_view user, std::string_view password) {
  return "Basic " + to_base64(fmt::format("{}:{}", user, password));
}

}  // namespace pds::oci
