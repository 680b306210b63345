#include "sandbox/init_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "sandbox/launch.h"
#include "sandbox/start_error.h"

namespace pds::sandbox {

InitServer::InitServer(const InitPlan& plan, SandboxSpec spec, Doors doors, Belongings belongings)
    : plan_(plan), spec_(std::move(spec)), doors_(std::move(doors)), own_(std::move(belongings)), log_(plan.log) {}

Launch InitServer::launch_of(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
                             const std::string& directory, uint32_t uid, uint32_t gid) const {
  return {.arguments = arguments,
          .environment = environment,
          .working_directory = directory,
          .uid = uid,
          .gid = gid,
          .limits = spec_.limits,
          .profile = spec_.profile,
          .many_ids = plan_.many_ids,
          .limit_address_space = !plan_.memory_limited,
          .input = own_.null.get(),
          .output = -1,
          .errors = -1,
          .inner_namespaces = is_instance()};
}

Result<void> InitServer::start_main() {
  Launch main = launch_of(spec_.arguments, spec_.environment, spec_.working_directory, spec_.uid, spec_.gid);
  main.output = main.errors = plan_.output < 0 ? own_.output_write.get() : plan_.output;
  if (own_.main) {
    TRY(main_, own_.main->execute(main));
    own_.main.reset();
  } else {
    PreferredWhenOutOfMemory children(own_.oom_score);
    TRY(main_, launch(main));
  }
  own_.output_write = io::Fd();
  if (!is_instance()) return {};
  main_pidfd_ = io::Fd(static_cast<int>(syscall(SYS_pidfd_open, main_, 0)));
  if (!main_pidfd_) return failed_step("open the main process");
  return {};
}

std::vector<int> InitServer::listeners() {
  std::vector<int> sockets;
  for (const auto& listener : spec_.listeners)
    if (auto socket = doors_.listen(listener)) sockets.push_back(*socket);
  return sockets;
}

int InitServer::serve() {
  while (!main_ended_) {
    std::vector<pollfd> watched = {{own_.signals.get(), POLLIN, 0},
                                   {own_.output_read.get(), POLLIN, 0},
                                   {controllers_.size() < controllers_max ? plan_.control : -1, POLLIN, 0}};
    for (const auto& controller : controllers_) watched.push_back({controller->socket.get(), POLLIN, 0});
    if (poll(watched.data(), watched.size(), -1) < 0) continue;
    // Output before exits, so that a command's words are in the log when its end is told.
    if (watched[1].revents) read_output();
    for (size_t i = controllers_.size(); i-- > 0;)
      if (watched[3 + i].revents && !read_controller(*controllers_[i])) close_controller(i);
    if (watched[0].revents) read_signals();
    if (watched[2].revents) accept_controller();
  }
  finish();
  return status_.code;
}

void InitServer::accept_controller() {
  io::Fd socket(accept4(plan_.control, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket) return;
  Writer version;
  version.u32(wire_version);
  if (!send_message(socket.get(), {.type = MessageType::hello, .body = version.take()})) return;
  controllers_.push_back(std::make_unique<Controller>());
  controllers_.back()->socket = std::move(socket);
}

bool InitServer::read_controller(Controller& controller) {
  auto message = receive_message(controller.socket.get());
  if (!message) return message.error().code == "E_WOULD_BLOCK";
  answer(controller, *message);
  return true;
}

void InitServer::close_controller(size_t index) {
  // Its commands run on: whoever asked for them is gone, and nobody is told.
  for (auto& [pid, command] : commands_)
    if (command.controller == controllers_[index]->socket.get()) command.controller = -1;
  controllers_.erase(controllers_.begin() + static_cast<ptrdiff_t>(index));
}

void InitServer::reply(Controller& controller, uint64_t request, const Result<std::string>& result, int fd) {
  std::vector<int> fds;
  if (result && fd >= 0) fds.push_back(fd);
  Message message{.type = result ? MessageType::done : MessageType::failed,
                  .request = request,
                  .body = result ? *result : encode(result.error())};
  // A controller that does not read its replies is cut off: the next read finds the end.
  if (!send_message(controller.socket.get(), message, fds)) shutdown(controller.socket.get(), SHUT_RDWR);
}

void InitServer::answer(Controller& controller, Message& message) {
  auto number = [&] { return decode_number(message.body); };
  auto door = [&](auto open) {
    auto endpoint = decode_endpoint(message.body);
    if (!endpoint) return reply(controller, message.request, std::unexpected(endpoint.error()));
    auto fd = open(*endpoint);
    if (!fd) return reply(controller, message.request, std::unexpected(fd.error()));
    if constexpr (std::is_same_v<decltype(fd), Result<io::Fd>>)
      return reply(controller, message.request, "", fd->get());
    else
      return reply(controller, message.request, "", *fd);
  };
  auto signal_all = [&](int signal) -> Result<std::string> {
    if (kill(-1, signal) < 0 && errno != ESRCH) return fail_errno("signal all processes of the sandbox", errno);
    return "";
  };
  switch (message.type) {
    case MessageType::connect:
      return door([&](const Endpoint& to) { return doors_.connect(to); });
    case MessageType::listen:
      return door([&](const Endpoint& at) { return doors_.listen(at); });
    case MessageType::open_udp:
      return door([&](const Endpoint& at) { return doors_.open_udp(at); });
    case MessageType::run:
      return run_command(controller, message);
    case MessageType::kill_run:
      if (auto request = number()) kill_command(controller, *request);
      return;
    case MessageType::signal: {
      auto signal = number();
      if (!signal || *signal == 0 || *signal >= NSIG)
        return reply(controller, message.request, fail("E_SANDBOX_SPEC", "not a signal's number"));
      kill(main_, static_cast<int>(*signal));
      return reply(controller, message.request, "");
    }
    case MessageType::stop_all:
      return reply(controller, message.request, signal_all(SIGSTOP));
    case MessageType::continue_all:
      return reply(controller, message.request, signal_all(SIGCONT));
    case MessageType::flush_log:
      drain_output();
      return reply(controller, message.request, encode_number(log_.written()));
    case MessageType::wait_log: {
      auto from = number();
      if (!from || controller.log_waits.size() >= commands_max)
        return reply(controller, message.request, fail("E_SANDBOX_LIMIT", "too many waits for the log"));
      controller.log_waits.emplace_back(message.request, *from);
      return tell_log_waiters();
    }
    case MessageType::usage:
      return reply(controller, message.request, encode(count_usage()));
    default:
      return reply(controller, message.request, fail("E_SANDBOX_PROTOCOL", "init does not know this request"));
  }
}

void InitServer::run_command(Controller& controller, Message& message) {
  auto command = decode_command(message.body);
  if (!command) return reply(controller, message.request, std::unexpected(command.error()));
  if (message.fds.size() != 2 || command->arguments.empty())
    return reply(controller, message.request, fail("E_SANDBOX_PROTOCOL", "a command needs arguments and two descriptors"));
  if (commands_.size() >= commands_max)
    return reply(controller, message.request,
                 fail_world("E_SANDBOX_LIMIT", fmt::format("at most {} commands run at once in a sandbox", commands_max)));
  Launch started = launch_of(command->arguments, command->environment, command->working_directory, command->uid, command->gid);
  started.output = message.fds[0].get();
  started.errors = message.fds[1].get();
  if (is_instance()) started.join = main_pidfd_.get();
  PreferredWhenOutOfMemory children(own_.oom_score);
  auto pid = launch(started);
  if (!pid) return reply(controller, message.request, std::unexpected(pid.error()));
  commands_[*pid] = {.controller = controller.socket.get(), .request = message.request, .main = false};
}

void InitServer::kill_command(Controller& controller, uint64_t request) {
  for (const auto& [pid, command] : commands_)
    if (command.controller == controller.socket.get() && command.request == request)
      kill(-pid, SIGKILL);  // it leads its session's group
}

void InitServer::read_signals() {
  signalfd_siginfo info;
  while (read(own_.signals.get(), &info, sizeof info) == sizeof info)
    if (info.ssi_signo != SIGCHLD) kill(main_, static_cast<int>(info.ssi_signo));
  reap();
}

void InitServer::reap() {
  int wait_status;
  pid_t pid;
  while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) ended(pid, wait_status);
}

void InitServer::ended(pid_t pid, int wait_status) {
  ExitStatus status;
  status.signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
  status.code = status.signal ? 128 + status.signal : WEXITSTATUS(wait_status);
  if (pid == main_) {
    main_ended_ = true;
    status_ = status;
    return;
  }
  auto found = commands_.find(pid);
  if (found == commands_.end()) return;  // an orphan of somebody inside
  for (auto& controller : controllers_)
    if (controller->socket.get() == found->second.controller) reply(*controller, found->second.request, encode(status));
  commands_.erase(found);
}

bool InitServer::read_output() {
  static char buffer[64 * 1024];
  ssize_t n = read(own_.output_read.get(), buffer, sizeof buffer);
  if (n == 0) own_.output_read = io::Fd();  // all writers have closed it
  if (n <= 0) return false;
  log_.append({buffer, static_cast<size_t>(n)});
  tell_log_waiters();
  return true;
}

void InitServer::drain_output() {
  // A writer that never pauses must not keep us here: a pipe holds at most this many buffers.
  for (int i = 0; own_.output_read && i < 32 && read_output(); i++) continue;
}

void InitServer::tell_log_waiters() {
  for (auto& controller : controllers_)
    std::erase_if(controller->log_waits, [&](const auto& wait) {
      if (wait.second >= log_.written()) return false;
      reply(*controller, wait.first, encode_number(log_.written()));
      return true;
    });
}

void InitServer::finish() {
  kill(-1, SIGKILL);
  while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) continue;
  drain_output();
  if (plan_.status >= 0) {
    std::string text = encode(status_);
    (void)!pwrite(plan_.status, text.data(), text.size(), 0);
  }
  for (auto& controller : controllers_)
    (void)send_message(controller->socket.get(), {.type = MessageType::exited, .body = encode(status_)});
}

