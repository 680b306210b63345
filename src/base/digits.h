// Digits written in pairs, into room that the caller has made. Each gives where they end.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace pds {

namespace detail {

template <unsigned base>
constexpr auto digit_pairs = [] {
  std::array<char, base * base * 2> pairs{};
  for (unsigned i = 0; i < base * base; ++i) {
    pairs[i * 2] = "0123456789abcdef"[i / base];
    pairs[i * 2 + 1] = "0123456789abcdef"[i % base];
  }
  return pairs;
}();

}  // namespace detail

// The lowest `digits` of them, an even number, with leading zeros.
inline char* put_hex(char* at, uint64_t value, unsigned digits) {
  for (unsigned left = digits; left > 0; left -= 2, value >>= 8) memcpy(at + left - 2, detail::digit_pairs<16>.data() + (value & 255) * 2, 2);
  return at + digits;
}
// The same for decimal digits, of any number.
inline char* put_decimal(char* at, uint64_t value, unsigned digits) {
  unsigned left = digits;
  for (; left > 1; left -= 2, value /= 100) memcpy(at + left - 2, detail::digit_pairs<10>.data() + value % 100 * 2, 2);
  if (left) *at = static_cast<char>('0' + value % 10);
  return at + digits;
}

}  // namespace pds
