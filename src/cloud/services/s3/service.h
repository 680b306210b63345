// S3 as the cloud has it. See README.md for what is done and what differs from AWS.
#pragma once

#include "cloud/authority.h"
#include "cloud/dispatcher.h"
#include "cloud/objects.h"
#include "cloud/services/s3/bucket.h"
#include "cloud/services/s3/request.h"

namespace pds::cloud::s3 {

class S3 final : public CloudService, public StreamingApi, public ObjectSink {
 public:
  S3(Core& core, Authority& authority);

  Api api() override;   // no operations of the tabled kind: everything streams
  io::Task<void> serve_streaming(const StreamingCall& call, http::ServerRequest& request, http::Responder& responder) override;

  // Log files of services, as the bucket's policy allows.
  Result<void> check_delivery(const Delivery& delivery) const override;
  io::Task<Result<void>> deliver(Delivery delivery, std::string body) override;

  // For services in process (CodeDeploy reads revision bundles). Errors as on the wire.
  struct Found {
    std::string path;              // a file that stays as it is
    std::string etag, version_id;
    int64_t size = 0;
  };
  Result<Found> find_object(const std::string& bucket, const std::string& key, const std::string& version_id = "") const;

 private:
  struct Exchange;                 // one request with its answer
  using Handler = io::Task<Result<void>> (S3::*)(Exchange&);
  static Handler handler_of(std::string_view operation);

  io::Task<Result<void>> list_buckets(Exchange& x);
  io::Task<Result<void>> create_bucket(Exchange& x);
  io::Task<Result<void>> head_bucket(Exchange& x);
  io::Task<Result<void>> delete_bucket(Exchange& x);
  io::Task<Result<void>> get_bucket_location(Exchange& x);
  io::Task<Result<void>> get_bucket_versioning(Exchange& x);
  io::Task<Result<void>> put_bucket_versioning(Exchange& x);
  io::Task<Result<void>> get_bucket_policy(Exchange& x);
  io::Task<Result<void>> put_bucket_policy(Exchange& x);
  io::Task<Result<void>> delete_bucket_policy(Exchange& x);
  io::Task<Result<void>> list_objects(Exchange& x);
  io::Task<Result<void>> list_object_versions(Exchange& x);
  io::Task<Result<void>> put_object(Exchange& x);
  io::Task<Result<void>> copy_object(Exchange& x);
  io::Task<Result<void>> get_object(Exchange& x);
  io::Task<Result<void>> delete_object(Exchange& x);
  io::Task<Result<void>> delete_objects(Exchange& x);
  io::Task<Result<void>> create_multipart_upload(Exchange& x);
  io::Task<Result<void>> upload_part(Exchange& x);
  io::Task<Result<void>> complete_multipart_upload(Exchange& x);
  io::Task<Result<void>> abort_multipart_upload(Exchange& x);
  io::Task<Result<void>> list_parts(Exchange& x);
  io::Task<Result<void>> list_multipart_uploads(Exchange& x);

  struct Stored {
    std::string file;
    uint64_t size = 0;
    std::string md5_hex, checksum_header, checksum_value;
  };
  // The body into a new file, synced; nothing is left when it fails.
  io::Task<Result<Stored>> store_body(Exchange& x, uint64_t bytes_max);
  io::Task<Result<void>> finish_put(Exchange& x, ObjectRecord object, bool answer);
  Result<void> check_put_conditions(const Exchange& x) const;
  Result<UploadRecord> upload_at(const Exchange& x);
  std::string path_of(const std::string& file) const;
  void discard(const std::vector<std::string>& files);

  Core& core_;
  Authority& authority_;
  std::string folder_;
  Buckets buckets_;
};

}  // namespace pds::cloud::s3
