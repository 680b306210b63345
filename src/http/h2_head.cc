#include "http/h2_head.h"

#include <charconv>

#include "base/text.h"
#include "http/h2_session.h"

namespace pds::http {
namespace {

// As SETTINGS_MAX_HEADER_LIST_SIZE counts a field (RFC 9113 6.5.2).
constexpr size_t field_overhead = 32;

// About one connection, or written from elsewhere: Host is :authority here.
bool stays_behind(std::string_view name) {
  switch (name.size()) {
    case 4:
      return iequals(name, "host");
    case 7:
      return iequals(name, "upgrade");
    case 10:
      return iequals(name, "connection") || iequals(name, "keep-alive");
    case 14:
      return iequals(name, "content-length");
    case 16:
      return iequals(name, "proxy-connection");
    case 17:
      return iequals(name, "transfer-encoding");
    default:
      return false;
  }
}

}  // namespace

// ---- reading ----

void H2HeadReader::begin(const Limits& limits) {
  limits_ = limits;
  bytes_ = count_ = 0;
  failure_ = {};
  content_length_.reset();
}

bool H2HeadReader::fits(size_t size) {
  bytes_ += size + field_overhead;
  if (bytes_ > limits_.header_bytes_max) refuse(431, "the header fields are too large");
  if (++count_ > limits_.header_count_max) refuse(431, "there are too many header fields");
  return failure_.status == 0;
}

void H2HeadReader::field(std::string_view name, std::string_view value) {
  if (!fits(name.size() + value.size())) return;
  if (name.starts_with(':')) return pseudo(name, value);
  if (name == "content-length") {
    std::optional<int64_t> length = parse_int(value);
    if (length && *length >= 0) content_length_ = static_cast<uint64_t>(*length);
  }
  regular(name, value);
}

void H2RequestReader::begin(const Limits& limits) {
  H2HeadReader::begin(limits);
  head_.clear();
  head_.version_major = 2;
  head_.version_minor = 0;
  cookies_.clear();
  crumbs_ = 0;
  has_authority_ = has_host_ = expects_continue_ = false;
  target_bytes_max_ = limits.request_line_bytes_max;
  wide_targets_ = limits.wide_targets;
}

void H2RequestReader::pseudo(std::string_view name, std::string_view value) {
  if (name == ":method") {
    head_.method = value;
  } else if (name == ":path") {
    head_.target = value;
  } else if (name == ":authority") {
    has_authority_ = true;
    head_.headers.add("host", value);
  } else if (name == ":scheme") {
    if (!iequals(value, "https") && !iequals(value, "http")) refuse(400, "the scheme is not known here");
  } else {
    refuse(400, "a pseudo field is not known here");
  }
}

void H2RequestReader::regular(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      if (name != "host") break;
      if (std::exchange(has_host_, true)) return refuse(400, "Host is given twice");
      if (has_authority_) {
        if (!iequals(value, head_.headers.find("host").value_or(""))) refuse(400, "Host is not the authority that is asked");
        return;
      }
      break;
    case 6:
      if (name == "expect") note_expectation(value);
      if (name != "cookie") break;
      if (crumbs_++ > 0) cookies_ += "; ";
      cookies_ += value;
      return;
    default:
      break;
  }
  head_.headers.add(name, value);
}

void H2RequestReader::note_expectation(std::string_view value) {
  if (!iequals(value, "100-continue")) return refuse(417, "only 100-continue can be expected");
  expects_continue_ = true;
}

void H2RequestReader::check_target() {
  if (!is_token(head_.method)) return refuse(400, "the method is not a token");
  if (head_.method == "CONNECT") {  // nghttp2 has seen to it that there is an authority and no path
    head_.target = head_.host();
    return;
  }
  if (head_.target.size() > target_bytes_max_) return refuse(414, "the path is too long");
  if (!is_target(head_.target, wide_targets_)) return refuse(400, "the path holds characters that do not belong there");
  if (head_.target == "*") {
    if (head_.method != "OPTIONS") refuse(400, "only OPTIONS may ask for \"*\"");
  } else if (head_.target[0] != '/') {
    refuse(400, "the path does not begin with a slash");
  }
}

void H2RequestReader::finish() {
  if (crumbs_ > 0) head_.headers.add("cookie", cookies_);
  if (failure().status != 0) return;
  if (!has_authority_ && !has_host_) return refuse(400, "there is no authority");
  std::string_view host = head_.headers.find("host").value_or("");
  if (host.empty() || !is_authority(host)) return refuse(400, "the authority is malformed");
  check_target();
}

void H2ResponseReader::pseudo(std::string_view name, std::string_view value) {
  std::optional<int64_t> status = name == ":status" && value.size() == 3 ? parse_int(value) : std::nullopt;
  if (!status || *status < 100 || *status > 599) return refuse(502, "the answer's status is malformed");
  head_.status = static_cast<int>(*status);
}

// ---- writing ----

void H2HeadWriter::constant(std::string_view name, std::string_view value) {
  fields_.push_back(field_of(name, value, NGHTTP2_NV_FLAG_NO_COPY_NAME));
}

void H2HeadWriter::number(std::string_view name, uint64_t value, char* room) {
  char* end = std::to_chars(room, room + sizeof length_, value).ptr;
  constant(name, {room, static_cast<size_t>(end - room)});
}

void H2HeadWriter::response(const ResponseHead& head, std::optional<uint64_t> length, std::string_view date) {
  number(":status", static_cast<uint64_t>(head.status), status_);
  bool has_date = false;
  for (auto [name, value] : head.headers) {
    if (stays_behind(name)) continue;
    has_date |= name.size() == 4 && iequals(name, "date");
    fields_.push_back(field_of(name, value));
  }
  if (!has_date && !date.empty()) constant("date", date);
  if (length) number("content-length", *length, length_);
}

void H2HeadWriter::request(const RequestHead& head, std::optional<uint64_t> length, bool secure) {
  constant(":method", head.method);
  constant(":scheme", secure ? "https" : "http");
  constant(":path", head.target);
  constant(":authority", head.host());
  for (auto [name, value] : head.headers) {
    bool asks_otherwise = name.size() == 2 && iequals(name, "te") && !iequals(value, "trailers");
    if (!stays_behind(name) && !asks_otherwise) fields_.push_back(field_of(name, value));
  }
  if (length) number("content-length", *length, length_);
}

}  // namespace pds::http
