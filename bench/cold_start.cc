// Cold starts under full isolation beside bare fork+exec of the same static program: from the request to the program's first word
// over TCP (a function's first call of its Runtime API). Both in one run, turn by turn, so that the machine's moods hit both.
//
//   bench_cold_start [starts] [pool]      prints one table; the ratios are what to compare between machines
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "io/files.h"
#include "sandbox/container.h"
#include "sandbox/sandbox.h"

namespace {

using namespace pds;
using Clock = std::chrono::steady_clock;

struct Place {
  std::string directory, image, program;
};

Result<Place> make_place() {
  char name[] = "/tmp/pds-bench-XXXXXX";
  if (!mkdtemp(name)) return fail_errno("mkdtemp", errno);
  Place place{.directory = name, .image = std::string(name) + "/image", .program = {}};
  for (const char* part : {"/bin", "/proc", "/dev", "/tmp"}) {
    CHECK(io::make_directories(place.image + part, 0755));
    chmod((place.image + part).c_str(), 0755);
  }
  chmod(place.image.c_str(), 0755);
  char self[4096];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self);
  std::string own(self, n > 0 ? static_cast<size_t>(n) : 0);
  TRY(std::string content, io::read_file(own.substr(0, own.rfind('/')) + "/sandbox_probe"));
  place.program = place.image + "/bin/probe";
  CHECK(io::write_file_atomically(place.program, content, 0755));
  return place;
}

double micros(Clock::duration d) { return std::chrono::duration<double, std::micro>(d).count(); }

// The floor: this process is small, so its fork is as cheap as forks are.
Result<double> start_bare(const Place& place) {
  io::Fd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) < 0 || listen(listener.get(), 16) < 0)
    return fail_errno("listen", errno);
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  std::string port = std::to_string(ntohs(address.sin_port));
  auto begin = Clock::now();
  pid_t pid = fork();
  if (pid == 0) {
    execl(place.program.c_str(), "probe", "dial", "127.0.0.1", port.c_str(), nullptr);
    _exit(127);
  }
  io::Fd connection(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  double taken = micros(Clock::now() - begin);
  connection = io::Fd();
  waitpid(pid, nullptr, 0);
  return taken;
}

io::Task<Result<double>> start_sandboxed(sandbox::SandboxHost& host, const Place& place, int number) {
  sandbox::SandboxSpec spec;
  spec.id = "bench-" + std::to_string(number);
  spec.image_root = place.image;
  spec.arguments = {"/bin/probe", "dial", "127.0.0.1", "9001"};
  spec.limits.memory_bytes = 128u << 20;
  spec.listeners = {{"127.0.0.1", 9001}};
  auto begin = Clock::now();
  CO_TRY(auto sandbox, co_await host.create(std::move(spec)));
  CO_TRY(auto listener, co_await sandbox->listen("127.0.0.1", 9001));
  CO_TRY(auto connection, co_await listener->accept());
  double taken = micros(Clock::now() - begin);
  connection->close();
  co_await sandbox->wait_exit();
  CO_CHECK(co_await sandbox->destroy());
  CO_CHECK(co_await host.fill_pool());
  co_return taken;
}

struct Series {
  std::vector<double> values;
  double at(double share) {
    std::sort(values.begin(), values.end());
    return values[std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())))];
  }
};

io::Task<Result<void>> measure(io::Loop& loop, const Place& place, int starts, int pool) {
  CO_TRY(auto host, co_await sandbox::SandboxHost::start(
                        loop, {.run_directory = place.directory + "/run", .program = "/proc/self/exe", .pool_size = pool}));
  CO_CHECK(co_await host->fill_pool());
  Series bare, isolated;
  constexpr int warm_up = 5;
  for (int i = 0; i < starts + warm_up; i++) {
    CO_TRY(double floor, start_bare(place));
    CO_TRY(double taken, co_await start_sandboxed(*host, place, i));
    if (i < warm_up) continue;
    bare.values.push_back(floor);
    isolated.values.push_back(taken);
  }
  fmt::print("cold start to the first connection, {} starts each, pool of {}, limits by cgroup {}\n", starts, pool,
             host->support().limits == sandbox::CgroupKind::none ? "none"
             : host->support().limits == sandbox::CgroupKind::v1 ? "v1"
                                                                 : "v2");
  fmt::print("{:<24}{:>10}{:>10}\n", "us", "p50", "p99");
  fmt::print("{:<24}{:>10.0f}{:>10.0f}\n", "fork+exec", bare.at(0.5), bare.at(0.99));
  fmt::print("{:<24}{:>10.0f}{:>10.0f}\n", "sandbox", isolated.at(0.5), isolated.at(0.99));
  fmt::print("{:<24}{:>9.2f}x{:>9.2f}x\n", "ratio (target 2.00x)", isolated.at(0.5) / bare.at(0.5),
             isolated.at(0.99) / bare.at(0.99));
  co_return co_await host->shutdown();
}

}  // namespace

int main(int argc, char** argv) {
  if (auto code = sandbox::run_hidden_command(argc, argv)) return *code;
  int starts = argc > 1 ? std::atoi(argv[1]) : 200, pool = argc > 2 ? std::atoi(argv[2]) : 4;
  auto place = make_place();
  if (!place || starts <= 0) {
    fmt::print(stderr, "bench_cold_start: {}\n", place ? "usage: bench_cold_start [starts] [pool]" : place.error().message);
    return 2;
  }
  io::Loop loop;
  auto measured = io::run_until_done(loop, measure(loop, *place, starts, pool));
  if (!measured) fmt::print(stderr, "bench_cold_start: {}: {}\n", measured.error().code, measured.error().message);
  (void)io::remove_tree(place->directory);
  return measured ? 0 : 1;
}
