#include "oci/registry_client.h"

#include <gtest/gtest.h>

#include "oci/registry_protocol.h"
#include "oci/test_registry.h"

namespace pds::oci {
namespace {

const std::string repository = "team/podinfo";

struct ClientTest : testing::Test {
  TestRegistry registry;
  std::unique_ptr<Store> store = *Store::open(registry.directory / "local", registry.clock);
  std::unique_ptr<Store> other = *Store::open(registry.directory / "elsewhere", registry.clock);

  Digest image(const std::string& content, std::optional<Descriptor> subject = {}) {
    ImageConfig config{.diff_ids = {Digest::of(content)}};
    Manifest manifest{.config = *store->put_blob(serialise(config), media::config), .subject = std::move(subject)};
    manifest.layers = {*store->put_blob(content, media::layer_tar)};
    return store->put_manifest(serialise(manifest), media::manifest)->digest;
  }
  Descriptor descriptor(const Digest& digest) {
    return {.media_type = std::string(media::manifest), .digest = digest, .size = store->find_manifest(digest)->size};
  }
};

TEST_F(ClientTest, an_image_arrives_as_it_was_sent_whole_or_in_chunks) {
  // Larger than the pieces that are moved at once, and not a multiple of them.
  std::string content(3'000'001, 'x');
  for (uint64_t chunk : {uint64_t{0}, uint64_t{700'000}}) {
    auto client = registry.client({.chunk_bytes = chunk});
    content.back() = static_cast<char>('a' + chunk % 7);
    Digest digest = image(content);
    ASSERT_TRUE(registry.run(client->push_image(repository, *store, digest, "v1")));
    EXPECT_EQ((*registry.registry.repository(repository))->find_tag("v1")->digest, digest);
    auto pulled = registry.run(client->pull_image(repository, digest, *other));
    ASSERT_TRUE(pulled) << pulled.error().message;
    EXPECT_EQ(*other->read_blob(Digest::of(content), content.size()), content);
    EXPECT_EQ(*registry.run(client->tags(repository)), std::vector<std::string>{"v1"});
  }
}

TEST_F(ClientTest, an_index_takes_its_manifests_along) {
  Digest child = image("content");
  Digest index = store->put_manifest(serialise(Index{.manifests = {descriptor(child)}}), media::index)->digest;
  auto client = registry.client();
  ASSERT_TRUE(registry.run(client->push_image(repository, *store, index, "multi")));
  ASSERT_TRUE(registry.run(client->pull_image(repository, index, *other)));
  EXPECT_TRUE(other->find_manifest(child));
}

TEST_F(ClientTest, what_was_changed_in_the_registry_is_noticed) {
  Digest digest = image("content");
  auto client = registry.client();
  ASSERT_TRUE(registry.run(client->push_image(repository, *store, digest)));
  auto remote = *registry.registry.repository(repository);
  // The server itself refuses to serve what does not match; see below for a server that does not.
  ASSERT_TRUE(io::write_file_atomically(remote->blob_path(Digest::of("content")), "CONTENT"));
  EXPECT_EQ(registry.run(client->pull_image(repository, digest, *other)).error().code, "E_DIGEST_MISMATCH");
  EXPECT_FALSE(other->find_manifest(digest));
  EXPECT_EQ(registry.run(client->manifest(repository, "none")).error().code, "E_MANIFEST_UNKNOWN");
  EXPECT_FALSE(*registry.run(client->find_manifest(repository, "none")));
  EXPECT_EQ(registry.run(client->manifest("absent", "none")).error().code, "E_NAME_UNKNOWN");
  auto stranger = registry.client({.authorization = "Basic x"});
  EXPECT_EQ(registry.run(stranger->manifest(repository, "v1")).error().code, "E_UNAUTHORIZED");
}

// A registry that lies, fails, or lacks the referrers API, as told.
class OddRegistry {
 public:
  OddRegistry() : service([this](http::Request request) { return answer(std::move(request)); }), server(loop, service) {
    auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
    client = *connect_registry(loop, "localhost:" + std::to_string(listener->port()), {.first_pause = 1ms});
    server.listen(std::move(listener));
  }
  io::Task<http::Response> answer(http::Request request) {
    ++requests;
    if (failures > 0) {
      --failures;
      co_return http::Response::text(503, "busy");
    }
    std::string key(request.head.path());
    if (request.head.method == "PUT") {
      content[key] = request.body;
      http::Response stored = http::Response::text(201, "");
      co_return stored;
    }
    auto found = content.find(key);
    if (found == content.end()) co_return http::Response::json(404, R"({"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]})");
    http::Response response =
        http::Response::text(200, found->second, key.find("sha256-") == std::string::npos ? media::manifest : media::index);
    co_return response;
  }
  template <class T>
  T run(io::Task<T> task) {
    return io::run_until_done(loop, std::move(task));
  }
  io::Loop loop;
  std::map<std::string, std::string> content;
  int failures = 0, requests = 0;
  http::BufferedService service;
  http::Server server;
  std::unique_ptr<RegistryClient> client;
};

TEST_F(ClientTest, a_registry_that_lies_about_content_is_not_believed) {
  OddRegistry odd;
  Descriptor blob{.media_type = "a/b", .digest = Digest::of("content"), .size = 7};
  std::string path = "/v2/x/blobs/" + blob.digest.text();
  odd.content[path] = "CONTENT";
  EXPECT_EQ(odd.run(odd.client->pull_blob("x", blob, *store)).error().code, "E_DIGEST_MISMATCH");
  for (const char* wrong : {"cont", "content and more"}) {
    odd.content[path] = wrong;
    EXPECT_EQ(odd.run(odd.client->pull_blob("x", blob, *store)).error().code, "E_SIZE_MISMATCH") << wrong;
  }
  EXPECT_FALSE(store->has_blob(blob.digest));
  EXPECT_TRUE(io::list_directory(store->root() + "/uploads")->empty());
  Digest named = Digest::of("manifest");
  odd.content["/v2/x/manifests/" + named.text()] = "another";
  EXPECT_EQ(odd.run(odd.client->manifest("x", named.text())).error().code, "E_MANIFEST_TAMPERED");
}

TEST_F(ClientTest, a_busy_registry_is_asked_again_a_bounded_number_of_times) {
  OddRegistry odd;
  odd.content["/v2/x/manifests/v1"] = "{}";
  odd.failures = 3;
  EXPECT_TRUE(odd.run(odd.client->manifest("x", "v1")));
  EXPECT_EQ(odd.requests, 4);
  odd.failures = 100;
  odd.requests = 0;
  auto refused = odd.run(odd.client->manifest("x", "v1"));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().retryable);
  EXPECT_EQ(odd.requests, 4);
}

TEST_F(ClientTest, without_the_referrers_api_the_fallback_tag_is_kept) {
  OddRegistry odd;
  Digest subject = image("content");
  Digest first = image("one", descriptor(subject)), second = image("two", descriptor(subject));
  for (const Digest& digest : {first, second, first}) {
    ASSERT_TRUE(odd.run(odd.client->put_manifest("x", digest.text(), *store->read_manifest(digest), std::string(media::manifest))));
  }
  auto found = odd.run(odd.client->referrers("x", subject));
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].digest, first);
  EXPECT_EQ((*found)[1].artifact_type, media::config);
  EXPECT_TRUE(odd.run(odd.client->referrers("x", subject, "application/other"))->empty());
}

