#include "agent/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "base/text.h"
#include "io/files.h"

namespace pds::agent {
namespace {

constexpr size_t block_bytes = 64 << 10;

struct Free {
  void operator()(archive* a) const { archive_read_free(a); }
};
using Archive = std::unique_ptr<archive, Free>;

std::unexpected<Error> invalid(archive* a, std::string_view what) {
  const char* why = archive_error_string(a);
  return fail("E_BUNDLE_INVALID", fmt::format("the bundle cannot be read: {}: {}", what, why ? why : "unknown reason"));
}

// "a/./b/" becomes "a/b"; nothing for names that leave the directory.
Result<std::string> safe_name(std::string_view name, const BundleLimits& limits) {
  auto unsafe = [&](std::string_view why) {
    return fail("E_BUNDLE_UNSAFE", fmt::format("the bundle's entry '{}' is refused: {}", name.substr(0, 200), why));
  };
  if (name.size() > limits.path_bytes_max) return unsafe("its name is too long");
  if (name.starts_with('/')) return unsafe("its name is absolute");
  if (name.find('\\') != std::string_view::npos || name.find('\0') != std::string_view::npos)
    return unsafe("its name holds a backslash or NUL");
  std::string out;
  for (std::string_view part : split(name, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return unsafe("its name leaves the bundle");
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

// A link's target, seen from where the link lies, stays inside. ".." may only lead it: behind a name that is a link itself, it
// would mean another directory than it seems to.
bool link_stays_inside(std::string_view link_name, std::string_view target) {
  if (target.empty() || target.starts_with('/')) return false;
  int64_t depth = 0;
  for (char c : link_name) depth += c == '/';
  bool named = false;
  for (std::string_view part : split(target, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." && (named || --depth < 0)) return false;
    named = named || part != "..";
  }
  return true;
}

class Unpacker {
 public:
  Unpacker(std::string root, const BundleLimits& limits) : root_(std::move(root)), limits_(limits) {}

  Result<void> entry(archive* a, archive_entry* e) {
    if (++entries_ > limits_.entries_max)
      return fail("E_TOO_LARGE", fmt::format("the bundle has more than {} entries", limits_.entries_max));
    const char* raw = archive_entry_pathname(e);
    TRY(std::string name, safe_name(raw ? raw : "", limits_));
    if (name.empty()) return {};
    CHECK(check_parents(name));
    if (archive_entry_hardlink(e)) return refuse(name, "hard links are not supported");
    auto mode = static_cast<mode_t>(archive_entry_perm(e) & 0777);
    switch (archive_entry_filetype(e)) {
      case AE_IFDIR:
        return directory(name);
      case AE_IFREG:
        return file(a, name, mode);
      case AE_IFLNK:
        return link(name, archive_entry_symlink(e));
      default:
        return refuse(name, "it is neither a file, a directory nor a symbolic link");
    }
  }

 private:
  std::unexpected<Error> refuse(const std::string& name, std::string_view why) const {
    return fail("E_BUNDLE_UNSAFE", fmt::format("the bundle's entry '{}' is refused: {}", name, why));
  }
  std::string path(const std::string& name) const { return root_ + "/" + name; }

  // Every directory above is a real one: an earlier entry may have put a link there.
  Result<void> check_parents(const std::string& name) {
    for (size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
      CHECK(directory(name.substr(0, slash)));
    }
    return {};
  }

  Result<void> directory(const std::string& name) {
    if (mkdir(path(name).c_str(), 0755) == 0) return {};
    if (errno != EEXIST) return fail_errno("mkdir " + path(name), errno);
    struct stat found{};
    if (lstat(path(name).c_str(), &found) != 0 || !S_ISDIR(found.st_mode))
      return refuse(name, "something else than a directory lies in its way");
    return {};
  }

  Result<void> file(archive* a, const std::string& name, mode_t mode) {
    // O_EXCL: an entry that stands twice, or behind a link, is refused.
    io::Fd fd(open(path(name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode | 0600));
    if (!fd)
      return errno == EEXIST ? refuse(name, "it is in the bundle twice") : Result<void>(fail_errno("create " + path(name), errno));
    while (true) {
      const void* data = nullptr;
      size_t size = 0;
      la_int64_t offset = 0;
      int status = archive_read_data_block(a, &data, &size, &offset);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK) return invalid(a, name);
      bytes_ += size;
      auto end = static_cast<uint64_t>(offset) + size;
      if (bytes_ > limits_.bytes_max || end > limits_.bytes_max)
        return fail("E_TOO_LARGE", fmt::format("the bundle unpacks to more than {} bytes", limits_.bytes_max));
      for (size_t done = 0; done < size;) {
        ssize_t n = pwrite(fd.get(), static_cast<const char*>(data) + done, size - done,
                           static_cast<off_t>(offset) + static_cast<off_t>(done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail_errno("write " + path(name), errno);
        done += static_cast<size_t>(n);
      }
    }
    return {};
  }

  Result<void> link(const std::string& name, const char* target) {
    if (!target || !link_stays_inside(name, target)) return refuse(name, "it points out of the bundle");
    if (symlink(target, path(name).c_str()) != 0)
      return errno == EEXIST ? refuse(name, "it is in the bundle twice") : Result<void>(fail_errno("symlink " + path(name), errno));
    return {};
  }

  std::string root_;
  const BundleLimits& limits_;
  size_t entries_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace

Result<void> unpack_bundle(const std::string& archive_path, const std::string& type, const std::string& root,
                           const BundleLimits& limits) {
  Archive a(archive_read_new());
  if (type == "zip") {
    archive_read_support_format_zip(a.get());
  } else if (type == "tar" || type == "tgz") {
    archive_read_support_format_tar(a.get());
    archive_read_support_format_gnutar(a.get());
    if (type == "tgz") archive_read_support_filter_gzip(a.get());
  } else {
    return fail("E_BUNDLE_INVALID", fmt::format("a bundle of type '{}' is not supported: tar, tgz or zip is expected", type));
  }
  if (archive_read_open_filename(a.get(), archive_path.c_str(), block_bytes) != ARCHIVE_OK) return invalid(a.get(), archive_path);
  Unpacker unpacker(root, limits);
  while (true) {
    archive_entry* e = nullptr;
    int status = archive_read_next_header(a.get(), &e);
    if (status == ARCHIVE_EOF) return {};
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return invalid(a.get(), "an entry's header");
    CHECK(unpacker.entry(a.get(), e));
  }
}

}  // namespace pds::agent
