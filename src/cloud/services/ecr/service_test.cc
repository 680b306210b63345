#include "cloud/services/ecr/service.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "cloud/services/iam/service.h"
#include "cloud/test_core.h"
#include "http/server.h"
#include "oci/builder.h"
#include "oci/registry_client.h"

namespace pds::cloud::ecr {
namespace {

namespace wire = aws::ecr;

// The service behind a real port, images built and pushed by the real client.
class EcrTest : public testing::Test {
 protected:
  EcrTest() {
    Principal root;
    root.arn = "arn:aws:iam::000000000000:root", root.account = root.user_id = "000000000000", root.is_root = true;
    iam = std::make_unique<iam::Iam>(world.core(), master_key, world.clock(), "AKIAROOT", root);
    open();
  }
  void open() {
    ecr = std::make_unique<Ecr>(world.core(), master_key, *iam, world.clock());
    server = std::make_unique<http::Server>(world.loop(), ecr->registry());
    auto listener = *io::listen_tcp(world.loop(), "127.0.0.1", 0);
    world.core().endpoint_port = listener->port();
    server->listen(std::move(listener));
  }
  template <class T>
  T run(io::Task<T> task) {
    return io::run_until_done(world.loop(), std::move(task));
  }
  void create(const std::string& name, const std::string& mutability = "MUTABLE") {
    auto reply = ecr->create_repository(world.call(), {.image_tag_mutability = mutability, .repository_name = name});
    ASSERT_TRUE(reply.has_value()) << reply.error().message;
  }
  std::string token(const Call& call) { return *ecr->get_authorization_token(call, {})->authorization_data[0].authorization_token; }
  std::unique_ptr<oci::RegistryClient> client(const std::string& authorization) {
    oci::RegistryClientOptions options;
    options.authorization = authorization, options.attempts_max = 1;
    return *oci::connect_registry(world.loop(),
                                  "000000000000.dkr.ecr.us-east-1.localhost:" + std::to_string(world.core().endpoint_port), options);
  }
  std::unique_ptr<oci::RegistryClient> client() { return client("Basic " + token(world.call())); }
  Digest build(const std::string& label) {
    auto built = oci::build_image(
        *local, {.binary = "/bin/true", .command = {"serve"}, .environment = {"A=b=c"}, .labels = {{"build", label}}});
    ASSERT(built);
    return built->manifest.digest;
  }

