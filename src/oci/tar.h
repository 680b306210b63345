// The tar format as bytes: a writer for ustar (with pax where ustar has no room), and a strict reader of ustar, pax and GNU long names.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pds::oci {

inline constexpr size_t tar_path_bytes_max = 4096;        // PATH_MAX
inline constexpr size_t tar_extension_bytes_max = 1u << 20;   // one pax or long-name record

enum class TarKind { file, hard_link, symlink, directory, character_device, block_device, fifo, other };

struct TarEntry {
  TarKind kind = TarKind::file;
  std::string path;           // as written, without a trailing '/'; not yet judged
  std::string link;           // of a hard or symbolic link
  int mode = 0644;
  int64_t uid = 0, gid = 0;
  int64_t modified = 0;       // seconds
  uint64_t size = 0;
  bool sparse = false;
};

// Up to into.size() bytes; 0 at the end.
using ByteSource = std::function<Result<size_t>(std::span<char> into)>;
using ByteSink = std::function<Result<void>(std::string_view bytes)>;

// E_LAYER_INVALID for every malformed archive, saying at which byte.
class TarReader {
 public:
  explicit TarReader(ByteSource source) : source_(std::move(source)) {}
  // The next entry, skipping what is left of the one before; false at the end of the archive.
  Result<bool> next(TarEntry& entry);
  // Content of the current entry; 0 at its end.
  Result<size_t> read(std::span<char> into);
  uint64_t position() const { return position_; }

 private:
  Result<bool> read_block(char* block);
  Result<void> skip_rest();
  Result<std::string> read_extension(uint64_t size);
  ByteSource source_;
  uint64_t position_ = 0;
  uint64_t left_ = 0;        // of the current content
  uint64_t padding_ = 0;     // after it
};

class TarWriter {
 public:
  explicit TarWriter(ByteSink sink) : sink_(std::move(sink)) {}
  // Then exactly entry.size bytes by write(). Owner, group and modification time are as in the entry.
  Result<void> begin(const TarEntry& entry);
  Result<void> write(std::string_view bytes);
  Result<void> finish();     // two empty blocks

 private:
  Result<void> write_header(const TarEntry& entry, char flag);
  Result<void> pad();
  ByteSink sink_;
  uint64_t left_ = 0, padding_ = 0;
};

}  // namespace pds::oci
