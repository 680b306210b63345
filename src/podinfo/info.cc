#include "podinfo/info.h"

#include <thread>

#include "podinfo/document.h"
#include "podinfo/duration_text.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

constexpr const char* default_logo = "https://raw.githubusercontent.com/stefanprodan/podinfo/gh-pages/cuddle_clap.gif";

#if defined(__aarch64__)
constexpr const char* architecture = "arm64";
#else
constexpr const char* architecture = "amd64";
#endif

}  // namespace

std::string logo_of(const Options& options) { return options.ui_logo.value_or(default_logo); }

rpc::Info info_of(const App& app) {
  const AppParts& parts = app.parts();
  return {.hostname = parts.hostname,
          .version = parts.release.version,
          .revision = parts.release.revision,
          .color = parts.options.ui_color,
          .logo = logo_of(parts.options),
          .message = app.greeting(),
          .goos = "linux",
          .goarch = architecture,
          .runtime = "c++23",
          .num_goroutine = "1",
          .num_cpu = std::to_string(std::thread::hardware_concurrency())};
}

std::string info_document(const App& app) {
  rpc::Info info = info_of(app);
  return to_json_text(json::object{{"hostname", info.hostname},
                                   {"version", info.version},
                                   {"revision", info.revision},
                                   {"color", info.color},
                                   {"logo", info.logo},
                                   {"message", info.message},
                                   {"goos", info.goos},
                                   {"goarch", info.goarch},
                                   {"runtime", info.runtime},
                                   {"num_goroutine", info.num_goroutine},
                                   {"num_cpu", info.num_cpu}});
}

std::string version_document(const Release& release) {
  return to_json_text(json::object{{"commit", release.revision}, {"version", release.version}});
}

http::Response info(App& app, const Call&) { return document_text(200, app.documents().info); }
// As the first service of this name had it.
http::Response service_info(App& app, const Call&) {
  const AppParts& parts = app.parts();
  Duration uptime = std::chrono::duration_cast<Duration>(parts.clock.now() - app.started());
  return document(200, json::object{{"version", parts.release.version},
                                    {"environment", parts.options.environment},
                                    {"buildTime", parts.release.build_time},
                                    {"commit", parts.release.revision},
                                    {"port", std::to_string(parts.options.port)},
                                    {"logLevel", to_string(parts.options.level)},
                                    {"uptime", to_go_text(uptime)},
                                    {"request_id", request_id(parts.random)}});
}

http::Response version(App& app, const Call&) { return document_text(200, app.documents().version); }

}  // namespace pds::podinfo
