#include "sandbox/layer.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "sandbox/mounts.h"
#include "sandbox/start_error.h"

namespace pds::sandbox {

namespace {

constexpr const char* top_links[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32"};
constexpr size_t copied_file_bytes_max = 4u << 20;
constexpr int copied_entries_max = 4096;
constexpr const char* filled_mark = "/var/lib/pds-layer";

constexpr const char* directories[] = {"/usr",
                                       "/etc",
                                       "/var/cache",
                                       "/var/lib",
                                       "/var/log",
                                       "/var/local/bin",
                                       "/var/local/sbin",
                                       "/var/local/lib",
                                       "/var/local/etc",
                                       "/var/local/share",
                                       "/var/spool",
                                       "/opt",
                                       "/srv",
                                       "/home/ec2-user",
                                       "/mnt",
                                       "/media",
                                       "/sys",
                                       "/proc",
                                       "/dev",
                                       "/tmp",
                                       "/run"};

// Public by nature. What is a directory is copied whole.
constexpr const char* copied_from_etc[] = {"ld.so.cache", "ld.so.conf", "ld.so.conf.d",    "nsswitch.conf",
                                           "services",    "protocols",  "os-release",      "debian_version",
                                           "localtime",   "timezone",   "mime.types",      "terminfo",
                                           "bash.bashrc", "profile",    "ssl/openssl.cnf", "ca-certificates.conf"};
// Hundreds of links each, so shown instead of copied; public as well.
constexpr const char* shown_of_etc[] = {"/etc/ssl/certs", "/etc/alternatives"};

constexpr const char* made_passwd =
    "root:x:0:0:root:/root:/bin/bash\n"
    "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
    "ec2-user:x:1000:1000:EC2 user:/home/ec2-user:/bin/bash\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
constexpr const char* made_group = "root:x:0:\ndaemon:x:1:\nec2-user:x:1000:\nnogroup:x:65534:\n";

Result<void> write_new(int root, const std::string& path, std::string_view content) {
  size_t slash = path.rfind('/');
  TRY(io::Fd parent, open_inside(root, path.substr(0, slash), Make::directory));
  io::Fd file(openat(parent.get(), path.c_str() + slash + 1, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return failed_step(fmt::format("write '{}' of the layer", path));
  while (!content.empty()) {
    ssize_t n = write(file.get(), content.data(), content.size());
    if (n < 0) return failed_step(fmt::format("write '{}' of the layer", path));
    content.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

// What the caller cannot read, or what is too large to be configuration, is left out.
Result<void> copy_file(int root, const std::string& from, const std::string& to) {
  auto content = io::read_file(from, copied_file_bytes_max);
  if (!content) return {};
  return write_new(root, to, *content);
}

Result<void> copy_link(int root, const std::string& from, const std::string& to) {
  char target[1024];
  ssize_t n = readlink(from.c_str(), target, sizeof target - 1);
  if (n <= 0) return {};
  target[n] = '\0';
  size_t slash = to.rfind('/');
  TRY(io::Fd parent, open_inside(root, to.substr(0, slash), Make::directory));
  if (symlinkat(target, parent.get(), to.c_str() + slash + 1) < 0 && errno != EEXIST)
    return failed_step(fmt::format("link '{}' of the layer", to));
  return {};
}

Result<void> copy_tree(int root, const std::string& from, const std::string& to, int& budget) {
  struct stat info;
  if (lstat(from.c_str(), &info) < 0 || --budget < 0) return {};
  if (S_ISLNK(info.st_mode)) return copy_link(root, from, to);
  if (S_ISREG(info.st_mode)) return copy_file(root, from, to);
  if (!S_ISDIR(info.st_mode)) return {};
  CHECK(open_inside(root, to, Make::directory));
  auto names = io::list_directory(from);
  if (!names) return {};
  for (const auto& name : *names) CHECK(copy_tree(root, from + "/" + name, to + "/" + name, budget));
  return {};
}

Result<void> make_sticky(int root, const char* path) {
  TRY(io::Fd directory, open_inside(root, path, Make::directory));
  io::Fd same(openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!same || fchmod(same.get(), 01777) < 0) return failed_step(fmt::format("set the mode of '{}' of the layer", path));
  return {};
}

Result<void> make_directories(int root) {
  for (const char* path : directories) CHECK(open_inside(root, path, Make::directory));
  CHECK(make_sticky(root, "/var/tmp"));
  if (mkdirat(root, "root", 0700) < 0 && errno != EEXIST) return failed_step("make '/root' of the layer");
  for (const char* name : top_links) CHECK(copy_link(root, std::string("/") + name, std::string("/") + name));
  // What is bound later needs its place.
  for (const auto& path : system_directories()) CHECK(open_inside(root, path, Make::directory));
  return {};
}

}  // namespace

std::vector<std::string> system_directories() {
  std::vector<std::string> found = {"/usr"};
  auto add_directory = [&found](const std::string& path) {
    struct stat info;
    if (lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) found.push_back(path);
  };
  for (const char* name : top_links) add_directory(std::string("/") + name);
  for (const char* path : shown_of_etc) add_directory(path);
  return found;
}

Result<void> fill_layer(int root, const std::string& hostname) {
  if (open_inside(root, filled_mark, Make::nothing)) return {};
  CHECK(make_directories(root));
  int budget = copied_entries_max;
  for (const char* name : copied_from_etc) CHECK(copy_tree(root, std::string("/etc/") + name, std::string("/etc/") + name, budget));
  CHECK(write_new(root, "/etc/passwd", made_passwd));
  CHECK(write_new(root, "/etc/group", made_group));
  CHECK(write_new(root, "/etc/hostname", hostname + "\n"));
  CHECK(write_new(root, "/etc/hosts", fmt::format("127.0.0.1 localhost {}\n::1 localhost\n", hostname)));
  CHECK(write_new(root, "/etc/resolv.conf", "nameserver 169.254.169.253\n"));
  return write_new(root, filled_mark, "filled\n");
}

}  // namespace pds::sandbox
