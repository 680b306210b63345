#include "podinfo/duration_text.h"

#include <fmt/format.h>

#include <iterator>
#include <optional>

#include "base/text.h"

namespace pds::podinfo {
namespace {

constexpr double duration_micros_max = 1e15;

// Microseconds; 0: not a unit.
double scale_of(std::string_view unit) {
  if (unit == "ns") return 1e-3;
  if (unit == "us" || unit == "\u00b5s" || unit == "\u03bcs") return 1;  // the sign for micro, and the Greek letter
  if (unit == "ms") return 1e3;
  if (unit == "s") return 1e6;
  if (unit == "m") return 60e6;
  if (unit == "h") return 3600e6;
  return 0;
}

// As Go's time package quotes what it was given.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x80) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

// Of the number that the text begins with: digits, with one point in or beside them.
size_t number_size(std::string_view text) {
  constexpr std::string_view digits = "0123456789";
  size_t whole = std::min(text.find_first_not_of(digits), text.size());
  if (!text.substr(whole).starts_with('.')) return whole;
  return std::min(text.find_first_not_of(digits, whole + 1), text.size());
}

// "1.500000" is "1.5", and "2.000000" is "2".
std::string without_zeros(std::string text) {
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  constexpr std::string_view number_characters = "0123456789.";
  auto refuse = [text](std::string_view why) { return fail("E_USAGE", fmt::format("time: {} {}", why, quoted(text))); };
  bool is_negative = text.starts_with('-');
  std::string_view rest = text.substr(is_negative || text.starts_with('+') ? 1 : 0);
  if (rest == "0") return Duration{};
  if (rest.empty()) return refuse("invalid duration");
  double micros = 0;
  while (!rest.empty()) {
    size_t digits_end = number_size(rest);
    std::optional<double> number = parse_double(rest.substr(0, digits_end));
    if (!number) return refuse("invalid duration");
    rest.remove_prefix(digits_end);
    std::string_view unit = rest.substr(0, rest.find_first_of(number_characters));
    if (unit.empty()) return refuse("missing unit in duration");
    double scale = scale_of(unit);
    if (scale == 0) return refuse(fmt::format("unknown unit {} in duration", quoted(unit)));
    micros += *number * scale;
    rest.remove_prefix(unit.size());
  }
  if (!(micros <= duration_micros_max)) return refuse("invalid duration");
  auto whole = Duration(static_cast<int64_t>(micros));
  return is_negative ? -whole : whole;
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
