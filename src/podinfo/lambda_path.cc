#include "podinfo/lambda_path.h"

#include "base/text.h"

namespace pds::podinfo {
namespace {

// "/{proxy+}" of {"routeKey":"ANY /{proxy+}"} or {"resource":"/{proxy+}"}.
std::string route_of(const json::object& event) {
  std::string route = get_string(event, event.contains("routeKey") ? "routeKey" : "resource");
  return route.substr(std::min(route.find('/'), route.size()));
}

// The path within the API, decoded; nothing where the route does not tell it.
std::optional<std::string> path_by_route(const json::object& event, const json::object& context) {
  std::string route = route_of(event);
  if (route == "/" && get_string(context, "resourcePath") == "/") return "/";
  size_t brace = route.find('{');
  if (brace == std::string::npos || !route.ends_with("+}") || route.find('{', brace + 1) != std::string::npos) return std::nullopt;
  const json::object* parameters = get_object(event, "pathParameters");
  std::string rest = parameters ? get_string(*parameters, route.substr(brace + 1, route.size() - brace - 3)) : "";
  if (rest.empty()) return std::nullopt;
  return route.substr(0, brace) + rest;
}

// How much of `path` stands before what the route says; nothing where the two do not fit each other.
std::optional<size_t> base_by_route(const json::object& event, const json::object& context, std::string_view path) {
  std::optional<std::string> own = path_by_route(event, context);
  if (!own) return std::nullopt;
  std::string decoded = percent_decode(path).value_or(std::string(path));
  if (*own == "/" && !decoded.ends_with('/')) decoded += '/';
  if (!decoded.ends_with(*own)) return std::nullopt;
  std::string_view base = std::string_view(decoded).substr(0, decoded.size() - own->size());
  bool is_base = base.empty() || (base.front() == '/' && base.back() != '/' && path.starts_with(base));
  return is_base ? std::optional(base.size()) : std::nullopt;
}

// "/prod"; empty where the path cannot have one.
std::string stage_before(const json::object& event, const json::object& context) {
  bool of_http_api = context.contains("http") || get_string(event, "version") == "1.0";
  std::string stage = of_http_api ? get_string(context, "stage") : "";
  return stage.empty() || stage == "$default" ? "" : "/" + stage;
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool stands(std::string_view text, size_t at) {
  char c = text[at];
  if (c == '%') return at + 2 < text.size() && is_hex(text[at + 1]) && is_hex(text[at + 2]);
  return c > ' ' && c < 0x7f && c != '#';
}

void append(std::string& target, std::string_view text, bool is_path) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (stands(text, i) && !(is_path && text[i] == '?')) {
      target += text[i];
    } else {
      target += percent_encode(text.substr(i, 1));
    }
  }
}

}  // namespace

std::string_view own_path(const json::object& event, std::string_view path) {
  const json::object* context = get_object(event, "requestContext");
  if (!context) return path;
  if (std::optional<size_t> base = base_by_route(event, *context, path)) return path.substr(*base);
  if (path == route_of(event)) return path;
  std::string stage = stage_before(event, *context);
  bool has_it = path.starts_with(stage) && (path.size() == stage.size() || path[stage.size()] == '/');
  return has_it ? path.substr(stage.size()) : path;
}

void append_path(std::string& target, std::string_view path) { append(target, path, true); }
void append_query(std::string& target, std::string_view query) { append(target, query, false); }

}  // namespace pds::podinfo
