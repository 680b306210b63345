#include "proxy/condition.h"

#include <algorithm>

#include "base/text.h"

namespace pds::proxy {
namespace {

bool any_matches(const std::vector<Pattern>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const Pattern& p) { return p.matches(text); });
}

bool header_matches(const Condition& condition, const http::Headers& headers) {
  for (auto [name, value] : headers) {
    if (iequals(name, condition.header_name) && any_matches(condition.patterns, value)) return true;
  }
  return false;
}

// Keys and values are compared as sent, as the load balancer does: percent-encoding is part of the text.
bool query_matches(const Condition& condition, std::string_view query) {
  while (!query.empty()) {
    size_t end = query.find('&');
    std::string_view part = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    size_t equals = part.find('=');
    std::string_view key = part.substr(0, equals);
    std::string_view value = equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1);
    for (const Condition::QueryValue& wanted : condition.query_values) {
      if ((!wanted.key || wanted.key->matches(key)) && wanted.value.matches(value)) return true;
    }
  }
  return false;
}

bool source_matches(const Condition& condition, std::string_view source) {
  std::optional<IpAddress> address = parse_address(source);
  return address &&
         std::any_of(condition.ranges.begin(), condition.ranges.end(), [&](const IpRange& r) { return r.contains(*address); });
}

}  // namespace

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.rfind(':'));
}

RequestView view_of(const http::RequestHead& head, std::string_view source) {
  return {head.method, without_port(head.host()), head.path(), head.query(), &head.headers, source};
}

bool Condition::holds(const RequestView& request) const {
  switch (field) {
    case Field::host:
      return any_matches(patterns, request.host);
    case Field::path:
      return any_matches(patterns, request.path);
    case Field::header:
      return header_matches(*this, *request.headers);
    case Field::method:
      return std::find(methods.begin(), methods.end(), request.method) != methods.end();
    case Field::query:
      return query_matches(*this, request.query);
    case Field::source:
      return source_matches(*this, request.source);
  }
  return false;
}

}  // namespace pds::proxy
