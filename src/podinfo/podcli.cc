#include "podinfo/podcli.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "io/loop.h"
#include "podinfo/check.h"
#include "podinfo/ws_client.h"

namespace pds::podinfo {
namespace {

constexpr Duration ws_timeout = 10s;
constexpr const char* usage =
    "Usage:\n"
    "  podcli check http|tcp|grpc|ws|cert ADDRESS   whether a service is well; see podcli check --help\n"
    "  podcli ws ADDRESS [-o, --origin ORIGIN]      sends each line of its input over a WebSocket, prints what comes\n"
    "  podcli version                               prints the version\n";

int refuse(const std::string& message) {
  std::fprintf(stderr, "Error: %s\n%s", message.c_str(), usage);
  return 1;
}

struct WebSocketCall {
  std::string address, origin;
};

Result<WebSocketCall> parse_ws(const std::vector<std::string>& arguments) {
  WebSocketCall call;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view word = arguments[i];
    if (word.starts_with("--origin=")) {
      call.origin = word.substr(9);
    } else if (word == "-o" || word == "--origin") {
      if (++i == arguments.size()) return fail("E_USAGE", fmt::format("flag needs an argument: {}", word));
      call.origin = arguments[i];
    } else if (word.starts_with('-')) {
      return fail("E_USAGE", fmt::format("unknown flag: {}", word));
    } else {
      call.address = word;
    }
  }
  if (call.address.empty()) return fail("E_USAGE", "address is required");
  if (!call.address.starts_with("ws://") && !call.address.starts_with("wss://")) call.address = "ws://" + call.address;
  if (call.origin.empty()) call.origin = "http" + call.address.substr(2);
  return call;
}

std::optional<std::string> next_line() {
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  return line;
}

io::Task<void> send_lines(io::Loop& loop, WebSocketClient& socket) {
  while (std::optional<std::string> line = co_await loop.offload(next_line)) {
    if (line->empty()) continue;
    if (!co_await socket.send(*line, loop.exact_now() + ws_timeout)) co_return;
  }
  [[maybe_unused]] Result<void> told = co_await socket.close(loop.exact_now() + ws_timeout);
}

io::Task<int> talk(io::Loop& loop, const WebSocketCall& call) {
  Result<std::unique_ptr<WebSocketClient>> socket = co_await WebSocketClient::connect(loop, call.address, call.origin, ws_timeout);
  if (!socket) {
    std::fprintf(stderr, "%s: %s\n", call.address.c_str(), socket.error().message.c_str());
    co_return 1;
  }
  io::TaskSet sending;
  sending.spawn(send_lines(loop, **socket));
  while (true) {
    Result<std::optional<std::string>> message = co_await (*socket)->read(MonoTime::max());
    if (!message) std::fprintf(stderr, "%s: %s\n", call.address.c_str(), message.error().message.c_str());
    if (!message || !*message) {
      std::fflush(stdout);
      ::_exit(message ? 0 : 1);  // whoever reads lines waits for one
    }
    std::printf("< %s%s", (*message)->c_str(), (*message)->ends_with('\n') ? "" : "\n");
    std::fflush(stdout);
  }
}

}  // namespace

int run_podcli(const std::vector<std::string>& arguments, const std::string& version) {
  std::string name = arguments.empty() ? "--help" : arguments[0];
  std::vector<std::string> rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (name == "check") return run_check(rest);
  if (name == "version") return std::printf("%s\n", version.c_str()) > 0 ? 0 : 1;
  if (name == "--help" || name == "-h" || name == "help") return std::printf("%s", usage) > 0 ? 0 : 1;
  if (name != "ws") return refuse(fmt::format("unknown command \"{}\" for \"podcli\"", name));
  Result<WebSocketCall> call = parse_ws(rest);
  if (!call) return refuse(call.error().message);
  io::Loop loop;
  return io::run_until_done(loop, talk(loop, *call));
}

}  // namespace pds::podinfo
