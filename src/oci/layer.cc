#include "oci/layer.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/crypto.h"
#include "oci/compression.h"
#include "oci/layer_stream.h"

namespace pds::oci {
namespace {

constexpr size_t copy_bytes = 64 * 1024;

TarKind kind_of(LayerEntry::Kind kind) {
  switch (kind) {
    case LayerEntry::Kind::directory:
      return TarKind::directory;
    case LayerEntry::Kind::symlink:
      return TarKind::symlink;
    case LayerEntry::Kind::file:
      break;
  }
  return TarKind::file;
}

Result<void> check_path(const std::string& path) {
  bool bad = path.size() < 2 || path.front() != '/' || path.back() == '/' || path.size() > tar_path_bytes_max ||
             path.find("//") != std::string::npos || path.find('\0') != std::string::npos ||
             (path + "/").find("/../") != std::string::npos || (path + "/").find("/./") != std::string::npos;
  if (bad) return fail("E_LAYER_INVALID", fmt::format("'{}' is not an absolute path in its simplest form", path));
  return {};
}

// By path, which is the bytewise order of the archive, with the directories in between.
Result<std::map<std::string, LayerEntry>> arranged(std::vector<LayerEntry> entries) {
  std::map<std::string, LayerEntry> out;
  for (LayerEntry& entry : entries) {
    CHECK(check_path(entry.path));
    std::string path = entry.path;
    if (!out.try_emplace(path, std::move(entry)).second)
      return fail("E_LAYER_INVALID", fmt::format("'{}' is in the layer twice", path));
  }
  std::vector<std::string> paths;
  for (const auto& [path, entry] : out) paths.push_back(path);
  for (const std::string& path : paths) {
    for (size_t slash = path.rfind('/'); slash > 0; slash = path.rfind('/', slash - 1)) {
      std::string parent = path.substr(0, slash);
      auto place = out.try_emplace(parent, LayerEntry{.kind = LayerEntry::Kind::directory, .path = parent, .mode = 0755}).first;
      if (place->second.kind != LayerEntry::Kind::directory) {
        return fail("E_LAYER_INVALID", fmt::format("'{}' lies below '{}', which is not a directory", path, parent));
      }
    }
  }
  return out;
}

Result<void> write_source(TarWriter& tar, TarEntry header, const std::string& source) {
  io::Fd fd(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return fail("E_NOT_FOUND", source + ": there is no such file");
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) return fail_errno(source, errno);
  if (!S_ISREG(status.st_mode)) return fail("E_LAYER_INVALID", source + ": not a regular file");
  BlobFile file{.fd = std::move(fd), .size = static_cast<uint64_t>(status.st_size)};
  header.size = file.size;
  CHECK(tar.begin(header));
  for (uint64_t offset = 0; offset < file.size; offset += copy_bytes) {
    TRY(std::string piece, file.read_at(offset, copy_bytes));
    CHECK(tar.write(piece));
  }
  return {};
}

Result<void> write_entry(TarWriter& tar, const LayerEntry& entry, int64_t modified) {
  TarEntry header{
      .kind = kind_of(entry.kind), .path = entry.path.substr(1), .link = entry.target, .mode = entry.mode, .modified = modified};
  if (entry.kind == LayerEntry::Kind::symlink) header.mode = 0777;
  if (!entry.source.empty()) return write_source(tar, header, entry.source);
  header.size = entry.content.size();
  CHECK(tar.begin(header));
  return tar.write(entry.content);
}

Result<Compression> compression_of(std::string_view media_type) {
  if (media_type == media::layer_tar) return Compression::none;
  if (media_type == media::layer_zstd) return Compression::zstd;
  if (media_type == media::layer_gzip || media_type == media::docker_layer) return Compression::gzip;
  return fail("E_IMAGE_UNSUPPORTED", fmt::format("a layer of type '{}' cannot be unpacked", media_type));
}

}  // namespace

Result<Layer> write_layer(Store& store, std::vector<LayerEntry> entries, Timestamp modified) {
  TRY(auto all, arranged(std::move(entries)));
  TRY(BlobWriter blob, store.begin_blob());
  Layer layer;
  Sha256 plain;
  GzipWriter gzip([&blob](std::string_view bytes) { return blob.append(bytes); });
  TarWriter tar([&](std::string_view bytes) {
    plain.update(bytes);
    layer.tar_bytes += bytes.size();
    return gzip.write(bytes);
  });
  int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(modified.time_since_epoch()).count();
  for (const auto& [path, entry] : all) CHECK(write_entry(tar, entry, seconds));
  CHECK(tar.finish());
  CHECK(gzip.finish());
  layer.diff_id = Digest::from_raw(plain.finish());
  TRY(layer.descriptor, blob.commit(media::layer_gzip));
  return layer;
}

Result<void> stream_layer(const Store& store, const Descriptor& layer, const UnpackLimits& limits, Digest* diff_id,
                          const std::function<Result<void>(const TarEntry&, TarReader&)>& visit) {
  constexpr uint64_t free_bytes = 16u << 20;  // small layers of zeros compress a thousandfold and harm nobody
  TRY(Compression compression, compression_of(layer.media_type));
  TRY(BlobFile file, store.open_blob(layer.digest));
  if (file.size != layer.size) {
    return fail("E_SIZE_MISMATCH",
                fmt::format("{} has {} bytes, the manifest says {}", layer.digest.text(), file.size, layer.size));
  }
  uint64_t offset = 0, plain_bytes = 0;
  Sha256 plain;
  ByteSource source = decompressed(compression, [&](std::span<char> into) -> Result<size_t> {
    TRY(std::string piece, file.read_at(offset, into.size()));
    std::copy(piece.begin(), piece.end(), into.begin());
    offset += piece.size();
    return piece.size();
  });
  ByteSource counted = [&](std::span<char> into) -> Result<size_t> {
    TRY(size_t got, source(into));
    plain_bytes += got;
    plain.update(std::string_view(into.data(), got));
    if (plain_bytes > free_bytes && plain_bytes / limits.expansion_max > file.size) {
      return fail("E_TOO_LARGE",
                  fmt::format("{} grows more than {}-fold when it is unpacked", layer.digest.text(), limits.expansion_max), 413);
    }
    if (plain_bytes > limits.bytes_max * 2)
      return fail("E_TOO_LARGE", fmt::format("{} unpacks to too many bytes", layer.digest.text()), 413);
    return got;
  };
  TarReader tar(counted);
  TarEntry entry;
  while (true) {
    TRY(bool more, tar.next(entry));
    if (!more) break;
    CHECK(visit(entry, tar));
  }
  // The rest after the end mark is part of what diff_id names.
  char waste[16 * 1024];
  while (true) {
    TRY(size_t got, counted(waste));
    if (got == 0) break;
  }
  if (diff_id) *diff_id = Digest::from_raw(plain.finish());
  return {};
}

Result<void> visit_layer(const Store& store, const Descriptor& layer, const UnpackLimits& limits,
                         const std::function<Result<void>(const TarEntry&, TarReader&)>& visit) {
  return stream_layer(store, layer, limits, nullptr, visit);
}

}  // namespace pds::oci
