#include "http/message.h"

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "http/append.h"
#include "http/parser.h"

namespace pds::http {
namespace {

// The parts of an absolute target: "http://authority/path?query".
struct AbsoluteTarget {
  std::string_view authority, rest;
};

std::optional<AbsoluteTarget> split_absolute(std::string_view target) {
  if (target.starts_with('/') || target == "*") return std::nullopt;
  size_t scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  std::string_view after = target.substr(scheme_end + 3);
  size_t authority_end = std::min(after.find_first_of("/?"), after.size());
  return AbsoluteTarget{after.substr(0, authority_end), after.substr(authority_end)};
}

std::string_view path_and_query(std::string_view target) {
  auto absolute = split_absolute(target);
  return absolute ? absolute->rest : target;
}

// Whether a comma-separated list has this member, in any case.
bool lists(std::string_view list, std::string_view member) {
  while (true) {
    size_t comma = list.find(',');
    if (iequals(trim(list.substr(0, comma)), member)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

// What most messages need, taken at once instead of by doubling.
constexpr size_t usual_bytes = 256;
constexpr size_t usual_fields = 8;
// And what a message that is over may keep for the next one.
constexpr size_t kept_bytes_max = 2048;

}  // namespace

void Headers::add(std::string_view name, std::string_view value) {
  sound_ = sound_ && is_token(name) && is_field_value(value);
  add_sound(name, value);
}

void Headers::grow(size_t size) {
  if (arena_.empty()) fields_.reserve(usual_fields);
  arena_.resize(std::max({usual_bytes, arena_.size() * 2, used_ + size}));
}

void Headers::add_sound(std::string_view name, std::string_view value) {
  size_t offset = used_, size = name.size() + separator_size + value.size() + line_end_size;
  std::string copy;
  if (arena_.size() - used_ < size) {
    // A value taken from this very message would move with the arena.
    std::less_equal<const char*> not_after;
    bool own = not_after(arena_.data(), value.data()) && not_after(value.data(), arena_.data() + used_);
    if (own) value = copy.assign(value);
  }
  char* at = put(extend(size), name);
  *at++ = ':';
  *at++ = ' ';
  at = put(at, value);
  *at++ = '\r';
  *at = '\n';
  note(offset, name.size(), value.size(), field_name(name));
}

void Headers::add_sound_line(std::string_view line, size_t name_size, FieldName name) {
  size_t offset = used_;
  char* at = put(extend(line.size() + line_end_size), line);
  *at++ = '\r';
  *at = '\n';
  note(offset, name_size, line.size() - name_size - separator_size, name);
}

void Headers::add_from(const Headers& other, size_t first, size_t end) {
  for (size_t i = first; !other.sound_ && i < end; ++i) {
    Field field = other.at(i);
    sound_ = sound_ && is_token(field.name) && is_field_value(field.value);
  }
  while (first < end) {
    // Lines that stand side by side in memory, as nearly all do, are one copy.
    std::string_view lines = other.line(first);
    size_t last = first + 1;
    for (; last < end && other.line(last).data() == lines.data() + lines.size(); ++last) {
      lines = {lines.data(), lines.size() + other.line(last).size()};
    }
    auto moved = static_cast<uint32_t>(used_ - other.fields_[first].offset);  // may wrap, and wraps back
    put(extend(lines.size()), lines);
    for (; first < last; ++first) {
      const Slice& slice = other.fields_[first];
      note(slice.offset + moved, slice.name_size, slice.value_size, slice.known);
    }
  }
}

bool Headers::all_sound() const {
  for (auto [name, value] : *this) {
    if (!is_token(name) || !is_field_value(value)) return false;
  }
  return true;
}

void Headers::set(std::string_view name, std::string_view value) {
  if (!find(name)) return add(name, value);
  std::string own_name(name), own_value(value);  // either may be a view of what is removed
  remove(own_name);
  add(own_name, own_value);
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Slice& slice) {
    return iequals(std::string_view(arena_.data() + slice.offset, slice.name_size), name);
  });
}

void Headers::clear() {
  used_ = 0;
  fields_.clear();
  names_ = 0;
  sound_ = true;
}

void Headers::shrink_if_large() {
  if (arena_.size() > kept_bytes_max) arena_ = {}, clear();
  if (fields_.capacity() * sizeof(Slice) > kept_bytes_max) fields_ = {};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  if (FieldName known = field_name(name); known != FieldName::other) return find(known);
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].name_size != name.size()) continue;
    Field field = at(i);
    if (iequals(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> Headers::find(FieldName name) const {
  if (!may_have(name)) return std::nullopt;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].known == name) return at(i).value;
  }
  return std::nullopt;
}

std::string Headers::get(std::string_view name, std::string_view fallback) const {
  return std::string(find(name).value_or(fallback));
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  if (FieldName known = field_name(name); known != FieldName::other) return has_token(known, token);
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].name_size != name.size()) continue;
    Field field = at(i);
    if (iequals(field.name, name) && lists(field.value, token)) return true;
  }
  return false;
}

bool Headers::has_token(FieldName name, std::string_view token) const {
  if (!may_have(name)) return false;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].known == name && lists(at(i).value, token)) return true;
  }
  return false;
}

std::string_view RequestHead::path() const {
  std::string_view rest = path_and_query(target);
  std::string_view path = rest.substr(0, rest.find('?'));
  return path.empty() ? "/" : path;
}

std::string_view RequestHead::query() const {
  std::string_view rest = path_and_query(target);
  size_t mark = rest.find('?');
  return mark == std::string_view::npos ? std::string_view() : rest.substr(mark + 1);
}

std::string_view RequestHead::host() const {
  if (auto absolute = split_absolute(target)) return absolute->authority;
  return headers.find(FieldName::host).value_or("");
}

std::optional<std::string> RequestHead::query_parameter(std::string_view name) const {
  for (std::string_view part : split(query(), '&')) {
    size_t equals = part.find('=');
    Result<std::string> key = percent_decode(part.substr(0, equals), true);
    if (!key || *key != name) continue;
    Result<std::string> value = percent_decode(equals == std::string_view::npos ? "" : part.substr(equals + 1), true);
    if (value) return *std::move(value);
  }
  return std::nullopt;
}

void RequestHead::clear() {
  method.clear();
  target.clear();
  version_major = 1;
  version_minor = 1;
  headers.clear();
}

void ResponseHead::clear() {
  status = 200;
  reason.clear();
  version_minor = 1;
  headers.clear();
}

std::string_view standard_reason(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 103:
      return "Early Hints";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 203:
      return "Non-Authoritative Information";
    case 204:
      return "No Content";
    case 205:
      return "Reset Content";
    case 206:
      return "Partial Content";
    case 207:
      return "Multi-Status";
    case 300:
      return "Multiple Choices";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 407:
      return "Proxy Authentication Required";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 418:
      return "I'm a teapot";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 425:
      return "Too Early";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 451:
      return "Unavailable For Legal Reasons";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "";
  }
}

Response Response::text(int status, std::string body, std::string_view content_type) {
  Response response;
  response.head.status = status;
  response.head.headers.add("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

Response Response::json(int status, std::string body) { return text(status, std::move(body), "application/json; charset=utf-8"); }

}  // namespace pds::http
