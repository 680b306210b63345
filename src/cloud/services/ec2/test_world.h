// For tests: EC2 over a store in a file, on a clock turned by hand, with sandboxes that are processes of nobody: they start, serve
// their doors on loopback ports, and end when told.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "cloud/services/ec2/service.h"
#include "io/clock.h"
#include "io/files.h"

namespace pds::cloud::ec2::testing {

// Real waiting times, so that nothing spins; nobody waits for them.
class HandClock final : public Clock {
 public:
  Timestamp now() const override { return now_; }
  Duration to_real(Duration d) const override { return d; }
  void advance(Duration d) { now_ += d; }

 private:
  Timestamp now_ = from_epoch_seconds(1'800'000'000);
};

struct FakeMachine {
  sandbox::SandboxSpec spec;
  io::Event ended;
  bool stubborn = false;  // does not end on SIGTERM
  bool destroyed = false;
  std::map<std::string, uint16_t> ports;  // "169.254.169.254:80": where it is served on loopback
};

class FakeSandbox final : public sandbox::Sandbox {
 public:
  FakeSandbox(io::Loop& loop, std::shared_ptr<FakeMachine> machine) : loop_(loop), machine_(std::move(machine)) {}
  const std::string& id() const override { return machine_->spec.id; }
  sandbox::Profile profile() const override { return sandbox::Profile::instance; }
  io::ProcessIdentity process() const override { return {.pid = 4242, .start_ticks = 1}; }
  io::Task<Result<std::unique_ptr<io::Stream>>> connect(std::string, uint16_t, io::Deadline) override {
    co_return fail_world("E_CONNECTION_REFUSED", "nobody listens inside");
  }
  io::Task<Result<std::unique_ptr<io::Listener>>> listen(std::string address, uint16_t port) override {
    CO_TRY(auto listener, io::listen_tcp(loop_, "127.0.0.1", 0));
    machine_->ports[address + ":" + std::to_string(port)] = listener->port();
    co_return listener;
  }
  io::Task<Result<io::Fd>> open_udp(std::string, uint16_t) override { co_return fail_world("E_SYSTEM", "not in tests"); }
  std::shared_ptr<io::Connector> connector(std::string, uint16_t) override { return nullptr; }
  io::Task<Result<sandbox::CommandResult>> run(sandbox::Command, io::Deadline) override {
    co_return fail_world("E_SYSTEM", "not in tests");
  }
  io::Task<Result<void>> signal(int) override {
    if (!machine_->stubborn) machine_->ended.set();
    co_return Result<void>{};
  }
  io::Task<sandbox::ExitStatus> wait_exit() override {
    co_await machine_->ended.wait();
    co_return sandbox::ExitStatus{};
  }
  bool has_exited() const override { return machine_->ended.is_set(); }
  io::Task<Result<void>> freeze() override { co_return Result<void>{}; }
  io::Task<Result<void>> thaw() override { co_return Result<void>{}; }
  bool frozen() const override { return false; }
  io::Task<Result<sandbox::Usage>> usage() override { co_return sandbox::Usage{}; }
  Result<sandbox::LogChunk> read_log(uint64_t from, size_t) override {
    return sandbox::LogChunk{.from = from, .text = "init: boots\n", .next = 12};
  }
  io::Task<Result<void>> wait_log(uint64_t) override { co_return Result<void>{}; }
  io::Task<Result<uint64_t>> flush_log() override { co_return uint64_t{12}; }
  io::Task<Result<void>> destroy() override {
    machine_->destroyed = true;
    machine_->ended.set();
    co_return Result<void>{};
  }

 private:
  io::Loop& loop_;
  std::shared_ptr<FakeMachine> machine_;
};

// Outlives a cloud, as the real spawner does.
class FakeHost final : public sandbox::SandboxHost {
 public:
  explicit FakeHost(io::Loop& loop) : loop_(loop) {}
  io::Task<Result<std::unique_ptr<sandbox::Sandbox>>> create(sandbox::SandboxSpec spec) override {
    CO_CHECK(sandbox::validate(spec));
    if (refuse) co_return fail_world("E_SANDBOX_START", "refused by the test", false);
    auto machine = std::make_shared<FakeMachine>();
    machine->spec = std::move(spec);
    machines.push_back(machine);
    co_return std::make_unique<FakeSandbox>(loop_, machine);
  }
  io::Task<Result<std::vector<std::unique_ptr<sandbox::Sandbox>>>> adopt() override {
    std::vector<std::unique_ptr<sandbox::Sandbox>> found;
    for (auto& machine : machines)
      if (!machine->destroyed) found.push_back(std::make_unique<FakeSandbox>(loop_, machine));
    co_return found;
  }
  io::Task<Result<void>> fill_pool() override { co_return Result<void>{}; }
  io::Task<Result<void>> shutdown() override { co_return Result<void>{}; }
  const sandbox::SandboxSupport& support() const override { return support_; }
  io::ProcessIdentity spawner() const override { return {}; }

  size_t alive() const {
    size_t count = 0;
    for (const auto& machine : machines) count += machine->destroyed ? 0 : 1;
    return count;
  }

