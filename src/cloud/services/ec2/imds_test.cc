#include "cloud/services/ec2/imds.h"

#include "base/json.h"
#include "base/text.h"
#include "cloud/services/ec2/test_world.h"
#include "http/client.h"

namespace pds::cloud::ec2 {
namespace {

using testing::World;

void settle(World& world) { ASSERT_TRUE(io::run_until_done(world.loop, world.store->durable()).has_value()); }

struct Client {
  Client(World& w, const std::string& id) : world((settle(w), w)), state(*w.core), imds(state, w.roles, id) {}
  http::Response ask(std::string method, std::string path, std::vector<std::pair<std::string, std::string>> headers = {}) {
    http::Request request;
    request.head.method = method, request.head.target = path;
    for (auto& [name, value] : headers) request.head.headers.set(name, value);
    return imds.answer(request, now);
  }
  std::string token(std::string ttl = "60") {
    return ask("PUT", "/latest/api/token", {{"X-aws-ec2-metadata-token-ttl-seconds", ttl}}).body;
  }
  http::Response get(std::string path) { return ask("GET", path, {{"X-aws-ec2-metadata-token", token()}}); }
  World& world;
  State state;  // the same tables, read again
  Imds imds;
  Timestamp now = from_epoch_seconds(1'800'000'000);
};

aws::ec2::RunInstancesRequest with_everything(const World& world) {
  auto request = world.launch_request();
  request.iam_instance_profile.emplace().name = "podinfo";
  request.user_data = to_base64("#!/bin/sh\ntrue\n");
  request.tag_specifications = {{.resource_type = "instance", .tags = {{.key = "Name", .value = "web"}}}};
  request.metadata_options.emplace().instance_metadata_tags = "enabled";
  return request;
}

std::string launch(World& world, const aws::ec2::RunInstancesRequest& request) {
  return world.ec2->instances().run_instances(world.call(), request)->instances[0].instance_id;
}

TEST(Imds, AsksForATokenAndBelievesOnlyItsOwn) {
  World world;
  std::string id = launch(world, world.launch_request()), other = launch(world, world.launch_request());
  Client client(world, id), stranger(world, other);
  EXPECT_EQ(client.ask("GET", "/latest/meta-data/instance-id").head.status, 401);
  EXPECT_EQ(client.ask("GET", "/latest/meta-data/instance-id", {{"X-aws-ec2-metadata-token", "1.2"}}).head.status, 401);
  EXPECT_EQ(client.ask("GET", "/latest/meta-data/instance-id", {{"X-aws-ec2-metadata-token", stranger.token()}}).head.status, 401);
  std::string token = client.token("60");
  EXPECT_EQ(client.ask("GET", "/latest/meta-data/instance-id", {{"X-aws-ec2-metadata-token", token}}).body, id);
  client.now += 61s;
  EXPECT_EQ(client.ask("GET", "/latest/meta-data/instance-id", {{"X-aws-ec2-metadata-token", token}}).head.status, 401);
  for (const char* ttl : {"", "0", "21601", "-1", "x"})
    EXPECT_EQ(client.ask("PUT", "/latest/api/token", {{"X-aws-ec2-metadata-token-ttl-seconds", ttl}}).head.status, 400) << ttl;
  EXPECT_EQ(
      client.ask("PUT", "/latest/api/token", {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}, {"X-Forwarded-For", "10.0.0.1"}})
          .head.status,
      403);
  EXPECT_EQ(client.ask("POST", "/latest/api/token").head.status, 405);
}

TEST(Imds, TellsAnInstanceWhoItIs) {
  World world;
  std::string id = launch(world, with_everything(world));
  Client client(world, id);
  EXPECT_EQ(client.get("/latest/meta-data/local-ipv4").body, "172.31.0.4");
  EXPECT_EQ(client.get("/latest/meta-data/placement/availability-zone").body, "us-east-1a");
  EXPECT_EQ(client.get("/latest/meta-data/placement/region").body, "us-east-1");
  EXPECT_EQ(client.get("/latest/meta-data/tags/instance/Name").body, "web");
  EXPECT_EQ(client.get("/latest/user-data").body, "#!/bin/sh\ntrue\n");
  EXPECT_EQ(client.get("/latest/meta-data/iam/").body, "info\nsecurity-credentials/");
  EXPECT_EQ(client.get("/latest/meta-data/iam/security-credentials/").body, "podinfo");
  EXPECT_EQ(client.get("/latest/meta-data/nothing").head.status, 404);
  EXPECT_NE(client.get("/latest/meta-data/").body.find("placement/"), std::string::npos);
  auto document = parse_json(client.get("/latest/dynamic/instance-identity/document").body);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(get_string(document->as_object(), "instanceId"), id);
}

TEST(Imds, RoleCredentialsAreReusedUntilTheyComeNearTheirEnd) {
  World world;
  Client client(world, launch(world, with_everything(world)));
  auto key = [&] {
    return get_string(parse_json(client.get("/latest/meta-data/iam/security-credentials/podinfo").body)->as_object(),
                      "AccessKeyId");
  };
  EXPECT_EQ(key(), "ASIA1");
  client.now += 5h;
  EXPECT_EQ(key(), "ASIA1");
  client.now += 50min;
  EXPECT_EQ(key(), "ASIA2");
}

TEST(Imds, ObeysTheInstancesOptions) {
  World world;
  auto request = world.launch_request();
  request.metadata_options.emplace().http_endpoint = "disabled";
  Client off(world, launch(world, request));
  EXPECT_EQ(off.ask("PUT", "/latest/api/token", {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}}).head.status, 403);
  request.metadata_options->http_endpoint = "enabled";
  request.metadata_options->http_tokens = "optional";
  std::string id = launch(world, request);
  Client first_version(world, id);
  EXPECT_EQ(first_version.ask("GET", "/latest/meta-data/instance-id").body, id);
  EXPECT_EQ(first_version.get("/latest/meta-data/tags/instance/").head.status, 404);
}

TEST(Imds, IsServedInsideTheInstanceAndAgainAfterARestart) {
  World world;
  world.ec2->start();
  std::string id = launch(world, with_everything(world));
  ASSERT_TRUE(world.until([&] { return world.state(id) == "running"; }));
  auto fetch = [&](std::string door, std::string method, std::string path, http::Headers headers) {
    std::string url = "http://127.0.0.1:" + std::to_string(world.host.machines[0]->ports.at(door)) + path;
    return io::run_until_done(world.loop, http::fetch(world.loop, method, url, std::move(headers)));
  };
  http::Headers ask;
  ask.set("X-aws-ec2-metadata-token-ttl-seconds", "600");
  auto door_open = [&] { return world.host.machines[0]->ports.count("127.0.0.1:4566") > 0; };
  ASSERT_TRUE(world.until(door_open));
  auto token = fetch("169.254.169.254:80", "PUT", "/latest/api/token", ask);
  ASSERT_TRUE(token.has_value()) << token.error().message;
  EXPECT_EQ(fetch("169.254.169.253:4566", "GET", "/", {})->head.status, 418);  // the API endpoint
  world.host.machines[0]->ports.clear();
  world.restart();
  ASSERT_TRUE(world.until(door_open));
  http::Headers with;
  with.set("X-aws-ec2-metadata-token", token->body);
  auto answer = fetch("169.254.169.254:80", "GET", "/latest/meta-data/instance-id", with);
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, id);
}

}  // namespace
}  // namespace pds::cloud::ec2
