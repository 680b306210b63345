#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/text.h"
#include "oci/registry_protocol.h"
#include "oci/registry_routes.h"
#include "oci/test_registry.h"

namespace pds::oci {
namespace {

const std::string base = "/v2/team/podinfo";

std::string code_of(const http::Response& response) {
  auto document = parse_json(response.body);
  if (!document || !document->is_object() || !document->get_object().contains("errors")) return "";
  return get_string(document->at("errors").as_array()[0].as_object(), "code");
}

http::Headers header(std::string_view name, std::string_view value) {
  http::Headers headers;
  headers.add(name, value);
  return headers;
}

struct RegistryTest : testing::Test {
  TestRegistry registry;

  Digest push(const std::string& content) {
    Digest digest = Digest::of(content);
    EXPECT_EQ(registry.ask("POST", base + "/blobs/uploads/?digest=" + digest.text(), content).head.status, 201);
    return digest;
  }
  std::string manifest(std::optional<Descriptor> subject = {}, std::string artifact_type = "") {
    Manifest out{.artifact_type = std::move(artifact_type), .subject = std::move(subject)};
    out.config = {.media_type = std::string(media::empty), .digest = push("{}"), .size = 2};
    return serialise(out);
  }
  http::Response put(const std::string& name, const std::string& bytes) {
    return registry.ask("PUT", base + "/manifests/" + name, bytes, header("Content-Type", media::manifest));
  }
};

TEST_F(RegistryTest, it_says_which_api_it_speaks_and_wants_credentials) {
  http::Response ping = registry.ask("GET", "/v2/");
  EXPECT_EQ(ping.head.status, 200);
  EXPECT_EQ(ping.head.headers.get("docker-distribution-api-version"), "registry/2.0");
  http::Response refused = registry.ask("GET", "/v2/", "", header("Authorization", "Basic x"));
  EXPECT_EQ(refused.head.status, 401);
  EXPECT_EQ(refused.head.headers.get("www-authenticate"), R"(Basic realm="pds")");
  EXPECT_EQ(code_of(refused), "UNAUTHORIZED");
  EXPECT_EQ(code_of(registry.ask("GET", "/v2/secret/tags/list")), "DENIED");
}

TEST_F(RegistryTest, errors_have_the_specifications_codes) {
  struct Case {
    std::string method, target;
    int status;
    std::string code;
  };
  std::string digest = Digest::of("none").text();
  const Case cases[] = {
      {"GET", base + "/blobs/" + digest, 404, "BLOB_UNKNOWN"},
      {"GET", base + "/blobs/sha256:xyz", 400, "DIGEST_INVALID"},
      {"GET", base + "/manifests/none", 404, "MANIFEST_UNKNOWN"},
      {"GET", base + "/manifests/" + digest, 404, "MANIFEST_UNKNOWN"},
      {"GET", "/v2/absent/tags/list", 404, "NAME_UNKNOWN"},
      {"GET", "/v2/UPPER/tags/list", 400, "NAME_INVALID"},
      {"GET", "/v2/a/../b/tags/list", 400, "NAME_INVALID"},
      {"GET", "/v2/%2e%2e/tags/list", 400, "NAME_INVALID"},
      {"PATCH", base + "/blobs/uploads/none", 404, "BLOB_UPLOAD_UNKNOWN"},
      {"PUT", base + "/blobs/uploads/none?digest=" + digest, 404, "BLOB_UPLOAD_UNKNOWN"},
      {"PUT", base + "/blobs/uploads/none", 400, "DIGEST_INVALID"},
      {"POST", base + "/tags/list", 405, "UNSUPPORTED"},
      {"GET", "/v2/_catalog", 404, "UNSUPPORTED"},
      {"DELETE", base + "/manifests/" + digest, 404, "MANIFEST_UNKNOWN"},
      {"GET", base + "/referrers/x", 400, "DIGEST_INVALID"},
  };
  for (const Case& c : cases) {
    http::Response response = registry.ask(c.method, c.target);
    EXPECT_EQ(response.head.status, c.status) << c.method << " " << c.target;
    EXPECT_EQ(code_of(response), c.code) << c.method << " " << c.target << " " << response.body;
  }
}

TEST_F(RegistryTest, a_blob_can_be_pushed_at_once_in_one_put_or_in_chunks) {
  Digest at_once = push("at once");
  EXPECT_EQ(registry.ask("GET", base + "/blobs/" + at_once.text()).body, "at once");

  std::string location = registry.ask("POST", base + "/blobs/uploads/").head.headers.get("location");
  Digest whole = Digest::of("whole");
  EXPECT_EQ(registry.ask("PUT", location + "?digest=" + percent_encode(whole.text()), "whole").head.status, 201);

  location = registry.ask("POST", base + "/blobs/uploads/").head.headers.get("location");
  http::Response first = registry.ask("PATCH", location, "in ", header("Content-Range", "0-2"));
  EXPECT_EQ(first.head.status, 202);
  EXPECT_EQ(first.head.headers.get("range"), "0-2");
  EXPECT_EQ(registry.ask("PATCH", location, "late", header("Content-Range", "9-12")).head.status, 416);
  EXPECT_EQ(registry.ask("GET", location).head.headers.get("range"), "0-2");
  EXPECT_EQ(registry.ask("PATCH", location, "chunks", header("Content-Range", "3-8")).head.status, 202);
  Digest chunks = Digest::of("in chunks");
  http::Response done = registry.ask("PUT", location + "?digest=" + chunks.text());
  EXPECT_EQ(done.head.status, 201);
  EXPECT_EQ(done.head.headers.get("docker-content-digest"), chunks.text());
  EXPECT_EQ(registry.ask("GET", base + "/blobs/" + chunks.text()).body, "in chunks");
  EXPECT_EQ(registry.service.open_uploads(), 0u);
}

TEST_F(RegistryTest, a_wrong_digest_stores_nothing) {
  http::Response response = registry.ask("POST", base + "/blobs/uploads/?digest=" + Digest::of("other").text(), "content");
  EXPECT_EQ(response.head.status, 400);
  EXPECT_EQ(code_of(response), "DIGEST_INVALID");
  EXPECT_EQ(registry.ask("HEAD", base + "/blobs/" + Digest::of("content").text()).head.status, 404);
  EXPECT_EQ(registry.service.open_uploads(), 0u);
}

TEST_F(RegistryTest, parts_of_a_blob_can_be_read) {
  std::string blob = base + "/blobs/" + push("0123456789").text();
  struct Case {
    std::string range;
    int status;
    std::string body, content_range;
  };
  const Case cases[] = {{"bytes=2-4", 206, "234", "bytes 2-4/10"}, {"bytes=7-", 206, "789", "bytes 7-9/10"},
                        {"bytes=-2", 206, "89", "bytes 8-9/10"},   {"bytes=5-99", 206, "56789", "bytes 5-9/10"},
                        {"bytes=10-", 416, "", "bytes */10"},      {"bytes=-0", 416, "", "bytes */10"},
                        {"bytes=4-2", 200, "0123456789", ""},      {"bytes=0-1,4-5", 200, "0123456789", ""},
                        {"lines=1-2", 200, "0123456789", ""}};
  for (const Case& c : cases) {
    http::Response response = registry.ask("GET", blob, "", header("Range", c.range));
    EXPECT_EQ(response.head.status, c.status) << c.range;
    EXPECT_EQ(response.body, c.body) << c.range;
    EXPECT_EQ(response.head.headers.get("content-range"), c.content_range) << c.range;
  }
  http::Response head = registry.ask("HEAD", blob);
  EXPECT_EQ(head.head.headers.get("content-length"), "10");
}

TEST_F(RegistryTest, a_blob_is_mounted_from_a_repository_that_the_caller_may_read) {
  Digest digest = push("shared");
  ASSERT_TRUE(registry.registry.create_repository("other"));
  std::string start = "/v2/other/blobs/uploads/?mount=" + digest.text() + "&from=";
  EXPECT_EQ(registry.ask("POST", start + "secret").head.status, 202);
  EXPECT_EQ(registry.ask("POST", start + "absent").head.status, 202);
  EXPECT_EQ(registry.ask("POST", start + "team/podinfo").head.status, 201);
  EXPECT_EQ(registry.ask("GET", "/v2/other/blobs/" + digest.text()).body, "shared");
}

TEST_F(RegistryTest, a_manifest_comes_back_byte_by_byte_under_tag_and_digest) {
  std::string bytes = manifest();
  http::Response stored = put("v1", bytes);
  EXPECT_EQ(stored.head.status, 201);
  std::string digest = Digest::of(bytes).text();
  for (const std::string& name : {std::string("v1"), digest}) {
    http::Response response = registry.ask("GET", base + "/manifests/" + name);
    EXPECT_EQ(response.body, bytes);
    EXPECT_EQ(response.head.headers.get("content-type"), media::manifest);
    EXPECT_EQ(response.head.headers.get("docker-content-digest"), digest);
  }
  EXPECT_EQ(registry.ask("HEAD", base + "/manifests/v1").head.headers.get("content-length"), std::to_string(bytes.size()));
}

TEST_F(RegistryTest, manifests_that_are_wrong_are_refused) {
  std::string bytes = manifest();
  EXPECT_EQ(code_of(put(Digest::of("other").text(), bytes)), "DIGEST_INVALID");
  EXPECT_EQ(code_of(put("v1", "{}")), "MANIFEST_INVALID");
  EXPECT_EQ(code_of(put("-v1", bytes)), "MANIFEST_INVALID");
  EXPECT_EQ(code_of(put("v1", replace_all(bytes, Digest::of("{}").text(), Digest::of("none").text()))), "MANIFEST_BLOB_UNKNOWN");
  http::Response large = put("v1", std::string(manifest_bytes_max + 1, ' '));
  EXPECT_EQ(large.head.status, 413);
  EXPECT_TRUE((*registry.registry.repository("team/podinfo"))->manifests().empty());
}

TEST_F(RegistryTest, referrers_are_listed_filtered_and_paged) {
  std::string image = manifest();
  ASSERT_EQ(put("v1", image).head.status, 201);
  Descriptor subject{.media_type = std::string(media::manifest), .digest = Digest::of(image), .size = image.size()};
  std::string none = registry.ask("GET", base + "/referrers/" + subject.digest.text()).body;
  EXPECT_TRUE(parse_index(none)->manifests.empty());
  for (const char* type : {"a/one", "a/two", "a/three"}) {
    http::Response stored = put(Digest::of(manifest(subject, type)).text(), manifest(subject, type));
    EXPECT_EQ(stored.head.headers.get("oci-subject"), subject.digest.text());
  }
  http::Response filtered = registry.ask("GET", base + "/referrers/" + subject.digest.text() + "?artifactType=a%2Ftwo");
  EXPECT_EQ(filtered.head.headers.get("oci-filters-applied"), "artifactType");
  ASSERT_EQ(parse_index(filtered.body)->manifests.size(), 1u);
  EXPECT_EQ(parse_index(filtered.body)->manifests[0].artifact_type, "a/two");

  size_t seen = 0, pages = 0;
  std::string target = base + "/referrers/" + subject.digest.text() + "?n=2";
  while (!target.empty()) {
    http::Response page = registry.ask("GET", target);
    seen += parse_index(page.body)->manifests.size();
    ++pages;
    target = *next_page(page.head.headers.get("link"), registry.host);
  }
  EXPECT_EQ(seen, 3u);
  EXPECT_EQ(pages, 2u);
}

TEST_F(RegistryTest, tags_are_listed_in_pages_and_deleted) {
  std::string bytes = manifest();
  for (const char* tag : {"c", "a", "b"}) put(tag, bytes);
  http::Response page = registry.ask("GET", base + "/tags/list?n=2");
  EXPECT_EQ(page.body, R"({"name":"team/podinfo","tags":["a","b"]})");
  EXPECT_EQ(registry.ask("GET", *next_page(page.head.headers.get("link"), registry.host)).body,
            R"({"name":"team/podinfo","tags":["c"]})");
  EXPECT_EQ(registry.ask("DELETE", base + "/manifests/a").head.status, 202);
  EXPECT_EQ(registry.ask("DELETE", base + "/manifests/" + Digest::of(bytes).text()).head.status, 202);
  EXPECT_EQ(registry.ask("GET", base + "/tags/list").body, R"({"name":"team/podinfo","tags":[]})");
}

TEST_F(RegistryTest, abandoned_uploads_expire_with_their_bytes) {
  std::string location = registry.ask("POST", base + "/blobs/uploads/").head.headers.get("location");
  registry.ask("PATCH", location, "half");
  EXPECT_EQ(registry.service.open_uploads(), 1u);
  registry.clock.passed += 11min;
  registry.service.expire_uploads();
  EXPECT_EQ(registry.service.open_uploads(), 0u);
  EXPECT_EQ(registry.ask("PATCH", location, "x").head.status, 404);
  EXPECT_TRUE(io::list_directory((*registry.registry.repository("team/podinfo"))->root() + "/uploads")->empty());
}

TEST(Registry, uploads_and_their_size_are_bounded) {
  TestRegistry registry({.uploads_max = 2}, {.blob_bytes_max = 1000});
  EXPECT_EQ(registry.ask("POST", base + "/blobs/uploads/").head.status, 202);
  EXPECT_EQ(registry.ask("POST", base + "/blobs/uploads/").head.status, 202);
  http::Response third = registry.ask("POST", base + "/blobs/uploads/");
  EXPECT_EQ(third.head.status, 429);
  EXPECT_EQ(code_of(third), "TOOMANYREQUESTS");
  registry.clock.passed += 11min;
  std::string large(1001, 'x');
  http::Response refused = registry.ask("POST", base + "/blobs/uploads/?digest=" + Digest::of(large).text(), large);
  EXPECT_EQ(refused.head.status, 413);
  EXPECT_EQ(code_of(refused), "SIZE_INVALID");
  EXPECT_EQ(registry.service.open_uploads(), 0u);
}

TEST(Registry, immutable_tags_are_the_owners_decision) {
  RegistryServiceOptions options;
  options.before_tag = [](const RegistryAccess&, const std::string& tag, const Digest&) -> Result<void> {
    return fail("E_TAG_IMMUTABLE", tag + " is immutable");
  };
  TestRegistry registry(std::move(options));
  registry.ask("POST", base + "/blobs/uploads/?digest=" + Digest::of("{}").text(), "{}");
  std::string bytes =
      serialise(Manifest{.config = {.media_type = std::string(media::empty), .digest = Digest::of("{}"), .size = 2}});
  http::Headers type = header("Content-Type", media::manifest);
  http::Response refused = registry.ask("PUT", base + "/manifests/v1", bytes, type);
  EXPECT_EQ(refused.head.status, 400);
  EXPECT_EQ(code_of(refused), "TAG_INVALID");
  EXPECT_EQ(registry.ask("PUT", base + "/manifests/" + Digest::of(bytes).text(), bytes, type).head.status, 201);
}

// The kernel's own limit on file sizes stands in for the end of the disk: write() fails in the middle of an upload.
TEST_F(RegistryTest, a_disk_that_fills_up_while_pushing_is_told_and_nothing_is_half_stored) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  auto ignored = ::signal(SIGXFSZ, SIG_IGN);
  rlimit small{.rlim_cur = 1u << 20, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string content(3u << 20, 'x');
  Digest digest = Digest::of(content);
  http::Response response = registry.ask("POST", base + "/blobs/uploads/?digest=" + digest.text(), content);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, ignored);
  EXPECT_EQ(response.head.status, 507);
  EXPECT_NE(response.body.find("no space left"), std::string::npos) << response.body;
  EXPECT_EQ(registry.ask("HEAD", base + "/blobs/" + digest.text()).head.status, 404);
  EXPECT_TRUE(io::list_directory((*registry.registry.repository("team/podinfo"))->root() + "/uploads")->empty());
  EXPECT_EQ(push(content), digest);  // and goes on when there is room again
}

TEST_F(RegistryTest, repositories_are_deleted_with_their_content_and_can_be_made_again) {
  push("content");
  EXPECT_EQ(registry.registry.repositories(), std::vector<std::string>{"team/podinfo"});
  ASSERT_TRUE(registry.registry.delete_repository("team/podinfo"));
  EXPECT_EQ(registry.ask("GET", base + "/tags/list").head.status, 404);
  ASSERT_TRUE(registry.registry.create_repository("team/podinfo"));
  EXPECT_EQ(registry.ask("HEAD", base + "/blobs/" + Digest::of("content").text()).head.status, 404);
  EXPECT_EQ(registry.registry.create_repository("../x").error().code, "E_NAME_INVALID");
}

}  // namespace
}  // namespace pds::oci
