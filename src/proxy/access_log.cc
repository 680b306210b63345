#include "proxy/access_log.h"

#include <array>

namespace pds::proxy {
namespace {

void append_number(std::string& out, uint64_t value) {
  std::array<char, 20> digits;
  size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value);
  out.append(digits.data() + at, digits.size() - at);
}

void append_padded(std::string& out, uint64_t value, int width) {
  std::array<char, 20> digits;
  auto at = static_cast<size_t>(width);
  for (size_t i = at; i > 0; --i, value /= 10) digits[i - 1] = static_cast<char>('0' + value % 10);
  out.append(digits.data(), at);
}

// Seconds with three decimals.
void append_seconds(std::string& out, Duration d) {
  if (d.count() < 0) {
    out += "-1";
    return;
  }
  auto millis = static_cast<uint64_t>(d.count() + 500) / 1000;
  append_number(out, millis / 1000);
  out.push_back('.');
  append_padded(out, millis % 1000, 3);
}

void append_or_dash(std::string& out, std::string_view text) { text.empty() ? out += "-" : out += text; }

// Quotes, backslashes and control characters are escaped: a client cannot forge a line.
void append_escaped(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out.append(text.substr(0, plain));
    if (plain == text.size()) return;
    auto byte = static_cast<unsigned char>(text[plain]);
    out.append("\\x").append(1, hex[byte >> 4]).append(1, hex[byte & 15]);
    text.remove_prefix(plain + 1);
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  text.empty() ? void(out.push_back('-')) : append_escaped(out, text);
  out.push_back('"');
}

}  // namespace

void AccessLogFormatter::append_time(Timestamp t) {
  int64_t micros = t.time_since_epoch().count();
  if (int64_t second = micros / 1'000'000; second != second_) {
    second_ = second;
    second_text_ = to_iso8601(Timestamp(Duration(second * 1'000'000)));
    second_text_.pop_back();  // Z comes after the fraction
  }
  line_ += second_text_;
  line_.push_back('.');
  append_padded(line_, static_cast<uint64_t>(micros % 1'000'000), 6);
  line_.push_back('Z');
}

std::string_view AccessLogFormatter::format(const AccessEntry& e) {
  auto space = [this] { line_.push_back(' '); };
  line_.assign(e.type), space();
  append_time(e.finished), space();
  line_ += e.load_balancer, space();
  append_or_dash(line_, e.client), space();
  append_or_dash(line_, e.target), space();
  append_seconds(line_, e.request_time), space();
  append_seconds(line_, e.target_time), space();
  append_seconds(line_, e.response_time), space();
  e.elb_status ? append_number(line_, static_cast<uint64_t>(e.elb_status)) : void(line_ += "-");
  space();
  e.target_status ? append_number(line_, static_cast<uint64_t>(e.target_status)) : void(line_ += "-");
  space();
  append_number(line_, e.received_bytes), space();
  append_number(line_, e.sent_bytes);
  line_ += " \"";
  append_escaped(line_, e.method), space();
  line_ += e.scheme, line_ += "://";
  append_escaped(line_, e.host), line_.push_back(':');
  append_number(line_, e.port);
  append_escaped(line_, e.request_target);
  line_ += e.version_minor ? " HTTP/1.1\" " : " HTTP/1.0\" ";
  append_quoted(line_, e.user_agent);
  space();
  append_or_dash(line_, e.ssl_cipher), space();
  append_or_dash(line_, e.ssl_protocol), space();
  append_or_dash(line_, e.target_group), space();
  append_quoted(line_, e.trace_id), space();
  append_quoted(line_, e.domain), space();
  append_quoted(line_, e.certificate), space();
  e.rule_priority < 0 ? void(line_ += "-") : append_number(line_, static_cast<uint64_t>(e.rule_priority));
  space();
  append_time(e.started), space();
  append_quoted(line_, e.action), space();
  append_quoted(line_, e.redirect_url), space();
  append_quoted(line_, e.error_reason), space();
  append_quoted(line_, e.target), space();
  line_.push_back('"');
  e.target_status ? append_number(line_, static_cast<uint64_t>(e.target_status)) : void(line_.push_back('-'));
  line_ += "\" \"-\" \"-\"\n";  // classification and its reason
  return line_;
}

}  // namespace pds::proxy
