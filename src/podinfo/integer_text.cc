#include "podinfo/integer_text.h"

#include <charconv>
#include <limits>
#include <string>

namespace pds::podinfo {
namespace {

std::unexpected<Error> invalid() { return fail("E_USAGE", "invalid syntax"); }
std::unexpected<Error> out_of_range() { return fail("E_USAGE", "value out of range"); }

// The base that the text's beginning names, which is taken off. "0" alone is a number, and no base.
int take_base(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  char letter = static_cast<char>(digits[1] | 0x20);
  int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
  digits.remove_prefix(base ? 2 : 1);
  return base ? base : 8;
}

// Underscores stand between digits, or between the base and the first of them.
bool is_well_parted(std::string_view digits, bool has_base) {
  if (digits.starts_with('_') && !has_base) return false;
  return !digits.ends_with('_') && digits.find("__") == std::string_view::npos;
}

}  // namespace

Result<int64_t> parse_go_integer(std::string_view text) {
  std::string_view digits = text;
  bool is_negative = digits.starts_with('-');
  if (is_negative || digits.starts_with('+')) digits.remove_prefix(1);
  size_t before = digits.size();
  int base = take_base(digits);
  if (!is_well_parted(digits, digits.size() < before)) return invalid();
  std::string plain;
  for (char c : digits) {
    if (c != '_') plain += c;
  }
  uint64_t value = 0;
  auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value, base);
  if (plain.empty() || end != plain.data() + plain.size() || error == std::errc::invalid_argument) return invalid();
  constexpr auto most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (error != std::errc{} || value > most + (is_negative ? 1 : 0)) return out_of_range();
  return static_cast<int64_t>(is_negative ? 0 - value : value);
}

}  // namespace pds::podinfo