  std::vector<std::shared_ptr<FakeMachine>> machines;
  bool refuse = false;

 private:
  io::Loop& loop_;
  sandbox::SandboxSupport support_;
};

class Roles final : public RoleSource {
 public:
  Result<aws::Credentials> issue(const std::string& role_arn, const std::string& session, const std::string&,
                                 std::chrono::seconds) override {
    ++issued;
    return aws::Credentials{.access_key_id = "ASIA" + std::to_string(issued),
                            .secret_access_key = "secret of " + role_arn,
                            .session_token = "token of " + session,
                            .expires = std::nullopt};
  }
  Result<void> check_trust(const std::string&, const std::string&) const override { return {}; }
  std::optional<InstanceProfile> find_instance_profile(std::string_view name) const override {
    if (name != "podinfo" && name != "arn:aws:iam::000000000000:instance-profile/podinfo") return std::nullopt;
    return InstanceProfile{.arn = "arn:aws:iam::000000000000:instance-profile/podinfo",
                           .id = "AIPA1",
                           .role_arn = "arn:aws:iam::000000000000:role/podinfo",
                           .role_name = "podinfo"};
  }
  int issued = 0;
};

class Metrics final : public MetricSink {
 public:
  void record(std::string_view space, std::string_view name, const Dimensions& dimensions, Timestamp, double value,
              std::string_view, double) override {
    values[std::string(space) + "/" + std::string(name) + "/" + dimensions.front().second] = value;
  }
  std::map<std::string, double> values;
};

class NoApi final : public http::Service {
 public:
  io::Task<void> serve(http::ServerRequest&, http::Responder& responder) override {
    co_await responder.send(http::Response::text(418, "").head, "the endpoint");
  }
};

struct World {
  enum Sandboxes { fake, real };
  explicit World(Sandboxes sandboxes = fake) {
    char name[] = "/tmp/pds-ec2-XXXXXX";
    directory = mkdtemp(name);
    if (sandboxes == real) {
      auto started = io::run_until_done(
          loop, sandbox::SandboxHost::start(loop, {.run_directory = directory + "/run", .program = "/proc/self/exe"}));
      if (started)
        real_host = std::move(*started);
      else
        problem = started.error().message;
    }
    open();
  }
  ~World() {
    ec2.reset();
    store.reset();
    found = FoundSandboxes();
    if (real_host) (void)io::run_until_done(loop, real_host->shutdown());
    real_host.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
  void open() {
    auto opened = Store::open(loop, directory + "/store.db");
    EXPECT_TRUE(opened.has_value());
    store = std::move(*opened);
    core = std::make_unique<Core>(Core{.loop = loop,
                                       .clock = clock,
                                       .random = random,
                                       .log = log,
                                       .store = *store,
                                       .sandboxes = &sandboxes_in_use(),
                                       .endpoint = endpoint,
                                       .data_dir = directory,
                                       .program = "/bin/true"});
    auto taken = io::run_until_done(loop, FoundSandboxes::adopt(sandboxes_in_use()));
    found = std::move(*taken);
    ec2 = std::make_unique<Ec2>(*core, roles, metrics, found);
  }
  sandbox::SandboxHost& sandboxes_in_use() { return real_host ? *real_host : static_cast<sandbox::SandboxHost&>(host); }
  // The cloud is killed and comes again: what was not durable is lost, sandboxes stay.
  void restart() {
    EXPECT_TRUE(io::run_until_done(loop, store->durable()).has_value());
    ec2.reset();
    store.reset();
    open();
    ec2->start();
  }
  // Turns the loop until it is so; false when it does not come true in a few seconds.
  bool until(const std::function<bool()>& so) {
    for (MonoTime end = std::chrono::steady_clock::now() + 5s; std::chrono::steady_clock::now() < end;) {
      if (so()) return true;
      loop.run_once(10ms);
    }
    return so();
  }
  std::string state(const std::string& id) const {
    const InstanceRecord* record = ec2->instance_record(id);
    return record ? record->instance.state.name : "forgotten";
  }
  Call call() const {
    Call call;
    call.principal_arn = "arn:aws:iam::000000000000:root";
    return call;
  }
  aws::ec2::RunInstancesRequest launch_request(int count = 1) const {
    aws::ec2::RunInstancesRequest request;
    request.image_id = builtin_image_id(*core);
    request.instance_type = "t3.micro";
    request.min_count = request.max_count = count;
    return request;
  }
  std::string launch() {
    auto reply = ec2->instances().run_instances(call(), launch_request());
    EXPECT_TRUE(reply.has_value()) << reply.error().message;
    return reply->instances.front().instance_id;
  }

  std::string directory;
  io::Loop loop;
  HandClock clock;
  SeededRandom random{7};
  Logger log = silent_logger();
  FakeHost host{loop};
  std::unique_ptr<sandbox::SandboxHost> real_host;
  std::string problem;  // why there is no real one
  NoApi endpoint;
  Roles roles;
  Metrics metrics;
  FoundSandboxes found;
  std::unique_ptr<Store> store;
  std::unique_ptr<Core> core;
  std::unique_ptr<Ec2> ec2;
};

}  // namespace pds::cloud::ec2::testing
