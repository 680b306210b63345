// What the tests of real sandboxes share: a host in a temporary directory, an image with the probe in it, and short words for both.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "io/files.h"
#include "sandbox/container.h"
#include "sandbox/sandbox.h"

namespace pds::sandbox {

inline std::string directory_of_this_program() {
  char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  std::string text(path, n > 0 ? static_cast<size_t>(n) : 0);
  return text.substr(0, text.rfind('/'));
}

int run_container_for_test(int argc, char** argv);
int create_and_die(const std::string& run_directory, const std::string& image);

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    auto support = probe_support();
    ASSERT_TRUE(support) << support.error().message;
    if (!support->usable) GTEST_SKIP() << support->problem();
    support_ = *support;
    char name[] = "/tmp/pds-sandbox-test-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    directory_ = name;
    image_ = make_image("image", true);
    host_ = start_host();
    ASSERT_NE(host_, nullptr);
  }

  void TearDown() override {
    if (directory_.empty()) return;
    if (!host_) host_ = start_host();
    destroy_all();
    auto ended = wait(host_->shutdown());
    EXPECT_TRUE(ended) << ended.error().message;
    host_ = nullptr;
    auto removed = io::remove_tree(directory_);
    EXPECT_TRUE(removed) << removed.error().message;
  }

  void destroy_all() {
    auto left = wait(host_->adopt());
    ASSERT_TRUE(left) << left.error().message;
    for (auto& sandbox : *left) EXPECT_TRUE(wait(sandbox->destroy()));
  }

  template <class T>
  T wait(io::Task<T> task) {
    if constexpr (std::is_void_v<T>)
      io::run_until_done(*loop_, std::move(task));
    else
      return io::run_until_done(*loop_, std::move(task));
  }

  std::unique_ptr<SandboxHost> start_host(int pool_size = 0) {
    auto host = wait(
        SandboxHost::start(*loop_, {.run_directory = directory_ + "/run", .program = "/proc/self/exe", .pool_size = pool_size}));
    EXPECT_TRUE(host) << host.error().message;
    return host ? std::move(*host) : nullptr;
  }

  // An image of one program. Without mount points it has to be assembled.
  std::string make_image(const std::string& name, bool mount_points) {
    std::string root = directory_ + "/" + name;
    EXPECT_TRUE(io::make_directories(root + "/bin", 0755));
    chmod(root.c_str(), 0755);
    chmod((root + "/bin").c_str(), 0755);
    auto program = io::read_file(directory_of_this_program() + "/sandbox_probe");
    EXPECT_TRUE(program) << "the probe is not built";
    EXPECT_TRUE(io::write_file_atomically(root + "/bin/probe", *program, 0755));
    if (mount_points)
      for (const char* place : {"/proc", "/dev", "/tmp"}) EXPECT_EQ(mkdir((root + place).c_str(), 0755), 0);
    return root;
  }

  SandboxSpec probe(std::vector<std::string> arguments, const std::string& id = "one") {
    SandboxSpec spec;
    spec.id = id;
    spec.image_root = image_;
    spec.arguments = {"/bin/probe"};
    for (auto& argument : arguments) spec.arguments.push_back(std::move(argument));
    return spec;
  }

  std::unique_ptr<Sandbox> create(SandboxSpec spec) {
    auto sandbox = wait(host_->create(std::move(spec)));
    EXPECT_TRUE(sandbox) << sandbox.error().message;
    return sandbox ? std::move(*sandbox) : nullptr;
  }

  struct Outcome {
    ExitStatus status;
    std::string output;
  };
  // Runs to its end and clears it away.
  Outcome outcome(SandboxSpec spec) {
    auto sandbox = create(std::move(spec));
    if (!sandbox) return {};
    Outcome out;
    out.status = wait(sandbox->wait_exit());
    auto log = sandbox->read_log(0);
    EXPECT_TRUE(log) << log.error().message;
    if (log) out.output = log->text;
    auto destroyed = wait(sandbox->destroy());
    EXPECT_TRUE(destroyed) << destroyed.error().message;
    return out;
  }

  // Until the log contains `text`.
  void await_log(Sandbox& sandbox, const std::string& text) {
    std::string seen;
    for (uint64_t from = 0; seen.find(text) == std::string::npos && !sandbox.has_exited();) {
      ASSERT_TRUE(wait(sandbox.wait_log(from)));
      auto chunk = sandbox.read_log(from);
      ASSERT_TRUE(chunk);
      seen += chunk->text;
      from = chunk->next;
    }
    ASSERT_NE(seen.find(text), std::string::npos) << seen;
  }

  std::unique_ptr<io::Loop> loop_ = std::make_unique<io::Loop>();
  SandboxSupport support_;
  std::string directory_, image_;
  std::unique_ptr<SandboxHost> host_, sandbox_pool_;
};

inline io::Deadline in(Duration d) { return std::chrono::steady_clock::now() + d; }

}  // namespace pds::sandbox
