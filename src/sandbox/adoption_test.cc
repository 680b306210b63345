// Sandboxes outlive whoever asked for them: the cloud, and the spawner.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "sandbox/run_directory.h"
#include "sandbox/sandbox_test_support.h"
#include "sandbox/wire.h"

extern char** environ;

namespace pds::sandbox {

// Plays a cloud that is killed with a sandbox running, its listener open, and a client of that listener waiting.
int create_and_die(const std::string& run_directory, const std::string& image) {
  io::Loop loop;
  auto host = io::run_until_done(loop, SandboxHost::start(loop, {.run_directory = run_directory, .program = "/proc/self/exe"}));
  if (!host) return 1;
  SandboxSpec spec;
  spec.id = "survivor";
  spec.image_root = image;
  spec.arguments = {"/bin/probe", "dial", "169.254.169.254", "80"};
  spec.listeners = {{"169.254.169.254", 80}};
  if (!io::run_until_done(loop, (*host)->create(spec))) return 2;
  kill(getpid(), SIGKILL);
  return 3;
}

namespace {

using AdoptionTest = SandboxTest;

TEST_F(AdoptionTest, a_cloud_killed_with_SIGKILL_finds_the_same_process_and_its_waiting_client) {
  std::string run = directory_ + "/run", name = "test", command = "__create-and-die";
  ASSERT_TRUE(wait(host_->shutdown()));
  host_ = nullptr;
  char* arguments[] = {name.data(), command.data(), run.data(), image_.data(), nullptr};
  pid_t pid;
  ASSERT_EQ(posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, arguments, environ), 0);
  int status;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
  auto record = read_record(run + "/survivor");
  ASSERT_TRUE(record) << record.error().message;
  ASSERT_TRUE(io::is_alive(record->init));

  host_ = start_host();
  auto adopted = wait(host_->adopt());
  ASSERT_TRUE(adopted) << adopted.error().message;
  ASSERT_EQ(adopted->size(), 1u);
  Sandbox& survivor = *adopted->front();
  EXPECT_EQ(survivor.id(), "survivor");
  EXPECT_EQ(survivor.process().pid, record->init.pid);
  EXPECT_FALSE(survivor.has_exited());
  auto again = wait(host_->adopt());
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty()) << "it has an object already";

  // The client inside connected while nobody was there.
  auto listener = wait(survivor.listen("169.254.169.254", 80));
  ASSERT_TRUE(listener) << listener.error().message;
  auto client = wait((*listener)->accept());
  ASSERT_TRUE(client);
  ASSERT_TRUE(wait(io::write_all(**client, "at last\n", in(5s))));
  (*client)->close();
  EXPECT_EQ(wait(survivor.wait_exit()).code, 0);
  EXPECT_EQ(survivor.read_log(0)->text, "at last\n");
}

TEST_F(AdoptionTest, an_end_that_nobody_saw_is_found_later) {
  auto sandbox = create(probe({"exit", "9"}));
  wait(sandbox->wait_exit());
  sandbox = nullptr;
  host_ = nullptr;
  host_ = start_host();
  auto adopted = wait(host_->adopt());
  ASSERT_TRUE(adopted);
  ASSERT_EQ(adopted->size(), 1u);
  EXPECT_TRUE(adopted->front()->has_exited());
  EXPECT_EQ(wait(adopted->front()->wait_exit()).code, 9);
  EXPECT_TRUE(wait(adopted->front()->destroy()));
}

TEST_F(AdoptionTest, sandboxes_outlive_the_spawner_and_the_next_one_can_destroy_them) {
  auto sandbox = create(probe({"pause"}));
  io::ProcessIdentity spawner = host_->spawner();
  ASSERT_EQ(kill(spawner.pid, SIGKILL), 0);
  wait(io::wait_for_exit(*loop_, spawner));
  EXPECT_TRUE(io::is_alive(sandbox->process()));
  EXPECT_EQ(outcome(probe({"exit", "4"}, "two")).status.code, 4);
  EXPECT_NE(host_->spawner().pid, spawner.pid);
  io::ProcessIdentity init = sandbox->process();
  ASSERT_TRUE(wait(sandbox->destroy()));
  EXPECT_FALSE(io::is_alive(init));
  EXPECT_TRUE(list_sandboxes(directory_ + "/run").empty());
}

TEST_F(AdoptionTest, a_frozen_sandbox_is_adopted_frozen_and_thaws) {
  if (!support_.cgroup_freeze) GTEST_SKIP() << "freezing without control groups is not remembered by the kernel";
  auto sandbox = create(probe({"wait"}));
  await_log(*sandbox, "waiting");
  ASSERT_TRUE(wait(sandbox->freeze()));
  sandbox = nullptr;
  host_ = nullptr;
  host_ = start_host();
  auto adopted = wait(host_->adopt());
  ASSERT_TRUE(adopted);
  ASSERT_EQ(adopted->size(), 1u);
  EXPECT_TRUE(adopted->front()->frozen());
  ASSERT_TRUE(wait(adopted->front()->thaw()));
  ASSERT_TRUE(wait(adopted->front()->signal(SIGTERM)));
  EXPECT_EQ(wait(adopted->front()->wait_exit()).code, 7);
}

TEST_F(AdoptionTest, malformed_messages_end_the_connection_and_nothing_else) {
  auto sandbox = create(probe({"pause"}));
  for (const std::string& path : {spawner_socket_path(directory_ + "/run"), directory_ + "/run/one/control"}) {
    for (const std::string& packet : {std::string("x"), std::string(100, '\0'), std::string("1sdp") + std::string(9, '\xff'),
                                      std::string(message_bytes_max + 10, 'a')}) {
      auto socket = connect_control(path);
      ASSERT_TRUE(socket) << path;
      fcntl(socket->get(), F_SETFL, 0);
      ASSERT_TRUE(receive_message(socket->get()));  // hello
      (void)!send(socket->get(), packet.data(), packet.size(), MSG_NOSIGNAL);
      auto end = receive_message(socket->get());
      if (end)
        EXPECT_EQ(end->type, MessageType::failed);  // well formed but unknown
      else
        EXPECT_EQ(end.error().code, "E_CLOSED") << end.error().message;
    }
  }
  auto alive = wait(sandbox->run({.arguments = {"/bin/probe", "ids"}}, in(5s)));
  EXPECT_TRUE(alive);
}

}  // namespace
}  // namespace pds::sandbox
