#include "proxy/forwarding.h"

#include <array>

#include "base/digits.h"
#include "base/text.h"
#include "http/append.h"

namespace pds::proxy {

using http::FieldName;

namespace {

// Fields that Connection names, except the connection options themselves.
bool named_by_connection(const http::Headers& headers, std::string_view name, bool has_list) {
  return has_list && headers.has_token(FieldName::connection, name);
}

// Whether Connection says more than keep-alive, close or upgrade: rare, so the common case costs one look.
bool has_extra_options(const http::Headers& headers) {
  auto value = headers.find(FieldName::connection);
  if (!value) return false;
  return !iequals(*value, "keep-alive") && !iequals(*value, "close") && !iequals(*value, "upgrade");
}

// Whether one of the fields of this name has a value that passes the test.
template <class Test>
bool any_value(const http::Headers& headers, FieldName name, Test&& test) {
  if (!headers.may_have(name)) return false;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (headers.name_at(i) == name && test(headers.at(i).value)) return true;
  }
  return false;
}

// "name=value", the value perhaps empty.
bool is_cookie(std::string_view pair, std::string_view name) {
  return pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=';
}

// The fields of one message on their way into another: all but those that are left out, in runs, which are copied as one.
class PassingFields {
 public:
  PassingFields(const http::Headers& from, http::Headers& to) : from_(from), to_(to) {}
  // In rising order.
  void leave_out(size_t index) {
    to_.add_from(from_, next_, index);
    next_ = index + 1;
  }
  void finish() { to_.add_from(from_, next_, from_.size()); }

 private:
  const http::Headers& from_;
  http::Headers& to_;
  size_t next_ = 0;  // not added yet
};

// How a field of the request is treated; what is not named passes.
enum class Treatment : uint8_t { pass, drop, host, forwarded_for, trace, tls };

Treatment treatment_of(FieldName name) {
  switch (name) {
    case FieldName::host:
      return Treatment::host;
    case FieldName::x_forwarded_for:
      return Treatment::forwarded_for;
    case FieldName::x_amzn_trace_id:
      return Treatment::trace;
    case FieldName::x_amzn_tls_version:
    case FieldName::x_amzn_tls_cipher_suite:
      return Treatment::tls;
    case FieldName::expect:
    case FieldName::x_forwarded_port:
    case FieldName::x_forwarded_proto:
      return Treatment::drop;
    default:
      return is_hop_by_hop(name) ? Treatment::drop : Treatment::pass;
  }
}

// Enough for any port, with its colon.
class PortText {
 public:
  explicit PortText(uint16_t port) : begin_(text_.size()) {
    unsigned left = port;
    do text_[--begin_] = static_cast<char>('0' + left % 10);
    while (left /= 10);
  }
  std::string_view digits() const { return {text_.data() + begin_, text_.size() - begin_}; }

 private:
  std::array<char, 8> text_;
  size_t begin_;
};

// Unless it is asked to keep it, a balancer makes the port in Host its listener's: none for 80 and 443, and else that of the
// listener where there is none.
void add_host(std::string_view host, const FrontSettings& settings, http::Headers& to) {
  std::string_view name = without_port(host);
  bool is_default = settings.port == 80 || settings.port == 443;
  if (settings.preserve_host_header || (name.size() == host.size()) == is_default) {
    to.add_sound("Host", host);
  } else if (is_default) {
    to.add_sound("Host", name);
  } else {
    std::string with_port(name);
    to.add("Host", with_port.append(":").append(PortText(settings.port).digits()));
  }
}

void add_cookie(http::Headers& headers, std::string_view name, std::string_view suffix, std::string_view value, Timestamp expires,
                std::string_view more) {
  std::string text(name);
  text.append(suffix).append("=").append(value).append("; Expires=").append(to_http_date(expires)).append("; Path=/").append(more);
  headers.add("Set-Cookie", text);
}

}  // namespace

