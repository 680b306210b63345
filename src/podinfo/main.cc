#include "podinfo/main.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/stderr_line.h"
#include "io/clock.h"
#include "io/files.h"
#include "podinfo/aws_secret.h"
#include "podinfo/cache_presence.h"
#include "podinfo/check.h"
#include "podinfo/config_file.h"
#include "podinfo/config_files.h"
#include "podinfo/data_tier.h"
#include "podinfo/hook.h"
#include "podinfo/lambda_failure.h"
#include "podinfo/lambda_runtime.h"
#include "podinfo/local_time.h"
#include "podinfo/podcli.h"
#include "podinfo/rotate.h"
#include "podinfo/serve.h"
#include "podinfo/stress.h"
#include "podinfo/trace/tracer.h"

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

Result<Release> load_release(const Environment& environment) {
  if (!io::exists(release_path)) return release_of(environment);
  TRY(std::string text, io::read_file(release_path, release_bytes_max));
  return parse_release(text);
}

std::string host_name() {
  utsname names{};
  return ::uname(&names) == 0 ? names.nodename : "unknown";
}

io::Task<int> serve(App& app, Listeners listeners, const std::string& runtime_api, io::Event& stop) {
  const AppParts& parts = app.parts();
  io::TaskSet background;
  if (parts.secrets) background.spawn(parts.secrets->watch(parts.options.secret_refresh));
  if (parts.cache) background.spawn(keep_presence(parts.loop, *parts.cache, parts.logger, parts.hostname, parts.release.version));
  if (parts.data) background.spawn(parts.data->run());
  if (parts.tracer) background.spawn(parts.tracer->export_traces());
  if (parts.tracer) background.spawn(parts.tracer->export_logs());
  if (!parts.options.config_path.empty()) background.spawn(follow_config_files(app));
  if (!runtime_api.empty()) co_return co_await serve_lambda(app, runtime_api, stop);
  co_await serve_http(app, std::move(listeners), stop);
  co_return 0;
}

// The parts that every role of the program has.
struct Program {
  io::Loop loop;
  Signals signals{loop};
  io::SystemClock clock;
  SystemRandom random;
  Logger to_stderr;
  trace::Tracer* tracer = nullptr;  // is told what is logged, once it is there
  Logger logger;
  aws::Client client{loop, aws::config_from_environment(loop)};
  explicit Program(LogLevel level)
      : to_stderr([](std::string_view line) { write_stderr_line(with_local_time(line)); }, level), logger([this](std::string_view line) { take_line(line); }, level) {}

 private:
  // On any thread: gRPC has its own.
  void take_line(std::string_view line) {
    write_stderr_line(with_local_time(line));
    if (tracer) loop.post([this, text = std::string(line)] { tracer->take_line(text); });
  }
};

// Null where nobody asked for it.
std::unique_ptr<trace::Tracer> make_tracer(Program& program, const Options& options, const Release& release, const Environment& environment) {
  if (options.otel_service_name.empty() || trace::is_disabled(environment)) return nullptr;
  trace::Settings settings = trace::read_settings(environment, options.otel_service_name, release.version);
  return std::make_unique<trace::Tracer>(program.loop, program.clock, program.random, program.to_stderr, std::move(settings));
}

std::string runtime_api(const Environment& environment) {
  auto api = environment.find("AWS_LAMBDA_RUNTIME_API");
  return api == environment.end() ? "" : api->second;
}

// What was asked for and is not there yet, or should not be left as it is.
void log_warnings(const Logger& logger, const Options& options) {
  if (options.jwt_secret == jwt_secret_default)
    logger.info("tokens are signed with the public default secret", {{"remedy", "set PODINFO_JWT_SECRET"}});
  // The default is what charts mount: where it is absent nobody has asked for a store.
  bool wanted = options.data_path != Options().data_path || io::exists(options.data_path);
  if (wanted && ::access(options.data_path.c_str(), W_OK | X_OK) != 0)
    logger.warn("the data path cannot be written to: /store will fail", {{"path", options.data_path}, {"error", std::strerror(errno)}});
}

// The exit status of who could not start. As a function it tells Lambda why, too: 2 is a mistake in the settings.
int could_not_start(int status, const Environment& environment, std::string why) {
  std::string api = runtime_api(environment);
  if (!api.empty()) report_init_error(api, {.code = status == 2 ? "Runtime.ConfigInvalid" : "Runtime.StartFailed", .message = std::move(why)});
  return status;
}

// A URL that is none is a mistake on the command line; a missing library is not.
int refuse_database(const Error& error, const Environment& environment) {
  std::fprintf(stderr, "Error: %s\n", error.message.c_str());
  return could_not_start(error.code == "E_ADDRESS" ? 2 : 1, environment, error.message);
}

