// Functions in real sandboxes: a static bootstrap as the image, the real Runtime API over TCP inside, and what only a kernel can
// do.
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cloud/services/lambda/test_world.h"
#include "sandbox/container.h"
#include "sandbox/support.h"

namespace pds::cloud::lambda {
namespace {

using namespace test;

class Sandboxed : public World {
 protected:
  std::unique_ptr<sandbox::SandboxHost> real;

  void SetUp() override {
    Result<sandbox::SandboxSupport> support = sandbox::probe_support();
    ASSERT_TRUE(support) << support.error().message;
    if (!support->usable) GTEST_SKIP() << support->problem();
    make_image();
    start_cloud();
  }
  void TearDown() override {
    if (!real) return;
    await_end(lambda->stop());   // what is being removed is removed to the end
    lambda.reset();
    found = {};
    auto left = await(real->adopt());
    ASSERT_TRUE(left);
    for (auto& sandbox : *left) {
      Result<void> gone = await(sandbox->destroy());
      EXPECT_TRUE(gone) << gone.error().message;
    }
    left->clear();
    EXPECT_TRUE(await(real->shutdown()));
    real.reset();
  }

  static io::Task<void> note_end(io::Task<void> task, bool& ended) {
    co_await task;
    ended = true;
  }
  void await_end(io::Task<void> task) {
    bool ended = false;
    io::TaskSet set;
    set.spawn(note_end(std::move(task), ended));
    EXPECT_TRUE(run_until([&] { return ended; }));
  }

