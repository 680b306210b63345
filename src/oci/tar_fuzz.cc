// Hostile layers. Even inputs are bytes for the decompressors and the reader. Odd ones are a small language of entries (kinds,
// paths with
// "..", links, whiteouts) that becomes a well-formed archive and is really unpacked: nothing may appear or change outside the root.
#include <stdlib.h>

#include <cstdint>
#include <cstdlib>

#include "oci/compression.h"
#include "oci/layer.h"
#include "oci/test_support.h"

namespace {

using namespace pds;
using namespace pds::oci;

// In memory where there is such a place: unpacking is all file system calls.
std::string scratch_directory() {
  std::string path = io::exists("/dev/shm") ? "/dev/shm/pds-fuzz-XXXXXX" : "/tmp/pds-fuzz-XXXXXX";
  if (!::mkdtemp(path.data())) std::abort();
  return path;
}

struct World {
  std::string directory = scratch_directory();
  StillClock clock;
  std::unique_ptr<Store> store = *Store::open(directory + "/store", clock);
  std::string cell = directory + "/cell";
  ~World() { (void)io::remove_tree(directory); }

  void reset() {
    (void)io::remove_tree(cell);
    if (!io::make_directories(cell + "/root") || !io::write_file_atomically(cell + "/witness", "untouched")) std::abort();
  }
  void check() const {
    if (io::read_file(cell + "/witness").value_or("") != "untouched") std::abort();
    if (*io::list_directory(cell) != std::vector<std::string>{"root", "witness"}) std::abort();
  }
};

void read_raw(std::string_view bytes, Compression compression) {
  size_t offset = 0;
  ByteSource source = decompressed(compression, [&](std::span<char> into) -> Result<size_t> {
    size_t count = bytes.copy(into.data(), into.size(), offset);
    offset += count;
    return count;
  });
  TarReader tar(source);
  TarEntry entry;
  char buffer[4096];
  for (int i = 0; i < 1000; ++i) {
    auto more = tar.next(entry);
    if (!more || !*more) return;
    auto got = tar.read(buffer);
    if (!got) return;
  }
}

class Script {
 public:
  explicit Script(std::string_view bytes) : bytes_(bytes) {}
  bool ended() const { return bytes_.empty(); }
  uint8_t next() {
    if (bytes_.empty()) return 0;
    auto byte = static_cast<uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }
  std::string path() {
    constexpr std::string_view words[] = {"a",      "b",    "..",   ".",          "", "witness", ".wh.a", ".wh..wh..opq",
                                          ".wh...", "root", ".wh.", ".wh.witness"};
    std::string out;
    for (int count = next() % 5; count >= 0; --count) {
      out += words[next() % std::size(words)];
      if (count > 0) out += '/';
    }
    return out;
  }

 private:
  std::string_view bytes_;
};

std::string archive_of(std::string_view bytes) {
  constexpr TarKind kinds[] = {TarKind::file, TarKind::directory, TarKind::symlink, TarKind::hard_link};
  std::string tar;
  TarWriter writer([&](std::string_view piece) {
    tar += piece;
    return Result<void>();
  });
  Script script(bytes);
  for (int i = 0; i < 40 && !script.ended(); ++i) {
    TarEntry entry{.kind = kinds[script.next() % std::size(kinds)], .mode = script.next()};
    entry.path = script.path();
    if (entry.kind == TarKind::symlink || entry.kind == TarKind::hard_link) entry.link = script.path();
    entry.size = entry.kind == TarKind::file ? 3 : 0;
    if (!writer.begin(entry) || (entry.size && !writer.write("new"))) std::abort();
  }
  if (!writer.finish()) std::abort();
  return tar;
}

void unpack(const std::string& tar) {
  static World world;
  Descriptor layer = *world.store->put_blob(tar, media::layer_tar);
  world.reset();
  UnpackUsage usage;
  (void)apply_layer(*world.store, layer, Digest::of(tar), world.cell + "/root", {}, usage);
  world.check();
  (void)world.store->delete_blob(layer.digest);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 1) {
    unpack(archive_of(bytes));
  } else {
    constexpr Compression compressions[] = {Compression::none, Compression::gzip, Compression::zstd};
    read_raw(bytes, compressions[data[0] / 2 % 3]);
  }
  return 0;
}
