#include "podinfo/options.h"

#include "base/json.h"
#include "base/text.h"

namespace pds::podinfo {
namespace {

// Go's way of writing durations, which podinfo's users know: "15s", "500ms", "2m"; a bare number counts seconds.
std::optional<Duration> parse_duration(std::string_view text) {
  size_t unit_at = text.find_first_not_of("0123456789.");
  std::optional<double> number = parse_double(text.substr(0, unit_at));
  std::string_view unit = unit_at == std::string_view::npos ? "s" : text.substr(unit_at);
  double scale = unit == "ms" ? 1e3 : unit == "s" ? 1e6 : unit == "m" ? 60e6 : unit == "h" ? 3600e6 : 0;
  if (!number || scale == 0 || *number < 0 || *number * scale > 1e15) return std::nullopt;
  return Duration(static_cast<int64_t>(*number * scale));
}

struct Flag {
  const char* name;
  const char* variable;
  const char* help;
  bool (*apply)(Options& options, std::string_view value);  // false: not a value of this flag
};

bool set_port(Options& options, std::string_view value) {
  std::optional<int64_t> number = parse_int(value);
  if (!number || *number < 0 || *number > 65535) return false;
  options.port = static_cast<uint16_t>(*number);
  return true;
}

bool set_level(Options& options, std::string_view value) {
  // An unknown level means info, as podinfo has always had it.
  options.level = value == "debug"   ? LogLevel::debug
                  : value == "warn"  ? LogLevel::warn
                  : value == "error" ? LogLevel::error
                                     : LogLevel::info;
  return true;
}

bool set_duration(Duration& out, std::string_view value, Duration least) {
  std::optional<Duration> duration = parse_duration(value);
  if (!duration || *duration < least) return false;
  out = *duration;
  return true;
}

constexpr Flag flags[] = {
    {"host", "PODINFO_HOST", "address to listen on (default 0.0.0.0)",
     [](Options& o, std::string_view v) { return o.host = v, true; }},
    {"port", "PODINFO_PORT", "port to listen on, 0 picks a free one (default 9898)", set_port},
    {"level", "PODINFO_LEVEL", "log level: debug, info, warn or error (default info)", set_level},
    {"ui-color", "PODINFO_UI_COLOR", "colour of the page (default #34577c)",
     [](Options& o, std::string_view v) { return o.ui_color = v, true; }},
    {"ui-message", "PODINFO_UI_MESSAGE", "greeting", [](Options& o, std::string_view v) { return o.ui_message = v, true; }},
    {"secret-id", "PODINFO_SECRET_ID", "name or ARN of a secret to load",
     [](Options& o, std::string_view v) { return o.secret_id = v, true; }},
    {"secret-refresh", "PODINFO_SECRET_REFRESH", "time between two looks for a new version (default 15s)",
     [](Options& o, std::string_view v) { return set_duration(o.secret_refresh, v, 10ms); }},
    {"server-shutdown-timeout", "PODINFO_SERVER_SHUTDOWN_TIMEOUT", "time for requests in flight to end (default 5s)",
     [](Options& o, std::string_view v) { return set_duration(o.shutdown_timeout, v, 0s); }},
};

const Flag* find_flag(std::string_view name) {
  for (const Flag& flag : flags) {
    if (name == flag.name) return &flag;
  }
  return nullptr;
}

void apply_environment(Options& options, const Environment& environment) {
  for (const Flag& flag : flags) {
    auto entry = environment.find(flag.variable);
    if (entry == environment.end() || entry->second.empty()) continue;
    // What cannot be used is passed over: a Kubernetes Service named podinfo injects PODINFO_PORT=tcp://10.0.0.1:9898.
    Options changed = options;
    if (flag.apply(changed, entry->second)) options = changed;
  }
}

Result<void> apply_argument(Options& options, const std::vector<std::string>& arguments, size_t& index) {
  std::string_view argument = arguments[index];
  if (!argument.starts_with("--")) return fail("E_USAGE", "unknown command \"" + std::string(argument) + "\" for \"podinfo\"");
  size_t equals = argument.find('=');
  std::string_view name = argument.substr(2, equals == std::string_view::npos ? equals : equals - 2);
  const Flag* flag = find_flag(name);
  if (!flag) return fail("E_USAGE", "unknown flag: --" + std::string(name));
  std::string_view value;
  if (equals != std::string_view::npos) {
    value = argument.substr(equals + 1);
  } else if (index + 1 < arguments.size()) {
    value = arguments[++index];
  } else {
    return fail("E_USAGE", "flag needs an argument: --" + std::string(name));
  }
  if (!flag->apply(options, value))
    return fail("E_USAGE", "invalid argument \"" + std::string(value) + "\" for \"--" + std::string(name) + "\"");
  return {};
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments, const Environment& environment) {
  Options options;
  apply_environment(options, environment);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--version" || argument == "-v") {
      options.mode = Options::Mode::print_version;
    } else if (argument == "--help" || argument == "-h") {
      options.mode = Options::Mode::print_help;
    } else if (i == 0 && argument == "rotate") {
      options.mode = Options::Mode::rotate;
    } else if (i == 0 && argument == "hook") {
      options.mode = Options::Mode::hook;
    } else {
      CHECK(apply_argument(options, arguments, i));
    }
  }
  return options;
}

std::string usage() {
  std::string text =
      "Usage: podinfo [rotate|hook] [flags]\n\n"
      "  podinfo          serves HTTP; as a Lambda function where AWS_LAMBDA_RUNTIME_API is set\n"
      "  podinfo rotate   the rotation function of Secrets Manager\n"
      "  podinfo hook     the lifecycle hook function of CodeDeploy\n\nFlags:\n";
  for (const Flag& flag : flags) text += "  --" + std::string(flag.name) + "\n        " + flag.help + " [" + flag.variable + "]\n";
  return text + "  --version, -v\n        print the version\n  --help, -h\n        print this\n";
}

Result<Release> parse_release(std::string_view text) {
  TRY(json::value value, parse_json(text));
  const json::object* document = value.if_object();
  if (!document) return fail("E_BAD_RELEASE", "the release file is not a JSON object");
  Release release;
  release.version = get_string(*document, "version");
  release.revision = get_string(*document, "revision", "unknown");
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