bool is_hop_by_hop(FieldName name) {
  switch (name) {
    case FieldName::connection:
    case FieldName::keep_alive:
    case FieldName::proxy_connection:
    case FieldName::te:
    case FieldName::trailer:
    case FieldName::transfer_encoding:
    case FieldName::upgrade:
      return true;
    default:
      return false;
  }
}

bool is_plain_name(std::string_view name) {
  for (char c : name) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!plain) return false;
  }
  return !name.empty();
}

std::string_view upgrade_of(const http::RequestHead& head) {
  if (head.version_minor < 1) return {};
  auto upgrade = head.headers.find(FieldName::upgrade);
  if (!upgrade || upgrade->empty() || !head.headers.has_token(FieldName::connection, "upgrade")) return {};
  return *upgrade;
}

bool suits(const http::RequestHead& head, TargetProtocol protocol) {
  if (protocol == TargetProtocol::http2) return head.version_major == 2;
  if (protocol == TargetProtocol::grpc) return head.version_major == 2 && head.method == "POST";
  return head.version_major == 1 || !head.headers.find(FieldName::content_type).value_or("").starts_with("application/grpc");
}

bool build_upstream_head(const http::RequestHead& from, const FrontSettings& settings, const ForwardedFrom& client,
                         http::RequestHead& to) {
  to.clear();
  to.method = from.method;
  // Absolute form is for proxies; targets get the origin form.
  if (from.target.starts_with('/') || from.target == "*") {
    to.target = from.target;
  } else {
    to.target = from.path();
    if (!from.query().empty()) to.target.append("?").append(from.query());
  }
  bool extra_options = has_extra_options(from.headers);
  std::string forwarded;  // stays empty, and unallocated, for first hops
  std::string_view sent_trace;
  bool has_host = false, dropped = false;
  PassingFields passing(from.headers, to.headers);
  for (size_t i = 0; i < from.headers.size(); ++i) {
    auto [name, value] = from.headers.at(i);
    bool is_dropped = settings.drop_invalid_header_fields && !is_plain_name(name);
    Treatment treatment = is_dropped ? Treatment::drop : treatment_of(from.headers.name_at(i));
    // What the client says of TLS is not what was agreed on.
    bool passes = treatment == Treatment::pass || (treatment == Treatment::tls && !settings.tls_headers);
    if (passes && !named_by_connection(from.headers, name, extra_options)) continue;
    passing.leave_out(i);
    dropped |= is_dropped;
    if (treatment == Treatment::forwarded_for) {
      if (!forwarded.empty()) forwarded += ", ";
      forwarded += value;
    } else if (treatment == Treatment::trace) {
      sent_trace = value;
    } else if (treatment == Treatment::host) {
      has_host = true;
      add_host(value, settings, to.headers);
    }
  }
  passing.finish();
  if (!has_host) add_host(from.host().empty() ? std::string_view(settings.dns_name) : from.host(), settings, to.headers);

  if (settings.forwarded_for == ForwardedFor::append) {
    if (!forwarded.empty()) forwarded += ", ";
    std::string with_port;
    std::string_view own = client.client_address;
    if (settings.forwarded_client_port && !client.client_port.empty()) {
      bool v6 = own.find(':') != std::string_view::npos;
      with_port.append(v6 ? "[" : "").append(own).append(v6 ? "]:" : ":").append(client.client_port);
      own = with_port;
    }
    if (forwarded.empty()) {
      to.headers.add_sound("X-Forwarded-For", own);
    } else {
      to.headers.add("X-Forwarded-For", forwarded.append(own));
    }
  } else if (settings.forwarded_for == ForwardedFor::preserve && !forwarded.empty()) {
    to.headers.add("X-Forwarded-For", forwarded);
  }
  to.headers.add_sound("X-Forwarded-Proto", settings.secure ? "https" : "http");
  to.headers.add_sound("X-Forwarded-Port", PortText(settings.port).digits());
  if (settings.tls_headers && !client.tls_version.empty()) {
    to.headers.add("X-Amzn-Tls-Version", client.tls_version);
    to.headers.add("X-Amzn-Tls-Cipher-Suite", client.tls_cipher);
  }
  if (sent_trace.empty()) {
    to.headers.add_sound("X-Amzn-Trace-Id", client.trace_id);
  } else {
    to.headers.add("X-Amzn-Trace-Id", join_trace_id(sent_trace, client.trace_id));
  }
  return dropped;
}

