#include "agent/install.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "io/files.h"

namespace pds::agent {
namespace {

constexpr size_t cleanup_bytes_max = 64u << 20;
constexpr size_t walk_depth_max = 64;

bool is_kind(const std::string& path, mode_t kind) {
  struct stat found{};
  return lstat(path.c_str(), &found) == 0 && (found.st_mode & S_IFMT) == kind;
}

// Last put first, so that directories are empty when their turn comes. What somebody else has put into one keeps it.
Result<void> clean_up(const std::string& cleanup_file) {
  if (!io::exists(cleanup_file)) return {};
  TRY(std::string list, io::read_file(cleanup_file, cleanup_bytes_max));
  std::vector<std::string_view> paths = split(list, '\n');
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    if (!path->starts_with('/')) continue;
    std::string name(*path);
    if (is_kind(name, S_IFDIR))
      rmdir(name.c_str());
    else
      unlink(name.c_str());
  }
  return {};
}

class Copier {
 public:
  explicit Copier(FileExists behavior) : behavior_(behavior) {}
  std::string put;  // one path per line, in the order of their making

  Result<void> copy(const std::string& from, const std::string& to, size_t depth) {
    if (depth > walk_depth_max) return fail("E_APPSPEC", "the bundle is nested too deep: " + from);
    if (is_kind(from, S_IFDIR)) return directory(from, to, depth);
    return is_kind(from, S_IFLNK) ? link(from, to) : file(from, to);
  }

  Result<void> make_directory(const std::string& path) {
    if (path.empty() || is_kind(path, S_IFDIR)) return {};
    CHECK(make_directory(path.substr(0, path.rfind('/'))));
    if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) return fail_errno("mkdir " + path, errno);
    put += path + "\n";
    return {};
  }

 private:
  Result<void> directory(const std::string& from, const std::string& to, size_t depth) {
    CHECK(make_directory(to));
    TRY(std::vector<std::string> names, io::list_directory(from));
    for (const std::string& name : names) CHECK(copy(from + "/" + name, to + "/" + name, depth + 1));
    return {};
  }

  // False: what is there stays.
  Result<bool> make_room(const std::string& to) {
    struct stat found{};
    if (lstat(to.c_str(), &found) != 0) return true;
    if (behavior_ == FileExists::retain) return false;
    if (behavior_ == FileExists::disallow || S_ISDIR(found.st_mode))
      return fail("E_FILE_EXISTS",
                  fmt::format("The deployment failed because a specified file already exists at this location: {}", to));
    if (unlink(to.c_str()) != 0) return fail_errno("unlink " + to, errno);
    return true;
  }

  Result<void> file(const std::string& from, const std::string& to) {
    TRY(bool room, make_room(to));
    if (!room) return {};
    struct stat found{};
    io::Fd in(open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!in || fstat(in.get(), &found) != 0) return fail_errno("open " + from, errno);
    io::Fd out(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, found.st_mode & 0777));
    if (!out) return fail_errno("create " + to, errno);
    put += to + "\n";
    while (true) {
      ssize_t n = copy_file_range(in.get(), nullptr, out.get(), nullptr, 1 << 20, 0);
      if (n == 0) return {};
      if (n < 0) return copy_by_hand(in.get(), out.get(), to);
    }
  }

  static Result<void> copy_by_hand(int in, int out, const std::string& to) {
    char buffer[64 << 10];
    while (true) {
      ssize_t n = read(in, buffer, sizeof buffer);
      if (n == 0) return {};
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail_errno("read for " + to, errno);
      for (ssize_t done = 0; done < n;) {
        ssize_t written = write(out, buffer + done, static_cast<size_t>(n - done));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno("write " + to, errno);
        done += written;
      }
    }
  }

  Result<void> link(const std::string& from, const std::string& to) {
    TRY(bool room, make_room(to));
    if (!room) return {};
    std::string target(4096, '\0');
    ssize_t n = readlink(from.c_str(), target.data(), target.size());
    if (n < 0) return fail_errno("readlink " + from, errno);
    target.resize(static_cast<size_t>(n));
    if (symlink(target.c_str(), to.c_str()) != 0) return fail_errno("symlink " + to, errno);
    put += to + "\n";
    return {};
  }

  FileExists behavior_;
};

