// SandboxHost: finds or starts the spawner, and turns records into objects.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <set>

#include "sandbox/running_sandbox.h"

extern char** environ;

namespace pds::sandbox {

namespace {

// Far more than a start takes; then something is stuck, and the caller should hear of it.
io::Deadline patience() { return std::chrono::steady_clock::now() + 60s; }

// Blocking. The child ends as soon as the spawner, its own child, is ready.
Result<void> start_spawner(const std::string& program, const std::string& run_directory) {
  std::string command = "__spawner", name = "pds", directory = run_directory;
  char* arguments[] = {name.data(), command.data(), directory.data(), nullptr};
  pid_t pid = -1;
  if (int error = posix_spawn(&pid, program.c_str(), nullptr, nullptr, arguments, environ))
    return fail_errno(fmt::format("start '{} __spawner'", program), error);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  auto log = io::read_file(run_directory + "/.spawner.log", 64 << 10);
  return fail_world("E_SYSTEM",
                    fmt::format("the spawner of '{}' did not start: {}", run_directory, log && !log->empty() ? *log : "no message"),
                    false);
}

Result<void> make_private_directory(const std::string& path) {
  CHECK(io::make_directories(path, 0700));
  if (chmod(path.c_str(), 0700) < 0) return fail_errno(fmt::format("make '{}' private", path), errno);
  return {};
}

Result<io::ProcessIdentity> peer_of(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return fail_errno("look at the spawner", errno);
  return io::identify_process(peer.pid);
}

class Host final : public SandboxHost, public Undertaker {
 public:
  Host(io::Loop& loop, SandboxHostOptions options, SandboxSupport support)
      : loop_(loop), options_(std::move(options)), support_(std::move(support)) {}
  ~Host() override {
    if (channel_) channel_->detach();
  }

  io::Task<Result<void>> connect() {
    if (channel_ && !channel_->is_closed()) co_return Result<void>{};
    std::string path = spawner_socket_path(options_.run_directory);
    auto socket = connect_control(path);
    if (!socket && socket.error().code == "E_ABSENT") {
      std::string program = options_.program, directory = options_.run_directory;
      auto started = co_await loop_.offload([program, directory] { return start_spawner(program, directory); });
      socket = connect_control(path);
      // Somebody else may have started one meanwhile; then ours failed, and that is fine.
      if (!socket && !started) co_return std::unexpected(started.error());
    }
    if (!socket) co_return std::unexpected(socket.error());
    CO_TRY(spawner_, peer_of(socket->get()));
    hello_.reset();
    version_ = 0;
    CO_TRY(channel_,
           Channel::open(loop_, std::move(*socket), [this](Message message) { on_message(message); }, [this] { hello_.set(); }));
    co_await hello_.wait();
    if (version_ == wire_version) co_return Result<void>{};
    channel_->detach();
    channel_ = nullptr;
    co_return fail(
        "E_SANDBOX_VERSION",
        fmt::format(
            "the spawner of '{}' is of another version of this program: end all sandboxes with the version that started them",
            options_.run_directory));
  }

  io::Task<Result<std::unique_ptr<Sandbox>>> create(SandboxSpec spec) override {
    CO_CHECK(validate(spec));
    std::string body = encode(spec);
    if (body.size() > spec_bytes_max)
      co_return fail("E_SANDBOX_SPEC", fmt::format("sandbox spec: longer than {} bytes in all", spec_bytes_max));
    std::string id = spec.id;
    std::vector<Endpoint> endpoints = spec.listeners;
    CO_TRY(Message answer, co_await ask(MessageType::create, std::move(body)));
    CO_TRY(auto sandbox, open(id, true));
    if (answer.fds.size() == endpoints.size())
      for (size_t i = 0; i < endpoints.size(); i++) sandbox->keep_listener(endpoints[i], std::move(answer.fds[i]));
    co_return std::unique_ptr<Sandbox>(std::move(sandbox));
  }

  io::Task<Result<std::vector<std::unique_ptr<Sandbox>>>> adopt() override {
    std::vector<std::unique_ptr<Sandbox>> found;
    for (const auto& id : list_sandboxes(options_.run_directory)) {
      if (known_.contains(id)) continue;
      auto sandbox = open(id, false);
      if (sandbox) {
        found.push_back(std::move(*sandbox));
        continue;
      }
      CO_CHECK(co_await destroy_sandbox(id));
    }
    co_return found;
  }

  io::Task<Result<void>> fill_pool() override {
    CO_CHECK(co_await ask(MessageType::fill_pool, pool_request()));
    co_return Result<void>{};
  }
  void begin_pool() { channel_->tell(MessageType::fill_pool, pool_request()); }

  io::Task<Result<void>> shutdown() override {
    CO_TRY(Message answer, co_await ask(MessageType::shutdown, ""));
    CO_TRY(uint64_t remaining, decode_number(answer.body));
    if (remaining == 0) co_await io::wait_for_exit(loop_, spawner_);
    co_return Result<void>{};
  }

  const SandboxSupport& support() const override { return support_; }
  io::ProcessIdentity spawner() const override { return spawner_; }

  io::Task<Result<void>> destroy_sandbox(std::string id) override {
    CO_CHECK(co_await ask(MessageType::destroy, std::move(id)));
    co_return Result<void>{};
  }
  void forget_sandbox(const std::string& id) override { known_.erase(id); }

 private:
  std::string pool_request() const {
    Writer out;
    out.u32(static_cast<uint32_t>(std::max(0, options_.pool_size)));
    out.u32(options_.pool_uid);
    out.u32(options_.pool_gid);
    return out.take();
  }

  void on_message(const Message& message) {
    if (message.type != MessageType::hello) return;
    Reader in(message.body);
    version_ = in.u32();
    hello_.set();
  }

  // A spawner that was killed is replaced; its sandboxes live on, and their records tell the new one all it needs.
  io::Task<Result<Message>> ask(MessageType type, std::string body) {
    CO_CHECK(co_await connect());
    uint64_t request = channel_->next_request();
    co_return co_await Channel::call(channel_, type, request, std::move(body), {}, patience());
  }

  Result<std::unique_ptr<RunningSandbox>> open(const std::string& id, bool fresh) {
    std::string directory = sandbox_directory(options_.run_directory, id);
    TRY(Record record, read_record(directory));
    TRY(auto sandbox, RunningSandbox::open(loop_, *this, directory, std::move(record), fresh));
    known_.insert(id);
    return sandbox;
  }

  io::Loop& loop_;
  SandboxHostOptions options_;
  SandboxSupport support_;
  std::shared_ptr<Channel> channel_;
  io::ProcessIdentity spawner_;
  io::Event hello_;
  uint32_t version_ = 0;
  std::set<std::string> known_;
};

}  // namespace

io::Task<Result<std::unique_ptr<SandboxHost>>> SandboxHost::start(io::Loop& loop, SandboxHostOptions options) {
  auto support = co_await loop.offload([] { return probe_support(); });
  if (!support) co_return std::unexpected(support.error());
  if (!support->usable) co_return fail("E_SANDBOX_UNSUPPORTED", support->problem());
  CO_CHECK(make_private_directory(options.run_directory));
  bool pool = options.pool_size > 0;
  auto host = std::make_unique<Host>(loop, std::move(options), std::move(*support));
  CO_CHECK(co_await host->connect());
  if (pool) host->begin_pool();
  co_return std::unique_ptr<SandboxHost>(std::move(host));
}

}  // namespace pds::sandbox
