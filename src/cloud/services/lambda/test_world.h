// A Lambda with everything around it in memory: sandboxes whose "main process" is a coroutine of the test that speaks the Runtime
// API through real HTTP over memory streams, a clock turned by hand, and sinks that remember. What needs a kernel is in
// sandbox_test.cc.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cloud/services/lambda/service.h"
#include "http/client.h"
#include "io/clock.h"
#include "io/files.h"

namespace pds::cloud::lambda::test {

class MemoryListener final : public io::Listener {
 public:
  struct Queue {
    std::deque<std::unique_ptr<io::Stream>> streams;
    io::Event arrived;
  };
  explicit MemoryListener(std::shared_ptr<Queue> queue) : queue_(std::move(queue)) {}
  io::Task<Result<std::unique_ptr<io::Stream>>> accept() override {
    while (queue_->streams.empty()) {
      queue_->arrived.reset();
      co_await queue_->arrived.wait();
    }
    std::unique_ptr<io::Stream> stream = std::move(queue_->streams.front());
    queue_->streams.pop_front();
    co_return stream;
  }
  void close() override {}
  uint16_t port() const override { return 0; }

 private:
  std::shared_ptr<Queue> queue_;
};

// What lives on while the cloud restarts.
struct Machine {
  explicit Machine(io::Loop& l) : loop(l) {}
  io::Loop& loop;
  sandbox::SandboxSpec spec;
  std::map<std::string, std::shared_ptr<MemoryListener::Queue>> doors;  // "127.0.0.1:9001"
  std::string log;
  bool frozen = false, destroyed = false;
  int freezes = 0;
  std::optional<sandbox::ExitStatus> exited;
  io::Event exit_event, log_event;

  std::shared_ptr<MemoryListener::Queue> door(const std::string& address, uint16_t port) {
    auto& queue = doors[address + ":" + std::to_string(port)];
    if (!queue) queue = std::make_shared<MemoryListener::Queue>();
    return queue;
  }
  // From inside the sandbox.
  std::unique_ptr<io::Stream> dial(const std::string& address, uint16_t port) {
    io::StreamPair pair = io::make_stream_pair(loop);
    auto queue = door(address, port);
    queue->streams.push_back(std::move(pair.a));
    queue->arrived.set();
    return std::move(pair.b);
  }
  void write(std::string_view text) {
    log += text;
    log_event.set();
  }
  void exit(sandbox::ExitStatus status) {
    if (exited) return;
    exited = status;
    exit_event.set();
    log_event.set();
  }
};

class MemorySandbox final : public sandbox::Sandbox {
 public:
  explicit MemorySandbox(std::shared_ptr<Machine> machine) : machine_(std::move(machine)) {}
  const std::string& id() const override { return machine_->spec.id; }
  sandbox::Profile profile() const override { return sandbox::Profile::function; }
  io::ProcessIdentity process() const override { return {}; }
  io::Task<Result<std::unique_ptr<io::Stream>>> connect(std::string, uint16_t, io::Deadline) override {
    co_return fail_world("E_CONNECTION_REFUSED", "nothing listens inside");
  }
  io::Task<Result<std::unique_ptr<io::Listener>>> listen(std::string address, uint16_t port) override {
    co_return std::make_unique<MemoryListener>(machine_->door(address, port));
  }
  io::Task<Result<io::Fd>> open_udp(std::string, uint16_t) override { co_return fail_world("E_SYSTEM", "no datagrams here"); }
  std::shared_ptr<io::Connector> connector(std::string, uint16_t) override { return nullptr; }
  io::Task<Result<sandbox::CommandResult>> run(sandbox::Command, io::Deadline) override { co_return sandbox::CommandResult{}; }
  io::Task<Result<void>> signal(int) override { co_return Result<void>{}; }
  io::Task<sandbox::ExitStatus> wait_exit() override {
    std::shared_ptr<Machine> machine = machine_;
    if (!machine->exited) co_await machine->exit_event.wait();
    co_return *machine->exited;
  }
  bool has_exited() const override { return machine_->exited.has_value(); }
  io::Task<Result<void>> freeze() override {
    machine_->frozen = true;
    ++machine_->freezes;
    co_return Result<void>{};
  }
  io::Task<Result<void>> thaw() override {
    machine_->frozen = false;
    co_return Result<void>{};
  }
  bool frozen() const override { return machine_->frozen; }
  io::Task<Result<sandbox::Usage>> usage() override { co_return sandbox::Usage{.memory_peak_bytes = 5u << 20}; }
  Result<sandbox::LogChunk> read_log(uint64_t from, size_t) override {
    sandbox::LogChunk chunk{.from = from, .text = machine_->log.substr(std::min<size_t>(from, machine_->log.size()))};
    chunk.next = from + chunk.text.size();
    return chunk;
  }
  io::Task<Result<void>> wait_log(uint64_t from) override {
    std::shared_ptr<Machine> machine = machine_;
    while (machine->log.size() <= from && !machine->exited) {
      machine->log_event.reset();
      co_await machine->log_event.wait();
    }
    co_return Result<void>{};
  }
  io::Task<Result<uint64_t>> flush_log() override { co_return machine_->log.size(); }
  io::Task<Result<void>> destroy() override {
    machine_->destroyed = true;
    machine_->exit({.code = 137, .signal = 9});
    co_return Result<void>{};
  }

