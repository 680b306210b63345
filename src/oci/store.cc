#include "oci/store.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>

#include "base/crypto.h"
#include "base/text.h"
#include "oci/store_index.h"

namespace pds::oci {
namespace {

constexpr size_t copy_bytes = 256 * 1024;

std::unexpected<Error> fail_disk(const std::string& what, int error) {
  bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  if (full) return std::unexpected(Error{"E_DISK_FULL", what + ": no space left on the disk; nothing was stored", 507, true});
  return fail_errno(what, error);
}

std::unexpected<Error> unknown_blob(const Digest& digest) {
  return fail("E_BLOB_UNKNOWN", fmt::format("there is no content {} here", digest.text()), 404);
}
std::unexpected<Error> unknown_manifest(std::string_view name) {
  return fail("E_MANIFEST_UNKNOWN", fmt::format("there is no manifest {} here", name), 404);
}

Result<void> sync_directory(const std::string& path) {
  io::Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) return fail_disk(path, errno);
  return {};
}

std::string unique_name() {
  static std::atomic<uint64_t> counter{0};
  return fmt::format("{}-{}", ::getpid(), counter.fetch_add(1));
}

}  // namespace

struct BlobWriter::State {
  std::string path;   // "" once it is committed
  std::string blobs;  // the directory it goes to
  io::Fd fd;
  Sha256 hash;
  uint64_t size = 0, bytes_max = 0;
  ~State() {
    if (!path.empty()) ::unlink(path.c_str());
  }
};

BlobWriter::BlobWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlobWriter::BlobWriter(BlobWriter&&) noexcept = default;
BlobWriter& BlobWriter::operator=(BlobWriter&&) noexcept = default;
BlobWriter::~BlobWriter() = default;
uint64_t BlobWriter::size() const { return state_->size; }

