#include "podinfo/router.h"

#include "base/text.h"

namespace pds::podinfo {
namespace {

using enum Endpoint::Match;
using Outcome = Route::Outcome;

constexpr Endpoint endpoints[] = {
    {"/", exact, method_get, "root", index},
    {"/version", exact, method_get, "version", version},
    {"/healthz", exact, method_get, "healthz", healthz, is_probe | fault_free},
    {"/readyz", exact, method_get, "readyz", readyz, is_probe | fault_free},
    {"/readyz/enable", exact, method_post, "readyz_enable", readyz_enable, is_probe},
    {"/readyz/disable", exact, method_post, "readyz_disable", readyz_disable, is_probe},
    {"/metrics", exact, method_any, "metrics", metrics_text, is_probe | fault_free},
    {"/api/info", exact, method_get, "api_info", info},
    {"/api/data", exact, method_get, "api_data", data},
    {"/api/data", exact, method_post, "api_data", data_create},
    {"/api/data/", segment, method_get, "api_data_id", data_item},
    {"/api/data/", segment, method_put, "api_data_id", data_put},
    {"/api/data/", segment, method_delete, "api_data_id", data_remove},
    {"/api/secret", exact, method_get, "api_secret", secret},
    {"/info", exact, method_get, "info", service_info},
    {"/echo", below, method_any, "echo", echo, takes_body},
    {"/api/echo", below, method_any, "api_echo", echo, takes_body},
    {"/env", exact, method_get | method_post, "env", env, tells_settings},
    {"/headers", exact, method_get | method_post, "headers", headers},
    {"/configs", exact, method_get, "configs", configs, tells_settings},
    {"/delay/", number, method_get, "delay", delay, own_label},
    {"/status/", number, method_get | method_post | method_put, "status", status, own_label},
    {"/store", exact, method_post | method_put, "store", store_write, takes_body},
    {"/store/", segment, method_get, "store", store_read, own_label},
    {"/cache/", segment, method_post | method_put, "cache_key", cache_write, takes_body},
    {"/cache/", segment, method_delete, "cache_key", cache_delete},
    {"/cache/", segment, method_get, "cache", cache_read, own_label},
    {"/token", exact, method_post, "token", token_generate, takes_body},
    {"/token/validate", exact, method_get, "token_validate", token_validate},
    {"/chunked", exact, method_any, "chunked", chunked},
    {"/chunked/", number, method_any, "chunked_wait_0_9", chunked},
    {"/ws/echo", exact, method_any, "ws_echo", ws_echo},
    {"/fault_injection/enable", exact, method_post, "fault_injection_enable", fault_injection_enable, fault_free},
    {"/fault_injection/disable", exact, method_post, "fault_injection_disable", fault_injection_disable, fault_free},
    {"/fault_injection/status", exact, method_get, "fault_injection_status", fault_injection_status, fault_free},
    {"/swagger.json", exact, method_any, "swagger_json", swagger_json},
    {"/openapi.json", exact, method_get, "openapi_json", openapi},
    {"/swagger/", anything, method_any, "swagger", swagger},
    {"/debug/pprof/", anything, method_any, "debug_pprof", pprof, fault_free},
    {"/panic", exact, method_get, "panic", panic},
};

unsigned method_bit(std::string_view method) {
  if (method == "GET") return method_get;
  if (method == "POST") return method_post;
  if (method == "PUT") return method_put;
  if (method == "DELETE") return method_delete;
  return ~15u;
}

bool all_digits(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos; }

bool matches(const Endpoint& endpoint, std::string_view path) {
  if (endpoint.match == exact) return path == endpoint.path;
  if (!path.starts_with(endpoint.path)) return false;
  std::string_view rest = path.substr(endpoint.path.size());
  switch (endpoint.match) {
    case number:
      return all_digits(rest);
    case segment:
      return !rest.empty() && rest.find('/') == std::string_view::npos;
    case below:
      return rest.empty() || rest[0] == '/';
    default:
      return true;
  }
}

// Nothing in it can make it another path when it is cleaned, or decoded.
bool is_plain(std::string_view path) {
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%') return false;
    if (path[i] == '/' && i + 1 < path.size() && (path[i + 1] == '/' || path[i + 1] == '.')) return false;
  }
  return path.starts_with('/');
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

// As Go writes a path into a URL: of what is reserved, only "?" is escaped. Neither a line break nor a "//host" gets into Location.
std::string encode_path(std::string_view path) {
  constexpr std::string_view kept = "$&+,/:;=@";
  std::string out;
  for (char c : path) {
    if (kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += percent_encode({&c, 1});
    }
  }
  return out;
}

// Runs of what is neither letter nor digit are one "_".
std::string label_of(std::string_view path) {
  std::string out;
  for (char c : to_lower(path)) {
    bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (kept) {
      out += c;
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  if (out.ends_with('_')) out.pop_back();
  return out;
}

std::string label_under(std::string_view prefix_label, const Endpoint& endpoint) {
  if (prefix_label.empty() || endpoint.traits & own_label) return std::string(endpoint.label);
  if (endpoint.path == "/") return std::string(prefix_label);
  return std::string(prefix_label) + "_" + std::string(endpoint.label);
}

}  // namespace

Router::Router(std::string prefix, bool head_is_get) : prefix_(std::move(prefix)), head_is_get_(head_is_get) {
  std::string prefix_label = label_of(prefix_);
  for (const Endpoint& endpoint : endpoints) labels_.push_back(label_under(prefix_label, endpoint));
}

Route Router::find(const http::RequestHead& head) const {
  std::string_view path = head.path();
  if (is_plain(path)) return find_clean(path, head.method);
  Route route;
  if (head.target == "*") {
    route.outcome = Outcome::server_wide;
    return route;
  }
  Result<std::string> decoded = percent_decode(path);
  if (!decoded) {
    route.outcome = Outcome::malformed;
    return route;
  }
  std::string cleaned = clean(*decoded);
  if (cleaned == *decoded) return find_clean(cleaned, head.method);
  route.outcome = Outcome::moved;
  route.moved_to = encode_path(cleaned);
  if (!head.query().empty()) route.moved_to.append("?").append(head.query());
  return route;
}

Route Router::find_clean(std::string_view path, std::string_view method) const {
  Route route;
  if (!prefix_.empty()) {
    bool within = path.starts_with(prefix_) && (path.size() == prefix_.size() || path[prefix_.size()] == '/');
    if (!within) return route;
    path.remove_prefix(prefix_.size());
    if (path.empty()) path = "/";
  }
  unsigned bit = method_bit(head_is_get_ && method == "HEAD" ? "GET" : method);
  for (size_t i = 0; i < std::size(endpoints); ++i) {
    const Endpoint& endpoint = endpoints[i];
    if (!matches(endpoint, path)) continue;
    if (!(endpoint.methods & bit)) {
      route.outcome = Outcome::wrong_method;
      route.allowed |= endpoint.methods;
      continue;
    }
    route.outcome = Outcome::found;
    route.endpoint = &endpoint;
    route.label = labels_[i];
    route.argument = path.substr(endpoint.path.size());
    break;
  }
  return route;
}

}  // namespace pds::podinfo
