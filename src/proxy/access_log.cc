#include "proxy/access_log.h"

#include <charconv>

#include "base/byte_scan.h"
#include "base/digits.h"
#include "http/append.h"

namespace pds::proxy {
namespace {

// What a byte may become when it is escaped.
constexpr size_t escaped_bytes_max = 4;
// Everything in a line that has no text of its own: numbers, times, quotes, spaces. Counted generously, so that room is made once.
constexpr size_t fixed_bytes_max = 512;
constexpr size_t digits_max = 20;

// Quotes, backslashes, control characters and what is not ASCII are escaped: a client cannot forge a line.
constexpr auto is_escaped = [](auto byte) { return (byte < 0x20) | (byte >= 0x7f) | (byte == '"') | (byte == '\\'); };

// Writes without looking whether there is room: format() has made it.
class Cursor {
 public:
  explicit Cursor(char* at) : at_(at) {}
  char* at() const { return at_; }

  void put(char c) { *at_++ = c; }
  void put(std::string_view text) { at_ = http::put(at_, text); }
  void put_or_dash(std::string_view text) { text.empty() ? put('-') : put(text); }

  void put_number(uint64_t value) { at_ = std::to_chars(at_, at_ + digits_max, value).ptr; }
  void put_padded(uint64_t value, unsigned width) { at_ = put_decimal(at_, value, width); }
  // Seconds with three decimals.
  void put_seconds(Duration d) {
    if (d.count() < 0) return put("-1");
    uint64_t millis = static_cast<uint64_t>(d.count() + 500) / 1000, seconds = millis / 1000;
    put_number(seconds);
    put('.');
    put_padded(millis % 1000, 3);
  }
  void put_status(int status) { status ? put_number(static_cast<uint64_t>(status)) : put('-'); }

  void put_escaped(std::string_view text) {
    size_t end = find_special(text, 0, is_escaped);
    put(text.substr(0, end));
    while (end < text.size()) {
      auto byte = static_cast<unsigned char>(text[end]);
      put("\\x"), put("0123456789ABCDEF"[byte >> 4]), put("0123456789ABCDEF"[byte & 15]);
      size_t from = end + 1;
      end = find_special(text, from, is_escaped);
      put(text.substr(from, end - from));
    }
  }
  void put_quoted(std::string_view text) {
    put('"');
    text.empty() ? put('-') : put_escaped(text);
    put('"');
  }
  void put_trace(uint64_t trace) {
    if (trace == 0) return put('-');
    put("TID_");
    at_ = put_hex(at_, trace, 16);
  }
  // "GET http://host:80/path HTTP/1.1"; of a malformed request "- http://host:80- -".
  void put_request(const AccessEntry& e) {
    put('"');
    e.method.empty() ? put('-') : put_escaped(e.method);
    put(' '), put(e.scheme), put("://"), put_escaped(e.host), put(':'), put_number(e.port);
    if (e.method.empty()) {
      put("- -");
    } else {
      put_escaped(e.request_target), put(' '), put(e.version);
    }
    put('"');
  }

 private:
  char* at_;
};

size_t room_for(const AccessEntry& e) {
  size_t escaped = e.method.size() + e.host.size() + e.request_target.size() + e.user_agent.size() + e.trace_id.size() +
                   e.domain.size() + e.certificate.size() + e.action.size() + e.redirect_url.size() + e.error_reason.size() +
                   e.target.size() + e.classification.size() + e.classification_reason.size();
  size_t plain = e.type.size() + e.load_balancer.size() + e.client.size() + e.target.size() + e.scheme.size() + e.version.size() +
                 e.ssl_cipher.size() + e.ssl_protocol.size() + e.target_group.size();
  return fixed_bytes_max + escaped * escaped_bytes_max + plain;
}

}  // namespace

// The text up to the second, "2026-11-23T22:23:00": most lines share it with the one before.
std::string_view AccessLogFormatter::second_text(int64_t second) {
  if (second != second_) {
    second_ = second;
    second_text_ = to_iso8601(Timestamp(Duration(second * 1'000'000)));
    second_text_.pop_back();  // Z comes after the fraction
  }
  return second_text_;
}

std::string_view AccessLogFormatter::format(const AccessEntry& e) {
  if (size_t room = room_for(e); buffer_.size() < room) buffer_.resize(room);
  Cursor line(buffer_.data());
  auto put_time = [&](Timestamp t) {
    int64_t micros = t.time_since_epoch().count();
    line.put(second_text(micros / 1'000'000));
    line.put('.'), line.put_padded(static_cast<uint64_t>(micros % 1'000'000), 6), line.put("Z ");
  };
  auto space = [&] { line.put(' '); };
  line.put(e.type), space();
  put_time(e.finished);
  line.put(e.load_balancer), space();
  line.put_or_dash(e.client), space();
  line.put_or_dash(e.target), space();
  line.put_seconds(e.request_time), space();
  line.put_seconds(e.target_time), space();
  line.put_seconds(e.response_time), space();
  line.put_status(e.elb_status), space();
  line.put_status(e.target_status), space();
  line.put_number(e.received_bytes), space();
  line.put_number(e.sent_bytes), space();
  line.put_request(e), space();
  line.put_quoted(e.user_agent.substr(0, logged_user_agent_bytes_max)), space();
  line.put_or_dash(e.ssl_cipher), space();
  line.put_or_dash(e.ssl_protocol), space();
  line.put_or_dash(e.target_group), space();
  line.put_quoted(e.trace_id), space();
  line.put_quoted(e.domain), space();
  line.put_quoted(e.certificate), space();
  e.rule_priority < 0 ? line.put('-') : line.put_number(static_cast<uint64_t>(e.rule_priority));
  space();
  put_time(e.started);
  line.put_quoted(e.action), space();
  line.put_quoted(e.redirect_url), space();
  line.put_quoted(e.error_reason), space();
  line.put_quoted(e.target), space();  // target:port_list; it has one item
  line.put('"'), line.put_status(e.target_status), line.put("\" ");
  line.put_quoted(e.classification), space();
  line.put_quoted(e.classification_reason), space();
  line.put_trace(e.connection_trace);
  line.put('\n');
  return {buffer_.data(), static_cast<size_t>(line.at() - buffer_.data())};
}

}  // namespace pds::proxy
