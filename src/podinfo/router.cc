#include "podinfo/router.h"

#include "base/text.h"

namespace pds::podinfo {
namespace {

using enum Endpoint::Match;

constexpr Endpoint endpoints[] = {
    {"/", exact, method_get, "root", index},
    {"/api/info", exact, method_get, "api_info", info},
    {"/info", exact, method_get, "info", info},
    {"/version", exact, method_get, "version", version},
    {"/healthz", exact, method_get, "healthz", healthz, nullptr, false, true},
    {"/readyz", exact, method_get, "readyz", readyz, nullptr, false, true},
    {"/readyz/enable", exact, method_post, "readyz_enable", readyz_enable, nullptr, false, true},
    {"/readyz/disable", exact, method_post, "readyz_disable", readyz_disable, nullptr, false, true},
    {"/metrics", exact, method_any, "metrics", metrics_text, nullptr, false, true},
    {"/env", exact, method_get | method_post, "env", env},
    {"/headers", exact, method_get | method_post, "headers", headers},
    {"/echo", below, method_any, "echo", echo, nullptr, true},
    {"/api/echo", below, method_any, "api_echo", echo, nullptr, true},
    {"/delay/", number, method_get, "delay", nullptr, delay},
    {"/status/", number, method_get | method_post | method_put, "status", status},
    {"/panic", exact, method_get, "panic", panic},
    {"/api/data", exact, method_get, "api_data", data},
    {"/api/secret", exact, method_get, "api_secret", secret},
};

unsigned method_bit(std::string_view method) {
  if (method == "GET") return method_get;
  if (method == "POST") return method_post;
  if (method == "PUT") return method_put;
  return ~7u;
}

bool all_digits(std::string_view text) {
  for (char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return !text.empty();
}

bool matches(const Endpoint& endpoint, std::string_view path) {
  if (!path.starts_with(endpoint.path)) return false;
  std::string_view rest = path.substr(endpoint.path.size());
  switch (endpoint.match) {
    case exact:
      return rest.empty();
    case number:
      return all_digits(rest);
    case below:
      return rest.empty() || rest[0] == '/';
  }
  return false;
}

// Without double slashes, "." and ".."; a slash at the end stays.
std::string clean(std::string_view path) {
  std::vector<std::string_view> kept;
  for (std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!kept.empty()) kept.pop_back();
    } else {
      kept.push_back(part);
    }
  }
  std::string out;
  for (std::string_view part : kept) out.append("/").append(part);
  if (out.empty()) return "/";
  return path.ends_with('/') ? out + "/" : out;
}

}  // namespace

Route find_route(const http::RequestHead& head) {
  Route route;
  Result<std::string> path = percent_decode(head.path());
  if (!path) return route;
  std::string cleaned = clean(*path);
  if (cleaned != *path) {
    // Encoded anew, so that neither a line break nor a "//host" can get into Location.
    route.moved_to = percent_encode(cleaned, true);
    if (!head.query().empty()) route.moved_to.append("?").append(head.query());
    return route;
  }
  unsigned method = method_bit(head.method);
  for (const Endpoint& endpoint : endpoints) {
    if (!matches(endpoint, cleaned)) continue;
    if (!(endpoint.methods & method)) {
      route.wrong_method = true;
      continue;
    }
    route.endpoint = &endpoint;
    route.argument = cleaned.substr(endpoint.path.size());
    break;
  }
  return route;
}

}  // namespace pds::podinfo
