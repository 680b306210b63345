#include "http/serialize.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "http/parser.h"

namespace pds::http {
namespace {

void append_number(std::string& out, uint64_t number, int base = 10) {
  char text[24];
  out.append(text, static_cast<size_t>(std::to_chars(text, text + sizeof text, number, base).ptr - text));
}

bool is_framing_field(std::string_view name) {
  switch (name.size()) {
    case 10:
      return iequals(name, "connection") || iequals(name, "keep-alive");
    case 14:
      return iequals(name, "content-length");
    case 17:
      return iequals(name, "transfer-encoding");
    default:
      return false;
  }
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  size_t before = out.size(), after = before + name.size() + value.size() + 4;
  // The size that libstdc++ 12 gives the function is what it has taken, which may be more than was asked for.
  out.resize_and_overwrite(after, [&](char* text, size_t) {
    char* at = std::copy(name.begin(), name.end(), text + before);
    *at++ = ':', *at++ = ' ';
    at = std::copy(value.begin(), value.end(), at);
    *at++ = '\r', *at++ = '\n';
    return after;
  });
}

void append_framing(std::string& out, const OutgoingFraming& framing) {
  if (framing.kind == OutgoingFraming::sized) {
    out += "Content-Length: ";
    append_number(out, framing.length);
    out += "\r\n";
  } else if (framing.kind == OutgoingFraming::chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  }
}

}  // namespace

std::string_view DateLine::at(MonoTime now) {
  if (now >= valid_until_) {
    auto date = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    auto second = std::chrono::floor<std::chrono::seconds>(date);
    line_ = "Date: " + to_http_date(date) + "\r\n";
    valid_until_ = now + (second + 1s - date);
  }
  return line_;
}

void append_response_head(std::string& out, const ResponseHead& head, const OutgoingFraming& framing, std::string_view connection,
                          std::string_view date) {
  if (head.status == 200 && head.reason.empty()) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<uint64_t>(head.status));
    out += ' ';
    std::string_view reason = head.reason;
    out.append(reason.empty() || !is_field_value(reason) ? standard_reason(head.status) : reason).append("\r\n");
  }
  bool has_date = false;
  for (auto [name, value] : head.headers) {
    if (is_framing_field(name)) continue;
    has_date |= name.size() == 4 && iequals(name, "date");
    append_field(out, name, value);
  }
  if (!has_date) out += date;
  append_framing(out, framing);
  if (!connection.empty()) append_field(out, "Connection", connection);
  out += "\r\n";
}

void append_request_head(std::string& out, const RequestHead& head, const OutgoingFraming& framing) {
  out.append(head.method).append(" ").append(head.target).append(" HTTP/1.1\r\n");
  // What an upgrade asks for travels in Connection, so that one field is the caller's.
  for (auto [name, value] : head.headers) {
    if (!is_framing_field(name) || iequals(name, "connection")) append_field(out, name, value);
  }
  append_framing(out, framing);
  out += "\r\n";
}

void append_fields(std::string& out, const Headers& headers) {
  for (auto [name, value] : headers) append_field(out, name, value);
}

void append_chunk_size(std::string& out, size_t size) {
  append_number(out, size, 16);
  out += "\r\n";
}

bool can_be_sent(const Headers& headers) {
  for (auto [name, value] : headers) {
    if (!is_token(name) || !is_field_value(value)) return false;
  }
  return true;
}

}  // namespace pds::http
