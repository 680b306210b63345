// Cold starts under full isolation beside bare fork+exec of the same program: from the request to the program's first
// GET /next of its Runtime API over TCP. Both in one run, turn by turn, so that the machine's moods hit both.
//
//   bench_cold_start [starts] [pool]      prints one table; the ratios are what to compare between machines
//
// "function" is a static program that does nothing but speak the Runtime API; "podinfo" is the real one, with its libraries and its
// own beginning, where it is built. A burst is sixteen starts at once, until the last of them has asked.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/text.h"
#include "io/files.h"
#include "sandbox/container.h"
#include "sandbox/sandbox.h"

namespace {

using namespace pds;
using Clock = std::chrono::steady_clock;

constexpr int burst = 16;
constexpr const char* address = "127.0.0.1";
constexpr uint16_t runtime_api_port = 9001;

double micros(Clock::duration d) { return std::chrono::duration<double, std::micro>(d).count(); }

struct Program {
  std::string name, image, path;  // path: inside the image
  std::string outside() const { return image + path; }
};

Result<void> put(const std::string& image, const std::string& path, const std::string& from) {
  CHECK(io::make_directories(image + path.substr(0, path.rfind('/')), 0755));
  TRY(std::string content, io::read_file(from));
  return io::write_file_atomically(image + path, content, 0755);
}

// The shared libraries of a program, as the loader of this machine finds them.
std::vector<std::string> libraries_of(const std::string& program) {
  std::vector<std::string> found;
  FILE* listing = popen(("ldd " + program + " 2>/dev/null").c_str(), "r");
  if (!listing) return found;
  char line[4096];
  while (fgets(line, sizeof line, listing))
    for (std::string_view word : split(line, ' '))
      if (trim(word).starts_with('/')) found.emplace_back(trim(word));
  pclose(listing);
  return found;
}

Result<Program> make_program(const std::string& directory, const std::string& name, const std::string& binary) {
  Program program{.name = name, .image = directory + "/" + name, .path = "/bin/" + name};
  for (const char* part : {"/proc", "/dev", "/tmp"}) CHECK(io::make_directories(program.image + part, 0755));
  CHECK(put(program.image, program.path, binary));
  for (const std::string& library : libraries_of(binary)) {
    // Directories that are links on this machine ("/lib64") are plain ones in the image: the loader asks for the names ldd gives.
    CHECK(put(program.image, library, library));
  }
  if (system(("chmod -R a+rX " + program.image).c_str()) != 0) return fail("E_BENCH", "chmod failed");
  return program;
}

// A program that was started bare, and where it will call.
struct Bare {
  io::Fd listener;
  pid_t pid = -1;
};

Result<Bare> start_bare(const Program& program) {
  Bare bare;
  bare.listener = io::Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (bind(bare.listener.get(), reinterpret_cast<sockaddr*>(&at), size) < 0 || listen(bare.listener.get(), 16) < 0)
    return fail_errno("listen", errno);
  getsockname(bare.listener.get(), reinterpret_cast<sockaddr*>(&at), &size);
  std::string api = fmt::format("AWS_LAMBDA_RUNTIME_API={}:{}", address, ntohs(at.sin_port)), path = program.outside();
  char* arguments[] = {path.data(), nullptr};
  char* environment[] = {api.data(), nullptr};
  // This process is small, so its fork is as cheap as forks are.
  bare.pid = fork();
  if (bare.pid < 0) return fail_errno("fork", errno);
  if (bare.pid == 0) {
    int null = open("/dev/null", O_RDWR);
    for (int standard : {0, 1, 2}) dup2(null, standard);
    execve(path.c_str(), arguments, environment);
    _exit(127);
  }
  return bare;
}

Result<void> await_bare(const Bare& bare) {
  io::Fd connection(accept4(bare.listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  char request[4096];
  if (recv(connection.get(), request, sizeof request, 0) <= 0)
    return fail("E_BENCH", "the program did not ask for its first event");
  return {};
}

void end_bare(const Bare& bare) {
  kill(bare.pid, SIGKILL);
  waitpid(bare.pid, nullptr, 0);
}

Result<double> time_bare(const Program& program, int count) {
  std::vector<Bare> all;
  auto begin = Clock::now();
  for (int i = 0; i < count; i++) {
    TRY(Bare bare, start_bare(program));
    all.push_back(std::move(bare));
  }
  for (const Bare& bare : all) CHECK(await_bare(bare));
  double taken = micros(Clock::now() - begin);
  for (const Bare& bare : all) end_bare(bare);
  return taken;
}

// What Lambda asks for.
sandbox::SandboxSpec spec_of(const Program& program, const std::string& id) {
  sandbox::SandboxSpec spec;
  spec.id = id;
  spec.image_root = program.image;
  spec.arguments = {program.path};
  spec.environment["AWS_LAMBDA_RUNTIME_API"] = fmt::format("{}:{}", address, runtime_api_port);
  spec.limits.memory_bytes = 256u << 20;
  spec.limits.processes = 1024;
  spec.limits.tmp_bytes = 512u << 20;
  spec.listeners = {{address, runtime_api_port}, {"169.254.169.253", 80}};
  return spec;
}

struct Isolated {
  std::unique_ptr<sandbox::Sandbox> sandbox;
  std::unique_ptr<io::Stream> connection;
};

io::Task<Result<Isolated>> start_isolated(sandbox::SandboxHost& host, const Program& program, std::string id) {
  Isolated started;
  CO_TRY(started.sandbox, co_await host.create(spec_of(program, id)));
  CO_TRY(auto listener, co_await started.sandbox->listen(address, runtime_api_port));
  CO_TRY(started.connection, co_await listener->accept());
  char request[4096];
  CO_TRY(size_t size, co_await io::read_some(*started.connection, request, io::never));
  if (size == 0) co_return fail("E_BENCH", "the program did not ask for its first event");
  co_return started;
}

struct Starting {
  std::vector<Result<Isolated>> done;
  io::Event all;
};

io::Task<void> start_one_of(sandbox::SandboxHost& host, const Program& program, std::string id, size_t count, Starting& starting) {
  starting.done.push_back(co_await start_isolated(host, program, std::move(id)));
  if (starting.done.size() == count) starting.all.set();
}

io::Task<Result<double>> time_isolated(sandbox::SandboxHost& host, const Program& program, size_t count, int number) {
  Starting starting;
  starting.done.reserve(count);
  io::TaskSet tasks;
  auto begin = Clock::now();
  for (size_t i = 0; i < count; i++)
    tasks.spawn(start_one_of(host, program, fmt::format("{}-{}-{}", program.name, number, i), count, starting));
  co_await starting.all.wait();
  double taken = micros(Clock::now() - begin);
  for (auto& one : starting.done) {
    if (!one) co_return std::unexpected(one.error());
    CO_CHECK(co_await one->sandbox->destroy());
  }
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

io::Task<Result<void>> compare(sandbox::SandboxHost& host, const Program& program, int rounds, int count) {
  Series bare, isolated;
  constexpr int warm_up = 3;
  for (int i = 0; i < rounds + warm_up; i++) {
    CO_TRY(double floor, time_bare(program, count));
    CO_TRY(double taken, co_await time_isolated(host, program, static_cast<size_t>(count), i * 100 + count));
    if (i < warm_up) continue;
    bare.values.push_back(floor);
    isolated.values.push_back(taken);
  }
  std::string name = count > 1 ? fmt::format("{} x{} at once", program.name, count) : program.name;
  for (double share : {0.5, 0.99})
    fmt::print("{:<28}{:>5}{:>12.0f}{:>12.0f}{:>9.2f}x\n", name, share < 0.9 ? "p50" : "p99", bare.at(share), isolated.at(share),
               isolated.at(share) / bare.at(share));
  co_return Result<void>{};
}

io::Task<Result<void>> measure(io::Loop& loop, const std::string& directory, const std::vector<Program>& programs, int starts,
                               int pool) {
  CO_TRY(auto host, co_await sandbox::SandboxHost::start(
                        loop, {.run_directory = directory + "/run", .program = "/proc/self/exe", .pool_size = pool}));
  CO_CHECK(co_await host->fill_pool());
  fmt::print("cold start to the first GET /next, {} starts each, pool of {}, limits by cgroup {}\n", starts, pool,
             host->support().limits == sandbox::CgroupKind::none ? "none"
             : host->support().limits == sandbox::CgroupKind::v1 ? "v1"
                                                                 : "v2");
  fmt::print("{:<33}{:>12}{:>12}{:>10}\n", "us", "fork+exec", "sandbox", "at most 2");
  for (const Program& program : programs) CO_CHECK(co_await compare(*host, program, starts, 1));
  for (const Program& program : programs) CO_CHECK(co_await compare(*host, program, std::max(3, starts / 20), burst));
  co_return co_await host->shutdown();
}

Result<std::vector<Program>> make_programs(const std::string& directory) {
  char self[4096];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self);
  std::string own(self, n > 0 ? static_cast<size_t>(n) : 0), binaries = own.substr(0, own.rfind('/'));
  chmod(directory.c_str(), 0755);
  std::vector<Program> programs;
  for (const auto& [name, file] : {std::pair("function", "/lambda_bootstrap"), std::pair("podinfo", "/podinfo")}) {
    if (!io::exists(binaries + file)) continue;
    TRY(Program program, make_program(directory, name, binaries + file));
    programs.push_back(std::move(program));
  }
  return programs;
}

}  // namespace

int main(int argc, char** argv) {
  if (auto code = sandbox::run_hidden_command(argc, argv)) return *code;
  int starts = argc > 1 ? std::atoi(argv[1]) : 200, pool = argc > 2 ? std::atoi(argv[2]) : 4;
  char directory[] = "/tmp/pds-bench-XXXXXX";
  if (starts <= 0 || pool < 0 || !mkdtemp(directory)) {
    fmt::print(stderr, "usage: bench_cold_start [starts] [pool]\n");
    return 2;
  }
  auto measured = [&]() -> Result<void> {
    TRY(std::vector<Program> programs, make_programs(directory));
    io::Loop loop;
    return io::run_until_done(loop, measure(loop, directory, programs, starts, pool));
  }();
  if (!measured) fmt::print(stderr, "bench_cold_start: {}: {}\n", measured.error().code, measured.error().message);
  (void)io::remove_tree(directory);
  return measured ? 0 : 1;
}
