#include <fmt/core.h>

#include <thread>

#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

constexpr const char* default_logo = "https://raw.githubusercontent.com/stefanprodan/podinfo/gh-pages/cuddle_clap.gif";

#if defined(__aarch64__)
constexpr const char* architecture = "arm64";
#else
constexpr const char* architecture = "amd64";
#endif

std::string escape(std::string_view text) {
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

http::Response info(App& app, const Call&) {
  const AppParts& parts = app.parts();
  return document(200, json::object{{"hostname", parts.hostname},
                                    {"version", parts.release.version},
                                    {"revision", parts.release.revision},
                                    {"color", parts.options.ui_color},
                                    {"logo", default_logo},
                                    {"message", app.greeting()},
                                    {"goos", "linux"},
                                    {"goarch", architecture},
                                    {"runtime", "c++23"},
                                    {"num_goroutine", "1"},
                                    {"num_cpu", std::to_string(std::thread::hardware_concurrency())}});
}

http::Response index(App& app, const Call& call) {
  if (!call.head.headers.find("user-agent").value_or("").starts_with("Mozilla")) return info(app, call);
  const AppParts& parts = app.parts();
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width\">\n"
      "<title>{host}</"
      "title>\n<style>body{{background:{color};color:#fff;font-family:sans-serif;text-align:center;margin-top:20vh}}</style>\n"
      "</head>\n<body>\n<h1>{message}</h1>\n<p>podinfo {version} ({revision}) on {host}</p>\n</body>\n</html>\n",
      fmt::arg("host", escape(parts.hostname)), fmt::arg("color", safe_color(parts.options.ui_color)),
      fmt::arg("message", escape(app.greeting())), fmt::arg("version", escape(parts.release.version)),
      fmt::arg("revision", escape(parts.release.revision)));
  return http::Response::text(200, std::move(page), "text/html; charset=utf-8");
}

}  // namespace pds::podinfo
