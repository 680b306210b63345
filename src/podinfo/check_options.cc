#include "podinfo/check_options.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/text.h"
#include "podinfo/duration_text.h"

namespace pds::podinfo {
namespace {

using Kind = CheckOptions::Kind;
constexpr std::pair<std::string_view, Kind> kinds[] = {{"http", Kind::http}, {"tcp", Kind::tcp}, {"grpc", Kind::grpc}, {"ws", Kind::ws}, {"cert", Kind::cert}};

std::optional<Kind> kind_of(std::string_view name) {
  for (const auto& [known, kind] : kinds) {
    if (name == known) return kind;
  }
  return std::nullopt;
}

bool is_switch(std::string_view name) { return name == "tls" || name == "asks-at-once"; }

bool is_flag(Kind kind, std::string_view name) {
  if (name == "method" || name == "body") return kind == Kind::http;
  if (name == "service" || name == "tls") return kind == Kind::grpc;
  return kind != Kind::cert && (name == "retry" || name == "delay" || name == "timeout" || name == "asks-at-once");
}

Result<void> set(CheckOptions& options, std::string_view name, const std::string& value) {
  auto invalid = [&] { return fail("E_USAGE", fmt::format("invalid argument \"{}\" for \"--{}\"", value, name)); };
  if (name == "method") {
    options.method = value;
  } else if (name == "body") {
    options.body = value;
  } else if (name == "service") {
    options.service = value;
  } else if (is_switch(name)) {
    if (value != "true" && value != "false") return invalid();
    (name == "tls" ? options.tls : options.asks_at_once) = value == "true";
  } else if (name == "retry") {
    std::optional<int64_t> number = parse_int(value);
    if (!number || *number < 0 || *number > check_retries_max) return invalid();
    options.retry = static_cast<int>(*number);
  } else {
    Result<Duration> duration = parse_duration(value);
    if (!duration || *duration < 0s) return invalid();
    (name == "delay" ? options.delay : options.timeout) = *duration;
  }
  return {};
}

}  // namespace

Result<CheckOptions> parse_check(const std::vector<std::string>& arguments) {
  std::optional<Kind> kind = arguments.empty() ? std::nullopt : kind_of(arguments[0]);
  if (!kind) return fail("E_USAGE", arguments.empty() ? "check what?" : fmt::format("unknown command \"{}\" for \"check\"", arguments[0]));
  CheckOptions options;
  options.kind = *kind;
  for (size_t i = 1; i < arguments.size(); ++i) {
    std::string_view word = arguments[i];
    if (!word.starts_with("--")) {
      if (!options.address.empty()) return fail("E_USAGE", fmt::format("one address is checked at a time, not \"{}\" too", word));
      options.address = word;
      continue;
    }
    size_t equals = word.find('=');
    std::string_view name = word.substr(2, equals == std::string_view::npos ? equals : equals - 2);
    if (!is_flag(*kind, name)) return fail("E_USAGE", fmt::format("unknown flag: --{}", name));
    if (equals != std::string_view::npos) {
      CHECK(set(options, name, std::string(word.substr(equals + 1))));
    } else if (is_switch(name)) {
      CHECK(set(options, name, "true"));
    } else if (++i < arguments.size()) {
      CHECK(set(options, name, arguments[i]));
    } else {
      return fail("E_USAGE", fmt::format("flag needs an argument: --{}", name));
    }
  }
  if (options.address.empty()) return fail("E_USAGE", "address is required");
  if (*kind == Kind::ws && !options.address.starts_with("ws://") && !options.address.starts_with("wss://"))
    return fail("E_USAGE", fmt::format("a WebSocket's address begins with ws:// or wss://, not as \"{}\" does", options.address));
  return options;
}

std::string check_usage() {
  return "Usage:\n"
         "  podinfo check http ADDRESS [--method GET] [--body TEXT]\n"
         "  podinfo check tcp HOST:PORT\n"
         "  podinfo check grpc HOST:PORT [--service NAME] [--tls]\n"
         "  podinfo check ws ws://HOST:PORT/PATH\n"
         "  podinfo check cert HOST\n"
         "\n"
         "  --retry N        further attempts [0]\n"
         "  --delay TIME     before an attempt, but the second [1s]\n"
         "  --timeout TIME   for an attempt [5s]\n"
         "  --asks-at-once   no delay before the first attempt, one before each other\n"
         "\n"
         "Exit status: 0 when the check has passed, 1 for anything else.\n";
}

bool pauses_before(const CheckOptions& options, int attempt) { return options.asks_at_once ? attempt > 0 : attempt != 1; }

}  // namespace pds::podinfo
