// Building text without filling it twice.
#pragma once

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

// Where the next part goes.
inline char* put(char* at, std::string_view part) {
  return at + part.copy(at, part.size());
}

}  // namespace pds::http
