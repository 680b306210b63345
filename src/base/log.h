// One JSON object per line: {"ts":..., "level":..., "msg":..., fields}. Where lines go is decided by whoever makes the Logger.
// Secrets never reach a log: log a name, a version or a length instead.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/time.h"

namespace pds {

enum class LogLevel { debug, info, warn, error };
std::string_view to_string(LogLevel level);

struct LogField {
  std::string_view key;
  std::variant<std::string_view, int64_t, double, bool> value;
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  template <class Integer>
    requires std::is_integral_v<Integer>
  LogField(std::string_view k, Integer v) : key(k), value(static_cast<int64_t>(v)) {}
};

class Logger {
 public:
  using Sink = std::function<void(std::string_view line)>;   // one line without its newline; called on the logging thread
  Logger(Sink sink, LogLevel least) : sink_(std::move(sink)), least_(least) {}
  void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {}) const;
  void debug(std::string_view m, std::initializer_list<LogField> f = {}) const { log(LogLevel::debug, m, f); }
  void info(std::string_view m, std::initializer_list<LogField> f = {}) const { log(LogLevel::info, m, f); }
  void warn(std::string_view m, std::initializer_list<LogField> f = {}) const { log(LogLevel::warn, m, f); }
  void error(std::string_view m, std::initializer_list<LogField> f = {}) const { log(LogLevel::error, m, f); }

 private:
  Sink sink_;
  LogLevel least_;
};

// To standard error, one write per line.
Logger stderr_logger(LogLevel least);
// Nowhere; for tests.
Logger silent_logger();

}  // namespace pds
