#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "cloud/services/s3/exchange.h"
#include "cloud/services/s3/payload.h"
#include "io/files.h"

namespace pds::cloud::s3 {
namespace {

constexpr size_t read_bytes = 256 * 1024;
constexpr size_t user_metadata_bytes_max = 2048;

// What is kept with an object and given back with it.
constexpr std::string_view kept_headers[] = {"content-type", "cache-control", "content-disposition", "content-encoding", "content-language", "expires"};

// Headers that would change what is stored, or who may see it: named rather than ignored.
constexpr std::string_view refused_headers[] = {"x-amz-acl",          "x-amz-grant-read",    "x-amz-grant-full-control", "x-amz-grant-write-acp",
                                                "x-amz-tagging",      "x-amz-object-lock-mode", "x-amz-website-redirect-location",
                                                "x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-aws-kms-key-id"};

Result<std::map<std::string, std::string>> headers_to_keep(const http::Headers& headers) {
  std::map<std::string, std::string> kept;
  size_t metadata_bytes = 0;
  for (auto [name, value] : headers) {
    std::string lower = to_lower(name);
    for (std::string_view refused : refused_headers)
      if (lower == refused && !(lower == "x-amz-acl" && (value == "private" || value == "bucket-owner-full-control")))
        return fail("NotImplemented", fmt::format("A header you provided implies functionality that is not implemented: {}", lower), 501);
    if (lower == "x-amz-storage-class" && value != "STANDARD")
      return fail("NotImplemented", fmt::format("storage class {} is not supported", value), 501);
    bool keep = lower.starts_with("x-amz-meta-") || std::find(std::begin(kept_headers), std::end(kept_headers), lower) != std::end(kept_headers);
    if (lower.starts_with("x-amz-meta-")) metadata_bytes += lower.size() + value.size();
    if (lower == "content-encoding" && value == "aws-chunked") keep = false;   // the transfer's, not the object's
    if (keep) kept[lower] = std::string(value);
  }
  if (metadata_bytes > user_metadata_bytes_max) return fail("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size");
  if (!kept.contains("content-type")) kept["content-type"] = "binary/octet-stream";
  return kept;
}

std::string quoted(const std::string& etag) { return "\"" + etag + "\""; }

bool etag_matches(std::string_view list, const std::string& etag) {
  for (std::string_view one : split(list, ',')) {
    one = trim(one);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == "*" || one == etag || one == quoted(etag)) return true;
  }
  return false;
}

http::Headers object_headers(const ObjectRecord& object, bool with_checksum) {
  http::Headers headers;
  for (const auto& [name, value] : object.headers) headers.set(name, value);
  headers.set("ETag", quoted(object.etag));
  headers.set("Last-Modified", to_http_date(object.modified));
  headers.set("Accept-Ranges", "bytes");
  if (object.version_id != "null") headers.set("x-amz-version-id", object.version_id);
  if (with_checksum && !object.checksum_header.empty()) headers.set(object.checksum_header, object.checksum_value);
  return headers;
}

// If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, in RFC 9110's order; 0 goes on.
int precondition(const http::Headers& headers, const ObjectRecord& object) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(object.modified);
  if (auto match = headers.find("if-match")) {
    if (!etag_matches(*match, object.etag)) return 412;
  } else if (auto since = headers.find("if-unmodified-since")) {
    if (auto time = parse_http_date(*since); time && seconds > *time) return 412;
  }
  if (auto none = headers.find("if-none-match")) {
    if (etag_matches(*none, object.etag)) return 304;
  } else if (auto since = headers.find("if-modified-since")) {
    if (auto time = parse_http_date(*since); time && seconds <= *time) return 304;
  }
  return 0;
}

}  // namespace

io::Task<Result<S3::Stored>> S3::store_body(Exchange& x, uint64_t bytes_max) {
  CO_CHECK(io::make_directories(folder_));
  Stored stored;
  stored.file = core_.random.uuid();
  std::string path = path_of(stored.file);
  io::Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) co_return fail_errno("cannot store the object", errno);
  Result<PayloadFacts> facts = co_await receive_payload(x.http, x.call.claim, x.call.principal->secret_access_key, bytes_max,
                                                        [&](std::string_view bytes) -> Result<void> {
                                                          while (!bytes.empty()) {
                                                            ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
                                                            if (written < 0) return std::unexpected(Error{"ServiceUnavailable", fail_errno("cannot store the object", errno).error().message, 503, true});
                                                            bytes.remove_prefix(static_cast<size_t>(written));
                                                          }
                                                          return {};
                                                        });
  if (facts) {
    int fd = file.get();
    int synced = co_await core_.loop.offload([fd] { return ::fsync(fd) == 0 ? 0 : errno; });
    if (synced != 0) facts = std::unexpected(Error{"ServiceUnavailable", fail_errno("cannot store the object", synced).error().message, 503, true});
  }
  if (!facts) {
    discard({stored.file});
    co_return std::unexpected(facts.error());
  }
  stored.size = facts->size;
  stored.md5_hex = facts->md5_hex;
  stored.checksum_header = facts->checksum_header;
  stored.checksum_value = facts->checksum_value;
  co_return stored;
}

