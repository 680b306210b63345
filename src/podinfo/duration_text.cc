#include "podinfo/duration_text.h"

#include <fmt/format.h>

#include "base/text.h"

namespace pds::podinfo {
namespace {

constexpr double duration_micros_max = 1e15;

// Microseconds; 0: not a unit.
double scale_of(std::string_view unit) {
  if (unit == "ns") return 1e-3;
  if (unit == "us" || unit == "µs") return 1;
  if (unit == "ms") return 1e3;
  if (unit == "s") return 1e6;
  if (unit == "m") return 60e6;
  if (unit == "h") return 3600e6;
  return 0;
}

// "1.500000" is "1.5", and "2.000000" is "2".
std::string without_zeros(std::string text) {
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  constexpr std::string_view number_characters = "0123456789.";
  if (text.empty()) return std::nullopt;
  bool bare = text.find_first_not_of(number_characters) == std::string_view::npos;
  double micros = 0;
  while (!text.empty()) {
    size_t unit_at = std::min(text.find_first_not_of(number_characters), text.size());
    size_t unit_end = std::min(text.find_first_of(number_characters, unit_at), text.size());
    std::optional<double> number = parse_double(text.substr(0, unit_at));
    double scale = bare ? 1e6 : scale_of(text.substr(unit_at, unit_end - unit_at));
    if (!number || scale == 0) return std::nullopt;
    micros += *number * scale;
    text.remove_prefix(unit_end);
  }
  if (!(micros <= duration_micros_max)) return std::nullopt;
  return Duration(static_cast<int64_t>(micros));
}

std::string to_go_text(Duration duration) {
  int64_t micros = duration.count();
  if (micros < 0) return "-" + to_go_text(-duration);
  if (micros == 0) return "0s";
  if (micros < 1000) return fmt::format("{}µs", micros);
  if (micros < 1'000'000) return without_zeros(fmt::format("{}.{:03}", micros / 1000, micros % 1000)) + "ms";
  int64_t seconds = micros / 1'000'000, minutes = seconds / 60, hours = minutes / 60;
  std::string out;
  if (hours > 0) out += fmt::format("{}h", hours);
  if (minutes > 0) out += fmt::format("{}m", minutes % 60);
  return out + without_zeros(fmt::format("{}.{:06}", seconds % 60, micros % 1'000'000)) + "s";
}

}  // namespace pds::podinfo
