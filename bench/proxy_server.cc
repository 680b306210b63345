// The balancer's data plane alone, for comparison with other proxies: one listener, five rules, two weighted target groups, an
// access-log line per request.
//
//   bench_proxy <port> <backend port> <log file> [--loops N] [--tls <certificate and key>] [--speak http2|grpc]
//
// With --speak the groups are asked in that, and clients may begin with HTTP/2.
// Backend port 0: a fixed answer takes the place of the groups. With a PEM file TLS 1.3 is spoken, and no session is resumed.
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
#include "io/files.h"
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
  static constexpr size_t flush_bytes = 256 * 1024;  // a file system takes a quarter of a megabyte at a third of the price of four pieces
  int fd_;
  std::string pending_;
};

std::shared_ptr<TargetGroup> make_group(io::Loop& loop, const Clock& clock, const std::string& name, uint16_t port, TargetProtocol protocol) {
  TargetGroupSettings settings;
  settings.name = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/" + name + "/73e2d6bc24d8a067";
  settings.health.enabled = false;
  settings.protocol = protocol;
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

std::shared_ptr<http::TlsAcceptor> make_acceptor(const char* pem_path) {
  Result<std::string> pem = io::read_file(pem_path, 1u << 20);
  if (!pem) return nullptr;
  auto context = http::TlsServerContext::make({.identities = {{"arn:bench", *pem, *pem}}, .version_min = http::TlsVersion::v1_3});
  return context ? std::make_shared<http::TlsAcceptor>(*context) : nullptr;
}

int run(io::Loop& loop, uint16_t port, uint16_t backend, const char* log_path, const char* pem_path, TargetProtocol protocol, bool share_port) {
  io::SystemClock clock;
  LineFile log(log_path);
  auto blue = make_group(loop, clock, "blue", backend, protocol), green = make_group(loop, clock, "green", backend, protocol);
  Action action = Forward({{blue, 90, ""}, {green, 10, ""}}, 0);
  if (backend == 0) action = FixedResponse{.body = "hello from the balancer\n"};
  auto routes = std::make_shared<Routes>(Routes{{}, {}, std::move(action)});
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
  options.http2_prior_knowledge = protocol != TargetProtocol::http1;
  http::Server server(loop, frontend, options);
  auto listener = io::listen_tcp(loop, "127.0.0.1", port, {.share_port = share_port});
  std::shared_ptr<http::TlsAcceptor> acceptor = pem_path ? make_acceptor(pem_path) : nullptr;
  if (!listener || !log.is_open() || (pem_path && !acceptor)) {
    std::fprintf(stderr, "%s\n", listener ? "the log file or the certificate cannot be opened" : listener.error().message.c_str());
    return 1;
  }
  server.listen(std::move(*listener), acceptor);
  loop.run();
  return 0;
}

}  // namespace
}  // namespace pds::proxy

static pds::io::Loop* main_loop = nullptr;

int main(int argc, char** argv) {
  int loops = 1;
  const char* pem_path = nullptr;
  auto protocol = pds::proxy::TargetProtocol::http1;
  bool valid = argc >= 4 && argc % 2 == 0;
  for (int i = 4; valid && i < argc; i += 2) {
    std::string_view option = argv[i];
    if (option == "--loops") loops = std::atoi(argv[i + 1]);
    else if (option == "--tls") pem_path = argv[i + 1];
    else if (option == "--speak" && argv[i + 1] == std::string_view("http2")) protocol = pds::proxy::TargetProtocol::http2;
    else if (option == "--speak" && argv[i + 1] == std::string_view("grpc")) protocol = pds::proxy::TargetProtocol::grpc;
    else valid = false;
  }
  if (!valid || loops < 1 || loops > 64) {
    std::fprintf(stderr, "usage: bench_proxy <port> <backend port> <log file> [--loops N] [--tls <certificate and key>] [--speak http2|grpc]\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  auto port = static_cast<uint16_t>(std::atoi(argv[1])), backend = static_cast<uint16_t>(std::atoi(argv[2]));
  for (int i = 1; i < loops; ++i) {
    std::thread([=, log = std::string(argv[3]) + "." + std::to_string(i)] {
      pds::io::Loop loop;
      if (pds::proxy::run(loop, port, backend, log.c_str(), pem_path, protocol, true) != 0) std::exit(1);
    }).detach();
  }
  // Ends in an orderly way, so that what is written at exit (a profile, see scripts/profile) is written.
  pds::io::Loop loop;
  main_loop = &loop;
  std::signal(SIGTERM, [](int) { main_loop->stop(); });
  return pds::proxy::run(loop, port, backend, argv[3], pem_path, protocol, loops > 1);
}
