#include "base/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iterator>

#include "base/byte_scan.h"
#include "base/json.h"
#include "base/stderr_line.h"
#include "base/text.h"

namespace pds {
namespace {

constexpr std::string_view level_names[] = {"debug", "info", "warn", "error"};

// What comes from outside is quoted here, and may be anything; a line is JSON all the same.
void append_quoted(std::string& out, std::string_view text) {
  // Nearly all that is logged is plain, and may stand there as it is.
  auto is_special = [](auto byte) { return (byte < 0x20) | (byte >= 0x7f) | (byte == '"') | (byte == '\\'); };
  if (find_special(text, 0, is_special) == text.size()) {
    out.append("\"").append(text).append("\"");
    return;
  }
  std::string repaired;
  if (!is_utf8(text)) text = repaired = repaired_utf8(text);
  out += to_text(json::value(json::string(text)));
}

}  // namespace

std::string_view to_string(LogLevel level) { return level_names[static_cast<int>(level)]; }

void Logger::log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) const {
  if (level < least_) return;
  auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  std::string line = fmt::format(R"({{"ts":"{}","level":"{}","msg":)", to_iso8601_millis(now), to_string(level));
  append_quoted(line, message);
  for (const LogField& field : fields) {
    line += ',';
    append_quoted(line, field.key);
    line += ':';
    if (const auto* text = std::get_if<std::string_view>(&field.value)) append_quoted(line, *text);
    else if (const auto* integer = std::get_if<int64_t>(&field.value)) fmt::format_to(std::back_inserter(line), "{}", *integer);
    else if (const auto* real = std::get_if<double>(&field.value)) fmt::format_to(std::back_inserter(line), "{}", *real);
    else line += std::get<bool>(field.value) ? "true" : "false";
  }
  line += '}';
  sink_(line);
}

void write_stderr_line(std::string_view line) {
  std::string whole(line);
  whole += '\n';
  // A log line that cannot be written has nowhere else to go.
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, whole.data(), whole.size());
}

Logger stderr_logger(LogLevel least) { return Logger(write_stderr_line, least); }

Logger silent_logger() {
  return Logger([](std::string_view) {}, LogLevel::error);
}

}  // namespace pds
