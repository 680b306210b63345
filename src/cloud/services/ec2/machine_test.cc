#include "cloud/services/ec2/machine.h"

#include <sys/stat.h>

#include "base/text.h"
#include "cloud/services/ec2/boot.h"
#include "cloud/services/ec2/test_world.h"

namespace pds::cloud::ec2 {
namespace {

using testing::World;

aws::ec2::StopInstancesRequest stop_request(const std::string& id) {
  aws::ec2::StopInstancesRequest request;
  request.instance_ids = {id};
  return request;
}

void terminate(World& world, const std::string& id) {
  aws::ec2::TerminateInstancesRequest request;
  request.instance_ids = {id};
  auto reply = world.ec2->instances().terminate_instances(world.call(), request);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  EXPECT_EQ(reply->terminating_instances[0].current_state.name, "shutting-down");
}

TEST(Machine, AnInstanceBootsWithWhatItWasTold) {
  World world;
  world.ec2->start();
  auto request = world.launch_request();
  request.user_data = to_base64("#!/bin/sh\necho hello\n");
  std::string id = world.ec2->instances().run_instances(world.call(), request)->instances[0].instance_id;
  EXPECT_EQ(world.state(id), "pending");
  ASSERT_TRUE(world.until([&] { return world.state(id) == "running"; }));
  ASSERT_EQ(world.host.machines.size(), 1u);
  const sandbox::SandboxSpec& spec = world.host.machines[0]->spec;
  EXPECT_EQ(spec.profile, sandbox::Profile::instance);
  EXPECT_EQ(spec.limits.memory_bytes, uint64_t{1024} << 20);
  EXPECT_EQ(spec.hostname, "ip-172-31-0-4");
  EXPECT_EQ(spec.addresses.back(), "172.31.0.4");
  EXPECT_EQ(spec.environment.at("AWS_ENDPOINT_URL"), "http://169.254.169.253:4566");
  std::string boot = instance_directory(*world.core, id) + "/boot/";
  EXPECT_EQ(*io::read_file(boot + "user-data"), "#!/bin/sh\necho hello\n");
  struct stat status{};
  ASSERT_EQ(::stat((boot + "user-data").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0500u);
}

TEST(Machine, UserDataRunsAtTheFirstBootOnly) {
  World world;
  world.ec2->start();
  auto request = world.launch_request();
  request.user_data = to_base64("#!/bin/sh\n");
  std::string id = world.ec2->instances().run_instances(world.call(), request)->instances[0].instance_id;
  ASSERT_TRUE(world.until([&] { return world.state(id) == "running"; }));
  ASSERT_TRUE(world.ec2->instances().stop_instances(world.call(), stop_request(id)).has_value());
  EXPECT_EQ(world.state(id), "stopping");
  ASSERT_TRUE(world.until([&] { return world.state(id) == "stopped"; }));
  EXPECT_EQ(world.host.alive(), 0u);
  aws::ec2::StartInstancesRequest start;
  start.instance_ids = {id};
  ASSERT_TRUE(world.ec2->instances().start_instances(world.call(), start).has_value());
  ASSERT_TRUE(world.until([&] { return world.state(id) == "running"; }));
  EXPECT_FALSE(io::exists(instance_directory(*world.core, id) + "/boot/user-data"));
  EXPECT_EQ(world.host.alive(), 1u);
}

TEST(Machine, ARebootIsAnotherSandboxOnTheSameLayer) {
  World world;
  world.ec2->start();
  std::string id = world.launch();
  ASSERT_TRUE(world.until([&] { return world.state(id) == "running"; }));
  aws::ec2::RebootInstancesRequest reboot;
  reboot.instance_ids = {id};
  ASSERT_TRUE(world.ec2->instances().reboot_instances(world.call(), reboot).has_value());
  ASSERT_TRUE(world.until([&] { return world.host.machines.size() == 2 && world.ec2->instance_record(id)->booted == 2; }));
  EXPECT_TRUE(world.host.machines[0]->destroyed);
  EXPECT_NE(world.host.machines[0]->spec.id, world.host.machines[1]->spec.id);
  EXPECT_EQ(world.host.machines[0]->spec.layer, world.host.machines[1]->spec.layer);
  EXPECT_EQ(world.state(id), "running");
}

TEST(Machine, ATerminatedInstanceLeavesNothingAndIsForgottenAfterAnHour) {
  World world;
  world.ec2->start();
  std::string id = world.launch();
  ASSERT_TRUE(world.until([&] { return world.state(id) == "running"; }));
  terminate(world, id);
  ASSERT_TRUE(world.until([&] { return world.state(id) == "terminated"; }));
  EXPECT_EQ(world.host.alive(), 0u);
  EXPECT_FALSE(io::exists(instance_directory(*world.core, id) + "/layer"));
  auto described = world.ec2->instances().describe_instances(world.call(), {});
  EXPECT_EQ(described->reservations[0].instances[0].private_ip_address, "");
  EXPECT_EQ(described->reservations[0].instances[0].state_reason->code, "Client.UserInitiatedShutdown");
  world.clock.advance(2h);
  world.restart();
  ASSERT_TRUE(world.until([&] { return world.state(id) == "forgotten"; }));
  EXPECT_EQ(world.ec2->state().tags.size(), 0u);
}

TEST(Machine, ALiveInstanceIsAdoptedByTheNextCloud) {
  World world;
  world.ec2->start();
  std::string id = world.launch();
  ASSERT_TRUE(world.until([&] { return world.state(id) == "running"; }));
  world.restart();
  ASSERT_TRUE(world.until([&] {
    return world.ec2->instances().describe_instance_status(world.call(), {})->instance_statuses[0].instance_status.status == "ok";
  }));
  EXPECT_EQ(world.state(id), "running");
  EXPECT_EQ(world.host.machines.size(), 1u);
  terminate(world, id);
  EXPECT_TRUE(world.until([&] { return world.state(id) == "terminated"; }));
}

TEST(Machine, AnInstanceWhoseMachineIsGoneIsStopped) {
  World world;
  world.ec2->start();
  std::string id = world.launch();
  ASSERT_TRUE(world.until([&] { return world.state(id) == "running"; }));
  world.host.machines[0]->destroyed = true;  // nobody saw it
  world.restart();
  ASSERT_TRUE(world.until([&] { return world.state(id) == "stopped"; }));
}

TEST(Machine, AnInstanceThatEndsByItselfStopsOrTerminatesAsItWasTold) {
  for (const char* behaviour : {"stop", "terminate"}) {
    World world;
    world.ec2->start();
    auto request = world.launch_request();
    request.instance_initiated_shutdown_behavior = behaviour;
    std::string id = world.ec2->instances().run_instances(world.call(), request)->instances[0].instance_id;
    ASSERT_TRUE(world.until([&] { return world.state(id) == "running"; }));
    world.host.machines[0]->ended.set();
    std::string end = behaviour == std::string("stop") ? "stopped" : "terminated";
    EXPECT_TRUE(world.until([&] { return world.state(id) == end; })) << behaviour;
    EXPECT_EQ(world.host.alive(), 0u);
  }
}

TEST(Machine, ASandboxThatDoesNotStartIsALaunchThatFailed) {
  World world;
  world.ec2->start();
  world.host.refuse = true;
  std::string id = world.launch();
  ASSERT_TRUE(world.until([&] { return world.state(id) == "terminated"; }));
  EXPECT_EQ(world.ec2->instance_record(id)->instance.state_reason->code, "Server.InternalError");
}

TEST(Machine, ASandboxWithoutAnInstanceIsRemoved) {
  World world;
  auto orphan = std::make_shared<testing::FakeMachine>();
  orphan->spec.id = sandbox_prefix(*world.core) + "00000000000000000-1";
  auto others = std::make_shared<testing::FakeMachine>();
  others->spec.id = "fn-us-east-1-7";
  world.host.machines = {orphan, others};
  world.restart();
  EXPECT_TRUE(world.until([&] { return orphan->destroyed; }));
  EXPECT_FALSE(others->destroyed);
}

// The cloud is killed after each turn of the loop on the way up and on the way down; every time the next one gets there, with one
// sandbox while the instance lives and none afterwards.
TEST(Machine, IsResumedFromTheTablesAtEveryStep) {
  for (int turns = 0; turns < 40; ++turns) {
    World world;
    world.ec2->start();
    std::string id = world.launch();
    for (int i = 0; i < turns; ++i) world.loop.run_once(1ms);
    world.restart();
    ASSERT_TRUE(world.until([&] { return world.state(id) == "running"; })) << turns;
    ASSERT_EQ(world.host.alive(), 1u) << turns;
    terminate(world, id);
    for (int i = 0; i < turns; ++i) world.loop.run_once(1ms);
    world.restart();
    ASSERT_TRUE(world.until([&] { return world.state(id) == "terminated"; })) << turns;
    ASSERT_EQ(world.host.alive(), 0u) << turns;
  }
}

}  // namespace
}  // namespace pds::cloud::ec2
