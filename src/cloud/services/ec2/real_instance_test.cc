// Instances that really boot: in sandboxes of this machine, told what to do by user data, asking their metadata service.
#include <csignal>

#include "base/text.h"
#include "cloud/services/ec2/test_world.h"
#include "sandbox/container.h"

// The spawner of the sandboxes is this program.
int main(int argc, char** argv) {
  if (auto code = pds::sandbox::run_hidden_command(argc, argv)) return *code;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

namespace pds::cloud::ec2 {
namespace {

using testing::World;

constexpr const char* user_data = R"sh(#!/bin/bash
ask() {
  exec 3<>/dev/tcp/169.254.169.254/80
  printf '%s %s HTTP/1.1\r\nHost: imds\r\nConnection: close\r\n%s\r\n\r\n' "$1" "$2" "$3" >&3
  tail -n 1 <&3
  exec 3>&-
}
token=$(ask PUT /latest/api/token 'X-aws-ec2-metadata-token-ttl-seconds: 60')
echo "I am $(ask GET /latest/meta-data/instance-id "X-aws-ec2-metadata-token: $token") on $(cat /proc/sys/kernel/hostname)"
exec 4<>/dev/tcp/169.254.169.253/4566 && printf 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&4 && head -n 1 <&4
test -x /usr/local/bin/pds && echo "pds is here"
touch /root/written
(trap 'echo service stopped; exit 0' TERM; while :; do sleep 0.1; done) &
)sh";

std::string console(World& world, const std::string& id) {
  aws::ec2::GetConsoleOutputRequest request;
  request.instance_id = id;
  return from_base64(world.ec2->instances().get_console_output(world.call(), request)->output).value_or("");
}

TEST(RealInstance, BootsRunsItsUserDataSurvivesTheCloudAndEndsInOrder) {
  World world(World::real);
  if (!world.real_host) GTEST_SKIP() << world.problem;
  world.ec2->start();
  auto request = world.launch_request();
  request.user_data = to_base64(user_data);
  std::string id = world.ec2->instances().run_instances(world.call(), request)->instances[0].instance_id;
  ASSERT_TRUE(world.until([&] { return world.state(id) != "pending"; }));
  ASSERT_EQ(world.state(id), "running") << world.ec2->instance_record(id)->instance.state_transition_reason;
  auto says = [&](const std::string& text) {
    return [&world, id, text] { return console(world, id).find(text) != std::string::npos; };
  };
  ASSERT_TRUE(world.until(says("init: boot finished"))) << console(world, id);
  EXPECT_TRUE(says("I am " + id + " on ip-172-31-0-4")()) << console(world, id);
  EXPECT_TRUE(says("HTTP/1.1 418")()) << console(world, id);
  EXPECT_TRUE(says("pds is here")()) << console(world, id);
  EXPECT_TRUE(says("user data ended with exit code 0")()) << console(world, id);

  world.restart();  // adopted: the same processes, with their log
  ASSERT_TRUE(world.until(says("init: boot finished"))) << console(world, id);
  EXPECT_EQ(world.state(id), "running");

  aws::ec2::TerminateInstancesRequest terminate;
  terminate.instance_ids = {id};
  ASSERT_TRUE(world.ec2->instances().terminate_instances(world.call(), terminate).has_value());
  ASSERT_TRUE(world.until([&] { return world.state(id) == "terminated"; })) << console(world, id);
  EXPECT_TRUE(says("service stopped")()) << console(world, id);
  EXPECT_TRUE(says("init: halted")()) << console(world, id);
}

}  // namespace
}  // namespace pds::cloud::ec2
