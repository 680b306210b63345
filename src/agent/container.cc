#include "agent/container.h"

#include <fmt/core.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "aws/codec.h"
#include "base/crypto.h"
#include "base/text.h"
#include "io/files.h"

namespace pds::agent {
namespace {

constexpr size_t record_bytes_max = 1u << 20;
constexpr size_t name_bytes_max = 40;
constexpr Duration restart_first = 500ms, restart_most = 30s;
// One that ran this long was no crash loop: its next restart is quick again.
constexpr Duration stable_after = 60s;
constexpr Duration term_grace = 10s;

std::string record_path(const std::string& directory, const std::string& name) {
  return fmt::format("{}/{}.json", directory, name);
}
std::string run_path(const std::string& directory, const std::string& name) { return fmt::format("{}/{}.run", directory, name); }

template <class T>
Result<T> read_document(const std::string& path) {
  TRY(std::string text, io::read_file(path, record_bytes_max));
  return aws::from_json_text<T>(text);
}

// Collects the exit code of a child; one that was taken over is init's child.
void reap(int pid) { waitpid(pid, nullptr, WNOHANG); }

}  // namespace

Result<void> check_container_name(const std::string& name) {
  bool good = !name.empty() && name.size() <= name_bytes_max && name[0] != '-' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!good)
    return fail("E_INVALID_NAME", fmt::format("'{}' is not a container's name: lower case letters, digits and dashes, at most {}",
                                              name.substr(0, 60), name_bytes_max));
  return {};
}

Result<void> put_container(const std::string& directory, const ContainerRecord& record) {
  CHECK(check_container_name(record.name));
  CHECK(io::make_directories(directory));
  return io::write_file_atomically(record_path(directory, record.name), aws::to_json_text(record));
}

Result<void> remove_container(const std::string& directory, const std::string& name) {
  CHECK(check_container_name(name));
  return io::remove_tree(record_path(directory, name));
}

Result<ContainerRecord> read_container(const std::string& directory, const std::string& name) {
  CHECK(check_container_name(name));
  return read_document<ContainerRecord>(record_path(directory, name));
}

// ---- the supervisor ----

struct Supervisor::Watch {
  explicit Watch(io::Loop& loop, io::ProcessIdentity p) : process(p), killer(loop, [p] { io::signal_process(p, SIGKILL); }) {}
  io::ProcessIdentity process;
  std::string digest;  // of the record it runs for
  bool alive = false, ending = false;
  MonoTime started{}, not_before{};
  Duration pause = restart_first;
  io::Timer killer;
};

Supervisor::Supervisor(io::Loop& loop, const Logger& log, std::string directory, ContainerStarter& starter)
    : loop_(loop), log_(log), directory_(std::move(directory)), starter_(starter), retry_(loop, [this] { reconcile(); }) {}

Supervisor::~Supervisor() {
  if (notifier_ < 0) return;
  loop_.unwatch(notifier_);
  ::close(notifier_);
}

Result<void> Supervisor::start() {
  CHECK(io::make_directories(directory_));
  notifier_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (notifier_ < 0) return fail_errno("inotify", errno);
  if (inotify_add_watch(notifier_, directory_.c_str(), IN_MOVED_TO | IN_DELETE) < 0)
    return fail_errno("inotify " + directory_, errno);
  CHECK(loop_.watch(notifier_, this));
  TRY(std::vector<std::string> names, io::list_directory(directory_));
  for (const std::string& file : names) {
    if (!file.ends_with(".run")) continue;
    std::string name = file.substr(0, file.size() - 4);
    Result<ContainerRun> run = read_document<ContainerRun>(directory_ + "/" + file);
    io::ProcessIdentity process{run ? run->pid : 0, run ? static_cast<uint64_t>(run->start_ticks) : 0};
    if (!run || !io::is_alive(process)) continue;
    auto watch = std::make_unique<Watch>(loop_, process);
    watch->alive = true, watch->digest = run->record_digest, watch->started = std::chrono::steady_clock::now();
    watches_[name] = std::move(watch);
    tasks_.spawn(until_exit(this, name, process));
    log_.info("container taken over", {{"name", name}, {"pid", process.pid}});
  }
  reconcile();
  return {};
}

