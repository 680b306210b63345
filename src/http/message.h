// HTTP messages without their bodies. Names and values live in one arena per message, so that a reused message allocates nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/field_name.h"

namespace pds::http {

// Header fields in arrival order. Names compare without regard to case; values are raw bytes without CR, LF and NUL.
class Headers {
 public:
  Headers() = default;
  Headers(const Headers&) = default;
  Headers& operator=(const Headers&) = default;
  Headers(Headers&& other) noexcept { *this = std::move(other); }
  Headers& operator=(Headers&& other) noexcept {
    arena_ = std::move(other.arena_);
    used_ = std::exchange(other.used_, 0);
    fields_ = std::move(other.fields_);
    names_ = std::exchange(other.names_, 0);
    sound_ = std::exchange(other.sound_, true);
    return *this;
  }
  void add(std::string_view name, std::string_view value);
  // A field that is known to be one that can be sent: nothing is looked at.
  void add_sound(std::string_view name, std::string_view value);
  // The same, from a line as it came, without its end: the name, a colon, a space, and the value to the end of the line.
  void add_sound_line(std::string_view line, size_t name_size, FieldName name);
  void add_from(const Headers& other, size_t first, size_t end);   // some of another message's fields
  void set(std::string_view name, std::string_view value);      // replaces all of that name
  void remove(std::string_view name);
  void clear();
  // The first value of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  std::optional<std::string_view> find(FieldName name) const;
  std::string get(std::string_view name, std::string_view fallback = "") const;
  bool has_token(std::string_view name, std::string_view token) const;   // in a comma-separated list, any case
  bool has_token(FieldName name, std::string_view token) const;
  size_t size() const { return fields_.size(); }
  struct Field {
    std::string_view name, value;
  };
  Field at(size_t index) const {
    const Slice& slice = fields_[index];
    const char* name = arena_.data() + slice.offset;
    return {{name, slice.name_size}, {name + slice.name_size + separator_size, slice.value_size}};
  }
  FieldName name_at(size_t index) const { return fields_[index].known; }
  // False: there is none. True costs no look at the fields, and may be said of one that was removed.
  bool may_have(FieldName name) const { return names_ >> static_cast<unsigned>(name) & 1; }
  // "Name: value\r\n", as it is sent.
  std::string_view line(size_t index) const {
    const Slice& slice = fields_[index];
    return {arena_.data() + slice.offset, slice.name_size + separator_size + slice.value_size + line_end_size};
  }
  // True when all names are tokens and all values can stand in a field: what is sent must not be able to split a message.
  bool can_be_sent() const { return sound_ || all_sound(); }
  // Gives back what an unusually large message has grown.
  void shrink_if_large();
  // for (auto [name, value] : headers)
  struct Iterator {
    const Headers* headers;
    size_t index;
    Field operator*() const { return headers->at(index); }
    Iterator& operator++() {
      ++index;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index != other.index; }
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, fields_.size()}; }

 private:
  static constexpr size_t separator_size = 2, line_end_size = 2;  // ": " and CR LF
  struct Slice {
    uint32_t offset, name_size, value_size;
    FieldName known;
  };
  char* extend(size_t size) {
    if (arena_.size() - used_ < size) grow(size);
    char* at = arena_.data() + used_;
    used_ += size;
    return at;
  }
  void grow(size_t size);
  void note(size_t offset, size_t name_size, size_t value_size, FieldName name) {
    names_ |= 1u << static_cast<unsigned>(name);
    fields_.push_back({static_cast<uint32_t>(offset), static_cast<uint32_t>(name_size), static_cast<uint32_t>(value_size), name});
  }
  bool all_sound() const;
  std::string arena_;  // fields as they are sent, so that sending is one copy per field; room behind the used bytes
  size_t used_ = 0;
  std::vector<Slice> fields_;
  uint32_t names_ = 0;  // a bit for each FieldName that was added
  bool sound_ = true;  // no field was added that cannot be sent
};

struct RequestHead {
  std::string method;              // "GET", as sent: methods are case-sensitive
  std::string target;              // as sent: "/a%20b?x=1", "http://host/a", "*"
  int version_minor = 1;
  Headers headers;
  int version_major = 1;           // 2: came over HTTP/2; its minor version is 0, and its Host is what :authority said

  std::string_view path() const;   // the target without its query, still percent-encoded; "/" for absolute-form without a path
  std::string_view query() const;  // after '?', without it
  std::string_view host() const;   // the Host field (or the authority of an absolute target), with port, as sent
  // The first value of a query parameter, decoded.
  std::optional<std::string> query_parameter(std::string_view name) const;
  void clear();
};

struct ResponseHead {
  int status = 200;
  std::string reason;              // empty: the standard phrase
  int version_minor = 1;
  Headers headers;
  void clear();
};

std::string_view standard_reason(int status);   // "" for unknown codes

// A message with its whole body, for everything that is small.
struct Request {
  RequestHead head;
  std::string body;
};
struct Response {
  ResponseHead head;
  std::string body;
  static Response text(int status, std::string body, std::string_view content_type = "text/plain; charset=utf-8");
  static Response json(int status, std::string body);
};

// What is accepted from a peer. Each limit's answer is given where it is reached.
struct Limits {
  size_t request_line_bytes_max = 16 * 1024;     // 414
  bool wide_targets = false;                     // bytes above ASCII in a request target are passed on as they are, and not 400
  size_t header_bytes_max = 64 * 1024;           // 431, all fields together
  size_t header_count_max = 128;                 // 431
  size_t chunk_line_bytes_max = 256;             // 400
  size_t body_bytes_max = 10 * 1024 * 1024;      // 413; for buffered bodies, and for streamed ones where a service sets it
};

}  // namespace pds::http
