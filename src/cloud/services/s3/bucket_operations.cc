#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "cloud/services/s3/exchange.h"

namespace pds::cloud::s3 {
namespace {

constexpr size_t page_max = 1000;

std::string quoted(const std::string& etag) { return "\"" + etag + "\""; }

std::string owner(const std::string& account) { return "<Owner>" + leaf("ID", account) + leaf("DisplayName", "root") + "</Owner>"; }

// encoding-type=url: SDKs ask for it, since XML cannot hold every key.
std::string shown(const std::string& text, bool url_encoded) { return url_encoded ? percent_encode(text, true) : text; }

std::string object_entry(const ObjectRecord& object, bool url_encoded) {
  return "<Contents>" + leaf("Key", shown(object.key, url_encoded)) + leaf("LastModified", to_iso8601_millis(object.modified)) +
         leaf("ETag", quoted(object.etag)) + leaf("Size", std::to_string(object.size)) + leaf("StorageClass", "STANDARD") + "</Contents>";
}

}  // namespace

io::Task<Result<void>> S3::list_buckets(Exchange& x) {
  std::string entries;
  for (const auto& [name, bucket] : buckets_.all())
    entries += "<Bucket>" + leaf("Name", name) + leaf("CreationDate", to_iso8601_millis(bucket.created)) + leaf("BucketRegion", core_.region) + "</Bucket>";
  co_return co_await x.answer_xml(document("ListAllMyBucketsResult", owner(core_.account) + "<Buckets>" + entries + "</Buckets>"));
}

io::Task<Result<void>> S3::create_bucket(Exchange& x) {
  CO_TRY(aws::XmlElement configuration, co_await x.read_document("CreateBucketConfiguration", true));
  const aws::XmlElement* constraint = configuration.find("LocationConstraint");
  if (constraint && constraint->text != core_.region)
    co_return fail(
        "IllegalLocationConstraintException",
        fmt::format("The {} location constraint is incompatible for the region specific endpoint this request was sent to.",
                    constraint->text));
  // us-east-1 answers a second creation by the owner with success, as it always has.
  Result<void> created = buckets_.create(x.request.bucket);
  if (!created && core_.region != "us-east-1") co_return created;
  CO_CHECK(co_await core_.store.durable());
  http::Headers headers;
  headers.set("Location", "/" + x.request.bucket);
  co_return co_await x.answer(200, "", std::move(headers));
}

io::Task<Result<void>> S3::head_bucket(Exchange& x) {
  CO_CHECK(buckets_.bucket_at(x.request.bucket));
  http::Headers headers;
  headers.set("x-amz-bucket-region", core_.region);
  co_return co_await x.answer(200, "", std::move(headers));
}

io::Task<Result<void>> S3::delete_bucket(Exchange& x) {
  CO_CHECK(buckets_.remove(x.request.bucket));
  CO_CHECK(co_await core_.store.durable());
  co_return co_await x.answer(204);
}

io::Task<Result<void>> S3::get_bucket_location(Exchange& x) {
  CO_CHECK(buckets_.bucket_at(x.request.bucket));
  co_return co_await x.answer_xml(document("LocationConstraint", core_.region == "us-east-1" ? "" : core_.region));
}

io::Task<Result<void>> S3::get_bucket_versioning(Exchange& x) {
  CO_TRY(const BucketRecord* bucket, buckets_.bucket_at(x.request.bucket));
  co_return co_await x.answer_xml(document("VersioningConfiguration", bucket->versioning.empty() ? "" : leaf("Status", bucket->versioning)));
}

io::Task<Result<void>> S3::put_bucket_versioning(Exchange& x) {
  CO_TRY(aws::XmlElement configuration, co_await x.read_document("VersioningConfiguration"));
  if (configuration.find("MfaDelete")) co_return fail("NotImplemented", "PutBucketVersioning: MfaDelete is not supported", 501);
  CO_CHECK(buckets_.set_versioning(x.request.bucket, std::string(configuration.text_of("Status"))));
  CO_CHECK(co_await core_.store.durable());
  co_return co_await x.answer(200);
}

io::Task<Result<void>> S3::list_objects(Exchange& x) {
  CO_CHECK(buckets_.bucket_at(x.request.bucket));
  bool v2 = x.request.operation == "ListObjectsV2";
  bool url_encoded = x.query("encoding-type") == "url";
  auto asked = parse_int(x.query("max-keys", "1000"));
  if (!asked || *asked < 0) co_return fail("InvalidArgument", "Provided max-keys not an integer or within integer range");
  size_t limit = std::min<size_t>(static_cast<size_t>(*asked), page_max);
  std::string prefix = x.query("prefix"), delimiter = x.query("delimiter");
  std::string after = v2 ? x.query("start-after") : x.query("marker");
  if (std::string token = x.query("continuation-token"); v2 && !token.empty()) {
    Result<std::string> decoded = from_base64(token);
    if (!decoded) co_return fail("InvalidArgument", "The continuation token provided is incorrect");
    after = *decoded;
  }
  Listing listing = buckets_.list(x.request.bucket, prefix, delimiter, after, limit);
  std::string content = leaf("Name", x.request.bucket) + leaf("Prefix", shown(prefix, url_encoded));
  if (!delimiter.empty()) content += leaf("Delimiter", shown(delimiter, url_encoded));
  content += leaf("MaxKeys", std::to_string(limit)) + leaf("IsTruncated", listing.truncated ? "true" : "false");
  if (url_encoded) content += leaf("EncodingType", "url");
  if (v2) {
    content += leaf("KeyCount", std::to_string(listing.objects.size() + listing.common_prefixes.size()));
    if (!x.query("continuation-token").empty()) content += leaf("ContinuationToken", x.query("continuation-token"));
    if (!x.query("start-after").empty()) content += leaf("StartAfter", shown(x.query("start-after"), url_encoded));
    if (listing.truncated) content += leaf("NextContinuationToken", to_base64(listing.last));
  } else {
    content += leaf("Marker", shown(after, url_encoded));
    if (listing.truncated && !delimiter.empty()) content += leaf("NextMarker", shown(listing.last, url_encoded));
  }
  for (const ObjectRecord& object : listing.objects) content += object_entry(object, url_encoded);
  for (const std::string& common : listing.common_prefixes)
    content += "<CommonPrefixes>" + leaf("Prefix", shown(common, url_encoded)) + "</CommonPrefixes>";
  co_return co_await x.answer_xml(document("ListBucketResult", content));
}

io::Task<Result<void>> S3::list_object_versions(Exchange& x) {
  CO_CHECK(buckets_.bucket_at(x.request.bucket));
  bool url_encoded = x.query("encoding-type") == "url";
  for (const char* refused : {"delimiter", "key-marker", "version-id-marker"})
    if (!x.query(refused).empty()) co_return fail("NotImplemented", fmt::format("ListObjectVersions: {} is not supported", refused), 501);
  std::vector<ObjectRecord> versions = buckets_.versions(x.request.bucket, x.query("prefix"), page_max + 1);
  if (versions.size() > page_max) co_return fail("NotImplemented", "ListObjectVersions: more than one page is not supported", 501);
  std::string content = leaf("Name", x.request.bucket) + leaf("Prefix", x.query("prefix")) + leaf("KeyMarker", "") + leaf("VersionIdMarker", "") +
                        leaf("MaxKeys", "1000") + leaf("IsTruncated", "false");
  std::string previous;
  for (size_t i = 0; i < versions.size(); ++i) {
    const ObjectRecord& object = versions[i];
    bool latest = i == 0 || object.key != previous;
    previous = object.key;
    std::string entry = leaf("Key", shown(object.key, url_encoded)) + leaf("VersionId", object.version_id) + leaf("IsLatest", latest ? "true" : "false") +
                        leaf("LastModified", to_iso8601_millis(object.modified));
    if (!object.delete_marker)
      entry += leaf("ETag", quoted(object.etag)) + leaf("Size", std::to_string(object.size)) + leaf("StorageClass", "STANDARD");
    entry += owner(core_.account);
    content += object.delete_marker ? "<DeleteMarker>" + entry + "</DeleteMarker>" : "<Version>" + entry + "</Version>";
  }
  co_return co_await x.answer_xml(document("ListVersionsResult", content));
}

}  // namespace pds::cloud::s3
