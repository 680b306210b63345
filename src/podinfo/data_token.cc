#include "podinfo/data_token.h"

#include <fmt/format.h>

#include <charconv>

namespace pds::podinfo {
namespace {

constexpr size_t token_digits = 16, lsn_half_digits_max = 8;

std::optional<uint64_t> parse_hex(std::string_view text, std::string_view digits) {
  if (text.empty() || text.find_first_not_of(digits) != std::string_view::npos) return std::nullopt;
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string to_token(LogPosition position) { return fmt::format("{:016x}", position.value); }

std::optional<LogPosition> parse_token(std::string_view text) {
  if (text.size() != token_digits) return std::nullopt;
  std::optional<uint64_t> value = parse_hex(text, "0123456789abcdef");
  if (!value) return std::nullopt;
  return LogPosition{*value};
}

std::string to_lsn(LogPosition position) { return fmt::format("{:X}/{:X}", position.value >> 32, position.value & 0xffff'ffffu); }

std::optional<LogPosition> parse_lsn(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEFabcdef";
  size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash > lsn_half_digits_max || text.size() - slash - 1 > lsn_half_digits_max) return std::nullopt;
  std::optional<uint64_t> high = parse_hex(text.substr(0, slash), digits), low = parse_hex(text.substr(slash + 1), digits);
  if (!high || !low) return std::nullopt;
  return LogPosition{*high << 32 | *low};
}

}  // namespace pds::podinfo
