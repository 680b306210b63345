#include "http/parser.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/byte_scan.h"
#include "base/text.h"

namespace pds::http {
namespace {

constexpr std::string_view token_marks = "!#$%&'*+-.^_`|~";

constexpr std::string_view control_in_field = "a header line holds control characters";

constexpr bool is_alphanumeric(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

enum CharClass : uint8_t { token_char = 1, host_char = 2 };

constexpr std::array<uint8_t, 256> char_classes = [] {
  std::array<uint8_t, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    auto byte = static_cast<unsigned char>(c);
    uint8_t bits = 0;
    if (is_alphanumeric(byte) || (byte < 0x80 && token_marks.find(static_cast<char>(c)) != std::string_view::npos && c != 0))
      bits |= token_char;
    if (is_alphanumeric(byte) || std::string_view("-._~!$&'()*+;=:%[]").find(static_cast<char>(c)) != std::string_view::npos)
      bits |= host_char;
    classes[byte] = bits;
  }
  classes[0] = 0;
  return classes;
}();

bool all_of_class(std::string_view text, CharClass wanted) {
  uint8_t common = wanted;
  for (char c : text) common &= char_classes[static_cast<unsigned char>(c)];
  return common != 0;
}

constexpr auto is_control = [](auto byte) { return (byte < 0x20) | (byte == 0x7f); };

size_t find_control_behind_tab(std::string_view text, size_t at) {
  while (at < text.size() && text[at] == '\t') at = find_special(text, at + 1, is_control);
  return at;
}

// Where the first control character but a tab stands.
inline size_t find_control(std::string_view text, size_t from) {
  size_t at = find_special(text, from, is_control);
  return at < text.size() && text[at] == '\t' ? find_control_behind_tab(text, at) : at;
}

// How much of the text, from its beginning, are characters of a token.
inline size_t token_size(std::string_view text) {
  size_t size = 0;
  if (text.size() >= 16) {  // nearly all of them are letters and hyphens
    auto is_other = [](auto byte) { return (((byte | 0x20) < 'a') & (byte != '-')) | ((byte | 0x20) > 'z'); };
    size = static_cast<size_t>(std::countr_zero(special_bits(text.data(), is_other) | 1u << 16));
  }
  while (size < text.size() && char_classes[static_cast<unsigned char>(text[size])] & token_char) ++size;
  return size;
}

// Digits only: no sign, no space, no list.
bool parse_content_length(std::string_view text, uint64_t& out) {
  if (text.empty() || text.size() > 18) return false;
  out = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    out = out * 10 + static_cast<uint64_t>(c - '0');
  }
  return true;
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// One of the four forms of a target: it has passed check_target, so nothing else begins with a letter but CONNECT's.
bool is_absolute(std::string_view target) { return target[0] != '/' && target.find("://") != std::string_view::npos; }

// "name:port": what CONNECT takes.
bool is_authority_with_port(std::string_view text) {
  size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  for (char c : text.substr(colon + 1)) {
    if (c < '0' || c > '9') return false;
  }
  return all_of_class(text, host_char);
}

// "http://h:80/" and "Host: h" mean the same.
bool same_authority(std::string_view target, std::string_view authority, std::string_view host) {
  std::string_view usual_port = target.size() > 4 && (target[4] == 's' || target[4] == 'S') ? ":443" : ":80";
  if (authority.ends_with(usual_port)) authority.remove_suffix(usual_port.size());
  if (host.ends_with(usual_port)) host.remove_suffix(usual_port.size());
  return iequals(authority, host);
}

std::string_view reason_of_bad_name(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return "a header field is folded over lines";
  return line.find(':') == std::string_view::npos ? "a header line has no colon" : "a header name is not a token";
}

// The members of a comma-separated list, blanks trimmed.
template <class F>
void for_each_member(std::string_view list, F&& each) {
  while (true) {
    size_t comma = list.find(',');
    each(trim_blanks(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

bool is_token(std::string_view text) { return !text.empty() && token_size(text) == text.size(); }
bool is_field_value(std::string_view text) { return find_control(text, 0) == text.size(); }
bool is_target(std::string_view text, bool wide) {
  // A fragment mark in a target is read as part of the path by some and as its end by others.
  auto is_foreign = [](auto byte) { return (byte <= 0x20) | (byte >= 0x7f) | (byte == '#'); };
  auto is_foreign_everywhere = [](auto byte) { return (byte <= 0x20) | (byte == 0x7f) | (byte == '#'); };
  size_t end = wide ? find_special(text, 0, is_foreign_everywhere) : find_special(text, 0, is_foreign);
  return !text.empty() && end == text.size();
}
bool is_authority(std::string_view text) { return all_of_class(text, host_char); }

// ---- fields ----

void FieldParser::reset() {
  Limits limits = limits_;
  *this = FieldParser(limits);
}

bool FieldParser::line(std::string_view line, Headers& into, ParseFailure& failure) {
  if (!is_field_value(line)) return failure = {400, control_in_field}, false;
  return plain_line(line, into, failure);
}

bool FieldParser::plain_line(std::string_view line, Headers& into, ParseFailure& failure) {
  bytes_ += line.size() + 2;
  if (bytes_ > limits_.header_bytes_max) return failure = {431, "the header fields are too large"}, false;
  if (++count_ > limits_.header_count_max) return failure = {431, "there are too many header fields"}, false;
  size_t colon = token_size(line);
  if (colon == 0 || colon == line.size() || line[colon] != ':') return failure = {400, reason_of_bad_name(line)}, false;
  std::string_view name = line.substr(0, colon), value = line.substr(colon + 1);
  bool as_we_write_it = value.size() > 1 && value[0] == ' ' && value[1] > ' ' && value.back() > ' ';
  value = as_we_write_it ? value.substr(1) : trim_blanks(value);
  FieldName known = field_name(name);
  if (known != FieldName::other && !note(known, value, failure)) return false;
  if (as_we_write_it) {
    into.add_sound_line(line, colon, known);
  } else {
    into.add_sound(name, value);
  }
  return true;
}

bool FieldParser::note(FieldName name, std::string_view value, ParseFailure& failure) {
  switch (name) {
    case FieldName::host:
      ++hosts;
      bad_host |= !all_of_class(value, host_char);
      break;
    case FieldName::expect:
      (iequals(value, "100-continue") ? expects_continue : expects_other) = true;
      break;
    case FieldName::connection:
      note_connection(value);
      break;
    case FieldName::content_length:
      // A repeated length is refused even when the copies agree: nobody honest sends it.
      if (++content_lengths > 1) return failure = {400, "Content-Length is given twice"}, false;
      if (!parse_content_length(value, content_length)) return failure = {400, "Content-Length is not a number"}, false;
      break;
    case FieldName::transfer_encoding:
      return note_transfer_encoding(value, failure);
    default:
      break;
  }
  return true;
}

bool FieldParser::note_transfer_encoding(std::string_view value, ParseFailure& failure) {
  bool good = true;
  for_each_member(value, [&](std::string_view coding) {
    good &= is_token(coding.substr(0, coding.find(';')));
    ++transfer_encodings;
    chunked_is_last = iequals(coding, "chunked");
    chunked_codings += chunked_is_last;
  });
  if (!good) failure = {400, "Transfer-Encoding is malformed"};
  return good;
}

void FieldParser::note_connection(std::string_view value) {
  for_each_member(value, [&](std::string_view option) {
    if (iequals(option, "close")) connection_close = true;
    if (iequals(option, "keep-alive")) connection_keep_alive = true;
  });
}

// ---- heads ----

void HeadParser::reset_base() {
  fields_.reset();
  framing_ = {};
  failure_ = {};
  keep_alive_ = true;
  in_fields_ = false;
  skipped_empty_line_ = false;
  scanned_ = 0;
}

Progress HeadParser::too_long() {
  if (in_fields_) {
    refuse(431, "the header fields are too large");
  } else {
    refuse(first_line_too_long_status(), "the first line is too long");
  }
  return Progress::failed;
}

// One pass looks for the ends of lines and for what may stand in none.
Progress HeadParser::feed(std::string_view input, size_t& consumed) {
  consumed = 0;
  while (true) {
    size_t line_bytes_max = in_fields_ ? limits_.header_bytes_max : limits_.request_line_bytes_max;
    size_t at = find_control(input, consumed + scanned_), length = at - consumed;
    bool at_end = at < input.size() && input[at] == '\r';
    if (length + at_end > line_bytes_max) return too_long();
    if (at + at_end == input.size()) {
      scanned_ = length;
      return Progress::need_more;
    }
    std::string_view line = input.substr(consumed, length);
    if (!at_end || input[at + 1] != '\n') {
      failure_ = at_end || input[at] == '\n' ? ParseFailure{400, "a line does not end in CR LF"}
                 : in_fields_                ? ParseFailure{400, control_in_field}
                                             : control_in_first_line(line);
      return Progress::failed;
    }
    scanned_ = 0;
    consumed += length + 2;
    if (line.empty() && in_fields_) return finish() ? Progress::done : Progress::failed;
    if (!take_line(line)) return Progress::failed;
  }
}

bool HeadParser::take_line(std::string_view line) {
  if (in_fields_) return fields_.plain_line(line, headers(), failure_);
  if (line.empty()) {
    // Some clients send one empty line too many after a body (RFC 9112 2.2).
    return !std::exchange(skipped_empty_line_, true) || refuse(400, "there is no request line");
  }
  in_fields_ = true;
  return first_line(line);
}

bool HeadParser::decide_length_framing() {
  if (fields_.transfer_encodings > 0 && fields_.content_lengths > 0)
    return refuse(400, "both Transfer-Encoding and Content-Length are given");
  if (fields_.transfer_encodings > 0) {
    framing_ = {Framing::chunked, 0};
  } else if (fields_.content_lengths > 0) {
    framing_ = {Framing::sized, fields_.content_length};
  }
  return true;
}

// ---- requests ----

void RequestParser::reset() {
  reset_base();
  head.clear();
}

bool RequestParser::first_line(std::string_view line) {
  size_t method_end = line.find(' ');
  size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end == method_end)
    return refuse(400, "the request line does not have three parts");
  std::string_view method = line.substr(0, method_end), version = line.substr(target_end + 1);
  std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  if (!is_token(method)) return refuse(400, "the method is not a token");
  if (!is_target(target, limits_.wide_targets))
    return refuse(400, "the request target holds characters that do not belong there");
  bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && version[5] >= '0' && version[5] <= '9' &&
                     version[6] == '.' && version[7] >= '0' && version[7] <= '9';
  if (!well_formed) return refuse(400, "the HTTP version is malformed");
  if (version[5] != '1') return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  head.method = method;
  head.target = target;
  head.version_minor = version[7] - '0';
  return check_target();
}

ParseFailure RequestParser::control_in_first_line(std::string_view before) const {
  switch (std::count(before.begin(), before.end(), ' ')) {
    case 0:
      return {400, "the method is not a token"};
    case 1:
      return {400, "the request target holds characters that do not belong there"};
    default:
      return {400, "the HTTP version is malformed"};
  }
}

bool RequestParser::check_target() {
  const std::string& target = head.target;
  if (target[0] == '/') return head.method != "CONNECT" || refuse(400, "CONNECT takes an authority");
  if (target == "*") return head.method == "OPTIONS" || refuse(400, "only OPTIONS may ask for \"*\"");
  if (head.method == "CONNECT") return is_authority_with_port(target) || refuse(400, "CONNECT takes an authority with a port");
  std::string_view scheme = std::string_view(target).substr(0, target.find("://"));
  if (scheme.size() == target.size() || !(iequals(scheme, "http") || iequals(scheme, "https")))
    return refuse(400, "the request target has no known form");
  std::string_view authority = head.host();
  if (authority.empty() || !all_of_class(authority, host_char))
    return refuse(400, "the authority of the request target is malformed");
  return true;
}

bool RequestParser::check_transfer_encoding() {
  if (fields_.transfer_encodings == 0) return true;
  if (head.version_minor == 0) return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
  if (fields_.content_lengths > 0) return true;  // refused by decide_length_framing
  if (fields_.chunked_codings > 0 && (fields_.chunked_codings > 1 || !fields_.chunked_is_last))
    return refuse(400, "chunked is not the last transfer coding, once");
  if (fields_.transfer_encodings > 1 || fields_.chunked_codings == 0)
    return refuse(501, "no transfer coding but chunked is known here");
  return true;
}

bool RequestParser::finish() {
  if (fields_.hosts > 1) return refuse(400, "Host is given twice");
  if (fields_.hosts == 0 && head.version_minor > 0) return refuse(400, "missing required Host header");
  if (fields_.bad_host) return refuse(400, "Host is malformed");
  // The target's authority would count (RFC 9112 3.2.2), but what stands behind us may look at the other.
  if (fields_.hosts > 0 && is_absolute(head.target) && !same_authority(head.target, head.host(), *head.headers.find(FieldName::host)))
    return refuse(400, "the request target and Host name different authorities");
  if (!check_transfer_encoding()) return false;
  if (!decide_length_framing()) return false;
  if (fields_.expects_other) return refuse(417, "only 100-continue can be expected");
  keep_alive_ = head.version_minor > 0 ? !fields_.connection_close : fields_.connection_keep_alive && !fields_.connection_close;
  return true;
}

// ---- responses ----

void ResponseParser::reset(bool answers_head, bool answers_connect) {
  reset_base();
  head.clear();
  answers_head_ = answers_head;
  answers_connect_ = answers_connect;
}

bool ResponseParser::first_line(std::string_view line) {
  // "HTTP/1.1 200 OK"; the reason may be empty, and some leave out the space before it.
  bool well_formed = line.size() >= 12 && line.starts_with("HTTP/1.") && line[7] >= '0' && line[7] <= '9' && line[8] == ' ' &&
                     (line.size() == 12 || line[12] == ' ');
  std::string_view digits = well_formed ? line.substr(9, 3) : std::string_view();
  for (char c : digits) well_formed &= c >= '0' && c <= '9';
  if (!well_formed || digits[0] == '0') return refuse(502, "the status line is malformed");
  head.version_minor = line[7] - '0';
  head.status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  if (line.size() > 13) head.reason = line.substr(13);
  return true;
}

ParseFailure ResponseParser::control_in_first_line(std::string_view) const { return {502, "the status line is malformed"}; }

bool ResponseParser::finish() {
  keep_alive_ = head.version_minor > 0 ? !fields_.connection_close : fields_.connection_keep_alive && !fields_.connection_close;
  bool bodyless = answers_head_ || head.status / 100 == 1 || head.status == 204 || head.status == 304 ||
                  (answers_connect_ && head.status / 100 == 2);
  if (fields_.transfer_encodings > 0 && (fields_.transfer_encodings > 1 || fields_.chunked_codings != 1)) {
    return refuse(502, "the answer has a transfer coding that is not known here");
  }
  if (!decide_length_framing()) return false;
  if (bodyless) {
    framing_ = {};
  } else if (framing_.kind == Framing::none) {
    framing_ = {Framing::until_close, 0};
    keep_alive_ = false;
  }
  return true;
}

}  // namespace pds::http
