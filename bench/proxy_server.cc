// The balancer's data plane alone, for comparison with other proxies: one listener, five rules, two weighted target groups, an
// access-log line per request.
//
//   bench_proxy <port> <backend port> <log file> [--loops N]
//
// With N loops, each on a thread of its own with its own listener, pools and log (<log file>.1 ...): they share the port and nothing else.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "http/server.h"
#include "io/clock.h"
#include "proxy/frontend.h"

namespace pds::proxy {
namespace {

// Lines gather and go out in large pieces, as the daemon's log does.
class LineFile {
 public:
  explicit LineFile(const char* path) : fd_(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    pending_.reserve(2 * flush_bytes);
  }
  bool is_open() const { return fd_ >= 0; }
  void append(std::string_view line) {
    pending_ += line;
    if (pending_.size() < flush_bytes) return;
    if (write(fd_, pending_.data(), pending_.size()) < 0) std::abort();
    pending_.clear();
  }

 private:
  static constexpr size_t flush_bytes = 64 * 1024;
  int fd_;
  std::string pending_;
};

std::shared_ptr<TargetGroup> make_group(io::Loop& loop, const Clock& clock, const std::string& name, uint16_t port) {
  TargetGroupSettings settings;
  settings.name = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/" + name + "/73e2d6bc24d8a067";
  settings.health.enabled = false;
  auto group = std::make_shared<TargetGroup>(loop, clock, name, settings);
  TargetSpec spec;
  spec.id = "127.0.0.1";
  spec.port = port;
  spec.zone = "us-east-1a";
  spec.authority = "127.0.0.1:" + std::to_string(port);
  spec.reach = [&loop](uint16_t to) { return std::shared_ptr<io::Connector>(io::tcp_connector(loop, "127.0.0.1", to)); };
  group->add(spec);
  group->set_in_use(true);
  return group;
}

Rule path_rule(int priority, const char* pattern, const std::shared_ptr<TargetGroup>& group) {
  Condition condition;
  condition.patterns.emplace_back(pattern, Case::sensitive);
  return {priority, {condition}, Forward({{group, 1, ""}}, 0)};
}

int run(uint16_t port, uint16_t backend, const char* log_path, bool share_port) {
  io::Loop loop;
  io::SystemClock clock;
  LineFile log(log_path);
  auto blue = make_group(loop, clock, "blue", backend), green = make_group(loop, clock, "green", backend);
  auto routes = std::make_shared<Routes>(Routes{{}, {}, Forward({{blue, 90, ""}, {green, 10, ""}}, 0)});
  routes->settings.load_balancer_id = "app/bench/50dc6c495c0c9188";
  routes->settings.port = port;
  int priority = 0;
  for (const char* pattern : {"/admin/*", "/static/*", "/v1/*", "*.php", "/health"}) {
    routes->rules.push_back(path_rule(++priority, pattern, blue));
  }
  Frontend frontend(loop, clock, 1, std::make_shared<FrontCounters>());
  frontend.set_routes(routes);
  frontend.set_access_log([&log](std::string_view line) { log.append(line); });
  http::ServerOptions options;
  options.limits.body_bytes_max = SIZE_MAX;
  http::Server server(loop, frontend, options);
  auto listener = io::listen_tcp(loop, "127.0.0.1", port, {.share_port = share_port});
  if (!listener || !log.is_open()) {
    std::fprintf(stderr, "%s\n", listener ? "the log file cannot be written" : listener.error().message.c_str());
    return 1;
  }
  server.listen(std::move(*listener));
  loop.run();
  return 0;
}

}  // namespace
}  // namespace pds::proxy

int main(int argc, char** argv) {
  int loops = argc == 6 && std::string_view(argv[4]) == "--loops" ? std::atoi(argv[5]) : argc == 4 ? 1 : 0;
  if (loops < 1 || loops > 64) {
    std::fprintf(stderr, "usage: bench_proxy <port> <backend port> <log file> [--loops N]\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  auto port = static_cast<uint16_t>(std::atoi(argv[1])), backend = static_cast<uint16_t>(std::atoi(argv[2]));
  std::vector<std::jthread> others;
  for (int i = 1; i < loops; ++i) {
    others.emplace_back([=, log = std::string(argv[3]) + "." + std::to_string(i)] {
      if (pds::proxy::run(port, backend, log.c_str(), true) != 0) std::exit(1);
    });
  }
  return pds::proxy::run(port, backend, argv[3], loops > 1);
}
