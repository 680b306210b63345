// Passing over what is plain in a text, sixteen bytes at a time, with the vectors that the compiler has for every processor.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pds {

using ByteVector = unsigned char __attribute__((ext_vector_type(16)));

// A bit for each of sixteen bytes for which `special` holds, the first one's lowest. `special` is made of operators that mean the same for a
// byte and for a vector of them: [](auto b) { return (b < 0x20) | (b == 0x7f); }
template <class Special>
uint32_t special_bits(ByteVector bytes, Special special) {
  using Bits = bool __attribute__((ext_vector_type(16)));
  return std::bit_cast<uint16_t>(__builtin_convertvector(special(bytes), Bits));
}
template <class Special>
uint32_t special_bits(const char* at, Special special) {
  ByteVector bytes;
  memcpy(&bytes, at, sizeof bytes);
  return special_bits(bytes, special);
}

// Where the first byte at or behind `from` stands for which `special` holds; text.size() when there is none.
template <class Special>
size_t find_special(std::string_view text, size_t from, Special special) {
  auto place_of = [&](size_t at, uint32_t bits) { return bits ? at + static_cast<size_t>(std::countr_zero(bits)) : text.size(); };
  size_t at = from;
  for (; at + 16 <= text.size(); at += 16) {
    if (uint32_t bits = special_bits(text.data() + at, special)) return place_of(at, bits);
  }
  if (text.size() >= 16 && at < text.size()) {  // the last sixteen, some of them for the second time
    return place_of(at, special_bits(text.data() + text.size() - 16, special) >> (at + 16 - text.size()));
  }
  if (text.size() >= 8 && text.size() < 16 && at < text.size()) {  // the first eight and the last eight
    ByteVector bytes;
    char* both = reinterpret_cast<char*>(&bytes);
    memcpy(both, text.data(), 8);
    memcpy(both + 8, text.data() + text.size() - 8, 8);
    uint32_t bits = special_bits(bytes, special);
    return place_of(at, ((bits & 0xff) | bits >> 8 << (text.size() - 8)) >> at);
  }
  while (at < text.size() && !special(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

}  // namespace pds
