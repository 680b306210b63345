#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "cloud/services/s3/bucket.h"
#include "cloud/services/s3/checksum.h"
#include "cloud/services/s3/payload.h"
#include "cloud/services/s3/request.h"
#include "io/clock.h"

namespace pds::cloud::s3 {
namespace {

using testing::ElementsAre;

http::RequestHead head_of(const char* method, const char* target, const char* host = "localhost:4566") {
  http::RequestHead head;
  head.method = method;
  head.target = target;
  head.headers.add("Host", host);
  return head;
}

TEST(S3Request, tells_operations_apart) {
  struct Case {
    const char *method, *target, *host, *operation, *bucket, *key;
  };
  const Case cases[] = {
      {"GET", "/", "localhost", "ListBuckets", "", ""},
      {"PUT", "/my-bucket", "localhost", "CreateBucket", "my-bucket", ""},
      {"PUT", "/my-bucket/", "localhost", "CreateBucket", "my-bucket", ""},
      {"GET", "/my-bucket?list-type=2&prefix=a", "localhost", "ListObjectsV2", "my-bucket", ""},
      {"GET", "/my-bucket?location", "localhost", "GetBucketLocation", "my-bucket", ""},
      {"PUT", "/my-bucket/a/b%20c", "localhost", "PutObject", "my-bucket", "a/b c"},
      {"GET", "/a/b", "my-bucket.s3.us-east-1.localhost:4566", "GetObject", "my-bucket", "a/b"},
      {"GET", "/", "my-bucket.s3.amazonaws.com", "ListObjects", "my-bucket", ""},
      {"POST", "/my-bucket/k?uploads", "localhost", "CreateMultipartUpload", "my-bucket", "k"},
      {"PUT", "/my-bucket/k?partNumber=1&uploadId=x", "localhost", "UploadPart", "my-bucket", "k"},
      {"PUT", "/my-bucket?policy", "localhost", "PutBucketPolicy", "my-bucket", ""},
      {"DELETE", "/my-bucket?policy", "localhost", "DeleteBucketPolicy", "my-bucket", ""},
      // Known but not done: never the operation that the rest of the request looks like.
      {"PUT", "/my-bucket?acl", "localhost", "PutBucketAcl", "my-bucket", ""},
      {"PUT", "/my-bucket/k?renameObject", "localhost", "RenameObject", "my-bucket", "k"},
      {"GET", "/my-bucket?metrics", "localhost", "ListBucketMetricsConfigurations", "my-bucket", ""},
      {"GET", "/my-bucket?metrics&id=a", "localhost", "GetBucketMetricsConfiguration", "my-bucket", ""},
      {"POST", "/my-bucket?acl", "localhost", "", "my-bucket", ""},
      {"PATCH", "/my-bucket/k", "localhost", "", "my-bucket", "k"},
  };
  for (const Case& c : cases) {
    Result<Request> request = read_request(head_of(c.method, c.target, c.host));
    ASSERT_TRUE(request) << c.target;
    EXPECT_EQ(request->operation, c.operation) << c.method << " " << c.target;
    EXPECT_EQ(request->bucket, c.bucket) << c.target;
    EXPECT_EQ(request->key, c.key) << c.target;
  }
  EXPECT_EQ(read_request(head_of("GET", "/UPPER")).error().code, "InvalidBucketName");
  EXPECT_EQ(read_request(head_of("GET", "/bucket/%zz")).error().code, "InvalidURI");
}

TEST(S3Request, reads_ranges) {
  auto range = [](std::string_view text, uint64_t size) { return read_range(text, size); };
  EXPECT_EQ((*range("bytes=0-4", 10))->last, 4u);
  EXPECT_EQ((*range("bytes=5-", 10))->last, 9u);
  EXPECT_EQ((*range("bytes=-3", 10))->first, 7u);
  EXPECT_EQ((*range("bytes=0-99", 10))->last, 9u);
  EXPECT_FALSE(*range("bytes=4-2", 10));
  EXPECT_FALSE(*range("lines=0-4", 10));
  EXPECT_EQ(range("bytes=10-", 10).error().code, "InvalidRange");
}

TEST(S3Checksum, agrees_with_the_published_check_values) {
  // The "123456789" check values of each CRC.
  struct Case {
    const char *header, *hex;
  };
  const Case cases[] = {{"x-amz-checksum-crc32", "cbf43926"}, {"x-amz-checksum-crc32c", "e3069283"}, {"x-amz-checksum-crc64nvme", "ae8b14860a799888"}};
  for (const Case& c : cases) {
    auto checksum = Checksum::for_header(c.header);
    checksum->update("1234");
    checksum->update("56789");
    EXPECT_EQ(checksum->base64(), to_base64(from_hex(c.hex).value())) << c.header;
  }
  EXPECT_EQ(Checksum::for_header("x-amz-checksum-md5"), nullptr);
}

struct Decoded {
  Result<void> result;
  std::string content;
  std::string trailer;
};

Decoded decode(std::string_view bytes, size_t piece, bool trailer = false) {
  ChunkDecoder decoder(nullptr, "", "", trailer);
  Decoded out;
  auto sink = [&](std::string_view part) -> Result<void> {
    out.content.append(part);
    return {};
  };
  for (size_t at = 0; at < bytes.size() && out.result; at += piece) out.result = decoder.feed(bytes.substr(at, piece), sink);
  if (out.result) out.result = decoder.finish();
  out.trailer = decoder.trailers().get("x-amz-checksum-crc32");
  return out;
}

TEST(S3Payload, decodes_chunks_in_any_pieces) {
  std::string body = "4\r\nWiki\r\n5\r\npedia\r\n0\r\nx-amz-checksum-crc32:abcd\r\n\r\n";
  for (size_t piece = 1; piece <= body.size(); ++piece) {
    Decoded decoded = decode(body, piece, true);
    ASSERT_TRUE(decoded.result) << piece << ": " << decoded.result.error().message;
    EXPECT_EQ(decoded.content, "Wikipedia");
    EXPECT_EQ(decoded.trailer, "abcd");
  }
}

TEST(S3Payload, refuses_what_is_malformed_or_cut_short) {
  for (const char* body : {"zz\r\nab\r\n0\r\n\r\n", "4\r\nWi", "4\r\nWikiX\r\n0\r\n\r\n", "4\r\nWiki\r\n", "1234567890123\r\n"}) EXPECT_FALSE(decode(body, 3).result) << body;
}

// AWS's documented example of a signed, chunked upload.
TEST(S3Payload, verifies_chunk_signatures_of_the_documented_example) {
  aws::Claim claim;
  claim.date = "20130524";
  claim.scope = {"us-east-1", "s3"};
  claim.signature = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
  auto feed = [&](const std::string& last_signature) {
    ChunkDecoder decoder(&claim, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524T000000Z", false);
    auto sink = [](std::string_view) -> Result<void> { return {}; };
    std::string body = "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + std::string(65536, 'a') + "\r\n" +
                       "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + std::string(1024, 'a') + "\r\n" +
                       "0;chunk-signature=" + last_signature + "\r\n\r\n";
    Result<void> fed = decoder.feed(body, sink);
    return fed ? decoder.finish() : fed;
  };
  EXPECT_TRUE(feed("b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"));
  EXPECT_EQ(feed("c6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9").error().code, "SignatureDoesNotMatch");
}

class BucketsTest : public testing::Test {
 protected:
  class NoEndpoint final : public http::Service {
    io::Task<void> serve(http::ServerRequest&, http::Responder&) override { co_return; }
  };
  io::Loop loop;
  io::ManualClock clock{from_epoch_seconds(1'700'000'000)};
  SeededRandom random{1};
  Logger log = silent_logger();
  std::unique_ptr<Store> store = Store::in_memory(loop);
  NoEndpoint endpoint;
  Core core{.loop = loop, .clock = clock, .random = random, .log = log, .store = *store, .sandboxes = nullptr, .endpoint = endpoint, .data_dir = "/nonexistent"};
  Buckets buckets{core};

  void put(const std::string& key, const std::string& file = "f") { buckets.put({.bucket = "b1b", .key = key, .file = file}); }
  std::vector<std::string> keys(const Listing& listing) {
    std::vector<std::string> out;
    for (const auto& object : listing.objects) out.push_back(object.key);
    return out;
  }
  void SetUp() override { ASSERT_TRUE(buckets.create("b1b")); }
};

TEST_F(BucketsTest, list_pages_through_keys_and_common_prefixes_once_each) {
  for (const char* key : {"a", "dir/1", "dir/2", "dir/sub/3", "e", "f/1", "g"}) put(key);
  std::vector<std::string> seen;
  std::string after;
  for (int page = 0; page < 20; ++page) {
    Listing listing = buckets.list("b1b", "", "/", after, 1);
    for (const auto& key : keys(listing)) seen.push_back(key);
    for (const auto& prefix : listing.common_prefixes) seen.push_back(prefix);
    if (!listing.truncated) break;
    after = listing.last;
  }
  EXPECT_THAT(seen, ElementsAre("a", "dir/", "e", "f/", "g"));
  EXPECT_THAT(keys(buckets.list("b1b", "dir/", "", "", 10)), ElementsAre("dir/1", "dir/2", "dir/sub/3"));
  EXPECT_THAT(keys(buckets.list("b1b", "", "", "dir/2", 10)), ElementsAre("dir/sub/3", "e", "f/1", "g"));
}

TEST_F(BucketsTest, without_versioning_a_put_replaces_and_frees_the_old_file) {
  put("k", "one");
  EXPECT_THAT(buckets.put({.bucket = "b1b", .key = "k", .file = "two"}).unused_files, ElementsAre("one"));
  EXPECT_EQ((*buckets.object_at("b1b", "k", ""))->file, "two");
  EXPECT_THAT(buckets.remove_object("b1b", "k", "").unused_files, ElementsAre("two"));
  EXPECT_EQ(buckets.object_at("b1b", "k", "").error().code, "NoSuchKey");
}

TEST_F(BucketsTest, with_versioning_everything_is_kept_until_its_version_is_deleted) {
  put("k", "old");
  ASSERT_TRUE(buckets.set_versioning("b1b", "Enabled"));
  std::string version = buckets.put({.bucket = "b1b", .key = "k", .file = "new"}).version_id;
  EXPECT_EQ((*buckets.object_at("b1b", "k", "null"))->file, "old");
  EXPECT_EQ((*buckets.object_at("b1b", "k", version))->file, "new");
  Buckets::Removal marker = buckets.remove_object("b1b", "k", "");
  EXPECT_TRUE(marker.delete_marker);
  EXPECT_EQ(buckets.object_at("b1b", "k", "").error().code, "NoSuchKey");
  EXPECT_EQ(buckets.object_at("b1b", "k", marker.version_id).error().code, "MethodNotAllowed");
  EXPECT_TRUE(keys(buckets.list("b1b", "", "", "", 10)).empty());
  buckets.remove_object("b1b", "k", marker.version_id);
  EXPECT_EQ((*buckets.object_at("b1b", "k", ""))->file, "new");
  EXPECT_EQ(buckets.remove("b1b").error().code, "BucketNotEmpty");
}

}  // namespace
}  // namespace pds::cloud::s3
