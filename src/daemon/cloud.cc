#include "daemon/cloud.h"

#include <fmt/core.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "cloud/store.h"
#include "daemon/metrics_page.h"
#include "daemon/region.h"
#include "http/server.h"
#include "io/clock.h"
#include "io/files.h"
#include "sandbox/sandbox.h"

namespace pds::daemon {
namespace {

constexpr Duration drain_time = 10s;

// The control plane's clock goes on where it was: its origin is kept beside the store, and a change of scale begins at the present.
Result<std::unique_ptr<io::ScaledClock>> load_clock(const std::string& data_dir, double scale) {
  std::string path = data_dir + "/clock.json";
  Timestamp real = io::SystemClock().now();
  Timestamp now = real;
  if (Result<std::string> text = io::read_file(path, 4096)) {
    Result<json::value> document = parse_json(*text);
    if (document && document->is_object()) {
      const json::object& object = document->get_object();
      io::ScaledClock before(get_double(object, "scale", 1), Timestamp{Duration{get_int(object, "clock_origin")}}, Timestamp{Duration{get_int(object, "real_origin")}});
      // Written only when it changes: a start has better things to wait for than a disk.
      if (before.scale() == scale) return std::make_unique<io::ScaledClock>(before);
      now = before.now();
    }
  }
  json::object document{{"scale", scale}, {"clock_origin", now.time_since_epoch().count()}, {"real_origin", real.time_since_epoch().count()}};
  CHECK(io::write_file_atomically(path, to_text(document) + "\n"));
  return std::make_unique<io::ScaledClock>(scale, now, real);
}

// SIGTERM and SIGINT as an event of the loop.
class Signals final : public io::FdWatcher {
 public:
  explicit Signals(io::Loop& loop) : loop_(loop) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    fd_ = io::Fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    [[maybe_unused]] auto watched = loop_.watch(fd_.get(), this);
  }
  ~Signals() override { loop_.unwatch(fd_.get()); }
  void on_ready(bool, bool) override {
    signalfd_siginfo info;
    while (::read(fd_.get(), &info, sizeof info) == sizeof info) received_.set();
  }
  io::Event& received() { return received_; }

 private:
  io::Loop& loop_;
  io::Fd fd_;
  io::Event received_;
};

class Cloud {
 public:
  Cloud(io::Loop& loop, const CloudOptions& options) : loop_(loop), options_(options) {}

  io::Task<Result<void>> serve(std::function<void(const std::string&)> on_ready, io::Event& end) {
    CO_CHECK(open());
    CO_CHECK(listen());
    CO_CHECK(make_regions());
    // Not before there is something to answer with: who has connected meanwhile is served within this call.
    server_->listen(std::move(listener_));
    // From here on the API answers. Nothing is started before it is known what an earlier life of the cloud left running.
    CO_CHECK(co_await start_sandboxes());
    for (auto& [name, region] : regions_) region->start(sandboxes_.get());
    started_.set();
    CO_TRY(io::ProcessIdentity self, io::identify_process(::getpid()));
    CO_CHECK(write_running(options_.data_dir, {self, url_, options_.time_scale}));
    CO_CHECK(co_await store_->durable());
    on_ready(url_);
    log_.info("ready", {{"url", url_}, {"time_scale", options_.time_scale}});
    co_await end.wait();
    co_return co_await finish();
  }

 private:
  Result<void> open() {
    CHECK(io::make_directories(options_.data_dir));
    TRY(lock_, lock());
    TRY(root_key_, load_or_make_root_key(options_.data_dir, random_));
    TRY(clock_, load_clock(options_.data_dir, options_.time_scale));
    TRY(store_, cloud::Store::open(loop_, options_.data_dir + "/store.db"));
    TRY(cloud::MasterKey master_key, cloud::MasterKey::load_or_create(options_.data_dir + "/master.key", random_));
    master_key_.emplace(std::move(master_key));
    dispatcher_ = std::make_unique<cloud::Dispatcher>(loop_, random_, *store_, log_, cloud::Dispatcher::Options{.permissive = options_.permissive});
    return {};
  }

  Result<std::optional<io::FileLock>> lock() {
    Result<io::FileLock> lock = io::FileLock::acquire(options_.data_dir + "/lock");
    if (!lock && lock.error().code == "E_LOCKED")
      return fail("E_LOCKED", fmt::format("another cloud has the data directory {}: {}", options_.data_dir, lock.error().message));
    if (!lock) return std::unexpected(lock.error());
    return std::optional<io::FileLock>(std::move(*lock));
  }

