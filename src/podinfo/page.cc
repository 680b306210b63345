#include "podinfo/page.h"

#include "podinfo/document.h"
#include "podinfo/endpoints.h"
#include "podinfo/info.h"

namespace pds::podinfo {
namespace {

constexpr std::string_view html = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{title}}</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: dark; }
  * { box-sizing: border-box; }
  body {
    margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 24px;
    background-color: {{color}}; color: #fff; font: 16px/1.5 system-ui, sans-serif; transition: background-color .6s;
  }
  main { width: min(34rem, 100%); text-align: center; }
  .picture { height: 12rem; display: grid; place-items: center; }
  .picture img, .picture svg { max-height: 12rem; max-width: 100%; }
  h1 { margin: .8rem 0 1.4rem; font-size: clamp(1.3rem, 5vw, 2rem); font-weight: 500; overflow-wrap: anywhere; }
  dl {
    margin: 0 0 1.4rem; padding: .4rem 1.2rem; text-align: left; background: rgb(0 0 0 / .28); border-radius: 14px;
  }
  dl div { display: flex; justify-content: space-between; gap: 1rem; padding: .55rem 0; }
  dl div + div { border-top: 1px solid rgb(255 255 255 / .16); }
  dt { opacity: .85; }
  dd { margin: 0; font-family: ui-monospace, monospace; overflow-wrap: anywhere; text-align: right; }
  nav { display: flex; gap: .8rem; justify-content: center; flex-wrap: wrap; }
  button, nav a {
    font: inherit; color: #fff; background: rgb(0 0 0 / .35); border: 1px solid rgb(255 255 255 / .5); border-radius: 999px;
    padding: .5rem 1.4rem; cursor: pointer; text-decoration: none;
  }
  button:hover, nav a:hover { background: rgb(0 0 0 / .55); }
  button:focus-visible, nav a:focus-visible { outline: 3px solid #fff; outline-offset: 2px; }
  #said { min-height: 1.5em; margin: 1.2rem 0 0; font-family: ui-monospace, monospace; font-size: .9rem; overflow-wrap: anywhere; }
</style>
</head>
<body>
<main>
  <div class="picture" id="picture" aria-hidden="true"></div>
  <h1 id="message">{{message}}</h1>
  <dl>
    <div><dt>Host</dt><dd id="hostname">{{hostname}}</dd></div>
    <div><dt>Version</dt><dd id="version">{{version}}</dd></div>
    <div><dt>Revision</dt><dd id="revision">{{revision}}</dd></div>
    <div><dt>Colour</dt><dd id="color"></dd></div>
  </dl>
  <nav><button id="ping" type="button">Ping</button><a href="{{prefix}}/swagger/">API</a></nav>
  <p id="said" role="status"></p>
</main>
<script type="application/json" id="start">{{info}}</script>
<script type="application/json" id="prefix">{{prefix_json}}</script>
<script>
"use strict";
const at = id => document.getElementById(id);
const prefix = JSON.parse(at("prefix").textContent);
const drawn = '<svg viewBox="0 0 200 200" height="180"><circle cx="100" cy="100" r="90" fill="#fff" opacity=".14"/>' +
  '<path d="M100 30 160 65v70l-60 35-60-35V65z" fill="none" stroke="#fff" stroke-width="8" stroke-linejoin="round"/>' +
  '<circle cx="78" cy="95" r="8" fill="#fff"/><circle cx="122" cy="95" r="8" fill="#fff"/>' +
  '<path d="M72 122q28 24 56 0" fill="none" stroke="#fff" stroke-width="8" stroke-linecap="round"/></svg>';
let logo = null, pings = 0;
function show(info) {
  for (const name of ["message", "hostname", "version", "revision", "color"]) at(name).textContent = info[name];
  document.body.style.backgroundColor = info.color;
  if (info.logo === logo) return;
  logo = info.logo;
  at("picture").innerHTML = drawn;
  const image = new Image();
  image.alt = "";
  image.onload = () => at("picture").replaceChildren(image);
  image.src = logo;
}
async function refresh() {
  try {
    const answer = await fetch(prefix + "/api/info");
    if (answer.ok) show(await answer.json());
  } catch { /* the server may be restarting: the next look is soon */ }
}
at("ping").onclick = async () => {
  const number = ++pings;
  try {
    const answer = await fetch(prefix + "/api/echo", { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ping: number }) });
    const color = answer.headers.get("X-Color");
    if (color) document.body.style.backgroundColor = color;
    at("said").textContent = answer.ok ? `pong ${number} from ${answer.headers.get("X-Podinfo-Version")}` : `status ${answer.status}`;
  } catch { at("said").textContent = "no answer"; }
};
show(JSON.parse(at("start").textContent));
setInterval(refresh, 3000);
</script>
</body>
</html>
)html";

std::string escape_html(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// A colour goes into a style: anything but a plain colour word or number could be more than a colour.
std::string safe_color(const std::string& color) {
  for (char c : color) {
    if (c != '#' && !(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) return "#34577c";
  }
  return color;
}

}  // namespace

// Every place is filled in one walk over the page: what is filled in is not looked at again.
std::string make_page(const App& app) {
  const AppParts& parts = app.parts();
  std::string prefix_json;
  append_json_string(prefix_json, app.prefix());
  const std::pair<std::string_view, std::string> values[] = {
      {"title", escape_html(parts.hostname)},
      {"hostname", escape_html(parts.hostname)},
      {"color", safe_color(parts.options.ui_color)},
      {"message", escape_html(app.greeting())},
      {"version", escape_html(parts.release.version)},
      {"revision", escape_html(parts.release.revision)},
      {"prefix", escape_html(app.prefix())},
      {"prefix_json", prefix_json},
      {"info", info_document(app)},
  };
  std::string out;
  std::string_view rest = html;
  while (true) {
    size_t open = rest.find("{{"), close = rest.find("}}", open);
    out += rest.substr(0, open);
    if (close == std::string_view::npos) return out;
    std::string_view name = rest.substr(open + 2, close - open - 2);
    for (const auto& [known, value] : values) {
      if (known == name) out += value;
    }
    rest.remove_prefix(close + 2);
  }
}

// The test is podinfo's: how the agent's name begins, in this spelling.
http::Response index(App& app, const Call& call) {
  if (!call.head.headers.find("user-agent").value_or("").starts_with("Mozilla")) return info(app, call);
  return http::Response::text(200, app.documents().page, "text/html; charset=utf-8");
}

}  // namespace pds::podinfo