  TestCore world;
  MasterKey master_key{std::string(32, 'k')};
  std::unique_ptr<iam::Iam> iam;
  std::unique_ptr<Ecr> ecr;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<oci::Store> local = *oci::Store::open(world.directory() + "/local", world.clock());
};

TEST_F(EcrTest, an_image_that_was_pushed_is_described_listed_and_run) {
  create("podinfo");
  Digest image = build("1");
  ASSERT_TRUE(run(client()->push_image("podinfo", *local, image, "1.0.0")));
  auto described = run(ecr->describe_images(world.call(), {.repository_name = "podinfo"}));
  ASSERT_EQ(described->image_details.size(), 1u);
  EXPECT_EQ(*described->image_details[0].image_digest, image.text());
  EXPECT_EQ(described->image_details[0].image_tags, std::vector<std::string>{"1.0.0"});
  EXPECT_GT(*described->image_details[0].image_size_in_bytes, 0);
  auto got = run(ecr->batch_get_image(
      world.call(), {.repository_name = "podinfo", .image_ids = {{.image_tag = "1.0.0"}, {.image_tag = "2"}, {}}}));
  ASSERT_EQ(got->images.size(), 1u);
  EXPECT_TRUE(image.names(*got->images[0].image_manifest));
  EXPECT_EQ(*got->failures[0].failure_code, "ImageNotFound");
  EXPECT_EQ(*got->failures[1].failure_code, "MissingDigestAndTag");
  for (const std::string& suffix : {std::string("@") + image.text(), std::string(":1.0.0")}) {
    auto runnable = run(ecr->resolve("000000000000.dkr.ecr.us-east-1.localhost:4566/podinfo" + suffix));
    ASSERT_TRUE(runnable) << runnable.error().message;
    EXPECT_EQ(runnable->digest, image.text());
    EXPECT_EQ(runnable->environment.at("A"), "b=c");
    EXPECT_EQ(runnable->command, std::vector<std::string>{"serve"});
    EXPECT_TRUE(io::exists(runnable->rootfs + "/usr/local/bin/true"));
  }
}

TEST_F(EcrTest, images_of_elsewhere_and_images_that_are_not_there_do_not_run) {
  create("podinfo");
  auto code = [&](const std::string& uri) { return run(ecr->resolve(uri)).error().code; };
  EXPECT_EQ(code("000000000000.dkr.ecr.us-east-1.amazonaws.com/podinfo:1"), "ImageNotFoundException");
  EXPECT_EQ(code("000000000000.dkr.ecr.us-east-1.localhost:4566/other:1"), "RepositoryNotFoundException");
  EXPECT_EQ(code("000000000000.dkr.ecr.eu-west-1.amazonaws.com/podinfo:1"), "InvalidParameterValueException");
  EXPECT_EQ(code("docker.io/library/podinfo:1"), "InvalidParameterValueException");
}

TEST_F(EcrTest, a_repository_must_exist_before_it_is_pushed_to) {
  auto pushed = run(client()->push_image("podinfo", *local, build("1"), "1"));
  ASSERT_FALSE(pushed);
  EXPECT_EQ(pushed.error().code, "E_NAME_UNKNOWN");
}

TEST_F(EcrTest, an_immutable_tag_stays_where_it_is) {
  create("podinfo", "IMMUTABLE");
  Digest first = build("1"), second = build("2");
  ASSERT_NE(first, second);
  ASSERT_TRUE(run(client()->push_image("podinfo", *local, first, "1")));
  EXPECT_FALSE(run(client()->push_image("podinfo", *local, second, "1")));
  EXPECT_EQ(*run(ecr->describe_images(world.call(), {.repository_name = "podinfo", .image_ids = {{.image_tag = "1"}}}))
                 ->image_details[0]
                 .image_digest,
            first.text());
  std::string manifest = *local->read_manifest(second);
  auto put = run(ecr->put_image(world.call(), {.image_tag = "1", .repository_name = "podinfo", .image_manifest = manifest}));
  EXPECT_EQ(put.error().code, "ImageTagAlreadyExistsException");
  ASSERT_TRUE(ecr->put_image_tag_mutability(world.call(), {.repository_name = "podinfo", .image_tag_mutability = "MUTABLE"}));
  EXPECT_TRUE(run(client()->push_image("podinfo", *local, second, "1")));
}

TEST_F(EcrTest, the_password_is_checked_and_its_owner_s_rights_are_those_of_now) {
  create("podinfo");
  Digest image = build("1");
  EXPECT_EQ(run(client("")->has_blob("podinfo", image)).error().http_status, 401);
  EXPECT_EQ(run(client(oci::basic_authorization("AWS", "guess"))->has_blob("podinfo", image)).error().http_status, 401);

  ASSERT_TRUE(iam->create_user(world.call(), {.user_name = "ann"}));
  std::string key = iam->create_access_key(world.call(), {.user_name = "ann"})->access_key.access_key_id;
  Call call = world.call();
  call.access_key_id = key, call.principal_arn = "arn:aws:iam::000000000000:user/ann";
  std::string anns = "Basic " + token(call);
  EXPECT_EQ(run(client(anns)->manifest("podinfo", "1")).error().code, "E_DENIED");
  ASSERT_TRUE(iam->attach_user_policy(
      world.call(), {.user_name = "ann", .policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"}));
  EXPECT_EQ(run(client(anns)->manifest("podinfo", "1")).error().code, "E_MANIFEST_UNKNOWN");
  EXPECT_EQ(run(client(anns)->push_image("podinfo", *local, image, "1")).error().code, "E_DENIED");
  ASSERT_TRUE(iam->delete_access_key(world.call(), {.user_name = "ann", .access_key_id = key}));
  EXPECT_EQ(run(client(anns)->manifest("podinfo", "1")).error().http_status, 401);

  std::string roots = "Basic " + token(world.call());
  EXPECT_EQ(run(client(roots)->manifest("podinfo", "1")).error().code, "E_MANIFEST_UNKNOWN");
  world.clock().advance(12h);
  EXPECT_EQ(run(client(roots)->manifest("podinfo", "1")).error().http_status, 401);
}

TEST_F(EcrTest, only_an_empty_repository_is_deleted_without_force) {
  create("podinfo");
  ASSERT_TRUE(run(client()->push_image("podinfo", *local, build("1"), "1")));
  EXPECT_EQ(run(ecr->delete_repository(world.call(), {.repository_name = "podinfo"})).error().code, "RepositoryNotEmptyException");
  ASSERT_TRUE(run(ecr->delete_repository(world.call(), {.repository_name = "podinfo", .force = true})));
  EXPECT_EQ(ecr->describe_repositories(world.call(), {.repository_names = {"podinfo"}}).error().code,
            "RepositoryNotFoundException");
  create("podinfo");
  EXPECT_TRUE(run(ecr->list_images(world.call(), {.repository_name = "podinfo"}))->image_ids.empty());
}

TEST_F(EcrTest, deleting_the_last_tag_deletes_the_image) {
  create("podinfo");
  Digest image = build("1");
  ASSERT_TRUE(run(client()->push_image("podinfo", *local, image, "a")));
  ASSERT_TRUE(run(client()->push_image("podinfo", *local, image, "b")));
  ASSERT_TRUE(run(ecr->batch_delete_image(world.call(), {.repository_name = "podinfo", .image_ids = {{.image_tag = "a"}}})));
  EXPECT_EQ(run(ecr->list_images(world.call(), {.repository_name = "podinfo"}))->image_ids.size(), 1u);
  ASSERT_TRUE(run(ecr->batch_delete_image(world.call(), {.repository_name = "podinfo", .image_ids = {{.image_tag = "b"}}})));
  EXPECT_TRUE(run(ecr->list_images(world.call(), {.repository_name = "podinfo"}))->image_ids.empty());
}

TEST_F(EcrTest, repositories_and_images_survive_a_restart_and_orphans_do_not) {
  create("team/podinfo");
  ASSERT_TRUE(run(client()->push_image("team/podinfo", *local, build("1"), "1")));
  server.reset(), ecr.reset(), iam.reset();
  world.restart();
  ASSERT_TRUE(io::make_directories(world.directory() + "/ecr/us-east-1/orphan"));
  iam = std::make_unique<iam::Iam>(world.core(), master_key, world.clock(), "AKIAROOT", Principal{});
  open();
  EXPECT_EQ(run(ecr->list_images(world.call(), {.repository_name = "team/podinfo"}))->image_ids.size(), 1u);
  EXPECT_FALSE(io::exists(world.directory() + "/ecr/us-east-1/orphan"));
}

TEST_F(EcrTest, what_would_not_be_done_is_refused) {
  auto scan = ecr->create_repository(world.call(),
                                     {.repository_name = "podinfo", .image_scanning_configuration = {{.scan_on_push = true}}});
  EXPECT_EQ(scan.error().http_status, 501);
  auto kms = ecr->create_repository(world.call(),
                                    {.repository_name = "podinfo", .encryption_configuration = {{.encryption_type = "KMS"}}});
  EXPECT_EQ(kms.error().http_status, 501);
  EXPECT_EQ(ecr->create_repository(world.call(), {.repository_name = "Podinfo"}).error().code, "InvalidParameterException");
}

}  // namespace
}  // namespace pds::cloud::ecr