Result<void> BlobWriter::append(std::string_view bytes) {
  if (bytes.size() > state_->bytes_max - state_->size) {
    return fail("E_TOO_LARGE", fmt::format("the content is larger than {} bytes", state_->bytes_max), 413);
  }
  state_->hash.update(bytes);
  state_->size += bytes.size();
  while (!bytes.empty()) {
    ssize_t written = ::write(state_->fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_disk(state_->path, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<Descriptor> BlobWriter::commit(std::string_view media_type, const std::optional<Digest>& expected) {
  Digest digest = Digest::from_raw(state_->hash.finish());
  if (expected) CHECK(check_digest("upload", *expected, digest));
  if (::fsync(state_->fd.get()) != 0) return fail_disk(state_->path, errno);
  std::string target = fmt::format("{}/{}", state_->blobs, digest.hex());
  if (::rename(state_->path.c_str(), target.c_str()) != 0) return fail_disk(target, errno);
  state_->path.clear();
  CHECK(sync_directory(state_->blobs));
  return Descriptor{.media_type = std::string(media_type), .digest = digest, .size = state_->size};
}

Result<std::string> BlobFile::read_at(uint64_t offset, size_t bytes_max) const {
  std::string out(offset >= size ? 0 : static_cast<size_t>(std::min<uint64_t>(bytes_max, size - offset)), '\0');
  for (size_t have = 0; have < out.size();) {
    ssize_t got = ::pread(fd.get(), out.data() + have, out.size() - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("reading a blob", errno);
    if (got == 0) return fail("E_DIGEST_MISMATCH", "a blob became shorter while it was read", 500);
    have += static_cast<size_t>(got);
  }
  return out;
}

// What a file looked like when its bytes were last checked.
struct Checked {
  ino_t inode;
  off_t size;
  timespec changed;
  bool operator==(const Checked& o) const {
    return inode == o.inode && size == o.size && changed.tv_sec == o.changed.tv_sec && changed.tv_nsec == o.changed.tv_nsec;
  }
};

struct Store::Impl {
  const Clock& clock;
  const StoreLimits limits;
  const io::FileLock lock;
  mutable std::mutex mutex;
  // Guarded by mutex.
  StoreIndex index;
  std::map<Digest, Checked> checked;

  Impl(const Clock& c, StoreLimits l, io::FileLock held) : clock(c), limits(l), lock(std::move(held)) {}
  Result<void> save(const std::string& root) const {
    return io::write_file_atomically(root + "/index.json", index.serialise(), 0600);
  }
};

Store::Store(std::string root, std::unique_ptr<Impl> impl) : root_(std::move(root)), impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(std::string root, const Clock& clock, StoreLimits limits) {
  CHECK(io::make_directories(root + "/blobs/sha256"));
  TRY(io::FileLock lock, io::FileLock::acquire(root + "/lock"));
  CHECK(io::remove_tree(root + "/uploads"));
  CHECK(io::make_directories(root + "/uploads"));
  auto impl = std::make_unique<Impl>(clock, limits, std::move(lock));
  if (io::exists(root + "/index.json")) {
    TRY(std::string bytes, io::read_file(root + "/index.json"));
    auto index = StoreIndex::parse(bytes);
    if (!index) return fail("E_STORE_DAMAGED", fmt::format("{}/index.json: {}", root, index.error().message));
    impl->index = *std::move(index);
  } else {
    CHECK(io::write_file_atomically(root + "/oci-layout", R"({"imageLayoutVersion":"1.0.0"})", 0600));
    CHECK(impl->save(root));
  }
  return std::unique_ptr<Store>(new Store(std::move(root), std::move(impl)));
}

// ---- blobs ----

std::string Store::blob_path(const Digest& digest) const { return fmt::format("{}/blobs/sha256/{}", root_, digest.hex()); }

Result<BlobWriter> Store::begin_blob() {
  auto state = std::make_unique<BlobWriter::State>();
  state->blobs = root_ + "/blobs/sha256";
  state->bytes_max = impl_->limits.blob_bytes_max;
  std::string path = fmt::format("{}/uploads/{}", root_, unique_name());
  state->fd = io::Fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!state->fd) return fail_disk(path, errno);
  state->path = std::move(path);
  return BlobWriter(std::move(state));
}

Result<Descriptor> Store::put_blob(std::string_view bytes, std::string_view media_type) {
  Digest digest = Digest::of(bytes);
  if (has_blob(digest)) return Descriptor{.media_type = std::string(media_type), .digest = digest, .size = bytes.size()};
  TRY(BlobWriter writer, begin_blob());
  CHECK(writer.append(bytes));
  return writer.commit(media_type, digest);
}

Result<BlobFile> Store::open_blob(const Digest& digest) const {
  io::Fd fd(::open(blob_path(digest).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd && errno == ENOENT) return unknown_blob(digest);
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) return fail_errno(blob_path(digest), errno);
  BlobFile file{.fd = std::move(fd), .size = static_cast<uint64_t>(status.st_size)};
  Checked now{status.st_ino, status.st_size, status.st_mtim};
  {
    std::lock_guard lock(impl_->mutex);
    auto known = impl_->checked.find(digest);
    if (known != impl_->checked.end() && known->second == now) return file;
  }
  Sha256 hash;
  for (uint64_t offset = 0; offset < file.size; offset += copy_bytes) {
    TRY(std::string piece, file.read_at(offset, copy_bytes));
    hash.update(piece);
  }
  Digest found = Digest::from_raw(hash.finish());
  if (found != digest) {
    return std::unexpected(Error{
        "E_DIGEST_MISMATCH",
        fmt::format("{}: the stored content was changed: it now has the digest {}; push it again", digest.text(), found.text()),
        500, false});
  }
  std::lock_guard lock(impl_->mutex);
  impl_->checked[digest] = now;
  return file;
}

Result<std::string> Store::read_blob(const Digest& digest, size_t bytes_max) const {
  TRY(BlobFile file, open_blob(digest));
  if (file.size > bytes_max)
    return fail("E_TOO_LARGE", fmt::format("{} has {} bytes, more than {}", digest.text(), file.size, bytes_max), 413);
  return file.read_at(0, bytes_max);
}

bool Store::has_blob(const Digest& digest) const { return open_blob(digest).has_value(); }

Result<void> Store::adopt_blob(const Store& other, const Digest& digest) {
  if (has_blob(digest)) return {};
  TRY(BlobFile source, other.open_blob(digest));
  std::string target = blob_path(digest);
  ::unlink(target.c_str());  // a damaged one
  // Linking the open file, not its name: the name may have been replaced since it was checked.
  std::string open_file = fmt::format("/proc/self/fd/{}", source.fd.get());
  if (::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, target.c_str(), AT_SYMLINK_FOLLOW) == 0)
    return sync_directory(root_ + "/blobs/sha256");
  TRY(BlobWriter writer, begin_blob());
  for (uint64_t offset = 0; offset < source.size; offset += copy_bytes) {
    TRY(std::string piece, source.read_at(offset, copy_bytes));
    CHECK(writer.append(piece));
  }
  TRY(Descriptor done, writer.commit("", digest));
  (void)done;
  return {};
}

Result<void> Store::delete_blob(const Digest& digest) {
  std::lock_guard lock(impl_->mutex);
  if (impl_->index.is_named(digest)) return fail("E_DENIED", fmt::format("{} is part of a stored manifest", digest.text()), 405);
  impl_->checked.erase(digest);
  if (::unlink(blob_path(digest).c_str()) != 0)
    return errno == ENOENT ? unknown_blob(digest) : fail_errno(blob_path(digest), errno);
  return {};
}

// ---- manifests and tags ----

Result<ManifestRecord> Store::put_manifest(std::string_view bytes, std::string_view media_type,
                                           const std::optional<std::string>& tag) {
  TRY(IndexedManifest parsed, read_manifest_document(bytes, media_type));
  for (const Digest& part : parsed.parts) {
    if (has_blob(part)) continue;
    return fail("E_MANIFEST_BLOB_UNKNOWN", fmt::format("the manifest names {}, which is not here: push it first", part.text()),
                404);
  }
  TRY(Descriptor stored, put_blob(bytes, media_type));
  (void)stored;
  parsed.record.pushed_at = impl_->clock.now();

  std::lock_guard lock(impl_->mutex);
  // Once more under the lock: the deletion of another manifest may have taken a part away since.
  for (const Digest& part : parsed.parts) {
    if (!io::exists(blob_path(part)))
      return fail_world("E_MANIFEST_BLOB_UNKNOWN", fmt::format("{} was deleted meanwhile", part.text()));
  }
  if (!io::exists(blob_path(parsed.record.digest))) return fail_world("E_MANIFEST_UNKNOWN", "the manifest was deleted meanwhile");
  StoreIndex before = impl_->index;
  auto put = impl_->index.put(std::move(parsed), tag, impl_->limits.manifests_max, impl_->limits.tags_max);
  if (!put) return std::unexpected(std::move(put).error());
  if (auto saved = impl_->save(root_); !saved) {
    impl_->index = std::move(before);  // what is not on disk was not done
    return std::unexpected(std::move(saved).error());
  }
  return put;
}

Result<std::string> Store::read_manifest(const Digest& digest) const {
  if (!find_manifest(digest)) return unknown_manifest(digest.text());
  return read_blob(digest, manifest_bytes_max);
}

std::optional<ManifestRecord> Store::find_manifest(const Digest& digest) const {
  std::lock_guard lock(impl_->mutex);
  return impl_->index.find(digest);
}

std::optional<ManifestRecord> Store::find_tag(std::string_view tag) const {
  std::lock_guard lock(impl_->mutex);
  return impl_->index.find_tag(tag);
}

std::vector<ManifestRecord> Store::manifests() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->index.all();
}

std::vector<std::string> Store::tags() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->index.tags();
}

std::vector<ManifestRecord> Store::referrers(const Digest& subject, std::string_view artifact_type) const {
  std::vector<ManifestRecord> out = manifests();
  std::erase_if(out, [&](const ManifestRecord& record) {
    return record.subject != subject || (!artifact_type.empty() && record.artifact_type != artifact_type);
  });
  return out;
}

Result<void> Store::delete_tag(std::string_view tag) {
  std::lock_guard lock(impl_->mutex);
  StoreIndex before = impl_->index;
  if (!impl_->index.remove_tag(tag)) return unknown_manifest(tag);
  auto saved = impl_->save(root_);
  if (!saved) impl_->index = std::move(before);
  return saved;
}

Result<void> Store::delete_manifest(const Digest& digest) {
  std::lock_guard lock(impl_->mutex);
  StoreIndex before = impl_->index;
  auto removed = impl_->index.remove(digest);
  if (!removed) return unknown_manifest(digest.text());
  if (auto saved = impl_->save(root_); !saved) {
    impl_->index = std::move(before);
    return saved;
  }
  // Only after the index no longer names them: a crash in between leaves unnamed blobs, never a name without its blob.
  for (const Digest& part : *removed) {
    if (impl_->index.is_named(part)) continue;
    impl_->checked.erase(part);
    ::unlink(blob_path(part).c_str());
  }
  return {};
}

uint64_t Store::stored_bytes() const {
  uint64_t total = 0;
  auto names = io::list_directory(root_ + "/blobs/sha256");
  if (!names) return 0;
  for (const std::string& name : *names) {
    struct stat status{};
    if (::stat(fmt::format("{}/blobs/sha256/{}", root_, name).c_str(), &status) == 0)
      total += static_cast<uint64_t>(status.st_size);
  }
  return total;
}

Result<size_t> Store::remove_unnamed(Timestamp older_than) {
  TRY(std::vector<std::string> names, io::list_directory(root_ + "/blobs/sha256"));
  std::lock_guard lock(impl_->mutex);
  std::set<Digest> named = impl_->index.named();
  size_t removed = 0;
  for (const std::string& name : names) {
    auto digest = Digest::parse("sha256:" + name);
    if (!digest || named.contains(*digest)) continue;
    struct stat status{};
    if (::stat(blob_path(*digest).c_str(), &status) != 0) continue;
    if (Timestamp(std::chrono::seconds(status.st_mtim.tv_sec)) >= older_than) continue;
    impl_->checked.erase(*digest);
    if (::unlink(blob_path(*digest).c_str()) == 0) ++removed;
  }
  return removed;
}

}  // namespace pds::oci
