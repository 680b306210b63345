// How podinfo is started: flags, then the environment, then defaults. The release (which version this is) is baked into the image
// and cannot be overridden from outside.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"

namespace pds::podinfo {

// A release that is broken on purpose: once ready for `after`, it answers this part of its requests with 500.
struct Fault {
  Duration after{};
  double error_ratio = 0;
};

struct Release {
  std::string version = "0.0.0-dev";
  std::string revision = "unknown";
  std::optional<Fault> fault;
};

inline constexpr size_t release_bytes_max = 64 * 1024;
inline constexpr const char* release_path = "/etc/podinfo/release.json";
// {"version":"1.2.0","revision":"abc","faulty":{"after_seconds":5,"error_ratio":0.2}}; revision and faulty may be absent.
Result<Release> parse_release(std::string_view text);

struct Options {
  enum class Mode { serve, print_version, print_help, rotate, hook };
  Mode mode = Mode::serve;
  std::string host = "0.0.0.0";
  uint16_t port = 9898;
  LogLevel level = LogLevel::info;
  std::string ui_color = "#34577c";
  std::string ui_message;  // empty: a greeting that names the version
  std::string secret_id;   // empty: no secret
  Duration secret_refresh = 15s;
  Duration shutdown_timeout = 5s;
};

using Environment = std::map<std::string, std::string>;
// `arguments` without the program's name. Errors are usage errors: exit 2.
Result<Options> parse_options(const std::vector<std::string>& arguments, const Environment& environment);
std::string usage();

}  // namespace pds::podinfo