Result<void> S3::check_put_conditions(const Exchange& x) const {
  const http::Headers& headers = x.http.head.headers;
  const ObjectRecord* latest = buckets_.find_latest(x.request.bucket, x.request.key);
  bool exists = latest && !latest->delete_marker;
  auto failed = [] { return fail("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412); };
  if (auto none = headers.find("if-none-match")) {
    if (*none != "*") return fail("NotImplemented", "If-None-Match with an ETag is not supported for writes", 501);
    if (exists) return failed();
  }
  if (auto match = headers.find("if-match")) {
    if (!exists) return fail("NoSuchKey", "The specified key does not exist.", 404);
    if (!etag_matches(*match, latest->etag)) return failed();
  }
  return {};
}

io::Task<Result<void>> S3::finish_put(Exchange& x, ObjectRecord object, bool answer) {
  // Checked again at the moment of the write: another writer may have been first while the body came in.
  if (Result<void> allowed = check_put_conditions(x); !allowed) {
    discard({object.file});
    co_return allowed;
  }
  if (Result<const BucketRecord*> bucket = buckets_.bucket_at(object.bucket); !bucket) {
    discard({object.file});
    co_return std::unexpected(bucket.error());
  }
  http::Headers headers;
  headers.set("ETag", quoted(object.etag));
  if (!object.checksum_header.empty()) headers.set(object.checksum_header, object.checksum_value);
  Buckets::Put put = buckets_.put(std::move(object));
  CO_CHECK(co_await core_.store.durable());
  discard(put.unused_files);
  if (!put.version_id.empty()) headers.set("x-amz-version-id", put.version_id);
  if (!answer) co_return Result<void>{};
  co_return co_await x.answer(200, "", std::move(headers));
}

io::Task<Result<void>> S3::put_object(Exchange& x) {
  CO_CHECK(buckets_.bucket_at(x.request.bucket));
  CO_CHECK(check_put_conditions(x));
  CO_TRY(auto kept, headers_to_keep(x.http.head.headers));
  CO_TRY(Stored stored, co_await store_body(x, object_bytes_max));
  ObjectRecord object{.bucket = x.request.bucket, .key = x.request.key};
  object.file = stored.file;
  object.size = static_cast<int64_t>(stored.size);
  object.etag = stored.md5_hex;
  object.modified = core_.clock.now();
  object.headers = std::move(kept);
  object.checksum_header = stored.checksum_header;
  object.checksum_value = stored.checksum_value;
  co_return co_await finish_put(x, std::move(object), true);
}

io::Task<Result<void>> S3::copy_object(Exchange& x) {
  const http::Headers& headers = x.http.head.headers;
  std::string source = headers.get("x-amz-copy-source");
  std::string version;
  if (size_t mark = source.find("?versionId="); mark != std::string::npos) {
    version = source.substr(mark + 11);
    source.resize(mark);
  }
  CO_TRY(source, percent_decode(source));
  if (source.starts_with('/')) source.erase(0, 1);
  size_t slash = source.find('/');
  if (slash == std::string::npos) co_return fail("InvalidArgument", "Invalid copy source object key");
  if (!x.call.principal->is_root) CO_CHECK(authority_.authorize(*x.call.principal, x.call.call, "s3:GetObject", "arn:aws:s3:::" + source));
  CO_TRY(const ObjectRecord* found, buckets_.object_at(source.substr(0, slash), source.substr(slash + 1), version));
  CO_CHECK(buckets_.bucket_at(x.request.bucket));
  ObjectRecord object = *found;
  bool replace = headers.get("x-amz-metadata-directive", "COPY") == "REPLACE";
  if (!replace && object.bucket == x.request.bucket && object.key == x.request.key && version.empty())
    co_return fail("InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata.");
  if (replace) {
    CO_TRY(object.headers, headers_to_keep(headers));
  }
  std::string from = path_of(object.file);
  object.bucket = x.request.bucket;
  object.key = x.request.key;
  object.version_id = "null";
  object.file = core_.random.uuid();
  object.modified = core_.clock.now();
  std::string to = path_of(object.file);
  // Objects never change once written, so a second name for the same bytes is a copy.
  if (::link(from.c_str(), to.c_str()) != 0) co_return fail_errno("cannot copy the object", errno);
  std::string result = document("CopyObjectResult", leaf("ETag", quoted(object.etag)) + leaf("LastModified", to_iso8601_millis(object.modified)));
  CO_CHECK(co_await finish_put(x, std::move(object), false));
  co_return co_await x.answer_xml(std::move(result));
}

io::Task<Result<void>> S3::get_object(Exchange& x) {
  CO_TRY(const ObjectRecord* found, buckets_.object_at(x.request.bucket, x.request.key, x.query("versionId")));
  if (!x.query("partNumber").empty()) co_return fail("NotImplemented", "GetObject: partNumber is not supported", 501);
  ObjectRecord object = *found;
  const http::Headers& asked = x.http.head.headers;
  if (int status = precondition(asked, object); status == 412)
    co_return fail("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
  else if (status == 304)
    co_return co_await x.answer(304, "", object_headers(object, false));
  CO_TRY(auto range, read_range(asked.find("range"), static_cast<uint64_t>(object.size)));

  http::ResponseHead head;
  head.headers = object_headers(object, !range && iequals(asked.get("x-amz-checksum-mode"), "ENABLED"));
  head.headers.set("x-amz-request-id", x.call.call.request_id);
  for (auto [name, value] : x.request.query)
    if (name.starts_with("response-")) head.headers.set(name.substr(9), value);
  uint64_t first = range ? range->first : 0;
  uint64_t left = range ? range->last - range->first + 1 : static_cast<uint64_t>(object.size);
  head.status = range ? 206 : 200;
  if (range) head.headers.set("Content-Range", fmt::format("bytes {}-{}/{}", range->first, range->last, object.size));
  head.headers.set("Content-Length", std::to_string(left));
  if (x.request.operation == "HeadObject") co_return co_await x.responder.send(head, "");

  io::Fd file(::open(path_of(object.file).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) co_return std::unexpected(Error{"InternalError", "the object's bytes are missing", 500, false});
  CO_CHECK(co_await x.responder.start(head));
  std::string buffer(std::min<uint64_t>(left, read_bytes), '\0');
  while (left > 0) {
    ssize_t got = ::pread(file.get(), buffer.data(), std::min<uint64_t>(left, buffer.size()), static_cast<off_t>(first));
    if (got <= 0) co_return std::unexpected(Error{"InternalError", "the object's bytes are cut short", 500, false});
    CO_CHECK(co_await x.responder.write({buffer.data(), static_cast<size_t>(got)}));
    first += static_cast<uint64_t>(got);
    left -= static_cast<uint64_t>(got);
  }
  co_return co_await x.responder.finish();
}

io::Task<Result<void>> S3::delete_object(Exchange& x) {
  CO_CHECK(buckets_.bucket_at(x.request.bucket));
  Buckets::Removal removal = buckets_.remove_object(x.request.bucket, x.request.key, x.query("versionId"));
  CO_CHECK(co_await core_.store.durable());
  discard(removal.unused_files);
  http::Headers headers;
  if (!removal.version_id.empty()) headers.set("x-amz-version-id", removal.version_id);
  if (removal.delete_marker) headers.set("x-amz-delete-marker", "true");
  co_return co_await x.answer(204, "", std::move(headers));
}

namespace {

struct Named {
  std::string key, version;
};

// All are read before the first is removed: a document that is wrong in the middle changes nothing.
Result<std::vector<Named>> objects_in(const aws::XmlElement& request) {
  constexpr size_t objects_max = 1000;
  std::vector<Named> objects;
  for (const aws::XmlElement& element : request.children) {
    if (element.name != "Object") continue;
    std::string key(element.text_of("Key"));
    if (key.empty() || objects.size() == objects_max) return malformed_document();
    objects.push_back({std::move(key), std::string(element.text_of("VersionId"))});
  }
  if (objects.empty()) return malformed_document();
  return objects;
}

}  // namespace

io::Task<Result<void>> S3::delete_objects(Exchange& x) {
  CO_CHECK(buckets_.bucket_at(x.request.bucket));
  CO_TRY(aws::XmlElement request, co_await x.read_document("Delete"));
  bool silent = request.text_of("Quiet") == "true";
  CO_TRY(std::vector<Named> objects, objects_in(request));
  std::string content;
  std::vector<std::string> unused;
  for (const auto& [key, version] : objects) {
    if (!x.call.principal->is_root) {
      Result<void> allowed = authority_.authorize(*x.call.principal, x.call.call, "s3:DeleteObject",
                                                  fmt::format("arn:aws:s3:::{}/{}", x.request.bucket, key));
      if (!allowed) {
        content += "<Error>" + leaf("Key", key) + leaf("Code", "AccessDenied") + leaf("Message", "Access Denied") + "</Error>";
        continue;
      }
    }
    Buckets::Removal removal = buckets_.remove_object(x.request.bucket, key, version);
    unused.insert(unused.end(), removal.unused_files.begin(), removal.unused_files.end());
    if (silent) continue;
    content += "<Deleted>" + leaf("Key", key);
    if (!version.empty()) content += leaf("VersionId", version);
    if (removal.delete_marker) content += leaf("DeleteMarker", "true") + leaf("DeleteMarkerVersionId", removal.version_id);
    content += "</Deleted>";
  }
  CO_CHECK(co_await core_.store.durable());
  discard(unused);
  co_return co_await x.answer_xml(document("DeleteResult", content));
}

}  // namespace pds::cloud::s3
