#include "podinfo/api_operations.h"

namespace pds::podinfo {
namespace {

constexpr Operation operations[] = {
    {"/", "get", "HTTP API", "Index: what runs here, or a page for browsers", nullptr, 200, "http.RuntimeResponse"},
    {"/api/echo", "post", "HTTP API", "Echo: the body comes back, or the backends' answers to it", nullptr, 202, "string", true},
    {"/api/info", "get", "HTTP API", "Runtime information", nullptr, 200, "http.RuntimeResponse"},
    {"/cache/{key}", "get", "HTTP API", "Get payload from cache", "key", 200, "string"},
    {"/cache/{key}", "post", "HTTP API", "Save payload in cache", "key", 202, nullptr, true},
    {"/cache/{key}", "put", "HTTP API", "Save payload in cache", "key", 202, nullptr, true},
    {"/cache/{key}", "delete", "HTTP API", "Delete payload from cache", "key", 202, nullptr},
    {"/chunked/{seconds}", "get", "HTTP API", "Chunked transfer encoding", "seconds", 200, "http.MapResponse"},
    {"/delay/{seconds}", "get", "HTTP API", "Delay", "seconds", 200, "http.MapResponse"},
    {"/env", "get", "HTTP API", "Environment", nullptr, 200, "array"},
    {"/fault_injection/disable", "post", "HTTP API", "Disable fault injection", nullptr, 202, "http.MapResponse"},
    {"/fault_injection/enable", "post", "HTTP API", "Enable fault injection", nullptr, 202, "http.MapResponse"},
    {"/fault_injection/status", "get", "HTTP API", "Fault injection status", nullptr, 200, "http.MapResponse"},
    {"/headers", "get", "HTTP API", "Headers of the request", nullptr, 200, "http.MapResponse"},
    {"/healthz", "get", "Kubernetes", "Liveness check", nullptr, 200, "http.MapResponse"},
    {"/metrics", "get", "Kubernetes", "Prometheus metrics", nullptr, 200, "string"},
    {"/panic", "get", "HTTP API", "Panic: the process ends with 255", nullptr, 500, nullptr},
    {"/readyz", "get", "Kubernetes", "Readiness check", nullptr, 200, "http.MapResponse"},
    {"/readyz/disable", "post", "Kubernetes", "Disable ready state", nullptr, 202, nullptr},
    {"/readyz/enable", "post", "Kubernetes", "Enable ready state", nullptr, 202, nullptr},
    {"/status/{code}", "get", "HTTP API", "Status code", "code", 200, "http.MapResponse"},
    {"/store", "post", "HTTP API", "Upload file", nullptr, 202, "http.MapResponse", true},
    {"/store/{hash}", "get", "HTTP API", "Download file", "hash", 202, "string"},
    {"/token", "post", "HTTP API", "Generate JWT token", nullptr, 200, "http.TokenResponse", true},
    {"/token/validate", "get", "HTTP API", "Validate JWT token", nullptr, 200, "http.TokenValidationResponse"},
    {"/version", "get", "HTTP API", "Version", nullptr, 200, "http.MapResponse"},
    {"/ws/echo", "get", "HTTP API", "Echo over WebSocket", nullptr, 101, nullptr},
    {"/api/data", "get", "HTTP API", "Data of this service, by id", nullptr, 200, "object", false, true},
    {"/api/data", "post", "HTTP API", "Make an item; where there is a database", nullptr, 201, "object", true, true},
    {"/api/data/{id}", "get", "HTTP API", "One item", "id", 200, "object", false, true},
    {"/api/data/{id}", "put", "HTTP API", "Change an item, or make it", "id", 200, "object", true, true},
    {"/api/data/{id}", "delete", "HTTP API", "Delete an item", "id", 204, nullptr, false, true},
    {"/api/secret", "get", "HTTP API", "Which secret is loaded, and never what it says", nullptr, 200, "object", false, true},
    {"/chunked", "get", "HTTP API", "Chunked transfer encoding after a random delay", nullptr, 200, "http.MapResponse", false, true},
    {"/configs", "get", "HTTP API", "Files of the config path", nullptr, 200, "http.MapResponse", false, true},
    {"/echo", "post", "HTTP API", "Echo: the body comes back, or the backends' answers to it", nullptr, 202, "string", true, true},
    {"/info", "get", "HTTP API", "What runs here, where, and for how long", nullptr, 200, "object", false, true},
    {"/store", "put", "HTTP API", "Upload file", nullptr, 202, "http.MapResponse", true, true},
};

json::object of_texts(std::initializer_list<const char*> names) {
  json::object properties;
  for (const char* name : names) properties[name] = json::object{{"type", "string"}};
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

}  // namespace

std::span<const Operation> api_operations() { return operations; }

bool is_document(const Operation& operation) { return operation.type && std::string_view(operation.type) != "string"; }

bool is_text_parameter(const Operation& operation) {
  std::string_view name = operation.parameter;
  return name == "key" || name == "hash" || name == "id";
}

json::object api_schema(std::string_view type, std::string_view root) {
  if (type == "string" || type == "object") return {{"type", type}};
  if (type == "array") return {{"type", "array"}, {"items", json::object{{"type", "string"}}}};
  return {{"$ref", std::string(root).append(type)}};
}

json::object api_schemas() {
  return {{"http.MapResponse", json::object{{"type", "object"}, {"additionalProperties", json::object{{"type", "string"}}}}},
          {"http.RuntimeResponse", of_texts({"color", "goarch", "goos", "hostname", "logo", "message", "num_cpu", "num_goroutine",
                                             "revision", "runtime", "version"})},
          {"http.TokenResponse", of_texts({"expires_at", "token"})},
          {"http.TokenValidationResponse", of_texts({"expires_at", "token_name"})}};
}

}  // namespace pds::podinfo
