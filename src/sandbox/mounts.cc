#include "sandbox/mounts.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/start_error.h"

namespace pds::sandbox {

namespace {

Result<void> configure(int filesystem, const char* key, const std::string& value) {
  if (fsconfig(filesystem, FSCONFIG_SET_STRING, key, value.c_str(), 0) < 0)
    return failed_step(fmt::format("set mount option {}={}", key, value));
  return {};
}

Result<void> bound_tmpfs(int filesystem, uint64_t bytes_max) {
  CHECK(configure(filesystem, "size", std::to_string(bytes_max)));
  return configure(filesystem, "nr_inodes", std::to_string(std::max<uint64_t>(1024, bytes_max / 4096)));
}

Result<io::Fd> finish_mount(int filesystem, unsigned attributes, const char* type) {
  if (fsconfig(filesystem, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) return failed_step(fmt::format("make a {}", type));
  io::Fd tree(fsmount(filesystem, FSMOUNT_CLOEXEC, attributes));
  if (!tree) return failed_step(fmt::format("mount a {}", type));
  return tree;
}

Result<io::Fd> open_beneath(int root, const std::string& relative, uint64_t flags) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  io::Fd fd(static_cast<int>(syscall(SYS_openat2, root, relative.c_str(), &how, sizeof how)));
  if (fd) return fd;
  if (errno == ENOENT) return fail("E_ABSENT", fmt::format("starting the sandbox: '/{}' does not exist in its root", relative));
  if (errno == ELOOP)
    return fail("E_SANDBOX_START",
                fmt::format("starting the sandbox: '/{}' leads through a symbolic link; mounts do not follow links", relative));
  return failed_step(fmt::format("open '/{}' inside the root", relative));
}

Result<void> make_one(int parent, const std::string& name, Make make) {
  if (make == Make::directory) {
    if (mkdirat(parent, name.c_str(), 0755) == 0 || errno == EEXIST) return {};
  } else {
    io::Fd file(openat(parent, name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0644));
    if (file || errno == EEXIST) return {};
  }
  return failed_step(fmt::format("make '{}' in the root", name));
}

}  // namespace

Result<io::Fd> clone_tree(const std::string& path, const MountOptions& options, bool* ids_mapped) {
  io::Fd tree(open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE));
  if (!tree) return failed_step(fmt::format("bind '{}'", path));
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NOSUID;
  if (!options.devices) attributes.attr_set |= MOUNT_ATTR_NODEV;
  if (options.read_only) attributes.attr_set |= MOUNT_ATTR_RDONLY;
  if (!options.executable) attributes.attr_set |= MOUNT_ATTR_NOEXEC;
  if (mount_setattr(tree.get(), "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) < 0)
    return failed_step(fmt::format("restrict the bind of '{}'", path));
  if (ids_mapped) *ids_mapped = false;
  if (options.id_map_of >= 0) {
    mount_attr map{};
    map.attr_set = MOUNT_ATTR_IDMAP;
    map.userns_fd = static_cast<uint64_t>(options.id_map_of);
    bool mapped = mount_setattr(tree.get(), "", AT_EMPTY_PATH, &map, sizeof map) == 0;
    if (ids_mapped) *ids_mapped = mapped;
  }
  return tree;
}

Result<io::Fd> new_tmpfs(uint64_t bytes_max, const char* mode) {
  io::Fd filesystem(fsopen("tmpfs", FSOPEN_CLOEXEC));
  if (!filesystem) return failed_step("open tmpfs");
  CHECK(bound_tmpfs(filesystem.get(), bytes_max));
  CHECK(configure(filesystem.get(), "mode", mode));
  return finish_mount(filesystem.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, "tmpfs");
}

Result<void> resize_tmpfs(int tree, uint64_t bytes_max) {
  io::Fd filesystem(fspick(tree, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH));
  if (!filesystem) return failed_step("pick a tmpfs");
  CHECK(bound_tmpfs(filesystem.get(), bytes_max));
  if (fsconfig(filesystem.get(), FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0) < 0) return failed_step("resize a tmpfs");
  return {};
}

Result<io::Fd> new_proc() {
  io::Fd filesystem(fsopen("proc", FSOPEN_CLOEXEC));
  if (!filesystem) return failed_step("open proc");
  return finish_mount(filesystem.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, "proc");
}

Result<void> attach(int tree, int target, std::string_view name) {
  if (move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
    return failed_step(fmt::format("mount on '{}'", name));
  return {};
}

Result<void> attach_at(int tree, const char* path) {
  if (move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0) return failed_step(fmt::format("mount on '{}'", path));
  return {};
}

Result<io::Fd> open_inside(int root, std::string_view path, Make make) {
  std::string relative(
      path.substr(path.find_first_not_of('/') == std::string_view::npos ? path.size() : path.find_first_not_of('/')));
  if (relative.empty()) relative = ".";
  auto found = open_beneath(root, relative, O_PATH);
  if (found || make == Make::nothing || found.error().code != "E_ABSENT") return found;
  TRY(io::Fd parent, open_beneath(root, ".", O_PATH | O_DIRECTORY));
  for (size_t at = 0; at < relative.size();) {
    size_t end = std::min(relative.find('/', at), relative.size());
    std::string name = relative.substr(at, end - at);
    bool last = end == relative.size();
    CHECK(make_one(parent.get(), name, last ? make : Make::directory));
    TRY(io::Fd next, open_beneath(parent.get(), name, last ? O_PATH : O_PATH | O_DIRECTORY));
    parent = std::move(next);
    at = end + 1;
  }
  return parent;
}

Result<void> set_read_only(int tree) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0) return failed_step("make a mount read-only");
  return {};
}

}  // namespace pds::sandbox
