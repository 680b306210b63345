// Applying a layer to a directory. Every path is walked one component at a time from the root's descriptor, never following a
// symbolic link; what is made is made relative to the parent's descriptor. So nothing is ever written outside, whatever the archive
// says.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "base/text.h"
#include "oci/layer_stream.h"

namespace pds::oci {

namespace {

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view opaque_name = ".wh..wh..opq";

std::unexpected<Error> unsafe(std::string_view path, std::string_view why) {
  return fail("E_LAYER_UNSAFE", fmt::format("the layer's entry '{}' is refused: {}", path.substr(0, 300), why));
}

std::unexpected<Error> fail_place(std::string_view path, int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return std::unexpected(Error{"E_DISK_FULL", fmt::format("no space left on the disk while unpacking '{}'", path), 507, true});
  }
  return fail_errno(std::string(path), error);
}

// "./usr//bin" -> {"usr", "bin"}; empty for the root itself.
Result<std::vector<std::string>> components(const std::string& path) {
  if (path.starts_with('/')) return unsafe(path, "its path is absolute");
  std::vector<std::string> out;
  for (std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") return unsafe(path, "its path has '..'");
    out.emplace_back(part);
  }
  return out;
}

class LayerUnpacker {
 public:
  LayerUnpacker(int root, const UnpackLimits& limits, UnpackUsage& usage) : root_(root), limits_(limits), usage_(usage) {}

  Result<void> apply(const TarEntry& entry, TarReader& tar) {
    if (++usage_.entries > limits_.entries_max)
      return fail("E_TOO_LARGE", fmt::format("the image has more than {} entries", limits_.entries_max), 413);
    if (entry.sparse) return unsafe(entry.path, "sparse files are not unpacked");
    if (entry.path.find('\0') != std::string::npos) return unsafe(entry.path, "its path has a zero byte");
    TRY(std::vector<std::string> parts, components(entry.path));
    if (parts.empty()) {
      return entry.kind == TarKind::directory ? Result<void>() : unsafe(entry.path, "it names the root, and is not a directory");
    }
    std::string name = std::move(parts.back());
    parts.pop_back();
    TRY(io::Fd parent, open_directory(parts, entry.path));
    std::string folder = join(parts, "/");
    if (name == opaque_name) return clear_lower(parent.get(), folder);
    if (name.starts_with(whiteout_prefix))
      return remove_lower(parent.get(), folder, name.substr(whiteout_prefix.size()), entry.path);
    return place(parent.get(), folder.empty() ? name : folder + "/" + name, name, entry, tar);
  }

