#include "sandbox/sandbox_test_support.h"

int main(int argc, char** argv) {
  if (auto code = pds::sandbox::run_hidden_command(argc, argv)) return *code;
  if (argc > 2 && std::string_view(argv[1]) == "__container-of") return pds::sandbox::run_container_for_test(argc, argv);
  if (argc == 4 && std::string_view(argv[1]) == "__create-and-die") return pds::sandbox::create_and_die(argv[2], argv[3]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

namespace pds::sandbox {

// Plays the agent of an instance: starts /opt/image's probe as a container, waits for it, and reports.
int run_container_for_test(int argc, char** argv) {
  ContainerSpec spec;
  spec.image_root = argv[2];
  spec.arguments = {"/bin/probe"};
  for (int i = 3; i < argc; i++) spec.arguments.push_back(argv[i]);
  auto container = run_container(spec);
  if (!container) {
    fprintf(stderr, "%s: %s\n", container.error().code.c_str(), container.error().message.c_str());
    return 99;
  }
  auto status = wait_container(*container);
  return status ? status->code : 98;
}

namespace {

TEST_F(SandboxTest, the_exit_code_of_the_main_process_is_reported) {
  EXPECT_EQ(outcome(probe({"exit", "0"})).status.code, 0);
  EXPECT_EQ(outcome(probe({"exit", "42"})).status.code, 42);
  ExitStatus aborted = outcome(probe({"abort"})).status;
  EXPECT_EQ(aborted.signal, SIGABRT);
  EXPECT_EQ(aborted.code, 128 + SIGABRT);
}

TEST_F(SandboxTest, output_is_in_the_log) { EXPECT_EQ(outcome(probe({"lines", "3"})).output, "line 0\nline 1\nline 2\n"); }

TEST_F(SandboxTest, the_environment_is_what_the_spec_says_and_nothing_else) {
  SandboxSpec spec = probe({"env", "GREETING"});
  spec.environment["GREETING"] = "good day";
  EXPECT_EQ(outcome(spec).output, "good day\n");
  EXPECT_EQ(outcome(probe({"env", "HOME"})).output, "(unset)\n");
}

TEST_F(SandboxTest, the_main_process_runs_as_the_user_asked_for) {
  EXPECT_TRUE(outcome(probe({"ids"})).output.starts_with("65532:65532 pid "));
  SandboxSpec root = probe({"ids"});
  root.uid = root.gid = 0;
  EXPECT_TRUE(outcome(root).output.starts_with("0:0 pid "));
}

TEST_F(SandboxTest, an_image_without_mount_points_starts_too) {
  SandboxSpec spec = probe({"list", "/"});
  spec.image_root = make_image("bare", false);
  spec.scratch = {{.target = "/var/cache/thing", .bytes_max = 1 << 20}};
  std::string listing = outcome(spec).output;
  for (const char* name : {"bin\n", "proc\n", "dev\n", "tmp\n", "var\n"})
    EXPECT_NE(listing.find(name), std::string::npos) << listing;
}

TEST_F(SandboxTest, a_program_that_does_not_exist_is_an_error_of_create_that_names_it) {
  SandboxSpec spec = probe({});
  spec.arguments = {"/bin/nothing"};
  auto sandbox = wait(host_->create(spec));
  ASSERT_FALSE(sandbox);
  EXPECT_EQ(sandbox.error().code, "E_SANDBOX_START");
  EXPECT_NE(sandbox.error().message.find("/bin/nothing"), std::string::npos) << sandbox.error().message;
  EXPECT_EQ(outcome(probe({"exit", "3"})).status.code, 3) << "its id is free again";
}

TEST_F(SandboxTest, an_id_is_used_once_at_a_time) {
  auto first = create(probe({"pause"}));
  auto second = wait(host_->create(probe({"pause"})));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "E_SANDBOX_EXISTS");
  EXPECT_TRUE(wait(first->destroy()));
  EXPECT_TRUE(wait(create(probe({"pause"}))->destroy()));
}

TEST_F(SandboxTest, a_server_inside_is_reached_through_connect) {
  auto sandbox = create(probe({"serve", "127.0.0.1", "9898"}));
  await_log(*sandbox, "listening");
  auto stream = wait(sandbox->connect("127.0.0.1", 9898, in(5s)));
  ASSERT_TRUE(stream) << stream.error().message;
  char buffer[64];
  auto n = wait(io::read_some(**stream, buffer, in(5s)));
  ASSERT_TRUE(n);
  EXPECT_TRUE(std::string_view(buffer, *n).starts_with("hello from "));
  auto refused = wait(sandbox->connect("127.0.0.1", 1, in(5s)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "E_CONNECTION_REFUSED");
}

io::Task<Result<void>> greet(io::Listener& listener) {
  CO_TRY(auto stream, co_await listener.accept());
  co_return co_await io::write_all(*stream, "from the cloud\n", in(5s));
}

TEST_F(SandboxTest, the_cloud_serves_an_address_inside) {
  auto sandbox = create(probe({"pause"}));
  auto listener = wait(sandbox->listen("169.254.169.254", 80));
  ASSERT_TRUE(listener) << listener.error().message;
  io::TaskSet tasks;
  tasks.spawn([](io::Listener& l) -> io::Task<void> { (void)co_await greet(l); }(**listener));
  auto command = wait(sandbox->run({.arguments = {"/bin/probe", "dial", "169.254.169.254", "80"}}, in(5s)));
  ASSERT_TRUE(command) << command.error().message;
  EXPECT_EQ(command->output, "from the cloud\n");
}

TEST_F(SandboxTest, commands_report_output_errors_and_code) {
  auto sandbox = create(probe({"pause"}));
  auto result = wait(sandbox->run({.arguments = {"/bin/probe", "ids"}, .uid = 65532, .gid = 65532}, in(5s)));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->output.starts_with("65532:65532")) << result->output;
  EXPECT_EQ(result->status.code, 0);
  auto wrong = wait(sandbox->run({.arguments = {"/bin/probe", "nonsense"}}, in(5s)));
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->status.code, 2);
  EXPECT_EQ(wrong->errors, "usage: probe <what> [arguments]\n");
  auto absent = wait(sandbox->run({.arguments = {"/bin/absent"}}, in(5s)));
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, "E_SANDBOX_START");
  auto much = wait(sandbox->run({.arguments = {"/bin/probe", "lines", "1000"}, .output_bytes_max = 100}, in(5s)));
  ASSERT_TRUE(much);
  EXPECT_EQ(much->output.size(), 100u);
  EXPECT_GT(much->dropped_bytes, 0u);
}

TEST_F(SandboxTest, a_command_that_takes_too_long_is_killed) {
  auto sandbox = create(probe({"pause"}));
  auto result = wait(sandbox->run({.arguments = {"/bin/probe", "pause"}}, in(50ms)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "E_TIMEOUT");
  auto processes = wait(sandbox->run({.arguments = {"/bin/probe", "list", "/proc/2"}}, in(5s)));
  ASSERT_TRUE(processes);
  for (;;) {  // the kill is on its way before any later command starts
    auto usage = wait(sandbox->usage());
    ASSERT_TRUE(usage);
    if (usage->processes <= 2) break;
  }
}

TEST_F(SandboxTest, a_signal_reaches_the_main_process) {
  auto sandbox = create(probe({"wait"}));
  await_log(*sandbox, "waiting");
  ASSERT_TRUE(wait(sandbox->signal(SIGTERM)));
  EXPECT_EQ(wait(sandbox->wait_exit()).code, 7);
}

}  // namespace
}  // namespace pds::sandbox