  void make_image() {
    images.rootfs = directory + "/image";
    images.entrypoint = {"/bootstrap"};
    for (const char* folder : {"", "/proc", "/dev", "/tmp"}) {
      ASSERT_TRUE(io::make_directories(images.rootfs + folder, 0755));
      ASSERT_EQ(chmod((images.rootfs + folder).c_str(), 0755), 0);
    }
    ASSERT_EQ(chmod(directory.c_str(), 0755), 0);
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self);
    ASSERT_GT(n, 0);
    std::string here(self, static_cast<size_t>(n));
    Result<std::string> program = io::read_file(here.substr(0, here.rfind('/')) + "/lambda_bootstrap");
    ASSERT_TRUE(program) << "lambda_bootstrap is not built";
    ASSERT_TRUE(io::write_file_atomically(images.rootfs + "/bootstrap", *program, 0755));
  }
  // As a crash and a new start: the host object and everything above it goes, spawner and sandboxes stay.
  void start_cloud() {
    lambda.reset();
    found = {};
    real.reset();
    auto host = await(sandbox::SandboxHost::start(loop, {.run_directory = directory + "/run", .program = "/proc/self/exe"}));
    ASSERT_TRUE(host) << host.error().message;
    real = std::move(*host);
    sandboxes = real.get();
    restart();
  }
  std::vector<int> pids() {
    std::vector<int> found_pids;
    auto configuration = lambda->catalog().find_version("f", "$LATEST");
    if (const Pool* pool = lambda->runtime().find_pool(configuration->configuration_id))
      for (const auto& [id, environment] : pool->environments()) found_pids.push_back(environment->process().pid);
    return found_pids;
  }
};

TEST_F(Sandboxed, a_function_runs_isolated_with_its_variables_and_a_way_to_the_api) {
  create();
  wire::InvokeReply first = invoke("{\"a\":1}");
  EXPECT_EQ(first.payload.bytes, "{\"a\":1}");
  std::string report = *from_base64(*first.log_result);
  EXPECT_NE(report.find("Max Memory Used: "), std::string::npos) << report;
  EXPECT_EQ(report.find("Max Memory Used: 0 MB"), std::string::npos) << "over at once, and measured nevertheless: " << report;
  EXPECT_EQ(invoke("\"env AWS_LAMBDA_FUNCTION_NAME\"").payload.bytes, "\"f\"");
  EXPECT_EQ(invoke("\"env AWS_ACCESS_KEY_ID\"").payload.bytes, "\"ASIAr\"");
  EXPECT_EQ(invoke("\"env AWS_ENDPOINT_URL\"").payload.bytes, "\"http://169.254.169.253\"");
  EXPECT_EQ(invoke("\"api\"").payload.bytes, "\"api\"");
  EXPECT_EQ(invoke("\"read /bootstrap\"").payload.bytes, "true");
  EXPECT_EQ(invoke("\"read " + directory + "/store\"").payload.bytes, "false");
  EXPECT_EQ(invoke("\"read /etc/shadow\"").payload.bytes, "false");
  wire::InvokeReply printed = invoke("\"print\"");
  std::string tail = *from_base64(*printed.log_result);
  EXPECT_NE(tail.find("\nfirst line\nsecond line\nEND RequestId: "), std::string::npos) << tail;
  EXPECT_EQ(pids().size(), 1u);
}

// The bootstrap asks for its next event while it answers; most runtimes await the receipt first.
TEST_F(Sandboxed, a_runtime_may_await_its_receipts_or_not) {
  create();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(invoke(std::to_string(i)).payload.bytes, std::to_string(i));
  std::vector<int> eager = pids();
  ASSERT_TRUE(lambda->update_function_configuration(
      call(), {.function_name = "f", .environment = wire::Environment{{{"PATIENT", "1"}}}}));
  EXPECT_TRUE(run_until([&] { return lambda->get_function_configuration(call(), {"f", {}})->last_update_status == "Successful"; }));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(invoke(std::to_string(i)).payload.bytes, std::to_string(i));
  EXPECT_EQ(eager.size(), 1u);
  EXPECT_EQ(pids().size(), 1u);
}

TEST_F(Sandboxed, a_large_event_goes_in_and_comes_out) {
  create();
  std::string event = "\"" + std::string(5 << 20, 'x') + "\"";
  EXPECT_EQ(invoke(event).payload.bytes, event);
}

TEST_F(Sandboxed, time_memory_and_exits_end_an_environment_with_lambdas_words) {
  create("f", 1);
  EXPECT_NE(invoke("\"sleep\"").payload.bytes.find("Task timed out after 1.00 seconds"), std::string::npos);
  EXPECT_NE(invoke("\"crash\"").payload.bytes.find("Runtime exited with error: exit status 3"), std::string::npos);
  ASSERT_TRUE(lambda->update_function_configuration(call(), {.function_name = "f", .timeout = 60}));
  EXPECT_TRUE(run_until([&] { return lambda->get_function_configuration(call(), {"f", {}})->last_update_status == "Successful"; }));
  wire::InvokeReply hog = invoke("\"hog\"");
  EXPECT_EQ(hog.function_error, "Unhandled");
  // With cgroups the kernel kills it; without, its allocations fail and it aborts.
  EXPECT_TRUE(hog.payload.bytes.find("signal: killed") != std::string::npos ||
              hog.payload.bytes.find("signal: aborted") != std::string::npos)
      << hog.payload.bytes;
  EXPECT_EQ(invoke("1").payload.bytes, "1");
}

TEST_F(Sandboxed, a_program_that_is_not_there_or_cannot_start_is_told) {
  images.entrypoint = {"/missing"};
  create();
  EXPECT_NE(invoke("1").payload.bytes.find("Runtime.InvalidEntrypoint"), std::string::npos);
  wire::UpdateFunctionConfigurationRequest change{.function_name = "f"};
  change.image_config = wire::ImageConfig{.entry_point = std::vector<std::string>{"/bootstrap"}};
  change.environment = wire::Environment{{{"BROKEN", "1"}}};
  ASSERT_TRUE(lambda->update_function_configuration(call(), change));
  EXPECT_TRUE(run_until([&] { return lambda->get_function_configuration(call(), {"f", {}})->last_update_status == "Successful"; }));
  EXPECT_NE(invoke("1").payload.bytes.find("exit status 1"), std::string::npos);
  EXPECT_TRUE(run_until([&] { return whole_log().find("broken on purpose") != std::string::npos; })) << whole_log();
}

TEST_F(Sandboxed, a_frozen_environment_is_the_same_process_after_the_cloud_died) {
  create();
  invoke("1");
  EXPECT_TRUE(run_until([&] {
    auto configuration = lambda->catalog().find_version("f", "$LATEST");
    return lambda->runtime().find_pool(configuration->configuration_id)->environments().begin()->second->is_frozen();
  }));
  std::vector<int> before = pids();
  ASSERT_EQ(before.size(), 1u);
  start_cloud();
  EXPECT_EQ(invoke("2").payload.bytes, "2");
  EXPECT_EQ(pids(), before);
}

}  // namespace
}  // namespace pds::cloud::lambda

int main(int argc, char** argv) {
  if (std::optional<int> code = pds::sandbox::run_hidden_command(argc, argv)) return *code;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
