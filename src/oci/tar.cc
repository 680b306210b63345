#include "oci/tar.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>

#include "base/check.h"
#include "base/text.h"

namespace pds::oci {
namespace {

constexpr size_t block_bytes = 512;
constexpr uint64_t size_max = 1ull << 40;  // no file in an image is larger; keeps every sum far from overflow

struct Field {
  size_t offset, size;
};
constexpr Field name_field{0, 100}, mode_field{100, 8}, uid_field{108, 8}, gid_field{116, 8}, size_field{124, 12},
    time_field{136, 12}, checksum_field{148, 8}, link_field{157, 100}, magic_field{257, 8}, prefix_field{345, 155};
constexpr size_t kind_offset = 156;
constexpr uint64_t octal_size_max = 1ull << 33;  // eleven octal digits

uint64_t padding_of(uint64_t size) { return (block_bytes - size % block_bytes) % block_bytes; }

std::string_view raw(const char* block, Field field) { return {block + field.offset, field.size}; }

std::string text(const char* block, Field field) {
  std::string_view value = raw(block, field);
  return std::string(value.substr(0, std::min(value.find('\0'), value.size())));
}

// Octal, blank or zero terminated; or GNU's base-256 when the first bit is set. Nothing for anything else.
std::optional<int64_t> number(const char* block, Field field) {
  std::string_view value = raw(block, field);
  if (static_cast<unsigned char>(value[0]) & 0x80) {
    if (static_cast<unsigned char>(value[0]) != 0x80) return std::nullopt;  // negative, or beyond 2^63
    uint64_t out = 0;
    for (char c : value.substr(1)) {
      if (out >> 54) return std::nullopt;
      out = out << 8 | static_cast<unsigned char>(c);
    }
    return static_cast<int64_t>(out);
  }
  size_t start = value.find_first_not_of(' ');
  if (start == std::string_view::npos) return 0;
  int64_t out = 0;
  for (size_t i = start; i < value.size(); ++i) {
    char c = value[i];
    if (c == ' ' || c == '\0') break;
    if (c < '0' || c > '7') return std::nullopt;
    out = out * 8 + (c - '0');
  }
  return out;
}

uint64_t checksum(const char* block) {
  uint64_t sum = 0;
  for (size_t i = 0; i < block_bytes; ++i) {
    bool inside = i >= checksum_field.offset && i < checksum_field.offset + checksum_field.size;
    sum += inside ? ' ' : static_cast<unsigned char>(block[i]);
  }
  return sum;
}

TarKind kind_of(char flag) {
  switch (flag) {
    case '0':
    case '\0':
    case '7':
      return TarKind::file;
    case '1':
      return TarKind::hard_link;
    case '2':
      return TarKind::symlink;
    case '3':
      return TarKind::character_device;
    case '4':
      return TarKind::block_device;
    case '5':
      return TarKind::directory;
    case '6':
      return TarKind::fifo;
    default:
      return TarKind::other;
  }
}

char flag_of(TarKind kind) {
  switch (kind) {
    case TarKind::file:
      return '0';
    case TarKind::hard_link:
      return '1';
    case TarKind::symlink:
      return '2';
    case TarKind::directory:
      return '5';
    default:
      return '\0';
  }
}

// What pax and GNU records say about the entry that follows them.
struct Overrides {
  std::optional<std::string> path, link;
  std::optional<uint64_t> size;
  bool sparse = false;
};

// "<length> <key>=<value>\n", where length counts itself.
Result<void> parse_pax(std::string_view records, uint64_t position, Overrides& out) {
  auto bad = [&](std::string_view why) {
    return fail("E_LAYER_INVALID", fmt::format("tar, pax record before byte {}: {}", position, why));
  };
  while (!records.empty()) {
    size_t space = records.find(' ');
    auto length = space == std::string_view::npos ? std::nullopt : parse_int(records.substr(0, space));
    if (!length || *length < static_cast<int64_t>(space) + 3 || *length > static_cast<int64_t>(records.size()))
      return bad("the length is wrong");
    std::string_view record = records.substr(space + 1, static_cast<size_t>(*length) - space - 1);
    records.remove_prefix(static_cast<size_t>(*length));
    size_t equals = record.find('=');
    if (!record.ends_with('\n') || equals == std::string_view::npos) return bad("it is not key=value");
    std::string_view key = record.substr(0, equals), value = record.substr(equals + 1, record.size() - equals - 2);
    if ((key == "path" || key == "linkpath") && value.find('\0') != std::string_view::npos) return bad("a path has a zero byte");
    if (key == "path") out.path = std::string(value);
    if (key == "linkpath") out.link = std::string(value);
    if (key.starts_with("GNU.sparse")) out.sparse = true;
    if (key == "size") {
      auto size = parse_int(value);
      if (!size || *size < 0 || static_cast<uint64_t>(*size) > size_max) return bad("the size is out of range");
      out.size = static_cast<uint64_t>(*size);
    }
  }
  return {};
}

void put_text(std::array<char, block_bytes>& block, Field field, std::string_view value) {
  std::memcpy(block.data() + field.offset, value.data(), std::min(value.size(), field.size));
}

void put_octal(std::array<char, block_bytes>& block, Field field, uint64_t value) {
  put_text(block, field, fmt::format("{:0{}o}", value, field.size - 1));
}

std::string pax_record(std::string_view key, std::string_view value) {
  size_t length = key.size() + value.size() + 3;  // ' ', '=', '\n'
  size_t total = length + std::to_string(length).size();
  if (std::to_string(total).size() > std::to_string(length).size()) total = length + std::to_string(total).size();
  return fmt::format("{} {}={}\n", total, key, value);
}

// Where a long path can be cut for ustar: prefix of at most 155, name of at most 100. npos when it cannot.
size_t split_point(std::string_view path) {
  if (path.size() <= name_field.size) return 0;
  if (path.size() > name_field.size + 1 + prefix_field.size) return std::string_view::npos;
  size_t slash = path.find('/', path.size() - name_field.size - 1);
  return slash == std::string_view::npos || slash > prefix_field.size || slash == 0 ? std::string_view::npos : slash;
}

}  // namespace

Result<bool> TarReader::read_block(char* block) {
  size_t have = 0;
  while (have < block_bytes) {
    TRY(size_t got, source_(std::span(block + have, block_bytes - have)));
    if (got == 0) break;
    have += got;
  }
  position_ += have;
  if (have == 0) return false;
  if (have < block_bytes) return fail("E_LAYER_INVALID", fmt::format("tar: cut short at byte {}", position_));
  return true;
}

Result<void> TarReader::skip_rest() {
  char waste[16 * 1024];
  while (left_ > 0) {
    TRY(size_t got, read(waste));
    (void)got;  // read() fails at a premature end
  }
  while (padding_ > 0) {
    TRY(size_t got, source_(std::span(waste, static_cast<size_t>(padding_))));
    if (got == 0) return fail("E_LAYER_INVALID", fmt::format("tar: cut short at byte {}", position_));
    position_ += got;
    padding_ -= got;
  }
  return {};
}

Result<size_t> TarReader::read(std::span<char> into) {
  if (left_ == 0) return size_t{0};
  TRY(size_t got, source_(into.first(static_cast<size_t>(std::min<uint64_t>(into.size(), left_)))));
  if (got == 0)
    return fail("E_LAYER_INVALID", fmt::format("tar: cut short at byte {}, {} bytes of an entry are missing", position_, left_));
  position_ += got;
  left_ -= got;
  return got;
}

Result<std::string> TarReader::read_extension(uint64_t size) {
  if (size > tar_extension_bytes_max)
    return fail("E_LAYER_INVALID", fmt::format("tar: a record at byte {} is larger than {}", position_, tar_extension_bytes_max));
  left_ = size;
  padding_ = padding_of(size);
  std::string out(static_cast<size_t>(size), '\0');
  for (size_t have = 0; have < out.size();) {
    TRY(size_t got, read(std::span(out).subspan(have)));
    have += got;
  }
  CHECK(skip_rest());
  return out;
}

Result<bool> TarReader::next(TarEntry& entry) {
  CHECK(skip_rest());
  Overrides overrides;
  char block[block_bytes];
  // Each record before an entry is counted: an archive of nothing but records must end too.
  constexpr int records_max = 8;
  for (int record = 0; record <= records_max; ++record) {
    TRY(bool more, read_block(block));
    if (!more)
      return record == 0 ? Result<bool>(false) : fail("E_LAYER_INVALID", "tar: it ends after a record that announces an entry");
    if (std::all_of(block, block + block_bytes, [](char c) { return c == 0; })) return false;
    auto bad = [&](std::string_view why) {
      return fail("E_LAYER_INVALID", fmt::format("tar, header before byte {}: {}", position_, why));
    };
    auto sum = number(block, checksum_field);
    if (!sum || static_cast<uint64_t>(*sum) != checksum(block)) return bad("the checksum is wrong");
    auto size = number(block, size_field);
    if (!size || *size < 0 || static_cast<uint64_t>(*size) > size_max) return bad("the size is out of range");
    char flag = block[kind_offset];
    if (flag == 'x' || flag == 'g' || flag == 'L' || flag == 'K') {
      TRY(std::string content, read_extension(static_cast<uint64_t>(*size)));
      if (flag == 'x') CHECK(parse_pax(content, position_, overrides));
      // GNU names end with a zero byte. Global records ('g') carry comments in practice; a path for all entries makes no sense.
      if (flag == 'L') overrides.path = content.substr(0, content.find('\0'));
      if (flag == 'K') overrides.link = content.substr(0, content.find('\0'));
      continue;
    }
    auto mode = number(block, mode_field), uid = number(block, uid_field), gid = number(block, gid_field),
         time = number(block, time_field);
    if (!mode || !uid || !gid) return bad("mode, owner or group is not a number");
    entry =
        TarEntry{.kind = kind_of(flag), .path = text(block, name_field), .link = text(block, link_field), .uid = *uid, .gid = *gid};
    entry.mode = static_cast<int>(*mode & 07777);
    entry.modified = time.value_or(0);
    entry.size = overrides.size.value_or(static_cast<uint64_t>(*size));
    entry.sparse = flag == 'S' || overrides.sparse;
    bool ustar = raw(block, magic_field).starts_with(std::string_view("ustar\0", 6));  // GNU's own magic has no prefix field
    if (std::string prefix = text(block, prefix_field); ustar && !prefix.empty()) entry.path = prefix + "/" + entry.path;
    if (overrides.path) entry.path = *overrides.path;
    if (overrides.link) entry.link = *overrides.link;
    if (entry.path.size() > tar_path_bytes_max || entry.link.size() > tar_path_bytes_max) return bad("a path is too long");
    if (flag == '\0' && entry.path.ends_with('/'))
      entry.kind = TarKind::directory;  // before ustar a directory was a name with a slash
    while (entry.path.size() > 1 && entry.path.ends_with('/')) entry.path.pop_back();
    if (entry.kind != TarKind::file && entry.kind != TarKind::other) {
      if (entry.size != 0) return bad("an entry without content has a size");
    }
    left_ = entry.size;
    padding_ = padding_of(entry.size);
    return true;
  }
  return fail("E_LAYER_INVALID", fmt::format("tar: more than {} records announce one entry at byte {}", records_max, position_));
}

Result<void> TarWriter::begin(const TarEntry& entry) {
  CHECK(pad());
  TarEntry written = entry;
  if (entry.kind == TarKind::directory) written.path += '/';
  std::string records;
  if (split_point(written.path) == std::string::npos) records += pax_record("path", written.path);
  if (entry.link.size() > link_field.size) records += pax_record("linkpath", entry.link);
  if (entry.size >= octal_size_max) records += pax_record("size", std::to_string(entry.size));
  if (!records.empty()) {
    // No process number or counter in the record's name: it would end up in the digest.
    CHECK(write_header({.path = "PaxHeader", .modified = entry.modified, .size = records.size()}, 'x'));
    CHECK(write(records));
    CHECK(pad());
  }
  char flag = flag_of(entry.kind);
  if (flag == '\0') return fail("E_LAYER_INVALID", fmt::format("tar: {} is of a kind that is not written", entry.path));
  return write_header(written, flag);
}

Result<void> TarWriter::write_header(const TarEntry& entry, char flag) {
  std::array<char, block_bytes> block{};
  size_t cut = split_point(entry.path);
  bool split = cut != 0 && cut != std::string::npos;
  if (split) put_text(block, prefix_field, std::string_view(entry.path).substr(0, cut));
  put_text(block, name_field, std::string_view(entry.path).substr(split ? cut + 1 : 0));
  put_octal(block, mode_field, static_cast<uint64_t>(entry.mode));
  put_octal(block, uid_field, static_cast<uint64_t>(entry.uid));
  put_octal(block, gid_field, static_cast<uint64_t>(entry.gid));
  put_octal(block, size_field, entry.size < octal_size_max ? entry.size : 0);
  put_octal(block, time_field, static_cast<uint64_t>(std::max<int64_t>(entry.modified, 0)));
  block[kind_offset] = flag;
  put_text(block, link_field, entry.link);
  put_text(block, magic_field,
           std::string_view("ustar\0"
                            "00",
                            8));
  std::string sum = fmt::format("{:06o}", checksum(block.data()));
  put_text(block, checksum_field, std::string_view((sum + std::string("\0 ", 2))));
  left_ = entry.size;
  padding_ = padding_of(entry.size);
  return sink_(std::string_view(block.data(), block.size()));
}

Result<void> TarWriter::write(std::string_view bytes) {
  ASSERT(bytes.size() <= left_);
  left_ -= bytes.size();
  return sink_(bytes);
}

Result<void> TarWriter::pad() {
  ASSERT(left_ == 0);
  static constexpr char zeros[block_bytes] = {};
  size_t count = static_cast<size_t>(std::exchange(padding_, 0));
  return count ? sink_(std::string_view(zeros, count)) : Result<void>();
}

Result<void> TarWriter::finish() {
  CHECK(pad());
  return sink_(std::string(2 * block_bytes, '\0'));
}

}  // namespace pds::oci
