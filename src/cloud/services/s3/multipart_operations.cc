#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"
#include "cloud/services/s3/exchange.h"
#include "cloud/services/s3/payload.h"
#include "io/files.h"

namespace pds::cloud::s3 {
namespace {

constexpr int64_t part_number_max = 10'000;
constexpr int64_t part_bytes_min = 5 << 20;      // all but the last

std::string quoted(const std::string& etag) { return "\"" + etag + "\""; }

// Puts the parts' bytes one after the other into a new file. Blocking.
Result<void> join_files(const std::vector<std::string>& parts, const std::string& target) {
  io::Fd out(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!out) return fail_errno("cannot store the object", errno);
  for (const std::string& part : parts) {
    io::Fd in(::open(part.c_str(), O_RDONLY | O_CLOEXEC));
    if (!in) return fail_errno("cannot read a part", errno);
    char buffer[256 * 1024];
    for (ssize_t got = 0; (got = ::read(in.get(), buffer, sizeof buffer)) != 0;) {
      if (got < 0) return fail_errno("cannot read a part", errno);
      for (ssize_t done = 0; done < got;) {
        ssize_t written = ::write(out.get(), buffer + done, static_cast<size_t>(got - done));
        if (written < 0) return fail_errno("cannot store the object", errno);
        done += written;
      }
    }
  }
  if (::fsync(out.get()) != 0) return fail_errno("cannot store the object", errno);
  return {};
}

}  // namespace

Result<UploadRecord> S3::upload_at(const Exchange& x) {
  const UploadRecord* upload = buckets_.uploads().find(x.query("uploadId"));
  if (!upload || upload->bucket != x.request.bucket || upload->key != x.request.key)
    return fail("NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.", 404);
  return *upload;
}

io::Task<Result<void>> S3::create_multipart_upload(Exchange& x) {
  CO_CHECK(buckets_.bucket_at(x.request.bucket));
  UploadRecord upload{.id = core_.random.text(64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
                      .bucket = x.request.bucket, .key = x.request.key, .begun = core_.clock.now()};
  for (auto [name, value] : x.http.head.headers) {
    std::string lower = to_lower(name);
    if (lower.starts_with("x-amz-meta-") || lower == "content-type") upload.headers[lower] = std::string(value);
  }
  if (!upload.headers.contains("content-type")) upload.headers["content-type"] = "binary/octet-stream";
  std::string content = leaf("Bucket", upload.bucket) + leaf("Key", upload.key) + leaf("UploadId", upload.id);
  std::string id = upload.id;
  buckets_.uploads().put(id, std::move(upload));
  CO_CHECK(co_await core_.store.durable());
  co_return co_await x.answer_xml(document("InitiateMultipartUploadResult", content));
}

io::Task<Result<void>> S3::upload_part(Exchange& x) {
  CO_CHECK(upload_at(x));
  if (x.http.head.headers.find("x-amz-copy-source")) co_return fail("NotImplemented", "UploadPartCopy is not implemented by this cloud", 501);
  auto number = parse_int(x.query("partNumber"));
  if (!number || *number < 1 || *number > part_number_max)
    co_return fail("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
  CO_TRY(Stored stored, co_await store_body(x, object_bytes_max));
  // It may have been aborted while the body came in.
  Result<UploadRecord> upload = upload_at(x);
  if (!upload) {
    discard({stored.file});
    co_return std::unexpected(upload.error());
  }
  std::vector<std::string> unused;
  buckets_.uploads().update(upload->id, [&](UploadRecord& record) {
    auto at = std::lower_bound(record.parts.begin(), record.parts.end(), *number, [](const PartRecord& part, int64_t n) { return part.number < n; });
    if (at != record.parts.end() && at->number == *number) unused.push_back(at->file);
    else at = record.parts.insert(at, PartRecord{});
    *at = {static_cast<int>(*number), stored.file, stored.md5_hex, static_cast<int64_t>(stored.size), core_.clock.now()};
  });
  CO_CHECK(co_await core_.store.durable());
  discard(unused);
  http::Headers headers;
  headers.set("ETag", quoted(stored.md5_hex));
  if (!stored.checksum_header.empty()) headers.set(stored.checksum_header, stored.checksum_value);
  co_return co_await x.answer(200, "", std::move(headers));
}

io::Task<Result<void>> S3::complete_multipart_upload(Exchange& x) {
  CO_TRY(UploadRecord upload, upload_at(x));
  CO_TRY(aws::XmlElement request, co_await x.read_document("CompleteMultipartUpload"));
  std::vector<std::string> numbers, etags;
  for (const aws::XmlElement& part : request.children) {
    if (part.name != "Part") continue;
    if (!part.find("PartNumber") || !part.find("ETag")) co_return malformed_document();
    numbers.emplace_back(part.text_of("PartNumber")), etags.emplace_back(part.text_of("ETag"));
  }
  if (numbers.empty()) co_return malformed_document();
  std::vector<std::string> paths;
  std::string digests;
  int64_t size = 0, previous = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    int64_t number = parse_int(numbers[i]).value_or(0);
    if (number <= previous) co_return fail("InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.");
    previous = number;
    auto part = std::find_if(upload.parts.begin(), upload.parts.end(), [&](const PartRecord& p) { return p.number == number; });
    if (part == upload.parts.end() || (etags[i] != part->etag && etags[i] != quoted(part->etag)))
      co_return fail("InvalidPart", "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.");
    if (i + 1 < numbers.size() && part->size < part_bytes_min) co_return fail("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
    paths.push_back(path_of(part->file));
    digests += from_hex(part->etag).value_or("");
    size += part->size;
  }
  ObjectRecord object{.bucket = upload.bucket, .key = upload.key};
  object.file = core_.random.uuid();
  object.size = size;
  object.etag = fmt::format("{}-{}", to_hex(md5(digests)), numbers.size());
  object.modified = core_.clock.now();
  object.headers = upload.headers;
  std::string target = path_of(object.file);
  Result<void> joined = co_await core_.loop.offload([paths, target] { return join_files(paths, target); });
  if (!joined) joined = std::unexpected(Error{"ServiceUnavailable", joined.error().message, 503, true});
  else if (Result<UploadRecord> still = upload_at(x); !still) joined = std::unexpected(still.error());   // aborted meanwhile
  if (!joined) {
    discard({object.file});
    co_return joined;
  }
  std::string etag = object.etag;
  std::vector<std::string> unused;
  for (const PartRecord& part : upload.parts) unused.push_back(part.file);
  buckets_.uploads().erase(upload.id);
  CO_CHECK(co_await finish_put(x, std::move(object), false));
  discard(unused);
  co_return co_await x.answer_xml(document("CompleteMultipartUploadResult",
                                           leaf("Location", fmt::format("http://{}/{}/{}", x.call.call.host, upload.bucket, percent_encode(upload.key, true))) +
                                               leaf("Bucket", upload.bucket) + leaf("Key", upload.key) + leaf("ETag", quoted(etag))));
}

io::Task<Result<void>> S3::abort_multipart_upload(Exchange& x) {
  CO_TRY(UploadRecord upload, upload_at(x));
  buckets_.uploads().erase(upload.id);
  CO_CHECK(co_await core_.store.durable());
  std::vector<std::string> unused;
  for (const PartRecord& part : upload.parts) unused.push_back(part.file);
  discard(unused);
  co_return co_await x.answer(204);
}

io::Task<Result<void>> S3::list_parts(Exchange& x) {
  CO_TRY(UploadRecord upload, upload_at(x));
  size_t limit = static_cast<size_t>(std::clamp<int64_t>(parse_int(x.query("max-parts", "1000")).value_or(1000), 0, 1000));
  int64_t after = parse_int(x.query("part-number-marker", "0")).value_or(0);
  std::string content = leaf("Bucket", upload.bucket) + leaf("Key", upload.key) + leaf("UploadId", upload.id), parts;
  size_t count = 0;
  int64_t last = after;
  bool truncated = false;
  for (const PartRecord& part : upload.parts) {
    if (part.number <= after) continue;
    if (count == limit) {
      truncated = true;
      break;
    }
    ++count;
    last = part.number;
    parts += "<Part>" + leaf("PartNumber", std::to_string(part.number)) + leaf("LastModified", to_iso8601_millis(part.modified)) +
             leaf("ETag", quoted(part.etag)) + leaf("Size", std::to_string(part.size)) + "</Part>";
  }
  content += leaf("PartNumberMarker", std::to_string(after)) + leaf("NextPartNumberMarker", std::to_string(last)) +
             leaf("MaxParts", std::to_string(limit)) + leaf("IsTruncated", truncated ? "true" : "false") + parts;
  co_return co_await x.answer_xml(document("ListPartsResult", content));
}

io::Task<Result<void>> S3::list_multipart_uploads(Exchange& x) {
  CO_CHECK(buckets_.bucket_at(x.request.bucket));
  std::string prefix = x.query("prefix");
  std::string content = leaf("Bucket", x.request.bucket) + leaf("Prefix", prefix) + leaf("MaxUploads", "1000") + leaf("IsTruncated", "false");
  for (const auto& [id, upload] : buckets_.uploads().rows()) {
    if (upload.bucket != x.request.bucket || !upload.key.starts_with(prefix)) continue;
    content += "<Upload>" + leaf("Key", upload.key) + leaf("UploadId", id) + leaf("Initiated", to_iso8601_millis(upload.begun)) + "</Upload>";
  }
  co_return co_await x.answer_xml(document("ListMultipartUploadsResult", content));
}

}  // namespace pds::cloud::s3
