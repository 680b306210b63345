// What podinfo's API is, for programs (Swagger 2.0; Linkerd and Gloo read it for routes) and, with a page around it, for people.
#include <string>

#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

struct Operation {
  const char *path, *method, *tag, *summary;
  const char* parameter;  // in the path; a number unless it is "key" or "hash"; null: none
  int status;
  const char* type;  // of the answer: a definition's name, "string", or null for none
  bool takes_body = false;
};

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
};

json::object schema_of(std::string_view type) {
  if (type == "string") return {{"type", "string"}};
  if (type == "array") return {{"type", "array"}, {"items", json::object{{"type", "string"}}}};
  return {{"$ref", "#/definitions/" + std::string(type)}};
}

json::object of_texts(std::initializer_list<const char*> names) {
  json::object properties;
  for (const char* name : names) properties[name] = json::object{{"type", "string"}};
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

json::object definitions() {
  return {{"http.MapResponse", json::object{{"type", "object"}, {"additionalProperties", json::object{{"type", "string"}}}}},
          {"http.RuntimeResponse", of_texts({"color", "goarch", "goos", "hostname", "logo", "message", "num_cpu", "num_goroutine",
                                             "revision", "runtime", "version"})},
          {"http.TokenResponse", of_texts({"expires_at", "token"})},
          {"http.TokenValidationResponse", of_texts({"expires_at", "token_name"})}};
}

json::array parameters_of(const Operation& operation) {
  json::array out;
  if (operation.parameter) {
    std::string_view name = operation.parameter;
    bool is_text = name == "key" || name == "hash";
    out.push_back(json::object{{"name", name}, {"in", "path"}, {"required", true}, {"type", is_text ? "string" : "integer"}});
  }
  if (operation.takes_body)
    out.push_back(json::object{{"name", "body"}, {"in", "body"}, {"schema", json::object{{"type", "string"}}}});
  if (std::string_view(operation.path) == "/token/validate")
    out.push_back(json::object{{"name", "Authorization"}, {"in", "header"}, {"required", true}, {"type", "string"}});
  return out;
}

json::object describe(const Operation& operation) {
  json::object answer{{"description", http::standard_reason(operation.status)}};
  if (operation.type) answer["schema"] = schema_of(operation.type);
  json::object out{{"summary", operation.summary}, {"tags", json::array{operation.tag}}};
  bool is_document = operation.type && std::string_view(operation.type).starts_with("http.");
  out["produces"] = json::array{is_document ? "application/json" : "text/plain"};
  if (json::array parameters = parameters_of(operation); !parameters.empty()) out["parameters"] = std::move(parameters);
  out["responses"] = json::object{{std::to_string(operation.status), std::move(answer)}};
  return out;
}

std::string swagger_text(const App& app) {
  json::object paths;
  for (const Operation& operation : operations) {
    json::value& path = paths[operation.path];
    if (!path.is_object()) path = json::object();
    path.as_object()[operation.method] = describe(operation);
  }
  json::object info{
      {"description", "Go microservice template for Kubernetes."},
      {"title", "Podinfo API"},
      {"contact", json::object{{"name", "Source Code"}, {"url", "https://github.com/stefanprodan/podinfo"}}},
      {"license", json::object{{"name", "MIT License"}, {"url", "https://github.com/stefanprodan/podinfo/blob/master/LICENSE"}}},
      {"version", "2.0"}};
  return to_json_text(json::object{{"schemes", json::array{"http", "https"}},
                                   {"swagger", "2.0"},
                                   {"info", std::move(info)},
                                   {"host", ""},
                                   {"basePath", app.prefix().empty() ? "/" : app.prefix()},
                                   {"paths", std::move(paths)},
                                   {"definitions", definitions()}});
}

constexpr std::string_view page = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Podinfo API</title>
<link rel="icon" href="data:,">
<style>
  body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; font: 15px/1.5 system-ui, sans-serif; color: #1d2733; background: #fff; }
  h1 { font-weight: 600; margin: 0 0 .2rem; } h2 { margin: 1.6rem 0 .4rem; font-size: 1.1rem; }
  details { border: 1px solid #d5dde6; border-radius: 8px; margin: .4rem 0; }
  summary { display: flex; gap: .8rem; align-items: baseline; padding: .5rem .8rem; cursor: pointer; flex-wrap: wrap; }
  summary b { width: 4.6rem; text-align: center; border-radius: 5px; color: #fff; background: #34577c; font-size: .8rem; padding: .1rem 0; }
  summary b.post { background: #2e7d4f; } summary b.put { background: #9a6200; } summary b.delete { background: #b3261e; }
  code, pre, textarea, input { font-family: ui-monospace, monospace; font-size: .9rem; }
  form { padding: .2rem .8rem .8rem; display: grid; gap: .5rem; }
  label { display: grid; gap: .2rem; } input, textarea { padding: .35rem; border: 1px solid #8796a8; border-radius: 5px; }
  button { justify-self: start; font: inherit; padding: .35rem 1.1rem; border: 0; border-radius: 5px; background: #34577c; color: #fff; cursor: pointer; }
  pre { background: #f3f6f9; padding: .7rem; border-radius: 5px; overflow: auto; margin: 0; white-space: pre-wrap; }
</style>
</head>
<body>
<h1>Podinfo API</h1>
<p id="about"></p>
<div id="all"></div>
<script>
"use strict";
const make = (tag, text) => { const node = document.createElement(tag); if (text) node.textContent = text; return node; };
function field(form, parameter) {
  const label = make("label", parameter.name), input = make(parameter.in === "body" ? "textarea" : "input");
  input.required = !!parameter.required; label.append(input); form.append(label);
  return { parameter, input };
}
function operation(base, path, method, what) {
  const box = make("details"), head = make("summary"), form = make("form"), badge = make("b", method.toUpperCase());
  badge.className = method; head.append(badge, make("code", path), make("span", what.summary)); box.append(head, form);
  const fields = (what.parameters || []).map(parameter => field(form, parameter));
  const out = make("pre"); out.hidden = true; form.append(make("button", "Send"), out);
  form.onsubmit = async event => {
    event.preventDefault();
    let target = path, body; const headers = {};
    for (const { parameter, input } of fields) {
      if (parameter.in === "path") target = target.replace("{" + parameter.name + "}", encodeURIComponent(input.value));
      if (parameter.in === "body") body = input.value;
      if (parameter.in === "header") headers[parameter.name] = input.value;
    }
    out.hidden = false; out.textContent = "...";
    try {
      const answer = await fetch(base + target, { method: method.toUpperCase(), headers, body });
      out.textContent = answer.status + " " + answer.statusText + "\n\n" + await answer.text();
    } catch (problem) { out.textContent = String(problem); }
  };
  return box;
}
fetch("doc.json").then(answer => answer.json()).then(api => {
  document.getElementById("about").textContent = api.info.description + " Version " + api.info.version + ".";
  const base = api.basePath === "/" ? "" : api.basePath, groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) for (const [method, what] of Object.entries(methods)) {
    const tag = what.tags[0];
    if (!groups.has(tag)) groups.set(tag, []);
    groups.get(tag).push(operation(base, path, method, what));
  }
  for (const [tag, boxes] of groups) document.getElementById("all").append(make("h2", tag), ...boxes);
});
</script>
</body>
</html>
)html";

}  // namespace

// Not as JSON: podinfo has always sent it as text, and its readers know.
http::Response swagger_json(App& app, const Call&) { return http::Response::text(200, swagger_text(app)); }

http::Response swagger(App& app, const Call& call) {
  if (call.head.method != "GET") return plain_error(405, "Method not allowed\n");
  if (call.argument.empty()) {
    http::Response response = empty(301);
    response.head.headers.add("Location", app.prefix() + "/swagger/index.html");
    return response;
  }
  if (call.argument == "index.html") return http::Response::text(200, std::string(page), "text/html; charset=utf-8");
  if (call.argument == "doc.json") return document_text(200, swagger_text(app));
  return plain_error(404, "404 page not found\n");
}

}  // namespace pds::podinfo
