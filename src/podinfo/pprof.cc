// /debug/pprof/: what of Go's profiler has a meaning here, for `go tool pprof` and people.
#include "base/gzip.h"
#include "base/text.h"
#include "io/files.h"
#include "podinfo/cpu_profile.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

constexpr size_t proc_bytes_max = 1u << 20;
constexpr std::string_view page = R"html(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>/debug/pprof/</title></head>
<body><h1>/debug/pprof/</h1>
<ul><li><a href="profile?seconds=5">profile</a>: where processor time goes, for <code>go tool pprof</code>; <code>?seconds=</code> says how long</li>
<li><a href="cmdline">cmdline</a>: which program this is</li><li><a href="symbol">symbol</a>: names are found in the program's file</li></ul>
<p>This is no Go program: it has neither goroutines nor a heap that could be told apart.</p></body></html>
)html";

std::chrono::seconds seconds_of(std::string_view query) {
  constexpr std::string_view name = "seconds=";
  constexpr int64_t usual = 30, most = 3600;
  for (std::string_view parameter : split(query, '&')) {
    if (!parameter.starts_with(name)) continue;
    int64_t seconds = parse_int(parameter.substr(name.size())).value_or(0);
    if (seconds > 0) return std::chrono::seconds(std::min(seconds, most));
  }
  return std::chrono::seconds(usual);
}

io::Task<http::Response> profile(App& app, const Call& call) {
  std::chrono::seconds seconds = seconds_of(call.head.query());
  if (call.deadline != MonoTime::max() && call.began + seconds >= call.deadline) co_return plain_error(400, "profile duration exceeds server's WriteTimeout\n");
  CpuProfile running;
  if (!running.begun()) co_return plain_error(500, "Could not enable CPU profiling: cpu profiling already in use\n");
  Timestamp began = app.parts().clock.now();
  co_await app.parts().loop.sleep_for(seconds);
  std::vector<ProfileSample> samples = running.end();
  std::vector<ProfileMapping> mappings = parse_mappings(io::read_file("/proc/self/maps", proc_bytes_max).value_or(""));
  http::Response response = raw(200, deflate_gzip(encode_profile(samples, mappings, began, seconds)));
  response.head.headers.add("Content-Disposition", "attachment; filename=\"profile\"");
  co_return response;
}

}  // namespace

io::Task<http::Response> pprof(App& app, const Call& call) {
  // As in the original, which forgets its prefix here.
  if (!app.prefix().empty()) co_return plain_error(404, "404 page not found\n");
  co_return co_await pprof_without_prefix(app, call);
}

io::Task<http::Response> pprof_without_prefix(App& app, const Call& call) {
  if (call.argument.empty()) co_return http::Response::text(200, std::string(page), "text/html; charset=utf-8");
  if (call.argument == "profile") co_return co_await profile(app, call);
  if (call.argument == "cmdline") {
    // The program only: arguments may hold a database's password.
    std::string arguments = io::read_file("/proc/self/cmdline", proc_bytes_max).value_or("");
    co_return http::Response::text(200, arguments.substr(0, arguments.find('\0')));
  }
  if (call.argument == "symbol") co_return http::Response::text(200, "num_symbols: 1\n");
  co_return plain_error(404, "Unknown profile\n");
}

}  // namespace pds::podinfo
