#include "podinfo/proxy_settings.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

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

struct Address {
  std::array<unsigned char, 16> bytes{};
  int bits = 0;  // 32 or 128; 0: it is none
};

Address parse_address(std::string text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  Address address;
  if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) address.bits = 32;
  else if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) address.bits = 128;
  return address;
}

bool is_loopback(const std::string& host) {
  Address address = parse_address(host);
  if (address.bits == 32) return address.bytes[0] == 127;
  constexpr std::array<unsigned char, 16> one{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address.bits == 128 ? address.bytes == one : host == "localhost";
}

bool is_within(const Address& address, std::string_view block) {
  size_t slash = block.find('/');
  Address network = parse_address(std::string(block.substr(0, slash)));
  std::optional<int64_t> length = parse_int(block.substr(slash + 1));
  if (network.bits == 0 || network.bits != address.bits || !length || *length < 0 || *length > network.bits) return false;
  for (int bit = 0; bit < *length; ++bit) {
    int mask = 0x80 >> (bit % 8);
    if ((address.bytes[static_cast<size_t>(bit / 8)] & mask) != (network.bytes[static_cast<size_t>(bit / 8)] & mask)) return false;
  }
  return true;
}

// "*", an address, a block of them, a name and all below it, ".name" for those below only; the last three with or without a port.
bool matches(std::string_view exception, const http::Url& url) {
  if (exception == "*") return true;
  Address address = parse_address(url.host);
  if (exception.find('/') != std::string_view::npos) return address.bits != 0 && is_within(address, exception);
  size_t colon = exception.rfind(':');
  bool has_port = colon != std::string_view::npos && parse_int(exception.substr(colon + 1)) && exception.find(':') == colon;
  if (has_port && parse_int(exception.substr(colon + 1)) != url.port) return false;
  std::string name = to_lower(exception.substr(0, has_port ? colon : exception.size()));
  if (Address excepted = parse_address(name); excepted.bits != 0) return excepted.bits == address.bits && excepted.bytes == address.bytes;
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
