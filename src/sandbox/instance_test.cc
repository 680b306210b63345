// Sandboxes that play machines: their own root in a layer, the host's system read-only, and containers inside them.
#include "sandbox/sandbox_test_support.h"

namespace pds::sandbox {
namespace {

class InstanceTest : public SandboxTest {
 protected:
  SandboxSpec instance(const std::string& script, const std::string& id = "machine") {
    SandboxSpec spec;
    spec.id = id;
    spec.profile = Profile::instance;
    spec.layer = directory_ + "/layer-" + id;
    spec.arguments = {"/bin/sh", "-c", script};
    spec.environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}};
    spec.uid = spec.gid = 0;
    spec.hostname = "ip-10-0-0-1";
    spec.binds = {{.source = directory_of_this_program() + "/sandbox_test", .target = "/opt/agent"},
                  {.source = image_, .target = "/opt/image"}};
    return spec;
  }
  Outcome shell(const std::string& script) { return outcome(instance(script)); }
};

TEST_F(InstanceTest, boots_a_shell_as_root_with_its_own_name) {
  Outcome booted = shell("id -u; hostname; cat /etc/hostname; head -c 8 /etc/resolv.conf");
  EXPECT_EQ(booted.output, "0\nip-10-0-0-1\nip-10-0-0-1\nnameserv");
  EXPECT_EQ(booted.status.code, 0);
}

TEST_F(InstanceTest, writes_to_its_layer_and_finds_it_after_a_restart) {
  EXPECT_EQ(shell("echo kept > /etc/app.conf; mkdir -p /opt/app && echo x > /opt/app/file; echo '#!/bin/sh' > /usr/local/bin/tool; "
                  "cat /etc/app.conf")
                .output,
            "kept\n");
  EXPECT_EQ(shell("cat /etc/app.conf; ls /opt/app; ls /usr/local/bin; ls /tmp; ls /run").output, "kept\nfile\ntool\n");
}

TEST_F(InstanceTest, cannot_change_the_hosts_system) {
  for (const char* attempt :
       {"touch /usr/bin/intruder", "mount -o remount,rw /usr", "mount -o remount,rw,bind /usr", "umount /usr", "umount /proc",
        "echo x >> /opt/agent", "mount -o remount,rw,bind /opt/agent && echo x >> /opt/agent"})
    EXPECT_NE(shell(attempt).status.code, 0) << attempt;
  EXPECT_NE(access("/usr/bin/intruder", F_OK), 0);
}

TEST_F(InstanceTest, cannot_touch_its_init) {
  EXPECT_NE(shell("cat /proc/1/environ").status.code, 0);
  EXPECT_NE(shell("ls /proc/1/root/").status.code, 0);
  EXPECT_NE(shell("ls /proc/1/fd/").status.code, 0);
  EXPECT_EQ(shell("kill -9 1; echo alive").output, "alive\n");
}

TEST_F(InstanceTest, runs_containers_that_share_its_network) {
  Outcome done =
      shell("/opt/agent __container-of /opt/image ids; echo code $?; /opt/agent __container-of /opt/image exit 5; echo code $?");
  EXPECT_NE(done.output.find("65532:65532 pid 2\ncode 0\n"), std::string::npos) << done.output;
  EXPECT_NE(done.output.find("code 5\n"), std::string::npos) << done.output;

  auto machine = create(instance("/opt/agent __container-of /opt/image serve 127.0.0.1 8080"));
  await_log(*machine, "listening");
  auto stream = wait(machine->connect("127.0.0.1", 8080, in(5s)));
  ASSERT_TRUE(stream) << stream.error().message;
  EXPECT_TRUE(wait(machine->destroy()));
}

TEST_F(InstanceTest, containers_are_as_closed_as_functions) {
  Outcome calls = shell("/opt/agent __container-of /opt/image calls");
  EXPECT_EQ(calls.output.find("allowed"), std::string::npos) << calls.output;
  Outcome files = shell("/opt/agent __container-of /opt/image list /");
  EXPECT_EQ(files.output.find("opt"), std::string::npos) << files.output;
  EXPECT_EQ(files.output.find("usr"), std::string::npos) << files.output;
  Outcome wrong = shell("/opt/agent __container-of /opt/nothing ids");
  EXPECT_EQ(wrong.status.code, 99);
  EXPECT_NE(wrong.output.find("/opt/nothing"), std::string::npos) << wrong.output;
}

TEST_F(InstanceTest, a_container_gets_signals_through_its_init) {
  Outcome ended = shell(
      "/opt/agent __container-of /opt/image wait > /tmp/out & until grep -q waiting /tmp/out; do :; done; pkill -TERM -n pds-init; "
      "wait $!; echo code $?");
  EXPECT_NE(ended.output.find("code 7\n"), std::string::npos) << ended.output;
}

TEST_F(InstanceTest, commands_run_inside_the_machine_not_beside_it) {
  auto machine = create(instance("sleep 1000"));
  auto result = wait(machine->run({.arguments = {"/bin/sh", "-c", "id -u; touch /usr/bin/intruder || echo refused"},
                                   .environment = {{"PATH", "/usr/bin:/bin"}}},
                                  in(10s)));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->output, "0\nrefused\n");
}

}  // namespace
}  // namespace pds::sandbox
