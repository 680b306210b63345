// Passing over what is plain in a text, sixteen bytes at a time, with the vectors that the compiler has for every processor.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pds {

using ByteVector = unsigned char __attribute__((ext_vector_type(16)));

// Where the first byte at or behind `from` stands for which `special` holds; text.size() when there is none. `special` is asked with bytes and
// with vectors of them, and is made of comparisons and `|` alone: [](auto b) { return (b < 0x20) | (b == 0x7f); }
template <class Special>
size_t find_special(std::string_view text, size_t from, Special special) {
  using Marks = bool __attribute__((ext_vector_type(16)));
  auto marks_of = [&](const ByteVector& bytes) -> uint32_t {
    return std::bit_cast<uint16_t>(__builtin_convertvector(special(bytes), Marks));
  };
  auto marks_at = [&](size_t at) {
    ByteVector bytes;
    memcpy(&bytes, text.data() + at, sizeof bytes);
    return marks_of(bytes);
  };
  auto place_of = [&](size_t at, uint32_t marks) { return marks ? at + static_cast<size_t>(std::countr_zero(marks)) : text.size(); };
  size_t at = from;
  for (; at + 16 <= text.size(); at += 16) {
    if (uint32_t marks = marks_at(at)) return at + static_cast<size_t>(std::countr_zero(marks));
  }
  if (text.size() >= 16 && at < text.size()) {  // the last sixteen, some of them for the second time
    return place_of(at, marks_at(text.size() - 16) >> (at + 16 - text.size()));
  }
  if (text.size() >= 8 && text.size() < 16 && at < text.size()) {  // the first eight and the last eight
    ByteVector bytes;
    char* both = reinterpret_cast<char*>(&bytes);
    memcpy(both, text.data(), 8);
    memcpy(both + 8, text.data() + text.size() - 8, 8);
    uint32_t marks = marks_of(bytes);
    return place_of(at, ((marks & 0xff) | marks >> 8 << (text.size() - 8)) >> at);
  }
  while (at < text.size() && !special(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

}  // namespace pds
