#include "sandbox/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "sandbox/start_error.h"

namespace pds::sandbox {

namespace {

constexpr uint64_t cpu_period_us = 100'000;

Result<void> put(const std::string& path, const std::string& value) {
  io::Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || write(file.get(), value.data(), value.size()) < 0) return failed_step(fmt::format("write '{}' to {}", value, path));
  return {};
}

std::string get(const std::string& path) {
  auto text = io::read_file(path, 64 << 10);
  return text ? *text : "";
}

uint64_t get_number(const std::string& path) { return static_cast<uint64_t>(parse_int(trim(get(path))).value_or(0)); }

// "key value" lines.
uint64_t field(const std::string& text, std::string_view key) {
  for (std::string_view line : split(text, '\n'))
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == ' ')
      return static_cast<uint64_t>(parse_int(line.substr(key.size() + 1)).value_or(0));
  return 0;
}

struct Hierarchy {
  std::string mount_point;
  std::vector<std::string> options;
  bool version2;
};

// The lines of mountinfo that are cgroup filesystems: "... <root> <mount point> ... - cgroup <source> <options>".
std::vector<Hierarchy> hierarchies() {
  std::vector<Hierarchy> found;
  std::string text = get("/proc/self/mountinfo");
  for (std::string_view line : split(text, '\n')) {
    size_t dash = line.find(" - cgroup");
    if (dash == std::string_view::npos) continue;
    auto head = split(line.substr(0, dash), ' ');
    auto tail = split(line.substr(dash + 3), ' ');
    if (head.size() < 5 || tail.size() < 3) continue;
    Hierarchy hierarchy{.mount_point = std::string(head[4]), .options = {}, .version2 = tail[0] == "cgroup2"};
    for (std::string_view option : split(tail[2], ',')) hierarchy.options.emplace_back(option);
    found.push_back(std::move(hierarchy));
  }
  return found;
}

// Our own group in the version 2 hierarchy: what was delegated to us lies below it.
std::string own_unified_path() {
  std::string text = get("/proc/self/cgroup");
  for (std::string_view line : split(text, '\n'))
    if (line.starts_with("0::")) return line == "0::/" ? "" : std::string(line.substr(3));
  return "";
}

bool may_make_groups(const std::string& directory) {
  return access(directory.c_str(), W_OK) == 0 && access((directory + "/cgroup.procs").c_str(), W_OK) == 0;
}

// Lets groups below have the controllers. Fails where this group has processes of its own (only the real root may have both).
bool enable_controllers(const std::string& directory) {
  std::string wanted;
  std::string available = get(directory + "/cgroup.controllers");
  for (std::string_view name : split(trim(available), ' '))
    if (name == "memory" || name == "pids" || name == "cpu") wanted += fmt::format("+{} ", name);
  if (wanted.find("+memory") == std::string::npos || wanted.find("+pids") == std::string::npos) return false;
  return put(directory + "/cgroup.subtree_control", wanted).has_value();
}

}  // namespace

std::vector<std::string> Cgroup::directories() const {
  std::vector<std::string> all;
  for (const auto* directory : {&memory, &pids, &cpu, &cpuacct, &unified})
    if (!directory->empty()) all.push_back(*directory);
  return all;
}

CgroupRoot CgroupRoot::find(const std::string& name) {
  CgroupRoot root;
  std::string unified_mount;
  for (const auto& hierarchy : hierarchies()) {
    if (hierarchy.version2) {
      unified_mount = hierarchy.mount_point;
      continue;
    }
    if (!may_make_groups(hierarchy.mount_point)) continue;
    for (const auto& option : hierarchy.options) {
      std::string ours = hierarchy.mount_point + "/" + name;
      if (option == "memory") root.memory_ = ours;
      if (option == "pids") root.pids_ = ours;
      if (option == "cpu") root.cpu_ = ours;
      if (option == "cpuacct") root.cpuacct_ = ours;
    }
  }
  if (!unified_mount.empty()) {
    std::string base = may_make_groups(unified_mount) ? unified_mount : unified_mount + own_unified_path();
    if (may_make_groups(base)) root.unified_ = base + "/" + name;
    if (!root.unified_.empty() && root.memory_.empty()) root.unified_limits_ = enable_controllers(base);
  }
  if (root.kind() == CgroupKind::none)
    root.why_not_ = root.unified_.empty() ? "no writable cgroup hierarchy: neither root nor a delegated group"
                                          : "the memory and pids controllers are not available to groups made here";
  return root;
}

CgroupKind CgroupRoot::kind() const {
  if (!memory_.empty() && !pids_.empty()) return CgroupKind::v1;
  return unified_limits_ ? CgroupKind::v2 : CgroupKind::none;
}

Result<Cgroup> CgroupRoot::make(const std::string& name) const {
  Cgroup cgroup;
  cgroup.unified_limits = unified_limits_;
  auto make = [&](const std::string& parent, std::string& child) -> Result<void> {
    if (parent.empty()) return {};
    child = parent + "/" + name;
    if (mkdir(child.c_str(), 0755) == 0 || errno == EEXIST) return {};
    if (errno == ENOENT && (mkdir(parent.c_str(), 0755) == 0 || errno == EEXIST)) {
      if (unified_limits_) (void)enable_controllers(parent);
      if (mkdir(child.c_str(), 0755) == 0 || errno == EEXIST) return {};
    }
    return failed_step(fmt::format("make the cgroup {}", child));
  };
  CHECK(make(memory_, cgroup.memory));
  CHECK(make(pids_, cgroup.pids));
  CHECK(make(cpu_, cgroup.cpu));
  CHECK(make(cpuacct_, cgroup.cpuacct));
  CHECK(make(unified_, cgroup.unified));
  return cgroup;
}