  // Without sandboxes the API still answers; what needs one is refused with the reason that `pds doctor` explains.
  io::Task<Result<void>> start_sandboxes() {
    auto host = co_await sandbox::SandboxHost::start(loop_, {.run_directory = options_.data_dir + "/run", .program = options_.program, .pool_size = 2});
    if (!host) {
      log_.warn("no sandboxes on this machine: instances and functions cannot run", {{"code", host.error().code}, {"reason", host.error().message}});
      co_return Result<void>{};
    }
    sandboxes_ = std::move(*host);
    CO_TRY(found_, co_await cloud::FoundSandboxes::adopt(*sandboxes_));
    co_return Result<void>{};
  }

  Result<void> listen() {
    Result<std::unique_ptr<io::Listener>> listener = io::listen_tcp(loop_, options_.address, options_.port);  // regions name its port
    if (!listener) {
      return fail("E_PORT_IN_USE", fmt::format("cannot listen on {}:{}: {}. Stop what uses it, or start with --port 0 to have a free one picked", options_.address,
                                               options_.port, listener.error().message));
    }
    port_ = (*listener)->port();
    url_ = fmt::format("http://{}:{}", options_.address == "0.0.0.0" ? "127.0.0.1" : options_.address, port_);
    http::ServerOptions server_options;
    server_options.limits.body_bytes_max = 10ull << 30;   // services set their own; this bounds a layer of an image
    server_ = std::make_unique<http::Server>(loop_, front_, server_options);
    listener_ = std::move(*listener);
    return {};
  }

  cloud::Core core_for(const std::string& region) {
    return {.loop = loop_, .clock = *clock_, .random = random_, .log = log_, .store = *store_, .sandboxes = nullptr, .endpoint = *dispatcher_,
            .region = region, .data_dir = options_.data_dir, .endpoint_port = port_, .program = options_.program};
  }

  Result<void> make_regions() {
    global_core_ = std::make_unique<cloud::Core>(core_for("aws-global"));
    cloud::Principal root;
    root.arn = "arn:aws:iam::000000000000:root";
    root.user_id = root.account = "000000000000";
    root.secret_access_key = root_key_.secret_access_key;
    root.is_root = true;
    global_ = std::make_unique<GlobalServices>(*global_core_, *master_key_, real_clock_, root_key_.access_key_id, root);
    dispatcher_->set_authority(global_->iam);
    dispatcher_->add_door({[](const http::ServerRequest& request) { return is_health(request.head); }, &health_});
    dispatcher_->add_door({MetricsPage::claims, &metrics_page_});
    tasks_.spawn(loop_lag_.watch());
    dispatcher_->set_regions([this](const std::string& region) -> Result<const std::vector<cloud::Api>*> {
      TRY(Region* found, region_at(region));
      return &found->apis();
    });
    dispatcher_->set_streaming("s3", [this](const std::string& region) -> Result<cloud::StreamingApi*> {
      TRY(Region* found, region_at(region));
      return &found->s3();
    });
    // Regions that have state are there from the first: what they promised goes on without being asked.
    CHECK(region_at("us-east-1"));
    for (const std::string& table : store_->tables(""))
      if (std::string region = table.substr(0, table.find('.')); region != "aws-global") CHECK(region_at(region));
    return {};
  }

  Result<Region*> region_at(const std::string& name) {
    auto it = regions_.find(name);
    if (it != regions_.end()) return it->second.get();
    bool plausible = name.size() >= 9 && name.size() <= 20 && std::count(name.begin(), name.end(), '-') >= 2;
    if (!plausible) return fail("UnrecognizedClientException", fmt::format("'{}' is not a region", name.substr(0, 40)), 400);
    constexpr size_t regions_max = 16;
    if (regions_.size() >= regions_max) return fail("OptInRequired", fmt::format("this cloud serves at most {} regions", regions_max), 403);
    auto region = std::make_unique<Region>(core_for(name), *global_, *master_key_, real_clock_, found_, options_.slow_request);
    for (cloud::Dispatcher::Door& door : region->doors()) dispatcher_->add_door(std::move(door));
    Region* made = regions_.emplace(name, std::move(region)).first->second.get();
    if (started_.is_set()) made->start(sandboxes_.get());
    return made;
  }

  void fill_metrics_page(cloud::Exposition& page) const {
    expose_process(page);
    loop_lag_.expose(page);
    for (const auto& [name, region] : regions_) region->expose(page);
  }

