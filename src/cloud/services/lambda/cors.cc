#include "cloud/services/lambda/cors.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace pds::cloud::lambda {

namespace {

bool lists(const std::vector<std::string>& patterns, std::string_view text) {
  return std::ranges::any_of(patterns,
                             [&](const std::string& pattern) { return wildcard_match(to_lower(pattern), to_lower(text)); });
}

// What Access-Control-Allow-Origin says to this origin; empty: nothing. With credentials the origin is named, never '*'.
std::string allowed_origin(const aws::lambda::Cors& cors, std::string_view origin) {
  if (origin.empty() || !lists(cors.allow_origins, origin)) return "";
  bool anyone = std::ranges::find(cors.allow_origins, "*") != cors.allow_origins.end();
  return anyone && !cors.allow_credentials.value_or(false) ? "*" : std::string(origin);
}

bool headers_allowed(const aws::lambda::Cors& cors, std::string_view requested) {
  if (trim(requested).empty()) return true;
  for (std::string_view name : split(requested, ','))
    if (!lists(cors.allow_headers, trim(name))) return false;
  return true;
}

void add_origin(const aws::lambda::Cors& cors, const std::string& origin, http::Headers& answer) {
  answer.set("Access-Control-Allow-Origin", origin);
  if (origin != "*") answer.add("Vary", "Origin");
  if (cors.allow_credentials.value_or(false)) answer.set("Access-Control-Allow-Credentials", "true");
}

}  // namespace

std::optional<http::Response> answer_preflight(const aws::lambda::Cors& cors, const http::RequestHead& head) {
  auto method = head.headers.find("access-control-request-method");
  std::string_view origin = head.headers.find("origin").value_or("");
  if (head.method != "OPTIONS" || !method || origin.empty()) return std::nullopt;
  http::Response response;
  std::string allowed = allowed_origin(cors, origin);
  std::string_view wanted = head.headers.find("access-control-request-headers").value_or("");
  // A refused preflight is a 200 without the headers: the browser draws the conclusion.
  if (allowed.empty() || !lists(cors.allow_methods, *method) || !headers_allowed(cors, wanted)) return response;
  add_origin(cors, allowed, response.head.headers);
  response.head.headers.set("Access-Control-Allow-Methods", join(cors.allow_methods, ","));
  if (!cors.allow_headers.empty()) response.head.headers.set("Access-Control-Allow-Headers", join(cors.allow_headers, ","));
  if (cors.max_age) response.head.headers.set("Access-Control-Max-Age", std::to_string(*cors.max_age));
  return response;
}

void apply_cors(const aws::lambda::Cors& cors, const http::RequestHead& request, http::Headers& answer) {
  for (const char* name : {"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers",
                           "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age"})
    answer.remove(name);
  std::string allowed = allowed_origin(cors, request.headers.find("origin").value_or(""));
  if (allowed.empty()) return;
  add_origin(cors, allowed, answer);
  if (!cors.expose_headers.empty()) answer.set("Access-Control-Expose-Headers", join(cors.expose_headers, ","));
}

Result<void> check_cors(const aws::lambda::Cors& cors) {
  constexpr std::array<std::string_view, 7> methods = {"GET", "PUT", "HEAD", "POST", "PATCH", "DELETE", "*"};
  for (const std::string& method : cors.allow_methods)
    if (std::ranges::find(methods, method) == methods.end())
      return fail(
          "ValidationException",
          fmt::format("1 validation error detected: Value '[{}]' at 'cors.allowMethods' failed to satisfy constraint: Member must "
                      "satisfy constraint: [Member must satisfy enum value set: [GET, PUT, HEAD, POST, PATCH, DELETE, *]]",
                      method));
  for (const std::string& origin : cors.allow_origins)
    if (origin.empty() || origin.size() > 253)
      return fail(
          "ValidationException",
          "1 validation error detected: Value at 'cors.allowOrigins' failed to satisfy constraint: Member must have length from 1 "
          "to 253");
  return {};
}

}  // namespace pds::cloud::lambda
