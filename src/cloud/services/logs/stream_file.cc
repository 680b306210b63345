#include "cloud/services/logs/stream_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "aws/codec_json.h"
#include "base/json.h"
#include "base/text.h"
#include "io/files.h"

namespace pds::cloud::logs {
namespace {

void read_file_lines(const std::string& path, const std::function<bool(std::string_view)>& line) {
  io::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return;
  std::string pending;
  char buffer[64 * 1024];
  for (ssize_t got = 0; (got = ::read(file.get(), buffer, sizeof buffer)) > 0;) {
    pending.append(buffer, static_cast<size_t>(got));
    size_t begin = 0;
    for (size_t end = 0; (end = pending.find('\n', begin)) != std::string::npos; begin = end + 1)
      if (!line(std::string_view(pending).substr(begin, end - begin))) return;
    pending.erase(0, begin);
  }
}

std::optional<Event> parse_line(std::string_view line) {
  size_t first = line.find(' ');
  size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  auto timestamp = parse_int(line.substr(0, first)), ingestion = parse_int(line.substr(first + 1, second - first - 1));
  Result<json::value> message = parse_json(line.substr(second + 1));
  if (!timestamp || !ingestion || !message || !message->is_string()) return std::nullopt;
  return Event{*timestamp, *ingestion, std::string(message->get_string().data(), message->get_string().size())};
}

}  // namespace

io::Fd StreamFile::open_to_append() const {
  auto open = [&] { return io::Fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)); };
  io::Fd file = open();
  if (file || errno != ENOENT) return file;
  // The first line of all: the folder is made when there is something to keep in it.
  [[maybe_unused]] Result<void> made = io::make_directories(path_.substr(0, path_.rfind('/')));
  return open();
}

Result<void> StreamFile::append(std::span<const Event> events) const {
  io::Fd file = open_to_append();
  if (!file) return fail_errno("cannot write a log", errno);
  std::string lines;
  for (const Event& event : events) {
    lines.append(std::to_string(event.timestamp)).append(" ").append(std::to_string(event.ingestion)).append(" ");
    aws::append_json_string(std::string_view(event.message).substr(0, message_bytes_max), lines);
    lines += '\n';
  }
  struct stat info {};
  if (::fstat(file.get(), &info) == 0 && static_cast<uint64_t>(info.st_size) + lines.size() > stream_bytes_max / 2) {
    ::rename(path_.c_str(), (path_ + ".1").c_str());
    file = open_to_append();
  }
  // One write: a crash cuts at most the last line short.
  if (::write(file.get(), lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) return fail_errno("cannot write a log", errno);
  return {};
}

void StreamFile::read(const std::function<bool(const Event&)>& visit) const {
  bool go_on = true;
  for (const std::string& path : {path_ + ".1", path_}) {
    if (!go_on) return;
    read_file_lines(path, [&](std::string_view line) {
      auto event = parse_line(line);
      return go_on = !event || visit(*event);
    });
  }
}

void StreamFile::remove() const {
  ::unlink(path_.c_str());
  ::unlink((path_ + ".1").c_str());
}

}  // namespace pds::cloud::logs
