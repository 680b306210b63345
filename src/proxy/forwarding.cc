#include "proxy/forwarding.h"

#include <array>

#include "base/text.h"

namespace pds::proxy {
namespace {

// Fields that Connection names, except the connection options themselves.
bool named_by_connection(const http::Headers& headers, std::string_view name, bool has_list) {
  return has_list && headers.has_token("connection", name);
}

// Whether Connection says more than keep-alive, close or upgrade: rare, so the common case costs one look.
bool has_extra_options(const http::Headers& headers) {
  auto value = headers.find("connection");
  if (!value) return false;
  return !iequals(*value, "keep-alive") && !iequals(*value, "close") && !iequals(*value, "upgrade");
}

// Writes so many digits and gives where they end.
char* put_hex(char* at, uint64_t value, int digits) {
  static constexpr char hex[] = "0123456789abcdef";
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) *at++ = hex[(value >> shift) & 15];
  return at;
}

// How a field of the request is treated; what is not named passes.
enum class Treatment : uint8_t { pass, drop, host, forwarded_for, trace, tls };

Treatment treatment_of(std::string_view name) {
  switch (name.size()) {  // most names are told apart by their length alone
    case 2:
      return iequals(name, "te") ? Treatment::drop : Treatment::pass;
    case 4:
      return iequals(name, "host") ? Treatment::host : Treatment::pass;
    case 6:
      return iequals(name, "expect") ? Treatment::drop : Treatment::pass;
    case 15:
      if (iequals(name, "x-forwarded-for")) return Treatment::forwarded_for;
      return iequals(name, "x-amzn-trace-id") ? Treatment::trace : Treatment::pass;
    case 16:
      return iequals(name, "x-forwarded-port") || is_hop_by_hop(name) ? Treatment::drop : Treatment::pass;
    case 17:
      return iequals(name, "x-forwarded-proto") || iequals(name, "transfer-encoding") ? Treatment::drop : Treatment::pass;
    case 18:
      return iequals(name, "x-amzn-tls-version") ? Treatment::tls : Treatment::pass;
    case 23:
      return iequals(name, "x-amzn-tls-cipher-suite") ? Treatment::tls : Treatment::pass;
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
    to.add("Host", host);
  } else if (is_default) {
    to.add("Host", name);
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

bool is_hop_by_hop(std::string_view name) {
  switch (name.size()) {
    case 2:
      return iequals(name, "te");
    case 7:
      return iequals(name, "upgrade") || iequals(name, "trailer");
    case 10:
      return iequals(name, "connection") || iequals(name, "keep-alive");
    case 16:
      return iequals(name, "proxy-connection");
    case 17:
      return iequals(name, "transfer-encoding");
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
  auto upgrade = head.headers.find("upgrade");
  if (!upgrade || upgrade->empty() || !head.headers.has_token("connection", "upgrade")) return {};
  return *upgrade;
}

bool suits(const http::RequestHead& head, TargetProtocol protocol) {
  if (protocol == TargetProtocol::http2) return head.version_major == 2;
  if (protocol == TargetProtocol::grpc) return head.version_major == 2 && head.method == "POST";
  return head.version_major == 1 || !head.headers.find("content-type").value_or("").starts_with("application/grpc");
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
  for (size_t i = 0; i < from.headers.size(); ++i) {
    auto [name, value] = from.headers.at(i);
    if (settings.drop_invalid_header_fields && !is_plain_name(name)) {
      dropped = true;
      continue;
    }
    Treatment treatment = treatment_of(name);
    if (treatment == Treatment::forwarded_for) {
      if (!forwarded.empty()) forwarded += ", ";
      forwarded += value;
    } else if (treatment == Treatment::trace) {
      sent_trace = value;
    } else if (treatment == Treatment::host) {
      has_host = true;
      add_host(value, settings, to.headers);
    } else if (treatment == Treatment::tls && settings.tls_headers) {
      continue;  // what the client says of them is not what was agreed on
    } else if (treatment != Treatment::drop && !named_by_connection(from.headers, name, extra_options)) {
      to.headers.add_from(from.headers, i);
    }
  }
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
      to.headers.add("X-Forwarded-For", own);
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
  for (size_t i = 0; i < from.headers.size(); ++i) {
    std::string_view name = from.headers.at(i).name;
    if (!is_hop_by_hop(name) && !named_by_connection(from.headers, name, extra_options)) to.headers.add_from(from.headers, i);
  }
}

void make_trace_id(Timestamp now, FastRandom& random, std::string& out) {
  std::array<char, 8 + 1 + 24> text;
  auto second = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  char* at = put_hex(text.data(), second, 8);
  *at++ = '-';
  at = put_hex(at, random.next(), 16);
  put_hex(at, random.next() >> 32, 8);
  out.assign("Root=1-").append(text.data(), text.size());
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
  for (auto [field, value] : headers) {
    if (field.size() != 6 || !iequals(field, "cookie")) continue;
    std::string_view left = value;
    while (!left.empty()) {
      size_t end = left.find(';');
      std::string_view pair = trim(left.substr(0, end));
      left = end == std::string_view::npos ? std::string_view{} : left.substr(end + 1);
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') return pair.substr(name.size() + 1);
    }
  }
  return {};
}

bool sets_cookie(const http::Headers& headers, std::string_view name) {
  for (auto [field, value] : headers) {
    if (field.size() != 10 || !iequals(field, "set-cookie")) continue;
    std::string_view pair = trim(value.substr(0, value.find(';')));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') return true;
  }
  return false;
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