int run_service(const Options& options, const Release& release, const Environment& environment, std::vector<std::string> in_order) {
  Program program(options.level);
  Stress stress(options, program.logger);
  AwsSecretSource source(program.loop, aws::config_from_environment(program.loop), options.secret_id);
  SecretHolder secrets(program.loop, program.clock, program.logger, source, options.secret_id);
  std::optional<Redis> cache;
  if (!options.cache_server.empty()) cache.emplace(program.loop, *parse_redis_address(options.cache_server));
  std::unique_ptr<DataTier> data;
  if (!options.database_url.empty() || !options.secret_id.empty()) {
    auto made = DataTier::make({program.loop, program.clock, program.random, program.logger, options,
                                options.secret_id.empty() ? nullptr : &secrets, cache ? &*cache : nullptr});
    if (!made) return refuse_database(made.error(), environment);
    data = *std::move(made);
  }
  std::unique_ptr<trace::Tracer> tracer = make_tracer(program, options, release, environment);
  program.tracer = tracer.get();
  App app({program.loop, program.clock, program.random, program.logger, options, release, host_name(), std::move(in_order),
           options.secret_id.empty() ? nullptr : &secrets, [](int status) { ::_exit(status); }, cache ? &*cache : nullptr, data.get(), tracer.get()});
  // Where it cannot be made, the warning says so.
  if (options.data_path == function_data_path) [[maybe_unused]]
    auto made = io::make_directories(options.data_path);
  log_warnings(program.logger, options);
  program.logger.info("Starting podinfo",
                      {{"version", release.version}, {"revision", release.revision}, {"port", std::to_string(options.port)}});
  std::string api = runtime_api(environment);
  std::optional<Listeners> listeners = api.empty() ? open_listeners(app) : Listeners();
  if (!listeners) return 1;
  int status = io::run_until_done(program.loop, serve(app, *std::move(listeners), api, program.signals.stop));
  program.tracer = nullptr;  // it goes before those who may still log
  return status;
}

io::Task<int> run_runtime(Program& program, const std::string& api, InvocationHandler handler) {
  LambdaRuntime runtime(program.loop, program.logger, api, std::move(handler));
  co_return co_await runtime.run(program.signals.stop);
}

// The functions beside podinfo that live in its image.
int run_function(const Options& options, const Environment& environment) {
  std::string api = runtime_api(environment);
  if (api.empty()) {
    std::fprintf(stderr, "Error: this runs as a Lambda function only: AWS_LAMBDA_RUNTIME_API is not set\n");
    return 1;
  }
  Program program(options.level);
  Rotator rotator(program.client, program.logger);
  auto target = environment.find("TARGET_FUNCTION");
  Hook hook(program.client, program.logger, target == environment.end() ? "" : target->second);
  InvocationHandler rotate = [&rotator](const Invocation& invocation, LambdaStream&) { return rotator.handle(invocation); };
  InvocationHandler validate = [&hook](const Invocation& invocation, LambdaStream&) { return hook.handle(invocation); };
  return io::run_until_done(program.loop, run_runtime(program, api, options.mode == Options::Mode::hook ? validate : rotate));
}

// A config file that cannot be read is passed over, and said so once.
Result<Options> load_options(const std::vector<std::string>& arguments, const Environment& environment) {
  TRY(Options options, parse_options(arguments, environment));
  if (options.mode != Options::Mode::serve) return options;
  Result<ConfigValues> values = read_config_file(options);
  if (values) return parse_options(arguments, environment, *values);
  std::printf("Error reading config file, %s\n", values.error().message.c_str());
  std::fflush(stdout);
  return options;
}

}  // namespace

int run_main(int argc, char** argv, char** variables) {
  std::vector<std::string> words(argv + 1, argv + argc);
  // An image gives the program these names, too (pds build).
  std::string_view name = argv[0];
  name = name.substr(name.rfind('/') + 1);
  if (name == "podcli" || name == "hook" || name == "rotate") words.insert(words.begin(), std::string(name));
  if (!words.empty() && words[0] == "check") return run_check({words.begin() + 1, words.end()});
  std::vector<std::string> in_order;
  Environment environment = read_environment(variables, in_order);
  if (!words.empty() && words[0] == "podcli") return run_podcli({words.begin() + 1, words.end()}, load_release(environment).value_or(Release()).version);
  Result<Options> options = load_options(words, environment);
  if (!options) {
    std::fprintf(stderr, "Error: %s\n\n%s", options.error().message.c_str(), usage().c_str());
    return could_not_start(2, environment, without_arguments(options.error().message, words));
  }
  Result<Release> release = load_release(environment);
  if (!release) {
    std::fprintf(stderr, "Error: %s: %s\n", release_path, release.error().message.c_str());
    return could_not_start(1, environment, std::string(release_path) + ": " + release.error().message);
  }
  switch (options->mode) {
    case Options::Mode::print_version:
      std::printf("%s\n", release->version.c_str());
      return 0;
    case Options::Mode::print_help:
      std::fprintf(stderr, "%s", usage().c_str());
      return 0;
    case Options::Mode::rotate:
    case Options::Mode::hook:
      return run_function(*options, environment);
    case Options::Mode::serve:
      return run_service(*options, *release, environment, std::move(in_order));
  }
  return 2;
}

}  // namespace pds::podinfo
