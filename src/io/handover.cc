#include "io/handover.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <map>
#include <mutex>

#include "base/text.h"
#include "io/address.h"

namespace pds::io {
namespace {

// "5,7": descriptors that listen.
constexpr const char* variable = "PDS_LISTENERS";

struct Inherited {
  std::mutex mutex;
  std::map<std::string, Fd> by_address;

  Inherited() {
    const char* text = ::getenv(variable);
    if (!text) return;
    for (std::string_view part : split(text, ',')) {
      auto number = parse_int(part);
      if (!number || *number < 3 || *number > 1 << 20) continue;
      auto fd = static_cast<int>(*number);
      int listens = 0;
      socklen_t size = sizeof listens;
      if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens) continue;
      ::fcntl(fd, F_SETFD, FD_CLOEXEC);
      sockaddr_storage address{};
      size = sizeof address;
      if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) by_address[address_text(address)] = Fd(fd);
    }
    ::unsetenv(variable);  // for this process, not for what it starts
  }
};

Inherited& inherited() {
  static Inherited left;
  return left;
}

}  // namespace

namespace detail {

Fd take_inherited(const std::string& address) {
  std::lock_guard lock(inherited().mutex);
  auto found = inherited().by_address.find(address);
  if (found == inherited().by_address.end()) return Fd();
  Fd fd = std::move(found->second);
  inherited().by_address.erase(found);
  return fd;
}

}  // namespace detail

Result<void> Handover::keep(const Listener& listener) {
  // A descriptor of its own: the listener lets go of the other.
  Fd fd(::fcntl(listener.fd(), F_DUPFD_CLOEXEC, 3));
  if (!fd) return fail_errno("keep a listening socket", errno);
  kept_.push_back(std::move(fd));
  return {};
}

std::unexpected<Error> Handover::replace_process(const std::string& program, std::vector<std::string> arguments) {
  std::string numbers;
  for (const Fd& fd : kept_) {
    ::fcntl(fd.get(), F_SETFD, 0);
    numbers += (numbers.empty() ? "" : ",") + std::to_string(fd.get());
  }
  ::setenv(variable, numbers.c_str(), 1);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  int error = errno;
  ::unsetenv(variable);
  for (const Fd& fd : kept_) ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
  return fail_errno("replace this process by " + program, error);
}

void close_unclaimed() {
  std::lock_guard lock(inherited().mutex);
  inherited().by_address.clear();
}

}  // namespace pds::io
