#include "podinfo/options.h"

#include <fmt/format.h>

#include <climits>
#include <set>
#include <variant>

#include "base/json.h"
#include "base/text.h"
#include "podinfo/duration_text.h"
#include "podinfo/integer_text.h"
#include "podinfo/redis_address.h"

namespace pds::podinfo {
namespace {

using Urls = std::vector<std::string>;
using Field = std::variant<std::string Options::*, bool Options::*, int Options::*, int64_t Options::*, Duration Options::*, LogLevel Options::*,
                           Urls Options::*, std::optional<std::string> Options::*>;

struct Flag {
  std::string_view name;
  std::string_view help;
  Field field;
  std::string_view fallback = {};  // a variable that is heeded where PODINFO_... says nothing
  bool on_command_line = true;
};

const Flag flags[] = {
    {"host", "address to listen on; empty: all", &Options::host},
    {"prefix", "path under which everything is served", &Options::prefix},
    {"port", "HTTP port, 0 for none", &Options::port, "PORT"},
    {"secure-port", "HTTPS port, 0 for none", &Options::secure_port},
    {"port-metrics", "port of a listener for metrics alone, 0 for none", &Options::port_metrics},
    {"grpc-port", "gRPC port, 0 for none", &Options::grpc_port},
    {"grpc-service-name", "name in gRPC health checks", &Options::grpc_service_name},
    {"level", "log level: debug, info, warn, error", &Options::level, "LOG_LEVEL"},
    {"backend-url", "what /echo calls; repeatable, or a list with commas", &Options::backend_urls},
    {"http-client-timeout", "for one call of a backend", &Options::http_client_timeout},
    {"http-server-timeout", "for a request to come in and to be answered", &Options::http_server_timeout},
    {"server-shutdown-timeout", "for requests in flight to end", &Options::shutdown_timeout},
    {"data-path", "folder of /store", &Options::data_path},
    {"config-path", "folder of /configs, and of the config file", &Options::config_path},
    {"cert-path", "folder of tls.crt and tls.key", &Options::cert_path},
    {"config", "name of the config file", &Options::config},
    {"ui-path", "accepted; the page is built in", &Options::ui_path},
    {"ui-logo", "address of a picture", &Options::ui_logo},
    {"ui-color", "colour of the page", &Options::ui_color},
    {"ui-message", "greeting", &Options::ui_message},
    {"h2c", "HTTP/2 without TLS", &Options::h2c},
    {"random-delay", "answers late", &Options::random_delay},
    {"random-delay-unit", "s or ms", &Options::random_delay_unit},
    {"random-delay-min", "least delay", &Options::random_delay_min},
    {"random-delay-max", "delays are below this", &Options::random_delay_max},
    {"random-error", "a third of all answers are errors", &Options::random_error},
    {"unhealthy", "never becomes healthy", &Options::unhealthy},
    {"unready", "does not become ready by itself", &Options::unready},
    {"stress-cpu", "threads that do nothing, busily", &Options::stress_cpu},
    {"stress-memory", "millions of bytes to hold", &Options::stress_memory},
    {"cache-server", "Redis: host:port, redis://[[user]:password@]host:port/database, rediss://...", &Options::cache_server},
    {"otel-service-name", "name in traces; empty: no tracing", &Options::otel_service_name},
    {"real-status", "error documents have the HTTP status that they name instead of 200", &Options::real_status},
    {"access-log", "a line at level info for each request", &Options::access_log},
    {"hide-settings", "/env and /configs are not there", &Options::hide_settings},
    {"method-hints", "HEAD wherever GET is, and Allow on 405", &Options::method_hints},
    {"count-unmatched", "requests that lead nowhere are counted, as \"unmatched\"", &Options::count_unmatched},
    {"lambda-response-stream", "as a function: answer function URLs piece by piece (InvokeMode RESPONSE_STREAM)", &Options::lambda_response_stream},
    {"secret-id", "name or ARN of a secret to load", &Options::secret_id, "SECRET_ARN"},
    {"secret-refresh", "time between two looks for a new version of it", &Options::secret_refresh},
    {"database-url", "PostgreSQL of /api/data: postgresql://user:password@host:port/database", &Options::database_url},
    {"database-replica-url", "what it reads from; repeatable, or a list with commas", &Options::database_replica_urls},
    {"database-pool-min", "connections that are kept to each server", &Options::database_pool_min},
    {"database-pool-max", "connections to each server at most", &Options::database_pool_max},
    {"data-cache-bytes", "memory for what /api/data read lately, 0 for none", &Options::data_cache_bytes},
    {"data-cache-ttl", "how long that is fresh", &Options::data_cache_ttl},
    {"data-cache-stale", "how long it is given out after that, while it is read anew", &Options::data_cache_stale},
    {"jwt-secret", "", &Options::jwt_secret, {}, false},
    {"environment", "", &Options::environment, "ENVIRONMENT", false},
};

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

std::string variable_of(const Flag& flag) {
  std::string out = "PODINFO_";
  for (char c : flag.name) out += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

// The spellings that Go's strconv takes.
std::optional<bool> parse_bool(std::string_view text) {
  for (std::string_view yes : {"1", "t", "T", "true", "True", "TRUE"}) {
    if (text == yes) return true;
  }
  for (std::string_view no : {"0", "f", "F", "false", "False", "FALSE"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

// An unknown level means info, as podinfo has always had it.
LogLevel parse_level(std::string_view text) {
  if (text == "debug") return LogLevel::debug;
  if (text == "warn") return LogLevel::warn;
  if (text == "error" || text == "fatal" || text == "panic") return LogLevel::error;
  return LogLevel::info;
}

constexpr std::string_view go_bool = "strconv.ParseBool", go_integer = "strconv.ParseInt";
using Problem = std::optional<std::string>;

template <class Integer>
Problem set_integer(Integer& out, std::string_view text, int64_t least, int64_t most) {
  auto refuse = [&](std::string_view why) { return fmt::format("{}: parsing \"{}\": {}", go_integer, text, why); };
  Result<int64_t> number = parse_go_integer(text);
  if (!number) return refuse(number.error().message);
  if (*number < least || *number > most) return refuse("value out of range");
  out = static_cast<Integer>(*number);
  return {};
}

// What is wrong with the text, as far as it can be seen by itself. Lists grow; all else is replaced.
Problem set(Options& options, const Flag& flag, std::string_view text) {
  return std::visit(Overloaded{
                        [&](std::string Options::*field) -> Problem { return options.*field = text, Problem(); },
                        [&](LogLevel Options::*field) -> Problem { return options.*field = parse_level(text), Problem(); },
                        [&](std::optional<std::string> Options::*field) -> Problem { return options.*field = std::string(text), Problem(); },
                        [&](int Options::*field) { return set_integer(options.*field, text, INT_MIN, INT_MAX); },
                        [&](int64_t Options::*field) { return set_integer(options.*field, text, 0, int64_t{1} << 40); },
                        [&](bool Options::*field) -> Problem {
                          std::optional<bool> value = parse_bool(text);
                          if (!value) return fmt::format("{}: parsing \"{}\": invalid syntax", go_bool, text);
                          return options.*field = *value, Problem();
                        },
                        [&](Duration Options::*field) -> Problem {
                          Result<Duration> value = parse_duration(text);
                          if (!value) return value.error().message;
                          return options.*field = *value, Problem();
                        },
                        [&](Urls Options::*field) -> Problem {
                          for (std::string_view part : split(text, ',')) {
                            if (!trim(part).empty()) (options.*field).emplace_back(trim(part));
                          }
                          return {};
                        },
                    },
                    flag.field);
}

void clear_list(Options& options, const Flag& flag) {
  if (auto* list = std::get_if<Urls Options::*>(&flag.field)) (options.**list).clear();
}

using Values = std::map<std::string, std::string>;

bool says(const Values& values, const std::string& name) {
  auto entry = values.find(name);
  return entry != values.end() && !entry->second.empty();
}

// From where nobody is told about mistakes.
bool set_if_good(Options& options, const Flag& flag, const Values& values, const std::string& name) {
  if (!says(values, name)) return false;
  Options changed = options;
  clear_list(changed, flag);
  if (set(changed, flag, values.at(name))) return false;
  options = std::move(changed);
  return true;
}

// A Kubernetes Service named podinfo injects PODINFO_PORT=tcp://10.0.0.1:9898. A variable that cannot be used hides what the file says all
// the same: the original takes the default then.
void set_from_outside(Options& options, const Flag& flag, const Environment& environment, const ConfigValues& file) {
  std::string variable = variable_of(flag);
  if (!says(environment, variable)) set_if_good(options, flag, file, std::string(flag.name));
  if (!set_if_good(options, flag, environment, variable) && !flag.fallback.empty())
    set_if_good(options, flag, environment, std::string(flag.fallback));
}

// One pass over the command line, as pflag does it: words that are no flags are passed over.
class Arguments {
 public:
  explicit Arguments(const std::vector<std::string>& all) : all_(all) {}

  Result<void> apply(Options& options) {
    if (!all_.empty() && all_[0] == "rotate") options.mode = Options::Mode::rotate;
    if (!all_.empty() && all_[0] == "hook") options.mode = Options::Mode::hook;
    for (; at_ < all_.size() && !wants_help_; ++at_) {
      std::string_view argument = all_[at_];
      if (argument == "--") break;
      if (argument.starts_with("--")) {
        CHECK(apply_flag(options, argument.substr(2)));
      } else if (argument.starts_with("-")) {
        CHECK(apply_letters(options, argument.substr(1)));
      }
    }
    if (wants_help_) options.mode = Options::Mode::print_help;
    return {};
  }

 private:
  Result<void> apply_flag(Options& options, std::string_view argument) {
    if (argument[0] == '-' || argument[0] == '=') return fail("E_USAGE", fmt::format("bad flag syntax: --{}", argument));
    size_t equals = argument.find('=');
    std::string_view name = argument.substr(0, equals);
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos) value = argument.substr(equals + 1);
    if (name == "version") return apply_version(options, value.value_or("true"));
    for (const Flag& flag : flags) {
      if (flag.name == name && flag.on_command_line) return apply_value(options, flag, value);
    }
    if (name != "help") return fail("E_USAGE", fmt::format("unknown flag: --{}", name));
    wants_help_ = true;
    return {};
  }

  // Each letter is a switch; what stands behind "=" is for the last one.
  Result<void> apply_letters(Options& options, std::string_view letters) {
    for (std::string_view rest = letters; !rest.empty(); rest.remove_prefix(1)) {
      if (rest[0] == 'h') {
        wants_help_ = true;
        return {};
      }
      if (rest[0] != 'v') return fail("E_USAGE", fmt::format("unknown shorthand flag: '{}' in -{}", rest[0], letters));
      if (rest.size() > 2 && rest[1] == '=') return apply_version(options, rest.substr(2));
      CHECK(apply_version(options, "true"));
    }
    return {};
  }

  Result<void> apply_value(Options& options, const Flag& flag, std::optional<std::string_view> value) {
    bool is_switch = std::holds_alternative<bool Options::*>(flag.field);
    if (!value && is_switch) value = "true";
    if (!value && at_ + 1 == all_.size()) return fail("E_USAGE", fmt::format("flag needs an argument: --{}", flag.name));
    if (!value) value = all_[++at_];
    if (seen_.insert(&flag).second) clear_list(options, flag);
    Problem problem = set(options, flag, *value);
    if (problem) return fail("E_USAGE", fmt::format("invalid argument \"{}\" for \"--{}\" flag: {}", *value, flag.name, *problem));
    return {};
  }

  Result<void> apply_version(Options& options, std::string_view value) {
    std::optional<bool> wanted = parse_bool(value);
    if (!wanted) {
      return fail(
          "E_USAGE",
          fmt::format("invalid argument \"{0}\" for \"-v, --version\" flag: {1}: parsing \"{0}\": invalid syntax", value, go_bool));
    }
    if (*wanted) options.mode = Options::Mode::print_version;
    return {};
  }

  const std::vector<std::string>& all_;
  size_t at_ = 0;
  bool wants_help_ = false;
  std::set<const Flag*> seen_;
};

// What can be seen only when all is said.
Result<void> check(const Options& options) {
  if (options.random_delay_max < options.random_delay_min)
    return fail("E_USAGE", "`--random-delay-max` should be greater than `--random-delay-min`");
  if (options.random_delay_unit != "s" && options.random_delay_unit != "ms")
    return fail("E_USAGE", "`random-delay-unit` accepted values are: s|ms");
  if (options.secret_refresh < 10ms) return fail("E_USAGE", "`--secret-refresh` should be at least 10ms");
  if (options.backend_urls.size() > backends_max)
    return fail("E_USAGE", fmt::format("`--backend-url` takes at most {} addresses", backends_max));
  if (options.database_pool_max < 1 || options.database_pool_max > pool_connections_max || options.database_pool_min < 0 ||
      options.database_pool_min > options.database_pool_max)
    return fail("E_USAGE", fmt::format("`--database-pool-max` is from 1 to {}, and at least `--database-pool-min`", pool_connections_max));
  if (!options.database_replica_urls.empty() && options.database_url.empty())
    return fail("E_USAGE", "`--database-replica-url` needs `--database-url`");
  if (options.data_cache_ttl < 0s || options.data_cache_stale < 0s) return fail("E_USAGE", "`--data-cache-ttl` and `--data-cache-stale` should not be negative");
  if (!options.cache_server.empty()) CHECK(parse_redis_address(options.cache_server));
  return {};
}

std::string default_of(const Flag& flag) {
  static const Options defaults;
  return std::visit(Overloaded{
                        [](std::string Options::*field) { return fmt::format(" (default \"{}\")", defaults.*field); },
                        [](int Options::*field) { return fmt::format(" (default {})", defaults.*field); },
                        [](int64_t Options::*field) { return fmt::format(" (default {})", defaults.*field); },
                        [](Duration Options::*field) { return fmt::format(" (default {})", to_go_text(defaults.*field)); },
                        [](LogLevel Options::*) { return std::string(" (default info)"); },
                        [](auto) { return std::string(); },
                    },
                    flag.field);
}

}  // namespace

std::string clean_prefix(std::string_view text) {
  std::string out;
  for (std::string_view part : split(trim(text), '/')) {
    if (part == "..") {
      out.erase(std::min(out.rfind('/'), out.size()));
    } else if (!part.empty() && part != ".") {
      out.append("/").append(part);
    }
  }
  return out;
}

Result<Options> parse_options(const std::vector<std::string>& arguments, const Environment& environment, const ConfigValues& file) {
  Options options;
  if (environment.contains("AWS_LAMBDA_RUNTIME_API")) options.data_path = function_data_path;
  for (const Flag& flag : flags) set_from_outside(options, flag, environment, file);
  CHECK(Arguments(arguments).apply(options));
  options.prefix = clean_prefix(options.prefix);
  if (options.mode != Options::Mode::print_help && options.mode != Options::Mode::print_version) CHECK(check(options));
  return options;
}

std::string usage() {
  std::string text =
      "Usage: podinfo [rotate|hook|check] [flags]\n\n"
      "  podinfo          serves HTTP; as a Lambda function where AWS_LAMBDA_RUNTIME_API is set\n"
      "  podinfo rotate   the rotation function of Secrets Manager\n"
      "  podinfo hook     the lifecycle hook function of CodeDeploy\n"
      "  podinfo check    asks a service whether it is well: http, tcp, grpc, ws, cert; for probes\n\nFlags:\n";
  for (const Flag& flag : flags) {
    if (!flag.on_command_line) continue;
    text += fmt::format("      --{:<26} {}{} [{}]\n", flag.name, flag.help, default_of(flag), variable_of(flag));
  }
  return text + "  -v, --version                    print the version\n  -h, --help                       print this\n";
}

Release release_of(const Environment& environment) {
  Release release;
  auto take = [&environment](const char* name, std::string& out) {
    auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) out = found->second;
  };
  take("VERSION", release.version);
  take("COMMIT", release.revision);
  take("BUILD_TIME", release.build_time);
  return release;
}

Result<Release> parse_release(std::string_view text) {
  TRY(json::value value, parse_json(text));
  const json::object* document = value.if_object();
  if (!document) return fail("E_BAD_RELEASE", "the release file is not a JSON object");
  Release release;
  release.version = get_string(*document, "version");
  release.revision = get_string(*document, "revision", release.revision);
  release.build_time = get_string(*document, "build_time", release.build_time);
  if (release.version.empty()) return fail("E_BAD_RELEASE", "the release file names no version");
  if (const json::object* faulty = get_object(*document, "faulty")) {
    double after = get_double(*faulty, "after_seconds"), ratio = get_double(*faulty, "error_ratio");
    if (!(after >= 0 && after <= 86'400) || !(ratio >= 0 && ratio <= 1)) {
      return fail("E_BAD_RELEASE", "faulty needs after_seconds from 0 to 86400 and error_ratio from 0 to 1");
    }
    release.fault = Fault{Duration(static_cast<int64_t>(after * 1e6)), ratio};
  }
  return release;
}

}  // namespace pds::podinfo