 private:
  std::shared_ptr<Machine> machine_;
};

class MemoryHost final : public sandbox::SandboxHost {
 public:
  explicit MemoryHost(io::Loop& loop) : loop_(loop) {}
  std::function<void(std::shared_ptr<Machine>)> on_create;  // starts the "main process"
  std::vector<std::shared_ptr<Machine>> machines;

  io::Task<Result<std::unique_ptr<sandbox::Sandbox>>> create(sandbox::SandboxSpec spec) override {
    CO_CHECK(sandbox::validate(spec));
    auto machine = std::make_shared<Machine>(loop_);
    machine->spec = std::move(spec);
    machines.push_back(machine);
    on_create(machine);
    co_return std::make_unique<MemorySandbox>(machine);
  }
  io::Task<Result<std::vector<std::unique_ptr<sandbox::Sandbox>>>> adopt() override {
    std::vector<std::unique_ptr<sandbox::Sandbox>> alive;
    for (const auto& machine : machines)
      if (!machine->destroyed) alive.push_back(std::make_unique<MemorySandbox>(machine));
    co_return alive;
  }
  io::Task<Result<void>> fill_pool() override { co_return Result<void>{}; }
  io::Task<Result<void>> shutdown() override { co_return Result<void>{}; }
  const sandbox::SandboxSupport& support() const override { return support_; }
  io::ProcessIdentity spawner() const override { return {}; }
  size_t alive() const {
    return static_cast<size_t>(std::ranges::count_if(machines, [](const auto& machine) { return !machine->destroyed; }));
  }