void Supervisor::on_ready(bool readable, bool) {
  if (!readable) return;
  char buffer[4096];
  while (read(notifier_, buffer, sizeof buffer) > 0) {
  }
  reconcile();
}

size_t Supervisor::running() const {
  size_t count = 0;
  for (const auto& [name, watch] : watches_) count += watch->alive;
  return count;
}

void Supervisor::reconcile() {
  Result<std::vector<std::string>> names = io::list_directory(directory_);
  if (!names) return log_.error("containers cannot be listed", {{"error", names.error().message}});
  std::map<std::string, std::string> wanted;  // name to digest
  for (const std::string& file : *names) {
    if (!file.ends_with(".json") || wanted.size() >= container_records_max) continue;
    std::string name = file.substr(0, file.size() - 5);
    Result<std::string> text = io::read_file(directory_ + "/" + file, record_bytes_max);
    Result<ContainerRecord> record = text ? aws::from_json_text<ContainerRecord>(*text) : std::unexpected(text.error());
    if (!record) {
      log_.error("a container's record cannot be read", {{"name", name}, {"error", record.error().message}});
      continue;
    }
    std::string digest = sha256_hex(*text);
    wanted[name] = digest;
    auto watch = watches_.find(name);
    if (watch != watches_.end() && watch->second->alive && watch->second->digest != digest) end(name, *watch->second);
    begin(*record, digest);
  }
  for (auto& [name, watch] : watches_)
    if (watch->alive && !wanted.contains(name)) end(name, *watch);
  // What neither runs nor should is forgotten, and with it its back-off.
  std::erase_if(watches_, [&](const auto& entry) { return !entry.second->alive && !wanted.contains(entry.first); });
}

void Supervisor::begin(const ContainerRecord& record, const std::string& digest) {
  std::unique_ptr<Watch>& watch = watches_[record.name];
  MonoTime now = std::chrono::steady_clock::now();
  if (watch && (watch->alive || (watch->digest == digest && now < watch->not_before))) {
    if (!watch->alive && (!retry_.armed())) retry_.start(watch->not_before);
    return;
  }
  Duration pause = watch && watch->digest == digest ? std::min(restart_most, watch->pause * 2) : restart_first;
  Result<io::ProcessIdentity> process = starter_.start(record);
  watch = std::make_unique<Watch>(loop_, process ? *process : io::ProcessIdentity{});
  watch->digest = digest, watch->pause = pause, watch->started = now, watch->not_before = now + pause,
  watch->alive = process.has_value();
  if (!process) {
    log_.error("a container cannot be started", {{"name", record.name}, {"error", process.error().message}});
    return retry_.start(watch->not_before);
  }
  ContainerRun run{process->pid, static_cast<int64_t>(process->start_ticks), digest};
  if (Result<void> kept = io::write_file_atomically(run_path(directory_, record.name), aws::to_json_text(run)); !kept)
    log_.error("a container's state cannot be kept", {{"name", record.name}, {"error", kept.error().message}});
  log_.info("container started", {{"name", record.name}, {"image", record.image}, {"pid", process->pid}});
  tasks_.spawn(until_exit(this, record.name, *process));
}

void Supervisor::end(const std::string& name, Watch& watch) {
  if (watch.ending) return;
  watch.ending = true;
  log_.info("container stops", {{"name", name}, {"pid", watch.process.pid}});
  io::signal_process(watch.process, SIGTERM);
  watch.killer.start(std::chrono::steady_clock::now() + term_grace);
}

io::Task<void> Supervisor::until_exit(Supervisor* self, std::string name, io::ProcessIdentity process) {
  co_await io::wait_for_exit(self->loop_, process);
  reap(process.pid);
  auto it = self->watches_.find(name);
  if (it == self->watches_.end() || it->second->process.pid != process.pid) co_return;
  Watch& watch = *it->second;
  watch.alive = false;
  watch.killer.cancel();
  MonoTime now = std::chrono::steady_clock::now();
  if (now - watch.started > stable_after) watch.pause = restart_first;
  watch.not_before = watch.ending ? now : now + watch.pause;
  if (!watch.ending) self->log_.warn("container died", {{"name", name}, {"pid", process.pid}});
  (void)io::remove_tree(run_path(self->directory_, name));  // the directory's watch wakes us
  self->reconcile();
}

}  // namespace pds::agent