  io::Task<Result<void>> finish() {
    log_.info("ending");
    tasks_.cancel_all();
    co_await server_->drain(std::chrono::steady_clock::now() + drain_time);
    for (auto& [name, region] : regions_) co_await region->stop();
    if (sandboxes_) co_await end_sandboxes();
    Result<void> kept = co_await store_->durable();
    ::unlink((options_.data_dir + "/cloud.json").c_str());
    ::unlink((options_.data_dir + "/endpoint").c_str());
    log_.info("ended");
    co_return kept;
  }

  // An orderly end takes everything along. (A killed cloud leaves them running, and the next one adopts them.)
  io::Task<void> end_sandboxes() {
    regions_.clear();
    found_ = {};
    auto left = co_await sandboxes_->adopt();
    if (left)
      for (auto& sandbox : *left)
        if (Result<void> gone = co_await sandbox->destroy(); !gone) log_.warn("a sandbox did not end", {{"id", sandbox->id()}, {"reason", gone.error().message}});
    if (left) left->clear();
    if (Result<void> ended = co_await sandboxes_->shutdown(); !ended) log_.warn("the spawner did not end", {{"reason", ended.error().message}});
  }

  static bool is_health(const http::RequestHead& head) {
    std::string_view path = head.path();
    return path == "/_pds/health" || path == "/_localstack/health";
  }

  class Health final : public http::Service {
   public:
    explicit Health(const Cloud& cloud) : cloud_(cloud) {}
    io::Task<void> serve(http::ServerRequest&, http::Responder& responder) override {
      json::object services;
      if (auto it = cloud_.regions_.find("us-east-1"); it != cloud_.regions_.end())
        for (const cloud::Api& api : it->second->apis()) services[api.service().endpoint_prefix] = "running";
      json::object document{{"services", std::move(services)}, {"edition", "pds"}, {"version", "0.1.0"}, {"clock", to_iso8601(cloud_.clock_->now())},
                            {"time_scale", cloud_.options_.time_scale}, {"sandboxes", cloud_.sandboxes_ != nullptr}};
      http::Response response = http::Response::json(200, to_text(document));
      [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
    }

   private:
    const Cloud& cloud_;
  };

  // What a fleet is doing is known when its services have started: before, a balancer would say of every target that it is not there. All
  // others answer from their tables from the first.
  class Front final : public http::Service {
   public:
    explicit Front(Cloud& cloud) : cloud_(cloud) {}
    io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
      if (!cloud_.started_.is_set() && is_about_fleets(request.head)) co_await cloud_.started_.wait();
      co_await cloud_.dispatcher_->serve(request, responder);
    }

   private:
    static bool is_about_fleets(const http::RequestHead& head) {
      std::string signature = std::string(head.headers.get("authorization")) + head.query_parameter("X-Amz-Credential").value_or("");
      for (std::string_view scope : {"/elasticloadbalancing/aws4", "/autoscaling/aws4", "/ec2/aws4", "/codedeploy/aws4", "/codedeploy-commands/aws4"})
        if (signature.find(scope) != std::string::npos) return true;
      return false;
    }
    Cloud& cloud_;
  };

  // The outside world.
  io::Loop& loop_;
  const CloudOptions& options_;
  SystemRandom random_;
  io::SystemClock real_clock_;
  Logger log_ = stderr_logger(LogLevel::info);

  // In the order in which they depend on each other.
  std::optional<io::FileLock> lock_;
  aws::Credentials root_key_;
  std::unique_ptr<io::ScaledClock> clock_;
  std::unique_ptr<cloud::Store> store_;
  std::optional<cloud::MasterKey> master_key_;
  std::unique_ptr<sandbox::SandboxHost> sandboxes_;
  cloud::FoundSandboxes found_;
  io::Event started_;  // it is known what lives, and the services run
  Health health_{*this};
  LoopLag loop_lag_{loop_};
  MetricsPage metrics_page_{[this](cloud::Exposition& page) { fill_metrics_page(page); }};
  Front front_{*this};
  std::unique_ptr<cloud::Dispatcher> dispatcher_;
  std::unique_ptr<cloud::Core> global_core_;
  std::unique_ptr<GlobalServices> global_;
  std::map<std::string, std::unique_ptr<Region>> regions_;
  std::unique_ptr<io::Listener> listener_;  // until the server has it
  std::unique_ptr<http::Server> server_;
  io::TaskSet tasks_;
  uint16_t port_ = 0;
  std::string url_;
};

}  // namespace

Result<void> serve_cloud(const CloudOptions& options, std::function<void(const std::string& url)> on_ready) {
  ::signal(SIGPIPE, SIG_IGN);
  io::Loop loop;
  Signals signals(loop);
  Cloud cloud(loop, options);
  return io::run_until_done(loop, cloud.serve(std::move(on_ready), signals.received()));
}

}  // namespace pds::daemon
