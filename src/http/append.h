// Building text without filling it twice.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

namespace pds::http {

// Room for `count` more bytes at the end of the text, which the caller fills at once.
inline char* extend(std::string& text, size_t count) {
  size_t size = text.size(), whole = size + count;
  // What the operation is given is no guide: libstdc++ 12 passes the capacity when it has grown.
  text.resize_and_overwrite(whole, [whole](char*, size_t) { return whole; });
  return text.data() + size;
}

// Where the next part goes. Most are short: two moves that overlap cost less than a call that asks how long it is.
inline char* put(char* at, std::string_view part) {
  const char* from = part.data();
  size_t size = part.size();
  if (size > 64) {
    memcpy(at, from, size);
  } else if (size > 32) {
    memcpy(at, from, 32), memcpy(at + size - 32, from + size - 32, 32);
  } else if (size >= 16) {
    memcpy(at, from, 16), memcpy(at + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    memcpy(at, from, 8), memcpy(at + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    memcpy(at, from, 4), memcpy(at + size - 4, from + size - 4, 4);
  } else {
    for (size_t i = 0; i < size; ++i) at[i] = from[i];
  }
  return at + size;
}

}  // namespace pds::http
