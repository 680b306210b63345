#include "sandbox/rootfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>

#include "sandbox/layer.h"
#include "sandbox/mounts.h"
#include "sandbox/start_error.h"

namespace pds::sandbox {

namespace {

// Where parts wait until they are moved: a small filesystem of our own. It is the root when the host has been left; else it covers,
// in our mount namespace only, a directory that exists everywhere, that everybody may enter, and that nobody binds from.
constexpr const char* stage_on_host = "/sys";
std::string stage_path(const RootParts& parts, std::string_view name) {
  return fmt::format("{}/{}", parts.host_left ? "" : stage_on_host, name);
}

// What Lambda gives a function by default: then a /tmp made ahead fits as it is.
constexpr uint64_t usual_tmp_bytes = 512u << 20;

Result<void> make_device(const std::string& name) {
  TRY(io::Fd device, clone_tree("/dev/" + name, {.executable = false, .devices = true}));
  std::string place = fmt::format("{}/dev/{}", stage_on_host, name);
  io::Fd file(open(place.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
  if (!file) return failed_step(fmt::format("make '{}'", place));
  return attach_at(device.get(), place.c_str());
}

Result<void> fill_dev() {
  for (const char* name : {"null", "zero", "full", "random", "urandom", "tty"}) CHECK(make_device(name));
  constexpr const char* links[][2] = {
      {"/proc/self/fd", "fd"}, {"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"}, {"/proc/self/fd/2", "stderr"}};
  for (const auto& [target, name] : links)
    if (symlink(target, fmt::format("{}/dev/{}", stage_on_host, name).c_str()) < 0) return failed_step("make the links of /dev");
  if (mkdir(fmt::format("{}/dev/shm", stage_on_host).c_str(), 0755) < 0) return failed_step("make /dev/shm");
  return {};
}

bool is_directory(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
}

// What is mounted inside the root, in this order.
struct Placement {
  std::string target;
  int tree;
  bool directory;
};

bool is_below(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path.starts_with(directory) && path[directory.size()] == '/';
}

// A root in memory that shows the image, with room for targets that the image lacks: directories on the way to a missing target are
// made anew and their entries bound one by one, everything else is bound whole.
class Assembly {
 public:
  Assembly(const std::vector<std::string>& missing) : missing_(missing) {}

  Result<void> show(int from, int to, const std::string& prefix) {
    io::Fd readable(openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!readable) return failed_step(fmt::format("read '{}/' of the image", prefix));
    std::unique_ptr<DIR, int (*)(DIR*)> listing(fdopendir(readable.get()), closedir);
    if (!listing) return failed_step("read a directory of the image");
    readable.release();
    while (dirent* entry = readdir(listing.get())) {
      std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (++entries_ > entries_max)
        return fail(
            "E_SANDBOX_START",
            fmt::format("starting the sandbox: the image has more than {} entries beside mount points it lacks", entries_max));
      CHECK(show_entry(from, to, prefix, name));
    }
    return {};
  }

 private:
  static constexpr int entries_max = 2048;

  Result<void> show_entry(int from, int to, const std::string& prefix, const std::string& name) {
    struct stat info;
    if (fstatat(from, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0)
      return failed_step(fmt::format("look at '{}/{}' of the image", prefix, name));
    if (S_ISLNK(info.st_mode)) return copy_link(from, to, name);
    bool directory = S_ISDIR(info.st_mode);
    if (!directory && !S_ISREG(info.st_mode)) return {};
    if (directory ? mkdirat(to, name.c_str(), 0755) < 0 : mknodat(to, name.c_str(), S_IFREG | 0644, 0) < 0)
      return failed_step(fmt::format("make '{}/{}'", prefix, name));
    io::Fd place(openat(to, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!place) return failed_step(fmt::format("open '{}/{}'", prefix, name));
    std::string path = prefix + "/" + name;
    for (const auto& target : missing_) {
      if (!directory || !is_below(target, path)) continue;
      io::Fd inner(openat(from, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!inner) return failed_step(fmt::format("open '{}' of the image", path));
      return show(inner.get(), place.get(), path);
    }
    io::Fd tree(open_tree(from, name.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW));
    if (!tree) return failed_step(fmt::format("bind '{}' of the image", path));
    return attach(tree.get(), place.get(), path);
  }

  Result<void> copy_link(int from, int to, const std::string& name) {
    char target[4096];
    ssize_t n = readlinkat(from, name.c_str(), target, sizeof target - 1);
    if (n < 0) return failed_step(fmt::format("read the link '{}' of the image", name));
    target[n] = '\0';
    if (symlinkat(target, to, name.c_str()) < 0) return failed_step(fmt::format("make the link '{}'", name));
    return {};
  }

  const std::vector<std::string>& missing_;
  int entries_ = 0;
};

Result<io::Fd> assemble(const RootParts& parts, int image, const std::vector<std::string>& missing) {
  TRY(io::Fd root, new_tmpfs(8u << 20, "0755"));
  std::string place = stage_path(parts, "assembled");
  if (mkdir(place.c_str(), 0755) < 0) return failed_step("make a place for the root");
  CHECK(attach_at(root.get(), place.c_str()));
  CHECK(Assembly(missing).show(image, root.get(), ""));
  return root;
}

Result<void> place_all(int root, const std::vector<Placement>& placements, bool may_make) {
  for (const auto& [target, tree, directory] : placements) {
    Make make = !may_make ? Make::nothing : directory ? Make::directory : Make::file;
    TRY(io::Fd place, open_inside(root, target, make));
    CHECK(attach(tree, place.get(), target));
  }
  return {};
}

Result<void> pivot(int root) {
  if (fchdir(root) < 0) return failed_step("enter the new root");
  if (syscall(SYS_pivot_root, ".", ".") < 0) return failed_step("pivot_root");
  // The old root now lies on top of the new one; taking it away uncovers the new one.
  if (umount2(".", MNT_DETACH) < 0) return failed_step("detach the host's root");
  if (chdir("/") < 0) return failed_step("chdir /");
  return {};
}

// Covers the empty root that the host was left for, which nothing inside can then name. (Not pivot_root, which looks at every
// process of the machine, nor an unmount, which waits for every processor.)
Result<void> cover(int root) {
  CHECK(attach_at(root, "/"));
  if (fchdir(root) < 0) return failed_step("enter the new root");
  if (chroot(".") < 0) return failed_step("change the root");
  return {};
}

Result<void> enter(const RootParts& parts, int root) { return parts.host_left ? cover(root) : pivot(root); }

// Trees of one start, kept open until they are attached.
class Placements {
 public:
  void add(std::string target, int tree) { list_.push_back({std::move(target), tree, is_directory(tree)}); }
  Result<void> add_tmpfs(const std::string& target, uint64_t bytes_max) {
    TRY(io::Fd tree, new_tmpfs(bytes_max, "1777"));
    add(target, tree.get());
    owned_.push_back(std::move(tree));
    return {};
  }
  void add_owned(std::string target, io::Fd tree) {
    add(std::move(target), tree.get());
    owned_.push_back(std::move(tree));
  }
  const std::vector<Placement>& list() const { return list_; }

 private:
  std::vector<Placement> list_;
  std::vector<io::Fd> owned_;
};

Result<void> add_common(Placements& out, const SandboxSpec& spec, const RootParts& parts) {
  out.add("/proc", parts.proc.get());
  out.add("/dev", parts.dev.get());
  // AWS gives functions no /dev/shm either.
  if (spec.profile != Profile::function) CHECK(out.add_tmpfs("/dev/shm", spec.limits.tmp_bytes));
  if (!parts.tmp) return out.add_tmpfs("/tmp", spec.limits.tmp_bytes);
  if (spec.limits.tmp_bytes != usual_tmp_bytes) CHECK(resize_tmpfs(parts.tmp.get(), spec.limits.tmp_bytes));
  out.add("/tmp", parts.tmp.get());
  return {};
}

Result<void> add_binds(Placements& out, const SandboxSpec& spec, const std::vector<io::Fd>& sources, size_t first) {
  for (size_t i = 0; i < spec.binds.size(); i++) out.add(spec.binds[i].target, sources[first + i].get());
  for (const auto& scratch : spec.scratch) CHECK(out.add_tmpfs(scratch.target, scratch.bytes_max));
  return {};
}

Result<void> enter_image(const SandboxSpec& spec, const RootParts& parts, const std::vector<io::Fd>& sources) {
  Placements placements;
  CHECK(add_common(placements, spec, parts));
  CHECK(add_binds(placements, spec, sources, 1));
  int root = sources[0].get();
  CHECK(attach_at(root, stage_path(parts, "root").c_str()));
  std::vector<std::string> missing;
  for (const auto& placement : placements.list()) {
    if (placement.target == "/dev/shm") continue;
    auto place = open_inside(root, placement.target, Make::nothing);
    if (!place && place.error().code != "E_ABSENT") return std::unexpected(place.error());
    if (!place) missing.push_back(placement.target);
  }
  if (missing.empty()) {
    CHECK(place_all(root, placements.list(), false));
    return enter(parts, root);
  }
  TRY(io::Fd assembled, assemble(parts, root, missing));
  CHECK(place_all(assembled.get(), placements.list(), true));
  CHECK(set_read_only(assembled.get()));
  return enter(parts, assembled.get());
}

Result<void> enter_layer(const SandboxSpec& spec, const RootParts& parts, const std::vector<io::Fd>& sources) {
  int root = sources[0].get();
  CHECK(attach_at(root, stage_path(parts, "root").c_str()));
  CHECK(fill_layer(root, spec.hostname));
  Placements placements;
  std::vector<std::string> system = system_directories();
  for (size_t i = 0; i < system.size(); i++) placements.add(system[i], sources[1 + i].get());
  if (access("/usr/local", F_OK) == 0) {
    // What somebody installed on the host by hand is not part of the machine image; the instance has room of its own there.
    TRY(io::Fd place, open_inside(root, "/var/local", Make::directory));
    io::Fd local(open_tree(place.get(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE));
    if (!local) return failed_step("bind /usr/local");
    placements.add_owned("/usr/local", std::move(local));
  }
  CHECK(add_common(placements, spec, parts));
  CHECK(placements.add_tmpfs("/run", spec.limits.tmp_bytes));
  CHECK(add_binds(placements, spec, sources, 1 + system.size()));
  CHECK(place_all(root, placements.list(), true));
  return pivot(root);
}

}  // namespace

Result<RootParts> prepare_root(bool confined, bool leave_host) {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) return failed_step("make mounts private");
  TRY(io::Fd staging, new_tmpfs(1u << 20, "0755"));
  CHECK(attach_at(staging.get(), stage_on_host));
  RootParts parts;
  TRY(parts.dev, new_tmpfs(64u << 10, "0755"));
  for (const char* name : {"dev", "root"})
    if (mkdir(stage_path(parts, name).c_str(), 0755) < 0) return failed_step("make places for the parts of the root");
  CHECK(attach_at(parts.dev.get(), stage_path(parts, "dev").c_str()));
  CHECK(fill_dev());
  parts.null = io::Fd(open(stage_path(parts, "dev/null").c_str(), O_RDWR | O_CLOEXEC));
  if (!parts.null) return failed_step("open /dev/null");
  TRY(parts.proc, new_proc());
  if (confined) {
    // Of an instance it stays writable: its own containers mount a /proc as well, and the kernel lets them only then.
    CHECK(set_read_only(parts.proc.get()));
    TRY(parts.tmp, new_tmpfs(usual_tmp_bytes, "1777"));
  }
  if (leave_host) {
    CHECK(pivot(staging.get()));
    parts.host_left = true;
  }
  return parts;
}

Result<std::vector<io::Fd>> open_sources(const SandboxSpec& spec, int user_namespace) {
  std::vector<io::Fd> sources;
  bool image = !spec.image_root.empty();
  MountOptions root{.read_only = image, .id_map_of = user_namespace};
  TRY(io::Fd tree, clone_tree(image ? spec.image_root : spec.layer, root));
  sources.push_back(std::move(tree));
  if (!image) {
    for (const auto& path : system_directories()) {
      TRY(io::Fd system, clone_tree(path, {.read_only = true}));
      sources.push_back(std::move(system));
    }
  }
  for (const auto& bind : spec.binds) {
    // Only what may be written gets mapped ids: a read-only bind keeps the host's owner, whom nobody inside can be.
    TRY(io::Fd source, clone_tree(bind.source, {.read_only = bind.read_only, .id_map_of = bind.read_only ? -1 : user_namespace}));
    sources.push_back(std::move(source));
  }
  return sources;
}

Result<void> enter_root(const SandboxSpec& spec, RootParts parts, const std::vector<io::Fd>& sources) {
  size_t expected = 1 + (spec.image_root.empty() ? system_directories().size() : 0) + spec.binds.size();
  if (sources.size() != expected) return fail("E_SANDBOX_PROTOCOL", "the spec and the mounts that came with it do not match");
  return spec.image_root.empty() ? enter_layer(spec, parts, sources) : enter_image(spec, parts, sources);
}

}  // namespace pds::sandbox
