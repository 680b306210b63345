#include "sandbox/log_ring.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace pds::sandbox {

namespace {

constexpr uint64_t log_magic = 0x31676f6c73647000;

struct Header {
  uint64_t magic, capacity, written;
};

void write_at(int fd, std::string_view bytes, uint64_t at) {
  while (!bytes.empty()) {
    ssize_t n = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (n <= 0) return;  // a full disk loses output, not the sandbox
    bytes.remove_prefix(static_cast<size_t>(n));
    at += static_cast<uint64_t>(n);
  }
}

Result<Header> read_header(int fd) {
  Header header{};
  if (pread(fd, &header, sizeof header, 0) != sizeof header) return fail_errno("read a sandbox's log", errno ? errno : EIO);
  if (header.magic != log_magic || header.capacity != log_capacity_bytes)
    return fail("E_SANDBOX_LOG", "the sandbox's log file is damaged");
  return header;
}

}  // namespace

Result<void> make_log(int fd) {
  Header header{log_magic, log_capacity_bytes, 0};
  if (pwrite(fd, &header, sizeof header, 0) != sizeof header) return fail_errno("make a sandbox's log", errno);
  return {};
}

void LogWriter::append(std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min<size_t>(bytes.size(), log_append_bytes_max)))
    append_part(bytes.substr(0, log_append_bytes_max));
}

void LogWriter::append_part(std::string_view bytes) {
  uint64_t place = written_ % log_capacity_bytes;
  written_ += bytes.size();
  if (fd_ < 0) return;
  size_t first = std::min<size_t>(bytes.size(), log_capacity_bytes - place);
  write_at(fd_, bytes.substr(0, first), log_header_bytes + place);
  write_at(fd_, bytes.substr(first), log_header_bytes);
  (void)!pwrite(fd_, &written_, sizeof written_, offsetof(Header, written));
}

Result<uint64_t> log_size(int fd) {
  TRY(Header header, read_header(fd));
  return header.written;
}

Result<LogChunk> read_log_file(int fd, uint64_t from, size_t bytes_max) {
  auto oldest_of = [](const Header& header) { return header.written > log_bytes_max ? header.written - log_bytes_max : 0; };
  TRY(Header before, read_header(fd));
  uint64_t oldest = oldest_of(before);
  LogChunk chunk;
  chunk.from = std::max(from, oldest);
  chunk.next = chunk.from;
  if (chunk.from >= before.written) return chunk;
  chunk.text.resize(std::min<uint64_t>(bytes_max, before.written - chunk.from));
  uint64_t place = chunk.from % log_capacity_bytes;
  size_t first = std::min<size_t>(chunk.text.size(), log_capacity_bytes - place);
  ssize_t a = pread(fd, chunk.text.data(), first, static_cast<off_t>(log_header_bytes + place));
  ssize_t b = first == chunk.text.size() ? 0 : pread(fd, chunk.text.data() + first, chunk.text.size() - first, log_header_bytes);
  if (a != static_cast<ssize_t>(first) || b < 0 || a + b != static_cast<ssize_t>(chunk.text.size()))
    return fail_errno("read a sandbox's log", errno ? errno : EIO);
  chunk.next = chunk.from + chunk.text.size();
  TRY(Header after, read_header(fd));
  if (uint64_t overrun = oldest_of(after); overrun > chunk.from) {
    chunk.text.erase(0, std::min<uint64_t>(overrun - chunk.from, chunk.text.size()));
    chunk.from = std::min(overrun, chunk.next);
  }
  return chunk;
}

}  // namespace pds::sandbox
