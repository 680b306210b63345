// The same API as OpenAPI 3.0, with what is here alone, and with the methods and statuses that it really has.
#include "podinfo/api_operations.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

constexpr std::string_view schemas = "#/components/schemas/";

json::object content(std::string_view media_type, json::object schema) {
  return {{media_type, json::object{{"schema", std::move(schema)}}}};
}

std::string operation_id(const Operation& operation) {
  std::string id = operation.method;
  for (std::string_view path = operation.path; char c : path) id += (c >= 'a' && c <= 'z') ? c : '_';
  while (id.ends_with('_')) id.pop_back();
  return id;
}

json::object responses_of(const Operation& operation) {
  json::object answer{{"description", http::standard_reason(operation.status)}};
  if (operation.type)
    answer["content"] = content(is_document(operation) ? "application/json" : "application/octet-stream", api_schema(operation.type, schemas));
  json::object out{{std::to_string(operation.status), std::move(answer)}};
  // Errors have status 200 and say their code inside: podinfo has always had it so.
  bool says_errors = operation.takes_body || operation.parameter || std::string_view(operation.path).starts_with("/token");
  json::object error{{"description", "An error document"}, {"content", content("application/json", api_schema("http.ErrorResponse", schemas))}};
  if (says_errors) out["default"] = std::move(error);
  std::string_view path = operation.path;
  if (path == "/healthz" || path == "/readyz") out["503"] = json::object{{"description", "It is not"}};
  return out;
}

json::object describe(const Operation& operation) {
  json::object out{{"summary", operation.summary}, {"tags", json::array{operation.tag}}, {"operationId", operation_id(operation)}};
  if (operation.parameter) {
    json::object schema{{"type", is_text_parameter(operation) ? "string" : "integer"}};
    out["parameters"] = json::array{
        json::object{{"name", operation.parameter}, {"in", "path"}, {"required", true}, {"schema", std::move(schema)}}};
  }
  if (operation.takes_body) out["requestBody"] = json::object{{"content", content("application/octet-stream", {{"type", "string"}, {"format", "binary"}})}};
  if (std::string_view(operation.path) == "/token/validate") out["security"] = json::array{json::object{{"token", json::array{}}}};
  out["responses"] = responses_of(operation);
  return out;
}

json::object components() {
  json::object all = api_schemas();
  all["http.ErrorResponse"] = json::object{
      {"type", "object"},
      {"properties", json::object{{"code", json::object{{"type", "integer"}}}, {"message", json::object{{"type", "string"}}}}}};
  return {{"schemas", std::move(all)},
          {"securitySchemes",
           json::object{{"token", json::object{{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}};
}

}  // namespace

http::Response openapi(App& app, const Call&) {
  json::object info{{"title", "Podinfo API"},
                    {"description", "podinfo's endpoints over HTTP."},
                    {"license", json::object{{"name", "Apache 2.0"}, {"url", "https://www.apache.org/licenses/LICENSE-2.0"}}},
                    {"version", app.parts().release.version}};
  return document(200, json::object{{"openapi", "3.0.3"},
                                    {"info", std::move(info)},
                                    {"servers", json::array{json::object{{"url", app.prefix().empty() ? "/" : app.prefix()}}}},
                                    {"paths", api_paths(true, describe)},
                                    {"components", components()}});
}

}  // namespace pds::podinfo
