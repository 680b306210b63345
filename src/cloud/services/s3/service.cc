#include "cloud/services/s3/service.h"

#include <fmt/core.h>

#include "aws/shapes/s3.h"
#include "cloud/services/s3/exchange.h"
#include "io/files.h"

namespace pds::cloud::s3 {
namespace {

// What IAM calls an operation, where it differs.
std::string iam_action(std::string_view operation) {
  static const std::map<std::string_view, std::string_view> named = {
      {"ListBuckets", "ListAllMyBuckets"}, {"HeadBucket", "ListBucket"},          {"ListObjects", "ListBucket"},
      {"ListObjectsV2", "ListBucket"},     {"ListObjectVersions", "ListBucketVersions"}, {"HeadObject", "GetObject"},
      {"CopyObject", "PutObject"},         {"DeleteObjects", "DeleteObject"},      {"CreateMultipartUpload", "PutObject"},
      {"UploadPart", "PutObject"},         {"CompleteMultipartUpload", "PutObject"}, {"ListParts", "ListMultipartUploadParts"},
      {"ListMultipartUploads", "ListBucketMultipartUploads"}};
  auto it = named.find(operation);
  return fmt::format("s3:{}", it == named.end() ? operation : it->second);
}

std::string resource_arn(const Request& request) {
  if (request.bucket.empty()) return "*";
  return request.key.empty() ? "arn:aws:s3:::" + request.bucket : "arn:aws:s3:::" + request.bucket + "/" + request.key;
}

std::string error_document(const Error& error, const Request& request, const std::string& request_id) {
  std::string content = leaf("Code", error.code) + leaf("Message", error.message);
  if (!request.bucket.empty()) content += leaf("BucketName", request.bucket);
  if (!request.key.empty()) content += leaf("Key", request.key);
  content += leaf("RequestId", request_id) + leaf("HostId", "pds");
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{}</Error>", content);
}

}  // namespace

S3::S3(Core& core, Authority& authority)
    : core_(core), authority_(authority), folder_(core.data_dir + "/s3/" + core.region), buckets_(core) {}

Api S3::api() { return Api(aws::s3::service_info()); }

S3::Handler S3::handler_of(std::string_view operation) {
  static const std::map<std::string_view, Handler> handlers = {
      {"ListBuckets", &S3::list_buckets},
      {"CreateBucket", &S3::create_bucket},
      {"HeadBucket", &S3::head_bucket},
      {"DeleteBucket", &S3::delete_bucket},
      {"GetBucketLocation", &S3::get_bucket_location},
      {"GetBucketVersioning", &S3::get_bucket_versioning},
      {"PutBucketVersioning", &S3::put_bucket_versioning},
      {"GetBucketPolicy", &S3::get_bucket_policy},
      {"PutBucketPolicy", &S3::put_bucket_policy},
      {"DeleteBucketPolicy", &S3::delete_bucket_policy},
      {"ListObjects", &S3::list_objects},
      {"ListObjectsV2", &S3::list_objects},
      {"ListObjectVersions", &S3::list_object_versions},
      {"PutObject", &S3::put_object},
      {"CopyObject", &S3::copy_object},
      {"GetObject", &S3::get_object},
      {"HeadObject", &S3::get_object},
      {"DeleteObject", &S3::delete_object},
      {"DeleteObjects", &S3::delete_objects},
      {"CreateMultipartUpload", &S3::create_multipart_upload},
      {"UploadPart", &S3::upload_part},
      {"CompleteMultipartUpload", &S3::complete_multipart_upload},
      {"AbortMultipartUpload", &S3::abort_multipart_upload},
      {"ListParts", &S3::list_parts},
      {"ListMultipartUploads", &S3::list_multipart_uploads},
  };
  auto it = handlers.find(operation);
  return it == handlers.end() ? nullptr : it->second;
}

io::Task<void> S3::serve_streaming(const StreamingCall& call, http::ServerRequest& request, http::Responder& responder) {
  Result<Request> read = read_request(request.head);
  Request asked = read.value_or(Request{});
  Result<void> done;
  if (!read) {
    done = std::unexpected(read.error());
  } else if (Handler handler = handler_of(asked.operation); !handler) {
    std::string what = asked.operation.empty() ? request.head.method + " " + request.head.target : asked.operation;
    done = fail("NotImplemented", fmt::format("S3: {} is not implemented by this cloud", what), 501);
  } else {
    if (!call.principal) done = fail("AccessDenied", "Access Denied", 403);
    else if (!call.principal->is_root) done = authority_.authorize(*call.principal, call.call, iam_action(asked.operation), resource_arn(asked));
    if (done) {
      Exchange exchange{call, request, responder, asked};
      done = co_await (this->*handler)(exchange);
    }
  }
  if (done || responder.started()) co_return;
  const Error& error = done.error();
  http::ResponseHead head;
  head.status = error.http_status;
  head.headers.set("x-amz-request-id", call.call.request_id);
  head.headers.set("Content-Type", "application/xml");
  responder.close_after();   // what is left of the body is not read
  std::string body = request.head.method == "HEAD" ? "" : error_document(error, asked, call.call.request_id);
  [[maybe_unused]] auto sent = co_await responder.send(head, body);
}

Result<S3::Found> S3::find_object(const std::string& bucket, const std::string& key, const std::string& version_id) const {
  TRY(const ObjectRecord* object, buckets_.object_at(bucket, key, version_id));
  return Found{path_of(object->file), object->etag, object->version_id, object->size};
}

std::string S3::path_of(const std::string& file) const { return folder_ + "/" + file; }

void S3::discard(const std::vector<std::string>& files) {
  for (const std::string& file : files) [[maybe_unused]] auto removed = io::remove_tree(path_of(file));
}

}  // namespace pds::cloud::s3
