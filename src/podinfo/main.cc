#include "podinfo/main.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>

#include "io/clock.h"
#include "io/files.h"
#include "podinfo/serve.h"

namespace pds::podinfo {
namespace {

// SIGTERM and SIGINT as an event; the second one ends the process at once.
class Signals final : private io::FdWatcher {
 public:
  explicit Signals(io::Loop& loop) : loop_(loop) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, nullptr);  // before any thread, so that all of them inherit it
    fd_ = io::Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    ASSERT(loop_.watch(fd_.get(), this));
  }
  ~Signals() override { loop_.unwatch(fd_.get()); }
  io::Event stop;

 private:
  void on_ready(bool readable, bool) override {
    signalfd_siginfo info;
    while (readable && ::read(fd_.get(), &info, sizeof info) == sizeof info) {
      if (stop.is_set()) ::_exit(1);
      stop.set();
    }
  }
  io::Loop& loop_;
  io::Fd fd_;
};

Environment read_environment(char** variables, std::vector<std::string>& in_order) {
  Environment environment;
  for (; *variables; ++variables) {
    std::string entry = *variables;
    size_t equals = entry.find('=');
    if (equals != std::string::npos) environment[entry.substr(0, equals)] = entry.substr(equals + 1);
    in_order.push_back(std::move(entry));
  }
  return environment;
}

Result<Release> load_release() {
  if (!io::exists(release_path)) return Release{};
  TRY(std::string text, io::read_file(release_path, release_bytes_max));
  return parse_release(text);
}

std::string host_name() {
  utsname names{};
  return ::uname(&names) == 0 ? names.nodename : "unknown";
}

io::Task<Result<void>> serve(App& app, const Environment& environment, io::Event& stop) {
  const AppParts& parts = app.parts();
  auto api = environment.find("AWS_LAMBDA_RUNTIME_API");
  if (api != environment.end() && !api->second.empty()) {
    io::TaskSet tasks;
    tasks.spawn(serve_lambda(app, api->second));
    co_await stop.wait();
    co_return Result<void>();
  }
  CO_TRY(auto listener, io::listen_tcp(parts.loop, parts.options.host, parts.options.port));
  co_return co_await serve_http(app, std::move(listener), stop);
}

int run_service(const Options& options, const Release& release, const Environment& environment, std::vector<std::string> in_order) {
  io::Loop loop;
  Signals signals(loop);
  io::SystemClock clock;
  SystemRandom random;
  Logger logger = stderr_logger(options.level);
  App app({loop, clock, random, logger, options, release, host_name(), std::move(in_order), nullptr,
           [](int status) { ::_exit(status); }});
  logger.info("Starting podinfo",
              {{"version", release.version}, {"revision", release.revision}, {"port", std::to_string(options.port)}});
  Result<void> outcome = io::run_until_done(loop, serve(app, environment, signals.stop));
  if (outcome) return 0;
  logger.error("HTTP server crashed", {{"error", outcome.error().message}});
  return 1;
}

}  // namespace

int run_main(int argc, char** argv, char** variables) {
  std::vector<std::string> in_order;
  Environment environment = read_environment(variables, in_order);
  Result<Options> options = parse_options(std::vector<std::string>(argv + 1, argv + argc), environment);
  if (!options) {
    std::fprintf(stderr, "Error: %s\n\n%s", options.error().message.c_str(), usage().c_str());
    return 2;
  }
  Result<Release> release = load_release();
  if (!release) {
    std::fprintf(stderr, "Error: %s: %s\n", release_path, release.error().message.c_str());
    return 1;
  }
  switch (options->mode) {
    case Options::Mode::print_version:
      std::printf("%s\n", release->version.c_str());
      return 0;
    case Options::Mode::print_help:
      std::fprintf(stderr, "%s", usage().c_str());
      return 0;
    default:
      return run_service(*options, *release, environment, std::move(in_order));
  }
}

}  // namespace pds::podinfo