 private:
  io::Loop& loop_;
  sandbox::SandboxSupport support_;
};

struct Images final : ImageSource {
  std::map<std::string, std::string> digests;  // by URI with a tag
  std::string rootfs = "/usr";  // its /bin/sh is there on every machine
  std::vector<std::string> entrypoint = {"/bin/sh"};
  io::Task<Result<ContainerImage>> resolve(const std::string& image_uri) override {
    ContainerImage image{.rootfs = rootfs, .entrypoint = entrypoint};
    if (size_t at = image_uri.find('@'); at != std::string::npos) {
      image.digest = image_uri.substr(at + 1);
      co_return image;
    }
    auto it = digests.find(image_uri);
    if (it == digests.end()) co_return fail("ImageNotFoundException", "The image does not exist", 400);
    image.digest = it->second;
    co_return image;
  }
};
struct Roles final : RoleSource {
  Result<aws::Credentials> issue(const std::string& role, const std::string&, const std::string&, std::chrono::seconds) override {
    return aws::Credentials{"ASIA" + role.substr(role.size() - 1), "secret", "token", {}};
  }
  Result<void> check_trust(const std::string& role, const std::string&) const override {
    if (role.ends_with("untrusted")) return fail("InvalidParameterValue", "not trusted");
    return {};
  }
  std::optional<InstanceProfile> find_instance_profile(std::string_view) const override { return std::nullopt; }
};
struct Nobody final : Authority {
  std::optional<Principal> find_principal(std::string_view) const override { return std::nullopt; }
  Result<void> authorize(const Principal&, const Call&, const std::string&, const std::string&) const override {
    return fail("AccessDenied", "nobody may", 403);
  }
};
struct Metrics final : MetricSink {
  std::map<std::string, double> totals;
  void record(std::string_view, std::string_view name, const Dimensions& dimensions, Timestamp, double value, std::string_view,
              double count) override {
    if (dimensions.size() == 1) totals[std::string(name)] += value * count;
  }
};
struct Logs final : LogSink {
  std::map<std::string, std::string> streams;
  void append(std::string_view group, std::string_view stream, Timestamp, std::string_view message) override {
    streams[std::string(group) + " " + std::string(stream)] += message;
  }
};
struct NoEndpoint final : http::Service {
  io::Task<void> serve(http::ServerRequest&, http::Responder& responder) override {
    http::Response response = http::Response::text(200, "api");
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
};

inline constexpr const char* repository = "000000000000.dkr.ecr.us-east-1.localhost:4566/podinfo";
inline std::string digest_of(char c) { return "sha256:" + std::string(64, c); }

// Reaches the Runtime API from inside.
class InsideConnector final : public io::Connector {
 public:
  explicit InsideConnector(std::shared_ptr<Machine> machine) : machine_(std::move(machine)) {}
  io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline) override { co_return machine_->dial("127.0.0.1", 9001); }
  std::string destination() const override { return "127.0.0.1:9001"; }

 private:
  std::shared_ptr<Machine> machine_;
};

inline http::Request runtime_request(std::string method, std::string path, std::string body = "") {
  http::Request request;
  request.head.method = std::move(method);
  request.head.target = "/2018-06-01/runtime/" + std::move(path);
  request.head.headers.add("Host", "127.0.0.1:9001");
  request.body = std::move(body);
  return request;
}

class World : public ::testing::Test {
 protected:
  io::Loop loop;
  io::ManualClock clock{from_epoch_seconds(1795460683)};
  SeededRandom random{1};
  Logger log = silent_logger();
  std::string directory = make_temporary_directory();
  std::unique_ptr<Store> store;
  NoEndpoint endpoint;
  MemoryHost host{loop};
  sandbox::SandboxHost* sandboxes = &host;
  std::optional<Core> core;
  Images images;
  Roles roles;
  Nobody authority;
  Metrics metrics;
  Logs logs;
  FoundSandboxes found;
  io::TaskSet processes;
  // What the function does with an event. The default answers with the event itself.
  using Handler = std::function<io::Task<void>(Machine&, http::Client&, std::string id, std::string event)>;
  Handler handler;
  std::unique_ptr<Lambda> lambda;

  World() {
    images.digests[std::string(repository) + ":1"] = digest_of('1');
    images.digests[std::string(repository) + ":2"] = digest_of('2');
    host.on_create = [this](std::shared_ptr<Machine> machine) { processes.spawn(main_process(machine, &handler)); };
    handler = [](Machine& machine, http::Client& client, std::string id, std::string event) {
      return echo(machine, client, id, event);
    };
    restart();
  }
  ~World() override {
    lambda.reset();
    processes.cancel_all();
    store.reset();
    EXPECT_TRUE(io::remove_tree(directory));
  }
  static std::string make_temporary_directory() {
    char path[] = "/tmp/lambda-test-XXXXXX";
    return mkdtemp(path);
  }

  // Ends the cloud as a crash would, without a word to anyone, and starts a new one over the same store and machines.
  void restart() {
    lambda.reset();
    core.reset();
    store.reset();
    store = std::move(*Store::open(loop, directory + "/store"));
    core.emplace(Core{loop, clock, random, log, *store, sandboxes, endpoint});
    found = *await(FoundSandboxes::adopt(*sandboxes));
    lambda = std::make_unique<Lambda>(*core, Lambda::Dependencies{.images = images,
                                                                  .roles = roles,
                                                                  .authority = authority,
                                                                  .metrics = metrics,
                                                                  .logs = logs,
                                                                  .found = &found,
                                                                  .idle_policy = {.freeze_after = 20ms, .reap_after = 10min}});
    lambda->start();
  }