Result<void> copy_mapping(const FileMapping& mapping, const std::string& archive, Copier& copier) {
  std::string source = mapping.source, destination = mapping.destination;
  for (std::string_view part : split(source, '/'))
    if (part == "..") return fail("E_APPSPEC", fmt::format("The source '{}' leaves the bundle.", source));
  while (destination.size() > 1 && destination.ends_with('/')) destination.pop_back();
  std::string from = archive + "/" + source;
  while (from.ends_with('/')) from.pop_back();
  struct stat found{};
  if (lstat(from.c_str(), &found) != 0)
    return fail("E_APPSPEC", fmt::format("The source '{}' of the application specification file is not in the bundle.", source));
  CHECK(copier.make_directory(destination));
  // A directory gives its content, a file goes below the destination.
  if (S_ISDIR(found.st_mode)) return copier.copy(from, destination, 0);
  return copier.copy(from, destination + "/" + from.substr(from.rfind('/') + 1), 0);
}

// ---- permissions ----

struct Owner {
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
};

Result<Owner> owner_of(const Permission& permission) {
  Owner owner;
  if (permission.owner) {
    const passwd* user = getpwnam(permission.owner->c_str());
    if (!user) return fail("E_APPSPEC", fmt::format("there is no user '{}' for {}", *permission.owner, permission.object));
    owner.uid = user->pw_uid;
  }
  if (permission.group) {
    const group* found = getgrnam(permission.group->c_str());
    if (!found) return fail("E_APPSPEC", fmt::format("there is no group '{}' for {}", *permission.group, permission.object));
    owner.gid = found->gr_gid;
  }
  return owner;
}

Result<void> set_one(const Permission& permission, const Owner& owner, const std::string& path) {
  bool directory = is_kind(path, S_IFDIR);
  if (is_kind(path, S_IFLNK) || !(directory ? permission.directories : permission.files)) return {};
  if ((permission.owner || permission.group) && lchown(path.c_str(), owner.uid, owner.gid) != 0)
    return fail_errno("chown " + path, errno);
  if (permission.mode && chmod(path.c_str(), *permission.mode) != 0) return fail_errno("chmod " + path, errno);
  return {};
}

Result<void> set_below(const Permission& permission, const Owner& owner, const std::string& path, size_t depth) {
  if (depth > walk_depth_max || !is_kind(path, S_IFDIR)) return {};
  TRY(std::vector<std::string> names, io::list_directory(path));
  bool all = permission.pattern == "**";
  for (const std::string& name : names) {
    std::string child = path + "/" + name;
    bool excepted = std::any_of(permission.except.begin(), permission.except.end(),
                                [&](const std::string& e) { return wildcard_match(e, name); });
    if (!excepted && wildcard_match(all ? "*" : permission.pattern, name)) CHECK(set_one(permission, owner, child));
    if (all) CHECK(set_below(permission, owner, child, depth + 1));
  }
  return {};
}

Result<void> set_permission(const Permission& permission) {
  if (!io::exists(permission.object))
    return fail("E_APPSPEC", fmt::format("the object '{}' of a permission does not exist", permission.object));
  TRY(Owner owner, owner_of(permission));
  if (!is_kind(permission.object, S_IFDIR)) return set_one(permission, owner, permission.object);
  if (permission.pattern == "**") CHECK(set_one(permission, owner, permission.object));
  return set_below(permission, owner, permission.object, 0);
}

}  // namespace

Result<void> install(const AppSpec& spec, const InstallPlan& plan) {
  CHECK(clean_up(plan.cleanup_file));
  Copier copier(plan.behavior);
  Result<void> done;
  for (const FileMapping& mapping : spec.files)
    if (done) done = copy_mapping(mapping, plan.archive, copier);
  // Also after a failure: what was put is ours to remove the next time.
  CHECK(io::write_file_atomically(plan.cleanup_file, copier.put));
  if (!done) return done;
  for (const Permission& permission : spec.permissions) CHECK(set_permission(permission));
  return {};
}

}  // namespace pds::agent
