// Through which proxy a request goes: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as Go's net/http reads them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/client.h"

namespace pds::podinfo {

struct HttpProxy {
  std::string host;
  uint16_t port = 0;
  std::string authorization;  // "Basic ...", of a user and a password in the address; empty: none
};

class ProxySettings {
 public:
  // "NAME=value"; upper case before lower case. An address that cannot be used is none.
  explicit ProxySettings(const std::vector<std::string>& environment);
  // Nothing: it goes there itself. Loopback always does.
  std::optional<HttpProxy> proxy_for(const http::Url& url) const;

 private:
  bool is_excepted(const http::Url& url) const;
  std::optional<HttpProxy> http_, https_;
  std::vector<std::string> exceptions_;
};

}  // namespace pds::podinfo