  static io::Task<void> echo(Machine& machine, http::Client& client, std::string id, std::string event) {
    machine.write("handled " + event + "\n");
    [[maybe_unused]] auto answered = co_await client.send(runtime_request("POST", "invocation/" + id + "/response", event));
  }
  static io::Task<void> main_process(std::shared_ptr<Machine> machine, Handler* handler) {
    http::Client client(machine->loop, std::make_shared<InsideConnector>(machine), {.response_timeout = 1h});
    while (!machine->exited) {
      Result<http::Response> next = co_await client.send(runtime_request("GET", "invocation/next"));
      if (machine->exited) co_return;
      if (!next) {  // the cloud restarts; as podinfo's client, try again
        co_await machine->loop.sleep_for(5ms);
        continue;
      }
      co_await (*handler)(*machine, client, next->head.headers.get("lambda-runtime-aws-request-id"), next->body);
    }
  }

  bool run_until(const std::function<bool()>& condition) {
    auto deadline = std::chrono::steady_clock::now() + 5s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) loop.run_once(5ms);
    return condition();
  }
  template <class T>
  static io::Task<void> keep(io::Task<T> task, std::optional<T>& out) {
    out.emplace(co_await task);
  }
  template <class T>
  T await(io::Task<T> task) {
    std::optional<T> out;
    io::TaskSet set;
    set.spawn(keep(std::move(task), out));
    EXPECT_TRUE(run_until([&] { return out.has_value(); })) << "it did not end";
    return std::move(*out);
  }

  Call call() { return core->internal_call(); }
  wire::FunctionConfiguration create(std::string name = "f", int timeout = 3) {
    wire::CreateFunctionRequest request;
    request.function_name = std::move(name);
    request.role = "arn:aws:iam::000000000000:role/r";
    request.package_type = "Image";
    request.code.image_uri = std::string(repository) + ":1";
    request.timeout = timeout;
    auto made = await(lambda->create_function(call(), request));
    EXPECT_TRUE(made) << made.error().message;
    EXPECT_TRUE(run_until([&] { return state() == "Active"; }));
    return *made;
  }
  std::string state(std::string qualifier = "") {
    auto configuration =
        lambda->get_function_configuration(call(), {"f", qualifier.empty() ? std::nullopt : std::optional(qualifier)});
    return configuration ? configuration->state.value_or("") : configuration.error().code;
  }
  std::string publish() {
    auto version = lambda->publish_version(call(), {.function_name = "f"});
    EXPECT_TRUE(version) << version.error().message;
    EXPECT_TRUE(run_until([&] { return state(version->version) == "Active"; }));
    return version->version;
  }
  io::Task<Result<wire::InvokeReply>> invoke_task(std::string payload, std::string qualifier = "",
                                                  std::string type = "RequestResponse") {
    wire::InvokeRequest request{.function_name = "f", .invocation_type = type, .log_type = "Tail", .payload = {std::move(payload)}};
    if (!qualifier.empty()) request.qualifier = qualifier;
    co_return co_await lambda->invoke(call(), request);
  }
  wire::InvokeReply invoke(std::string payload, std::string qualifier = "") {
    Result<wire::InvokeReply> reply = await(invoke_task(std::move(payload), std::move(qualifier)));
    EXPECT_TRUE(reply) << reply.error().message;
    return reply ? *reply : wire::InvokeReply{};
  }
  void update_code() {
    wire::UpdateFunctionCodeRequest request{.function_name = "f", .image_uri = std::string(repository) + ":2"};
    auto updated = await(lambda->update_function_code(call(), request));
    ASSERT_TRUE(updated) << updated.error().message;
    EXPECT_EQ(updated->last_update_status, "InProgress");
    EXPECT_TRUE(
        run_until([&] { return lambda->get_function_configuration(call(), {"f", {}})->last_update_status == "Successful"; }));
  }
  std::string whole_log() {
    std::string text;
    for (const auto& [stream, lines] : logs.streams) text += lines;
    return text;
  }
};

}  // namespace pds::cloud::lambda::test
