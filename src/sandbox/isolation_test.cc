// What a sandbox cannot do, and what is left of it: the promises that make it one.
#include <sys/wait.h>

#include <algorithm>
#include <fstream>

#include "base/text.h"
#include "sandbox/run_directory.h"
#include "sandbox/sandbox_test_support.h"

namespace pds::sandbox {
namespace {

class IsolationTest : public SandboxTest {
 protected:
  // Of a machine too, which sees more of the host than a function does.
  Outcome in_machine(const std::string& script) {
    SandboxSpec spec;
    spec.id = "machine";
    spec.profile = Profile::instance;
    spec.layer = directory_ + "/layer";
    spec.arguments = {"/bin/sh", "-c", script};
    spec.environment = {{"PATH", "/usr/bin:/bin"}};
    spec.uid = spec.gid = 0;
    return outcome(spec);
  }
  std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> out;
    for (std::string_view line : split(text, '\n'))
      if (!line.empty()) out.emplace_back(line);
    std::ranges::sort(out);
    return out;
  }
};

TEST_F(IsolationTest, a_function_sees_its_image_and_nothing_of_the_host) {
  EXPECT_EQ(lines(outcome(probe({"list", "/"})).output), (std::vector<std::string>{"bin", "dev", "proc", "tmp"}));
  EXPECT_EQ(outcome(probe({"cat", "/etc/passwd"})).output, "open: No such file or directory\n");
  EXPECT_EQ(
      lines(outcome(probe({"list", "/dev"})).output),
      (std::vector<std::string>{"fd", "full", "null", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"}));
}

// Neither the host's root, which a sandbox leaves before it knows what it will run, nor the empty one it waits in.
TEST_F(IsolationTest, nothing_is_mounted_or_found_beside_the_image) {
  sandbox_pool_ = start_host(1);
  for (bool pooled : {true, false}) {
    SandboxSpec spec = probe({"cat", "/proc/self/mountinfo"});
    spec.scratch = {{.target = pooled ? "/tmp/work" : "/var/work", .bytes_max = 1 << 20}};  // the second is missing in the image
    if (pooled) ASSERT_TRUE(wait(sandbox_pool_->fill_pool()));
    for (const auto& line : lines(outcome(spec).output)) {
      auto fields = split(line, ' ');
      ASSERT_GT(fields.size(), 5u) << line;
      bool expected = fields[4] == "/" || fields[4] == "/bin" || fields[4] == "/proc" || fields[4] == "/tmp" ||
                      fields[4] == spec.scratch[0].target || fields[4].starts_with("/dev");
      EXPECT_TRUE(expected) << line;
    }
    spec.arguments = {"/bin/probe", "list", "/../.."};
    auto names = lines(outcome(spec).output);
    EXPECT_TRUE(std::ranges::count(names, "bin")) << "the root is its own parent";
    EXPECT_FALSE(std::ranges::count(names, "root") || std::ranges::count(names, "assembled"));
  }
  sandbox_pool_ = nullptr;
}

TEST_F(IsolationTest, a_machine_sees_no_home_no_data_directory_and_no_credentials) {
  std::ofstream(directory_ + "/secret") << "the data directory\n";
  EXPECT_NE(in_machine("ls " + directory_).status.code, 0);
  EXPECT_EQ(in_machine("ls /home; ls -A /root").output, "ec2-user\n");
  for (const char* file : {"/etc/shadow", "/etc/gshadow", "/etc/ssl/private", "/etc/ssh", "/var/lib/dpkg", "/work", "/farm"})
    EXPECT_NE(in_machine(std::string("test -e ") + file).status.code, 0) << file;
  EXPECT_EQ(in_machine("find / -xdev -name secret 2>/dev/null | grep -v ^/proc | grep -c " + directory_).output, "0\n");
}

TEST_F(IsolationTest, sandboxes_do_not_see_each_other) {
  auto other = create(probe({"serve", "127.0.0.1", "9000"}, "other"));
  await_log(*other, "listening");
  EXPECT_EQ(outcome(probe({"dial", "127.0.0.1", "9000"})).output, "connect: Connection refused\n");
  auto seen = lines(outcome(probe({"list", "/proc"})).output);
  int processes = 0;
  for (const auto& name : seen) processes += parse_int(name).has_value();
  EXPECT_EQ(processes, 2) << "init and itself";
  auto written = wait(other->run({.arguments = {"/bin/probe", "put", "/tmp/mine", "x"}}, in(5s)));
  ASSERT_TRUE(written);
  EXPECT_EQ(written->output, "written\n");
  EXPECT_EQ(outcome(probe({"list", "/tmp"})).output, "");
  EXPECT_EQ(outcome(probe({"put", "/bin/x", "x"})).output, "open: Read-only file system\n");
}

TEST_F(IsolationTest, the_hosts_loopback_is_out_of_reach) {
  auto listener = io::listen_tcp(*loop_, "127.0.0.1", 0);
  ASSERT_TRUE(listener);
  std::string port = std::to_string((*listener)->port());
  EXPECT_EQ(outcome(probe({"dial", "127.0.0.1", port})).output, "connect: Connection refused\n");
  EXPECT_EQ(outcome(probe({"dial", "10.0.0.1", port})).output, "connect: Network is unreachable\n");
}

TEST_F(IsolationTest, there_are_no_capabilities_no_new_privileges_and_a_filter) {
  for (uint32_t uid : {65532u, 0u}) {
    SandboxSpec spec = probe({"cat", "/proc/self/status"});
    spec.uid = spec.gid = uid;
    std::string status = outcome(spec).output;
    for (const char* line : {"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
                             "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"})
      EXPECT_NE(status.find(line), std::string::npos) << line << " in\n" << status;
  }
  std::string calls = outcome(probe({"calls"})).output;
  EXPECT_EQ(calls,
            "keyctl: Operation not permitted\nbpf: Operation not permitted\nsetns: Operation not permitted\nunshare: Operation not "
            "permitted\nmount: Operation not permitted\nclone: Operation not permitted\n");
}

TEST_F(IsolationTest, ids_inside_are_not_the_hosts) {
  auto sandbox = create(probe({"wait"}));
  await_log(*sandbox, "waiting");
  auto status = io::read_file("/proc/" + std::to_string(sandbox->process().pid) + "/status");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->find("\nUid:\t0\t"), std::string::npos) << *status;
}

TEST_F(IsolationTest, memory_beyond_the_limit_is_refused_or_kills) {
  SandboxSpec spec = probe({"eat", "256"});
  spec.limits.memory_bytes = 64u << 20;
  Outcome eaten = outcome(spec);
  if (support_.limits == CgroupKind::none) {
    EXPECT_EQ(eaten.status.code, 3) << eaten.output;
  } else {
    EXPECT_EQ(eaten.status.signal, SIGKILL);
    EXPECT_TRUE(eaten.status.out_of_memory);
  }
  spec.arguments.back() = "16";
  EXPECT_EQ(outcome(spec).output, "ate 16\n");
}

TEST_F(IsolationTest, processes_beyond_the_limit_are_refused) {
  SandboxSpec spec = probe({"fork", "64"});
  spec.limits.processes = 8;
  std::string forked = outcome(spec).output;
  ASSERT_TRUE(forked.starts_with("forked "));
  EXPECT_LT(parse_int(trim(forked.substr(7))).value_or(64), 9);
}

TEST_F(IsolationTest, tmp_is_bounded) {
  SandboxSpec spec = probe({"put", "/tmp/file", std::string(100'000, 'x')});
  spec.limits.tmp_bytes = 64 << 10;
  EXPECT_EQ(outcome(spec).output, "written\n") << "as much as fits";
  SandboxSpec twice = probe({"pause"});
  twice.limits.tmp_bytes = 64 << 10;
  auto sandbox = create(twice);
  (void)wait(sandbox->run({.arguments = {"/bin/probe", "put", "/tmp/file", std::string(100'000, 'x')}}, in(5s)));
  auto full = wait(sandbox->run({.arguments = {"/bin/probe", "put", "/tmp/file", "y"}}, in(5s)));
  ASSERT_TRUE(full);
  EXPECT_EQ(full->output, "write: No space left on device\n");
}

TEST_F(IsolationTest, the_log_keeps_the_newest_bytes_and_says_what_is_gone) {
  auto sandbox = create(probe({"lines", "200000"}));
  wait(sandbox->wait_exit());
  auto size = wait(sandbox->flush_log());
  ASSERT_TRUE(size);
  ASSERT_GT(*size, log_bytes_max);
  auto log = sandbox->read_log(0, log_bytes_max);
  ASSERT_TRUE(log);
  EXPECT_EQ(log->from, *size - log_bytes_max);
  EXPECT_EQ(log->next, *size);
  EXPECT_TRUE(log->text.ends_with("line 199999\n"));
  struct stat info;
  ASSERT_EQ(stat((directory_ + "/run/one/log").c_str(), &info), 0);
  EXPECT_LE(info.st_size, static_cast<off_t>(log_bytes_max + (128 << 10)));
}

TEST_F(IsolationTest, a_frozen_sandbox_stands_still_and_goes_on) {
  auto sandbox = create(probe({"serve", "127.0.0.1", "9000"}));
  await_log(*sandbox, "listening");
  ASSERT_TRUE(wait(sandbox->freeze()));
  auto refused = wait(sandbox->connect("127.0.0.1", 9000, in(1s)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "E_SANDBOX_FROZEN");
  ASSERT_TRUE(wait(sandbox->thaw()));
  auto stream = wait(sandbox->connect("127.0.0.1", 9000, in(5s)));
  ASSERT_TRUE(stream) << stream.error().message;
  char buffer[64];
  EXPECT_TRUE(wait(io::read_some(**stream, buffer, in(5s))));
  ASSERT_TRUE(wait(sandbox->freeze()));
  EXPECT_TRUE(wait(sandbox->destroy())) << "frozen ones die too";
}

TEST_F(IsolationTest, destroy_leaves_no_process_no_mount_no_cgroup_and_no_file) {
  auto mounts_before = io::read_file("/proc/self/mountinfo");
  SandboxSpec spec = probe({"fork", "5"});
  spec.id = "leaver";
  spec.arguments = {"/bin/probe", "serve", "127.0.0.1", "9000"};
  auto sandbox = create(spec);
  await_log(*sandbox, "listening");
  auto record = read_record(directory_ + "/run/leaver");
  ASSERT_TRUE(record);
  ASSERT_TRUE(wait(sandbox->destroy()));
  EXPECT_FALSE(io::is_alive(record->init));
  for (const auto& group : record->cgroup.directories()) EXPECT_FALSE(io::exists(group)) << group;
  EXPECT_FALSE(io::exists(directory_ + "/run/leaver"));
  EXPECT_EQ(*mounts_before, *io::read_file("/proc/self/mountinfo"));
  EXPECT_EQ(wait(sandbox->wait_exit()).code, 137);
}

TEST_F(IsolationTest, the_spawner_ends_when_told_and_empty) {
  auto sandbox = create(probe({"pause"}));
  io::ProcessIdentity spawner = host_->spawner();
  ASSERT_TRUE(wait(host_->shutdown()));
  EXPECT_TRUE(io::is_alive(spawner)) << "a sandbox remains";
  ASSERT_TRUE(wait(sandbox->destroy()));
  wait(io::wait_for_exit(*loop_, spawner));
  EXPECT_FALSE(io::is_alive(spawner));
}

TEST_F(IsolationTest, pooled_sandboxes_are_as_good_as_fresh_ones) {
  sandbox_pool_ = start_host(2);
  for (int i = 0; i < 5; i++) {
    SandboxSpec spec = probe({"ids"});
    EXPECT_TRUE(outcome(spec).output.starts_with("65532:65532 pid 2")) << i;
  }
  SandboxSpec small = probe({"cat", "/proc/self/mountinfo"});
  small.limits.tmp_bytes = 8u << 20;
  EXPECT_NE(outcome(small).output.find("size=8192k"), std::string::npos) << "a /tmp made ahead takes the size asked for";
  EXPECT_EQ(in_machine("id -u").output, "0\n") << "nothing made ahead fits a machine";
  SandboxSpec limited = probe({"eat", "256"});
  limited.limits.memory_bytes = 64u << 20;
  EXPECT_NE(outcome(limited).status.code, 0);
  sandbox_pool_ = nullptr;
}

// The same promises for a user without privileges.
TEST(OrdinaryUser, keeps_all_promises_too) {
  if (geteuid() != 0) GTEST_SKIP() << "this is the ordinary user";
  std::string self = directory_of_this_program() + "/sandbox_test";
  std::string command = "setpriv --reuid 65530 --regid 65530 --clear-groups " + self + " --gtest_brief=1";
  if (system("setpriv --reuid 65530 --regid 65530 --clear-groups true") != 0)
    GTEST_SKIP() << "setpriv (util-linux) is not installed";
  if (system(("setpriv --reuid 65530 --regid 65530 --clear-groups test -x " + self).c_str()) != 0)
    GTEST_SKIP() << "an ordinary user cannot reach " << self;
  EXPECT_EQ(system(command.c_str()), 0);
}

}  // namespace
}  // namespace pds::sandbox