void build_downstream_head(const http::ResponseHead& from, http::ResponseHead& to) {
  to.clear();
  to.status = from.status;
  to.reason = from.reason;
  bool extra_options = has_extra_options(from.headers);
  PassingFields passing(from.headers, to.headers);
  for (size_t i = 0; i < from.headers.size(); ++i) {
    bool stays = is_hop_by_hop(from.headers.name_at(i)) || named_by_connection(from.headers, from.headers.at(i).name, extra_options);
    if (stays) passing.leave_out(i);
  }
  passing.finish();
}

bool passes_as_it_is(const http::Headers& answer) {
  for (FieldName name : {FieldName::proxy_connection, FieldName::te, FieldName::trailer, FieldName::upgrade}) {
    if (answer.may_have(name)) return false;
  }
  return !any_value(answer, FieldName::connection, [](std::string_view options) { return !iequals(options, "keep-alive"); });
}

void make_trace_id(Timestamp now, FastRandom& random, std::string& out) {
  constexpr std::string_view start = "Root=1-";
  auto second = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  out.resize(start.size() + 8 + 1 + 24);
  char* at = put_hex(http::put(out.data(), start), second, 8);
  *at++ = '-';
  at = put_hex(at, random.next(), 16);
  put_hex(at, random.next() >> 32, 8);
}

std::string join_trace_id(std::string_view sent, std::string_view own) {
  std::string joined = "Self=" + std::string(own.substr(5));
  bool has_root = false;
  for (std::string_view part : split(sent, ';')) {
    part = trim(part);
    if (part.empty() || part.starts_with("Self=")) continue;
    has_root = has_root || part.starts_with("Root=");
    joined.append(";").append(part);
  }
  if (has_root) return joined;
  std::string_view rest = std::string_view(joined).substr(joined.find(';') == std::string::npos ? joined.size() : joined.find(';'));
  return std::string(own).append(rest);
}

std::string_view cookie(const http::Headers& headers, std::string_view name) {
  std::string_view found;
  any_value(headers, FieldName::cookie, [&](std::string_view left) {
    while (!left.empty()) {
      size_t end = left.find(';');
      std::string_view pair = trim(left.substr(0, end));
      left = end == std::string_view::npos ? std::string_view{} : left.substr(end + 1);
      if (!is_cookie(pair, name)) continue;
      found = pair.substr(name.size() + 1);
      return true;
    }
    return false;
  });
  return found;
}

bool sets_cookie(const http::Headers& headers, std::string_view name) {
  return any_value(headers, FieldName::set_cookie, [&](std::string_view value) { return is_cookie(trim(value.substr(0, value.find(';'))), name); });
}

void add_sticky_cookies(http::Headers& headers, std::string_view name, std::string_view value, Timestamp expires, bool secure) {
  add_cookie(headers, name, "", value, expires, secure ? "; Secure" : "");
  add_cookie(headers, name, "CORS", value, expires, secure ? "; SameSite=None; Secure" : "; SameSite=None");
}

void add_app_sticky_cookie(http::Headers& headers, std::string_view value, Timestamp expires, bool secure) {
  add_cookie(headers, app_target_cookie, "", value, expires, secure ? "; Secure" : "");
}

void apply_response_headers(const FrontSettings& settings, http::Headers& headers) {
  if (!settings.server_header) headers.remove("server");
  for (const auto& [name, value] : settings.response_headers) headers.set(name, value);
}

}  // namespace pds::proxy