 private:
  // Walks, and makes what is missing; a symbolic link or a file on the way is refused.
  Result<io::Fd> open_directory(const std::vector<std::string>& parts, const std::string& for_path) {
    io::Fd at(::fcntl(root_, F_DUPFD_CLOEXEC, 0));
    if (!at) return fail_errno("descriptor", errno);
    std::string so_far;
    for (const std::string& part : parts) {
      so_far += so_far.empty() ? part : "/" + part;
      if (::mkdirat(at.get(), part.c_str(), 0755) == 0)
        placed_.insert(so_far);
      else if (errno != EEXIST)
        return fail_place(for_path, errno);
      io::Fd next(::openat(at.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!next && (errno == ELOOP || errno == ENOTDIR))
        return unsafe(for_path, fmt::format("'{}' is not a directory (symbolic links are not followed)", part));
      if (!next) return fail_place(for_path, errno);
      at = std::move(next);
    }
    return at;
  }

  Result<void> place(int parent, const std::string& path, const std::string& name, const TarEntry& entry, TarReader& tar) {
    bool directory = entry.kind == TarKind::directory;
    if (!placed_.insert(path).second && !(directory && is_directory(parent, name)))
      return unsafe(entry.path, "the layer has it twice");
    // What a lower layer put here gives way, except that a directory stays when a directory comes.
    if (!(directory && is_directory(parent, name))) CHECK(remove_at(parent, name));
    switch (entry.kind) {
      case TarKind::directory:
        return place_directory(parent, name, entry);
      case TarKind::file:
        return place_file(parent, name, entry, tar);
      case TarKind::symlink:
        return place_symlink(parent, name, entry);
      case TarKind::hard_link:
        return place_link(parent, name, entry);
      case TarKind::character_device:
      case TarKind::block_device:
        return unsafe(entry.path, "device nodes are not unpacked");
      case TarKind::fifo:
        return unsafe(entry.path, "named pipes are not unpacked");
      case TarKind::other:
        break;
    }
    return unsafe(entry.path, "it is of a kind that images do not have");
  }

  // Ours must stay removable and readable, whatever the archive says; set-user-id bits mean nothing under our ownership.
  Result<void> place_directory(int parent, const std::string& name, const TarEntry& entry) {
    if (::mkdirat(parent, name.c_str(), 0755) != 0 && errno != EEXIST) return fail_place(entry.path, errno);
    if (::fchmodat(parent, name.c_str(), static_cast<mode_t>((entry.mode & 01777) | 0700), 0) != 0)
      return fail_place(entry.path, errno);
    return {};
  }

  Result<void> place_file(int parent, const std::string& name, const TarEntry& entry, TarReader& tar) {
    if (entry.size > limits_.bytes_max - usage_.bytes)
      return fail("E_TOO_LARGE", fmt::format("the image's files are larger than {} bytes", limits_.bytes_max), 413);
    usage_.bytes += entry.size;
    io::Fd fd(::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return fail_place(entry.path, errno);
    char buffer[64 * 1024];
    while (true) {
      TRY(size_t got, tar.read(buffer));
      if (got == 0) break;
      for (size_t done = 0; done < got;) {
        ssize_t written = ::write(fd.get(), buffer + done, got - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_place(entry.path, errno);
        done += static_cast<size_t>(written);
      }
    }
    if (::fchmod(fd.get(), static_cast<mode_t>((entry.mode & 0777) | 0400)) != 0) return fail_place(entry.path, errno);
    return {};
  }

  // The target is a text for whoever runs inside; it may say anything, because it is never followed out here.
  Result<void> place_symlink(int parent, const std::string& name, const TarEntry& entry) {
    if (entry.link.empty() || entry.link.find('\0') != std::string::npos)
      return unsafe(entry.path, "the symbolic link has no usable target");
    if (::symlinkat(entry.link.c_str(), parent, name.c_str()) != 0) return fail_place(entry.path, errno);
    return {};
  }

  Result<void> place_link(int parent, const std::string& name, const TarEntry& entry) {
    if (entry.link.find('\0') != std::string::npos) return unsafe(entry.path, "the hard link has no usable target");
    TRY(std::vector<std::string> parts, components(entry.link));
    if (parts.empty()) return unsafe(entry.path, "the hard link has no target");
    std::string target = std::move(parts.back());
    parts.pop_back();
    TRY(io::Fd folder, open_directory(parts, entry.path));
    struct stat status{};
    if (::fstatat(folder.get(), target.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) {
      return unsafe(entry.path, fmt::format("the hard link's target '{}' is not a file of the image", entry.link.substr(0, 300)));
    }
    if (::linkat(folder.get(), target.c_str(), parent, name.c_str(), 0) != 0) return fail_place(entry.path, errno);
    return {};
  }

  bool is_directory(int parent, const std::string& name) const {
    struct stat status{};
    return ::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
  }

  // A whiteout hides what lies below this layer; what this layer has placed itself stays.
  Result<void> remove_lower(int parent, const std::string& folder, const std::string& name, const std::string& path) {
    if (name.empty() || name == "." || name == "..") return unsafe(path, "the whiteout names nothing");
    std::string full = folder.empty() ? name : folder + "/" + name;
    return placed_.contains(full) ? Result<void>() : remove_at(parent, name);
  }

  Result<void> clear_lower(int parent, const std::string& folder) {
    TRY(std::vector<std::string> names, io::list_directory(fmt::format("/proc/self/fd/{}", parent)));
    for (const std::string& name : names) CHECK(remove_lower(parent, folder, name, folder));
    return {};
  }

  Result<void> remove_at(int parent, const std::string& name) {
    if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return {};
    return io::remove_tree(fmt::format("/proc/self/fd/{}/{}", parent, name));
  }

  int root_;
  const UnpackLimits& limits_;
  UnpackUsage& usage_;
  std::set<std::string> placed_;  // by this layer
};

}  // namespace

Result<void> apply_layer(const Store& store, const Descriptor& layer, const Digest& diff_id, const std::string& root,
                         const UnpackLimits& limits, UnpackUsage& usage) {
  io::Fd directory(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return fail_errno(root, errno);
  // Checked before anything is placed: decompressing twice costs less than an image that was half unpacked from a forged layer.
  Digest found;
  CHECK(stream_layer(store, layer, limits, &found, [](const TarEntry&, TarReader&) { return Result<void>(); }));
  CHECK(check_digest("unpacked layer " + layer.digest.text(), diff_id, found));
  LayerUnpacker unpacker(directory.get(), limits, usage);
  return stream_layer(store, layer, limits, nullptr,
                      [&](const TarEntry& entry, TarReader& tar) { return unpacker.apply(entry, tar); });
}

}  // namespace pds::oci