void CgroupRoot::remove_empty() const {
  for (const auto* directory : {&memory_, &pids_, &cpu_, &cpuacct_, &unified_}) {
    if (directory->empty()) continue;
    auto names = io::list_directory(*directory);
    if (!names) continue;
    for (const auto& name : *names) rmdir((*directory + "/" + name).c_str());  // files refuse, and so do groups in use
    rmdir(directory->c_str());
  }
}

Result<std::vector<io::Fd>> open_members(const Cgroup& cgroup) {
  std::vector<io::Fd> files;
  for (const auto& directory : cgroup.directories()) {
    files.emplace_back(open((directory + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (!files.back()) return failed_step(fmt::format("open the members of {}", directory));
  }
  return files;
}

Result<LimitFiles> open_limits(const Cgroup& cgroup) {
  LimitFiles files;
  auto open_one = [](const std::string& directory, const char* name, io::Fd& file, bool needed) -> Result<void> {
    if (directory.empty()) return {};
    std::string path = directory + name;
    file = io::Fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file && needed) return failed_step(fmt::format("open {}", path));
    return {};
  };
  // Swap would let a limit be passed slowly; not every kernel counts it.
  CHECK(open_one(cgroup.memory, "/memory.limit_in_bytes", files.memory, true));
  CHECK(open_one(cgroup.memory, "/memory.memsw.limit_in_bytes", files.memory_and_swap, false));
  CHECK(open_one(cgroup.pids, "/pids.max", files.processes, true));
  CHECK(open_one(cgroup.cpu, "/cpu.cfs_quota_us", files.cpu_quota, true));
  if (!cgroup.unified_limits) return files;
  CHECK(open_one(cgroup.unified, "/memory.max", files.memory, true));
  CHECK(open_one(cgroup.unified, "/memory.swap.max", files.swap, false));
  CHECK(open_one(cgroup.unified, "/pids.max", files.processes, true));
  CHECK(open_one(cgroup.unified, "/cpu.max", files.cpu_quota_and_period, false));
  return files;
}

Result<void> set_limits(const LimitFiles& files, const Limits& limits) {
  auto put = [](const io::Fd& file, const std::string& value) -> Result<void> {
    if (file && pwrite(file.get(), value.data(), value.size(), 0) < 0) return failed_step(fmt::format("set a limit of {}", value));
    return {};
  };
  if (limits.memory_bytes) {
    CHECK(put(files.memory, std::to_string(limits.memory_bytes)));
    (void)put(files.memory_and_swap, std::to_string(limits.memory_bytes));
    (void)put(files.swap, "0");
  }
  CHECK(put(files.processes, std::to_string(limits.processes + 1)));  // init is one
  if (limits.cpus <= 0) return {};
  auto quota = static_cast<uint64_t>(limits.cpus * static_cast<double>(cpu_period_us));
  (void)put(files.cpu_quota_and_period, fmt::format("{} {}", quota, cpu_period_us));
  return put(files.cpu_quota, std::to_string(quota));
}

Result<void> set_frozen(const Cgroup& cgroup, bool frozen) { return put(cgroup.unified + "/cgroup.freeze", frozen ? "1" : "0"); }

std::optional<bool> read_frozen(const Cgroup& cgroup) {
  if (cgroup.unified.empty()) return std::nullopt;
  return trim(get(cgroup.unified + "/cgroup.freeze")) == "1";
}

uint64_t out_of_memory_kills(const Cgroup& cgroup) {
  if (!cgroup.memory.empty()) return field(get(cgroup.memory + "/memory.oom_control"), "oom_kill");
  if (cgroup.unified_limits) return field(get(cgroup.unified + "/memory.events"), "oom_kill");
  return 0;
}

std::optional<Usage> read_usage(const Cgroup& cgroup) {
  Usage usage;
  if (!cgroup.memory.empty() && !cgroup.cpuacct.empty() && !cgroup.pids.empty()) {
    usage.cpu_time = Duration(static_cast<int64_t>(get_number(cgroup.cpuacct + "/cpuacct.usage") / 1000));
    usage.memory_bytes = get_number(cgroup.memory + "/memory.usage_in_bytes");
    usage.memory_peak_bytes = get_number(cgroup.memory + "/memory.max_usage_in_bytes");
    usage.processes = static_cast<uint32_t>(get_number(cgroup.pids + "/pids.current"));
    return usage;
  }
  if (!cgroup.unified_limits) return std::nullopt;
  usage.cpu_time = Duration(static_cast<int64_t>(field(get(cgroup.unified + "/cpu.stat"), "usage_usec")));
  usage.memory_bytes = get_number(cgroup.unified + "/memory.current");
  usage.memory_peak_bytes = get_number(cgroup.unified + "/memory.peak");
  usage.processes = static_cast<uint32_t>(get_number(cgroup.unified + "/pids.current"));
  return usage;
}

void kill_all(const Cgroup& cgroup) {
  if (!cgroup.unified.empty()) (void)put(cgroup.unified + "/cgroup.kill", "1");
}

bool remove(const Cgroup& cgroup) {
  bool gone = true;
  for (const auto& directory : cgroup.directories())
    if (rmdir(directory.c_str()) < 0 && errno != ENOENT) gone = false;
  return gone;
}

}  // namespace pds::sandbox
