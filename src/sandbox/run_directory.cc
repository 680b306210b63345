#include "sandbox/run_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "base/json.h"
#include "sandbox/wire.h"

namespace pds::sandbox {

namespace {

constexpr int record_version = 1;

struct Address {
  sockaddr_un address{};
  io::Fd directory;  // keeps /proc/self/fd/N meaning what it says
};

Result<Address> address_of(const std::string& path) {
  Address out;
  out.address.sun_family = AF_UNIX;
  size_t slash = path.rfind('/');
  out.directory = io::Fd(open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!out.directory) return fail_errno(fmt::format("open the directory of '{}'", path), errno);
  std::string text =
      path.size() < sizeof out.address.sun_path ? path : fmt::format("/proc/self/fd/{}{}", out.directory.get(), path.substr(slash));
  if (text.size() >= sizeof out.address.sun_path)
    return fail("E_SANDBOX_SPEC", fmt::format("the socket's name in '{}' is too long", path));
  memcpy(out.address.sun_path, text.c_str(), text.size() + 1);
  return out;
}

}  // namespace

Result<void> write_record(int file, const Record& record) {
  json::object cgroup{{"memory", record.cgroup.memory},   {"pids", record.cgroup.pids},
                      {"cpu", record.cgroup.cpu},         {"cpuacct", record.cgroup.cpuacct},
                      {"unified", record.cgroup.unified}, {"unified_limits", record.cgroup.unified_limits}};
  json::object object{{"version", record_version},
                      {"id", record.id},
                      {"profile", static_cast<int>(record.profile)},
                      {"pid", record.init.pid},
                      {"start_ticks", record.init.start_ticks},
                      {"cgroup", cgroup}};
  // Not fsynced: after a power failure there are no sandboxes either.
  std::string text = to_text(object);
  if (write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail_errno(fmt::format("write the record of the sandbox '{}'", record.id), errno);
  return {};
}

Result<Record> read_record(const std::string& directory) {
  TRY(std::string text, io::read_file(directory + "/record", 64 << 10));
  TRY(json::value value, parse_json(text));
  const json::object* object = value.if_object();
  const json::object* cgroup = object ? get_object(*object, "cgroup") : nullptr;
  if (!cgroup || get_int(*object, "version") != record_version)
    return fail("E_SANDBOX_RECORD", fmt::format("'{}/record' is damaged or of another version", directory));
  Record record;
  record.id = get_string(*object, "id");
  record.profile = static_cast<Profile>(get_int(*object, "profile"));
  record.init.pid = static_cast<int>(get_int(*object, "pid"));
  record.init.start_ticks = static_cast<uint64_t>(get_int(*object, "start_ticks"));
  record.cgroup = {.memory = get_string(*cgroup, "memory"),
                   .pids = get_string(*cgroup, "pids"),
                   .cpu = get_string(*cgroup, "cpu"),
                   .cpuacct = get_string(*cgroup, "cpuacct"),
                   .unified = get_string(*cgroup, "unified"),
                   .unified_limits = get_bool(*cgroup, "unified_limits")};
  return record;
}

std::optional<ExitStatus> read_status(const std::string& directory) {
  auto text = io::read_file(directory + "/status", 64);
  if (!text || text->empty()) return std::nullopt;
  auto status = decode_exit(*text);
  if (!status) return std::nullopt;
  return *status;
}

std::string sandbox_directory(const std::string& run_directory, const std::string& id) { return run_directory + "/" + id; }
std::string spawner_socket_path(const std::string& run_directory) { return run_directory + "/.spawner"; }

std::vector<std::string> list_sandboxes(const std::string& run_directory) {
  std::vector<std::string> ids;
  auto names = io::list_directory(run_directory);
  if (!names) return ids;
  for (auto& name : *names)
    if (!name.starts_with('.')) ids.push_back(std::move(name));
  return ids;
}

Result<io::Fd> listen_control(const std::string& path) {
  TRY(Address address, address_of(path));
  io::Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("make a control socket", errno);
  unlink(path.c_str());
  if (bind(socket.get(), reinterpret_cast<sockaddr*>(&address.address), sizeof address.address) < 0 ||
      chmod(path.c_str(), 0600) < 0 || listen(socket.get(), 16) < 0)
    return fail_errno(fmt::format("listen on '{}'", path), errno);
  return socket;
}

Result<io::Fd> connect_control(const std::string& path) {
  auto address = address_of(path);
  if (!address) return fail_world("E_ABSENT", fmt::format("nobody listens on '{}'", path));
  io::Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("make a control socket", errno);
  if (connect(socket.get(), reinterpret_cast<sockaddr*>(&address->address), sizeof address->address) < 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return fail_world("E_ABSENT", fmt::format("nobody listens on '{}'", path));
    return fail_errno(fmt::format("connect to '{}'", path), errno);
  }
  return socket;
}

}  // namespace pds::sandbox
