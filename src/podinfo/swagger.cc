// What podinfo's API is, for programs (Swagger 2.0; Linkerd and Gloo read it for routes) and, with a page around it, for people.
#include <string>

#include "podinfo/api_operations.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

json::array parameters_of(const Operation& operation) {
  json::array out;
  if (operation.parameter) {
    out.push_back(json::object{{"name", operation.parameter},
                               {"in", "path"},
                               {"required", true},
                               {"type", is_text_parameter(operation) ? "string" : "integer"}});
  }
  if (operation.takes_body)
    out.push_back(json::object{{"name", "body"}, {"in", "body"}, {"schema", json::object{{"type", "string"}}}});
  if (std::string_view(operation.path) == "/token/validate")
    out.push_back(json::object{{"name", "Authorization"}, {"in", "header"}, {"required", true}, {"type", "string"}});
  return out;
}

json::object describe(const Operation& operation) {
  json::object answer{{"description", http::standard_reason(operation.status)}};
  if (operation.type) answer["schema"] = api_schema(operation.type, "#/definitions/");
  json::object out{{"summary", operation.summary}, {"tags", json::array{operation.tag}}};
  out["produces"] = json::array{is_document(operation) ? "application/json" : "text/plain"};
  if (json::array parameters = parameters_of(operation); !parameters.empty()) out["parameters"] = std::move(parameters);
  out["responses"] = json::object{{std::to_string(operation.status), std::move(answer)}};
  return out;
}

std::string swagger_text(const App& app) {
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
                                   {"paths", api_paths(false, describe)},
                                   {"definitions", api_schemas()}});
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
