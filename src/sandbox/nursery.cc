#include "sandbox/nursery.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/log_ring.h"
#include "sandbox/rootfs.h"
#include "sandbox/start_error.h"

namespace pds::sandbox {

Result<Nursery::Files> Nursery::make_files(const std::string& directory) {
  if (mkdir(directory.c_str(), 0700) < 0) return failed_step(fmt::format("make '{}'", directory));
  Files files;
  TRY(files.control, listen_control(directory + "/control"));
  files.log = io::Fd(open((directory + "/log").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  files.status = io::Fd(open((directory + "/status").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  files.record = io::Fd(open((directory + "/record").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  if (!files.log || !files.status || !files.record) return failed_step(fmt::format("make the files of '{}'", directory));
  CHECK(make_log(files.log.get()));
  return files;
}

Result<Infant> Nursery::make(uint32_t uid, uint32_t gid, bool confined) {
  Infant infant;
  infant.uid = uid;
  infant.gid = gid;
  infant.confined = confined;
  infant.directory = fmt::format(".pool-{}-{}", getpid(), ++made_);
  std::string directory = run_directory_ + "/" + infant.directory;
  auto born = [&]() -> Result<void> {
    TRY(Files files, make_files(directory));
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return failed_step("make a boot socket");
    infant.boot = io::Fd(pair[0]);
    io::Fd theirs(pair[1]);
    TRY(infant.cgroup, cgroups_.make(fmt::format("{}-{}", getpid(), made_)));
    InitPlan plan{.boot = theirs.get(),
                  .control = files.control.get(),
                  .log = files.log.get(),
                  .status = files.status.get(),
                  .many_ids = ids_.many,
                  .sources_passed = ids_.mount_here,
                  .memory_limited = infant.cgroup.limits_memory(),
                  .confined = confined};
    infant.record = std::move(files.record);
    TRY(infant.limits, open_limits(infant.cgroup));
    TRY(std::vector<io::Fd> groups, open_members(infant.cgroup));
    for (size_t i = 0; i < groups.size(); i++) plan.cgroups[i] = groups[i].get();
    TRY(infant.birth, give_birth({.plan = plan, .ids = ids_, .uid = uid, .gid = gid}));
    TRY(infant.identity, io::identify_process(infant.birth.pid));
    return send_message(infant.boot.get(), {.type = MessageType::done});
  }();
  if (born) return infant;
  // The boot socket closes with `infant`, which ends an init that may have been born.
  infant.boot = io::Fd();
  remove(infant.cgroup);
  (void)io::remove_tree(directory);
  return std::unexpected(born.error());
}

Result<void> Nursery::boot(Infant& infant, const SandboxSpec& spec) {
  std::string from = run_directory_ + "/" + infant.directory, to = sandbox_directory(run_directory_, spec.id);
  if (!spec.layer.empty() && mkdir(spec.layer.c_str(), 0755) < 0 && errno != EEXIST)
    return failed_step(fmt::format("make the layer '{}'", spec.layer));
  CHECK(write_record(infant.record.get(),
                     {.id = spec.id, .profile = spec.profile, .init = infant.identity, .cgroup = infant.cgroup}));
  // renameat2 without replacing: the name is free, or taken by somebody.
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) < 0) {
    if (errno == EEXIST) return fail("E_SANDBOX_EXISTS", fmt::format("there is a sandbox '{}' already; destroy it first", spec.id));
    return failed_step(fmt::format("name the sandbox '{}'", spec.id));
  }
  infant.directory = spec.id;
  infant.booting = true;
  CHECK(set_limits(infant.limits, spec.limits));
  std::vector<io::Fd> sources;
  if (ids_.mount_here) {
    TRY(sources, open_sources(spec, infant.birth.user_namespace.get()));
  }
  std::vector<int> lent;
  for (const auto& source : sources) lent.push_back(source.get());
  return send_message(infant.boot.get(), {.type = MessageType::boot, .body = encode(spec)}, lent);
}

}  // namespace pds::sandbox
