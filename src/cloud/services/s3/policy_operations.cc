// Bucket policies on the wire, and what services deliver by them.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "cloud/services/s3/bucket_policy.h"
#include "cloud/services/s3/exchange.h"
#include "cloud/services/s3/payload.h"
#include "io/files.h"

namespace pds::cloud::s3 {

io::Task<Result<void>> S3::put_bucket_policy(Exchange& x) {
  CO_CHECK(buckets_.bucket_at(x.request.bucket));
  std::string text;
  CO_CHECK(co_await receive_payload(x.http, x.call.claim, x.call.principal->secret_access_key, document_bytes_max,
                                    [&](std::string_view bytes) -> Result<void> {
                                      text.append(bytes);
                                      return {};
                                    }));
  CO_CHECK(parse_bucket_policy(text, x.request.bucket, core_.account));
  CO_CHECK(buckets_.set_policy(x.request.bucket, text));
  CO_CHECK(co_await core_.store.durable());
  co_return co_await x.answer(204);
}

io::Task<Result<void>> S3::get_bucket_policy(Exchange& x) {
  CO_TRY(const BucketRecord* bucket, buckets_.bucket_at(x.request.bucket));
  if (bucket->policy.empty()) co_return fail("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
  http::ResponseHead head;
  head.headers.set("x-amz-request-id", x.call.call.request_id);
  head.headers.set("Content-Type", "application/json");
  std::string text = bucket->policy;
  co_return co_await x.responder.send(head, text);
}

io::Task<Result<void>> S3::delete_bucket_policy(Exchange& x) {
  CO_CHECK(buckets_.set_policy(x.request.bucket, ""));
  CO_CHECK(co_await core_.store.durable());
  co_return co_await x.answer(204);
}

// ---- deliveries ----

Result<void> S3::check_delivery(const Delivery& delivery) const {
  TRY(const BucketRecord* bucket, buckets_.bucket_at(delivery.bucket));
  auto denied = [] { return fail("AccessDenied", "Access Denied", 403); };
  if (bucket->policy.empty()) return denied();
  TRY(Policy policy, parse_bucket_policy(bucket->policy, delivery.bucket, core_.account));
  if (!allows_delivery(policy, delivery, core_.account)) return denied();
  return {};
}

namespace {

// Errno; 0 when the file is there, whole and synced.
int write_synced(const std::string& path, const std::string& body) {
  io::Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return errno;
  for (std::string_view left = body; !left.empty();) {
    ssize_t written = ::write(file.get(), left.data(), left.size());
    if (written < 0) return errno;
    left.remove_prefix(static_cast<size_t>(written));
  }
  return ::fsync(file.get()) == 0 ? 0 : errno;
}

}  // namespace

io::Task<Result<void>> S3::deliver(Delivery delivery, std::string body) {
  CO_CHECK(check_delivery(delivery));
  CO_CHECK(io::make_directories(folder_));
  ObjectRecord object{.bucket = delivery.bucket, .key = delivery.key};
  object.file = core_.random.uuid();
  object.size = static_cast<int64_t>(body.size());
  object.etag = to_hex(md5(body));
  object.modified = core_.clock.now();
  object.headers["content-type"] = delivery.content_type;
  int failed = co_await core_.loop.offload([path = path_of(object.file), body = std::move(body)] { return write_synced(path, body); });
  if (failed != 0) {
    discard({object.file});
    co_return fail_errno("cannot store the object", failed);
  }
  // Looked at again: the bucket may have gone, or have forbidden it, meanwhile.
  if (Result<void> allowed = check_delivery(delivery); !allowed) {
    discard({object.file});
    co_return allowed;
  }
  Buckets::Put put = buckets_.put(std::move(object));
  CO_CHECK(co_await core_.store.durable());
  discard(put.unused_files);
  co_return Result<void>{};
}

}  // namespace pds::cloud::s3
