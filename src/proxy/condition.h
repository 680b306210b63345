// Conditions of listener rules: pure functions of a request's head and where it came from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "http/message.h"
#include "proxy/pattern.h"

namespace pds::proxy {

// What conditions look at. All views into the request.
struct RequestView {
  std::string_view method;
  std::string_view host;  // without port
  std::string_view path;  // still percent-encoded
  std::string_view query;
  const http::Headers* headers = nullptr;
  std::string_view source;  // the client's address, without port
};
RequestView view_of(const http::RequestHead& head, std::string_view source);
std::string_view without_port(std::string_view host);

// Holds when one of its values matches.
struct Condition {
  enum class Field : uint8_t { host, path, header, method, query, source };
  struct QueryValue {
    std::optional<Pattern> key;  // none: a parameter of any name
    Pattern value;
  };
  Field field = Field::path;
  std::string header_name;               // header
  std::vector<Pattern> patterns;         // host, path, header
  std::vector<std::string> methods;      // method; case matters
  std::vector<QueryValue> query_values;  // query
  std::vector<IpRange> ranges;      // source

  bool holds(const RequestView& request) const;
};

}  // namespace pds::proxy
