#include "cloud/services/ec2/launch.h"

#include "aws/codec.h"
#include "base/text.h"
#include "cloud/services/ec2/test_world.h"

namespace pds::cloud::ec2 {
namespace {

using testing::World;

TEST(UserData, IsAScriptOrIsRefusedByItsForm) {
  auto code_of = [](std::string text) {
    auto good = check_user_data(to_base64(text));
    return good ? std::string() : good.error().code;
  };
  EXPECT_EQ(code_of("#!/bin/sh\necho hello\n"), "");
  EXPECT_EQ(code_of(""), "");
  EXPECT_EQ(code_of("#cloud-config\npackages: [nginx]\n"), "NotImplemented");
  EXPECT_EQ(code_of("MIME-Version: 1.0\n"), "NotImplemented");
  EXPECT_EQ(code_of("\x1f\x8b\x08"), "NotImplemented");
  EXPECT_EQ(code_of("echo hello"), "NotImplemented");
  EXPECT_EQ(code_of(std::string(16 * 1024 + 1, '#')), "InvalidParameterValue");
  EXPECT_EQ(check_user_data("not base64!").error().code, "InvalidParameterValue");
}

TEST(Launch, AClientTokenLaunchesOnce) {
  World world;
  auto request = world.launch_request(2);
  request.client_token = "token-1";
  auto first = world.ec2->instances().run_instances(world.call(), request);
  world.restart();
  auto second = world.ec2->instances().run_instances(world.call(), request);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(first->reservation_id, second->reservation_id);
  ASSERT_EQ(second->instances.size(), 2u);
  EXPECT_EQ(first->instances[0].instance_id, second->instances[0].instance_id);
  request.instance_type = "t3.small";
  EXPECT_EQ(world.ec2->instances().run_instances(world.call(), request).error().code, "IdempotentParameterMismatch");
}

TEST(Launch, WhatIsWrongIsNamedAndNothingIsMade) {
  World world;
  struct Case {
    const char* code;
    std::function<void(aws::ec2::RunInstancesRequest&)> spoil;
  };
  const Case cases[] = {
      {"MissingParameter", [](auto& r) { r.image_id.reset(); }},
      {"InvalidAMIID.NotFound", [](auto& r) { r.image_id = "ami-12345678"; }},
      {"InvalidAMIID.Malformed", [](auto& r) { r.image_id = "debian"; }},
      {"InvalidParameterValue", [](auto& r) { r.instance_type = "t9.huge"; }},
      {"InvalidParameterValue", [](auto& r) { r.min_count = 0; }},
      {"InvalidParameterValue", [](auto& r) { r.min_count = 3, r.max_count = 2; }},
      {"InstanceLimitExceeded", [](auto& r) { r.min_count = r.max_count = 1000; }},
      {"InvalidSubnetID.NotFound", [](auto& r) { r.subnet_id = "subnet-1"; }},
      {"InvalidGroup.NotFound", [](auto& r) { r.security_group_ids = {"sg-1"}; }},
      {"InvalidParameterValue", [](auto& r) { r.iam_instance_profile.emplace().name = "nobody"; }},
      {"InvalidParameterValue", [](auto& r) { r.private_ip_address = "10.99.0.1"; }},
      {"NotImplemented", [](auto& r) { r.cpu_options.emplace(); }},
      {"NotImplemented", [](auto& r) { r.network_interfaces.emplace_back().associate_public_ip_address = true; }},
      {"NotImplemented", [](auto& r) { r.placement.emplace().tenancy = "dedicated"; }},
      {"DryRunOperation", [](auto& r) { r.dry_run = true; }},
      {"InvalidLaunchTemplateId.NotFound", [](auto& r) { r.launch_template.emplace().launch_template_id = "lt-1"; }},
  };
  for (const Case& c : cases) {
    auto request = world.launch_request();
    c.spoil(request);
    auto reply = world.ec2->instances().run_instances(world.call(), request);
    EXPECT_EQ(reply ? "accepted" : reply.error().code, c.code);
  }
  EXPECT_EQ(world.ec2->state().instances.size(), 0u);
}

TEST(LaunchTemplates, VersionsAreNumberedAndTheRequestWinsOverTheTemplate) {
  World world;
  auto& templates = world.ec2->launch_templates();
  aws::ec2::CreateLaunchTemplateRequest create;
  create.launch_template_name = "podinfo";
  create.launch_template_data.image_id = builtin_image_id(*world.core);
  create.launch_template_data.instance_type = "t3.nano";
  create.launch_template_data.tag_specifications = {{.resource_type = "instance", .tags = {{.key = "from", .value = "template"}}}};
  std::string id = templates.create_launch_template(world.call(), create)->launch_template.launch_template_id;
  EXPECT_EQ(templates.create_launch_template(world.call(), create).error().code,
            "InvalidLaunchTemplateName.AlreadyExistsException");
  aws::ec2::CreateLaunchTemplateVersionRequest version;
  version.launch_template_id = id, version.source_version = "1";
  version.launch_template_data.instance_type = "t3.small";
  EXPECT_EQ(templates.create_launch_template_version(world.call(), version)->launch_template_version.version_number, 2);
  EXPECT_EQ((*templates.resolve({.id = id, .name = std::nullopt, .version = "$Default"}))->version_number, 1);
  EXPECT_EQ((*templates.resolve({.id = std::nullopt, .name = "podinfo", .version = "$Latest"}))->launch_template_data.image_id,
            builtin_image_id(*world.core));
  EXPECT_EQ(templates.resolve({.id = id, .name = std::nullopt, .version = "7"}).error().code,
            "InvalidLaunchTemplateId.VersionNotFound");

  aws::ec2::RunInstancesRequest run;
  run.min_count = run.max_count = 1;
  run.launch_template = {.launch_template_id = id, .launch_template_name = std::nullopt, .version = "$Latest"};
  run.tag_specifications = {{.resource_type = "instance", .tags = {{.key = "Name", .value = "one"}}}};
  auto reply = world.ec2->instances().run_instances(world.call(), run);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  EXPECT_EQ(reply->instances[0].instance_type, "t3.small");
  EXPECT_EQ(reply->instances[0].tags.size(), 2u);
  run.instance_type = "t3.medium";
  EXPECT_EQ(world.ec2->instances().run_instances(world.call(), run)->instances[0].instance_type, "t3.medium");
}

// The wire, as a stock client speaks it.
TEST(Wire, AnUnsupportedParameterIsRefusedByName) {
  World world;
  auto api = world.ec2->api();
  const Api::Entry* entry = api.find("RunInstances");
  ASSERT_NE(entry, nullptr);
  http::Request request;
  request.head.method = "POST", request.head.target = "/";
  request.head.headers.set("Content-Type", "application/x-www-form-urlencoded");
  request.body =
      "Action=RunInstances&Version=2016-11-15&ImageId=" + builtin_image_id(*world.core) +
      "&MinCount=1&MaxCount=1&InstanceType=t3.micro&TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=Name"
      "&TagSpecification.1.Tag.1.Value=web&CpuOptions.CoreCount=2";
  auto decoded = entry->make_request();
  auto read = aws::decode_request(aws::Wire::ec2, *entry->operation, request.head, request.body, {}, decoded.get());
  ASSERT_TRUE(read.has_value()) << read.error().message;
  auto* run = static_cast<aws::ec2::RunInstancesRequest*>(decoded.get());
  ASSERT_EQ(run->tag_specifications.size(), 1u);
  EXPECT_EQ(run->tag_specifications[0].tags[0].value, "web");
  auto refused = world.ec2->instances().run_instances(world.call(), *run);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 501);
  EXPECT_NE(refused.error().message.find("CpuOptions"), std::string::npos);

  run->cpu_options.reset();
  auto reply = world.ec2->instances().run_instances(world.call(), *run);
  ASSERT_TRUE(reply.has_value());
  http::Response response = aws::encode_response(aws::Wire::ec2, aws::ec2::service_info(), *entry->operation, &*reply, "request-1");
  EXPECT_NE(response.body.find("<instancesSet><item>"), std::string::npos) << response.body;
  EXPECT_NE(response.body.find("<tagSet><item><key>Name</key><value>web</value></item></tagSet>"), std::string::npos)
      << response.body;
}

}  // namespace
}  // namespace pds::cloud::ec2