TEST(Protocol, locations_on_other_hosts_are_refused) {
  EXPECT_EQ(*local_target("/v2/x?y=1", "h:1"), "/v2/x?y=1");
  EXPECT_EQ(*local_target("http://h:1/v2/x", "h:1"), "/v2/x");
  for (const char* bad : {"http://evil/v2/x", "http://h:1.evil/x", "", "x", "/a b", "/a\r\nX: y"}) {
    EXPECT_EQ(local_target(bad, "h:1").error().code, "E_REGISTRY") << bad;
  }
}

TEST(Protocol, the_next_page_is_read_from_the_link) {
  EXPECT_EQ(*next_page(R"(</v2/x?last=a>; rel="next")", "h"), "/v2/x?last=a");
  EXPECT_EQ(*next_page("", "h"), "");
  EXPECT_EQ(*next_page(R"(</v2/x>; rel="prev")", "h"), "");
  EXPECT_FALSE(next_page(R"(<http://evil/x>; rel="next")", "h"));
}

TEST_F(ClientTest, a_registry_elsewhere_is_spoken_to_over_tls_only) {
  // Nothing is there; what matters is that the port is TLS's and that a certificate would be asked for.
  auto client = *connect_registry(registry.loop, "no-such-host.invalid", {.attempts_max = 1});
  auto found = registry.run(client->has_blob("team/podinfo", Digest::of("x")));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "E_RESOLVE");
  auto unreadable = connect_registry(registry.loop, "registry.example", {.authorities_file = "/no/such/file"});
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().code, "E_CERTIFICATE");
  EXPECT_TRUE(connect_registry(registry.loop, "127.0.0.1:5000", {.authorities_file = "/no/such/file"}));
  EXPECT_TRUE(connect_registry(registry.loop, "000000000000.dkr.ecr.us-east-1.localhost:4566", {.authorities_file = "/no/such/file"}));
}

}  // namespace
}  // namespace pds::oci
