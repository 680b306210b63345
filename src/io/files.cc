#include "io/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace pds::io {
namespace {

constexpr int tree_depth_max = 256;

Result<void> write_whole(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    ssize_t put = ::write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno("write " + path, errno);
    content.remove_prefix(static_cast<size_t>(put));
  }
  return {};
}

std::string folder_of(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Works with descriptors, so that a folder swapped for a link meanwhile does not lead outside.
Result<void> remove_entries(Fd folder, const std::string& path, int depth) {
  if (depth > tree_depth_max) return fail("E_TOO_DEEP", path + " is nested too deeply to remove");
  DIR* list = ::fdopendir(folder.get());
  if (!list) return fail_errno("open " + path, errno);
  folder.release();
  Result<void> outcome;
  while (dirent* entry = ::readdir(list)) {
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (::unlinkat(::dirfd(list), name.c_str(), 0) == 0 || errno == ENOENT) continue;
    if (errno != EISDIR && errno != EPERM) {
      outcome = fail_errno("remove " + path + "/" + name, errno);
      break;
    }
    Fd inner(::openat(::dirfd(list), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!inner) outcome = fail_errno("open " + path + "/" + name, errno);
    if (outcome) outcome = remove_entries(std::move(inner), path + "/" + name, depth + 1);
    if (outcome && ::unlinkat(::dirfd(list), name.c_str(), AT_REMOVEDIR) != 0)
      outcome = fail_errno("remove " + path + "/" + name, errno);
    if (!outcome) break;
  }
  ::closedir(list);
  return outcome;
}

}  // namespace

Result<std::string> read_file(const std::string& path, size_t bytes_max) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno == ENOENT ? fail("E_NOT_FOUND", path + " does not exist") : fail_errno("open " + path, errno);
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return fail_errno("stat " + path, errno);
  if (S_ISDIR(info.st_mode)) return fail("E_NOT_A_FILE", path + " is a directory");
  std::string content;
  // Files under /proc have no size; one byte more than the size finds the end without another allocation.
  size_t room = std::min(static_cast<size_t>(std::max<off_t>(info.st_size, 4095)), bytes_max) + 1;
  while (true) {
    size_t have = content.size();
    content.resize(have + room);
    ssize_t got = ::read(fd.get(), content.data() + have, room);
    if (got < 0 && errno != EINTR) return fail_errno("read " + path, errno);
    content.resize(have + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    if (content.size() > bytes_max) return fail("E_TOO_LARGE", path + " is larger than " + std::to_string(bytes_max) + " bytes");
    if (got == 0) return content;
    room = std::clamp<size_t>(content.size(), 4096, 1u << 20);
  }
}

Result<void> write_file_atomically(const std::string& path, std::string_view content, int mode) {
  std::string temporary = path + ".XXXXXX";
  Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return fail_errno("create " + temporary, errno);
  Result<void> outcome = write_whole(fd.get(), content, path);
  if (outcome && (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0 || ::fsync(fd.get()) != 0))
    outcome = fail_errno("write " + path, errno);
  if (outcome && ::rename(temporary.c_str(), path.c_str()) != 0) outcome = fail_errno("rename to " + path, errno);
  if (!outcome) {
    ::unlink(temporary.c_str());
    return outcome;
  }
  Fd folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return fail_errno("sync the folder of " + path, errno);
  return {};
}

Result<void> make_directories(const std::string& path, int mode) {
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST) return fail_errno("create " + part, errno);
    if (end == std::string::npos) break;
  }
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return fail_errno("create " + path, errno);
  if (!S_ISDIR(info.st_mode)) return fail("E_NOT_A_DIRECTORY", path + " exists and is not a directory");
  return {};
}

Result<void> remove_tree(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) return fail_errno("remove " + path, errno);
  Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return fail_errno("open " + path, errno);
  CHECK(remove_entries(std::move(folder), path, 0));
  if (::rmdir(path.c_str()) != 0) return fail_errno("remove " + path, errno);
  return {};
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
  DIR* list = ::opendir(path.c_str());
  if (!list) return errno == ENOENT ? fail("E_NOT_FOUND", path + " does not exist") : fail_errno("open " + path, errno);
  std::vector<std::string> names;
  while (dirent* entry = ::readdir(list)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  ::closedir(list);
  std::sort(names.begin(), names.end());
  return names;
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<FileLock> FileLock::acquire(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return fail_errno("open " + path, errno);
  char holder[32] = {};
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail_errno("lock " + path, errno);
    ssize_t got = ::pread(fd.get(), holder, sizeof holder - 1, 0);
    return fail("E_LOCKED", path + " is locked by " + (got > 0 ? "process " + std::string(holder) : "another process"), 409);
  }
  std::string pid = std::to_string(::getpid());
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) < 0) return fail_errno("write " + path, errno);
  return FileLock(fd.release());
}

FileLock::~FileLock() {
  if (fd_ < 0) return;
  // Emptied first: a reader must not be told of a holder that is gone.
  [[maybe_unused]] int ignored = ::ftruncate(fd_, 0);
  ::close(fd_);
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

}  // namespace pds::io
