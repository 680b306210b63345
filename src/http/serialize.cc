#include "http/serialize.h"

#include <charconv>

#include "base/text.h"
#include "http/append.h"
#include "http/parser.h"

namespace pds::http {
namespace {

void append_number(std::string& out, uint64_t number, int base = 10) {
  char text[24];
  out.append(text, static_cast<size_t>(std::to_chars(text, text + sizeof text, number, base).ptr - text));
}

bool is_framing_field(FieldName name) {
  return name == FieldName::connection || name == FieldName::keep_alive || name == FieldName::content_length || name == FieldName::transfer_encoding;
}

// The fields whose name is wanted. Lines that stand side by side in memory, as nearly all do, are one copy.
template <class Wanted>
void append_lines(std::string& out, const Headers& headers, Wanted&& wanted) {
  std::string_view run;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (!wanted(headers.name_at(i))) continue;
    std::string_view line = headers.line(i);
    if (run.data() + run.size() == line.data()) {
      run = {run.data(), run.size() + line.size()};
    } else {
      out += run;
      run = line;
    }
  }
  out += run;
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
                          std::string_view date, StatusLineVersion version) {
  bool is_1_1 = version == StatusLineVersion::http_1_1;
  if (is_1_1 && head.status == 200 && (head.reason.empty() || head.reason == "OK")) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    out += is_1_1 ? "HTTP/1.1 " : "HTTP/1.0 ";
    append_number(out, static_cast<uint64_t>(head.status));
    out += ' ';
    std::string_view reason = head.reason;
    out.append(reason.empty() || !is_field_value(reason) ? standard_reason(head.status) : reason).append("\r\n");
  }
  append_lines(out, head.headers, [](FieldName name) { return !is_framing_field(name); });
  if (!head.headers.find(FieldName::date)) out += date;
  append_framing(out, framing);
  if (!connection.empty()) out.append("Connection: ").append(connection).append("\r\n");
  out += "\r\n";
}

void append_request_head(std::string& out, const RequestHead& head, const OutgoingFraming& framing) {
  constexpr std::string_view version = " HTTP/1.1\r\n";
  char* at = put(extend(out, head.method.size() + 1 + head.target.size() + version.size()), head.method);
  *at++ = ' ';
  put(put(at, head.target), version);
  // What an upgrade asks for travels in Connection, so that one field is the caller's.
  append_lines(out, head.headers, [](FieldName name) { return !is_framing_field(name) || name == FieldName::connection; });
  append_framing(out, framing);
  out += "\r\n";
}

void append_fields(std::string& out, const Headers& headers) {
  append_lines(out, headers, [](FieldName) { return true; });
}

void append_chunk_size(std::string& out, size_t size) {
  append_number(out, size, 16);
  out += "\r\n";
}

}  // namespace pds::http