namespace {
// user and system time in ticks, and resident pages, of one process: fields 14, 15 and 24 of its stat file.
struct ProcessCount {
  uint64_t ticks = 0, pages = 0;
};
ProcessCount count_process(std::string_view stat) {
  size_t after_name = stat.rfind(')');
  if (after_name == std::string_view::npos) return {};
  auto fields = split(stat.substr(after_name + 1), ' ');  // fields[1] is field 3
  if (fields.size() < 23) return {};
  auto at = [&](size_t field) { return static_cast<uint64_t>(parse_int(fields[field - 2]).value_or(0)); };
  return {at(14) + at(15), at(24)};
}
}  // namespace

Usage InitServer::count_usage() const {
  Usage usage;
  rusage reaped{};
  getrusage(RUSAGE_CHILDREN, &reaped);
  auto micros = [](const timeval& t) { return Duration(t.tv_sec * 1'000'000 + t.tv_usec); };
  usage.cpu_time = micros(reaped.ru_utime) + micros(reaped.ru_stime);
  auto names = io::list_directory("/proc");
  if (!names) return usage;
  for (const auto& name : *names) {
    if (!parse_int(name) || name == "1") continue;
    io::Fd stat(open(fmt::format("/proc/{}/stat", name).c_str(), O_RDONLY | O_CLOEXEC));
    char text[1024];
    ssize_t n = stat ? read(stat.get(), text, sizeof text) : -1;
    if (n <= 0) continue;
    ProcessCount count = count_process({text, static_cast<size_t>(n)});
    usage.cpu_time += Duration(count.ticks * 1'000'000 / static_cast<uint64_t>(sysconf(_SC_CLK_TCK)));
    usage.memory_bytes += count.pages * 4096;
    usage.processes++;
  }
  return usage;
}

}  // namespace pds::sandbox
