#include "podinfo/proxy_settings.h"

#include "base/ip_address.h"
#include "base/text.h"

namespace pds::podinfo {
namespace {

constexpr size_t exceptions_max = 1024;

std::string_view value_of(const std::vector<std::string>& environment, std::string_view upper) {
  std::string lower = to_lower(upper);
  for (std::string_view name : {upper, std::string_view(lower)}) {
    for (std::string_view entry : environment) {
      if (entry.size() > name.size() + 1 && entry.starts_with(name) && entry[name.size()] == '=') return trim(entry.substr(name.size() + 1));
    }
  }
  return {};
}

// "http://user:password@proxy:3128", "proxy:3128".
std::optional<HttpProxy> parse_proxy(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::string address(text);
  if (address.find("://") == std::string::npos) address.insert(0, "http://");
  HttpProxy proxy;
  size_t begin = address.find("://") + 3, end = address.find('/', begin), at = address.substr(0, end).rfind('@');
  if (at != std::string::npos && at >= begin) {
    std::string_view user(address.data() + begin, at - begin);
    size_t colon = std::min(user.find(':'), user.size());
    Result<std::string> name = percent_decode(user.substr(0, colon)), password = percent_decode(user.substr(std::min(colon + 1, user.size())));
    if (!name || !password) return std::nullopt;
    proxy.authorization = "Basic " + to_base64(*name + ":" + *password);
    address.erase(begin, at + 1 - begin);
  }
  Result<http::Url> url = http::parse_url(address);
  if (!url || url->scheme != "http") return std::nullopt;
  proxy.host = url->host;
  proxy.port = url->port;
  return proxy;
}

// As a URL has it, an IPv6 address in brackets.
std::optional<IpAddress> address_of(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return parse_address(host);
}

bool is_loopback(const std::string& host) {
  static const IpRange v4 = *parse_range("127.0.0.0/8"), v6 = *parse_range("::1/128");
  std::optional<IpAddress> address = address_of(host);
  return address ? v4.contains(*address) || v6.contains(*address) : host == "localhost";
}

// Bits of the network beyond its prefix count for nothing.
bool is_within(const IpAddress& address, std::string_view block) {
  size_t slash = block.find('/');
  std::optional<IpAddress> network = parse_address(block.substr(0, slash));
  std::optional<int64_t> length = parse_int(block.substr(slash + 1));
  bool v6 = block.find(':') != std::string_view::npos;
  if (!network || !length || *length < 0 || *length > (v6 ? 128 : 32)) return false;
  return IpRange{*network, static_cast<int>(*length) + (v6 ? 0 : 96)}.contains(address);
}

// "*", an address, a block of them, a name and all below it, ".name" for those below only; the last three with or without a port.
bool matches(std::string_view exception, const http::Url& url) {
  if (exception == "*") return true;
  std::optional<IpAddress> address = address_of(url.host);
  if (exception.find('/') != std::string_view::npos) return address && is_within(*address, exception);
  size_t colon = exception.rfind(':');
  bool has_port = colon != std::string_view::npos && parse_int(exception.substr(colon + 1)) && exception.find(':') == colon;
  if (has_port && parse_int(exception.substr(colon + 1)) != url.port) return false;
  std::string name = to_lower(exception.substr(0, has_port ? colon : exception.size()));
  if (std::optional<IpAddress> excepted = address_of(name)) return address && excepted->bytes == address->bytes;
  if (name.starts_with("*.")) name.erase(0, 1);
  if (name.starts_with('.')) return url.host.ends_with(name);
  return url.host == name || url.host.ends_with("." + name);
}

}  // namespace

ProxySettings::ProxySettings(const std::vector<std::string>& environment)
    : http_(parse_proxy(value_of(environment, "HTTP_PROXY"))), https_(parse_proxy(value_of(environment, "HTTPS_PROXY"))) {
  for (std::string_view exception : split(value_of(environment, "NO_PROXY"), ',')) {
    exception = trim(exception);
    if (!exception.empty() && exceptions_.size() < exceptions_max) exceptions_.emplace_back(exception);
  }
}

bool ProxySettings::is_excepted(const http::Url& url) const {
  if (is_loopback(url.host)) return true;
  for (const std::string& exception : exceptions_) {
    if (matches(exception, url)) return true;
  }
  return false;
}

std::optional<HttpProxy> ProxySettings::proxy_for(const http::Url& url) const {
  const std::optional<HttpProxy>& proxy = url.scheme == "https" ? https_ : http_;
  return proxy && !is_excepted(url) ? proxy : std::nullopt;
}

}  // namespace pds::podinfo
