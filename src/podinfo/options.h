// How podinfo is started: flags, then the environment, then the config file, then defaults. The release (which version this is) is
// baked into the image and cannot be overridden from outside.
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
  std::string build_time = "unknown";
  std::optional<Fault> fault;
};

inline constexpr size_t release_bytes_max = 64 * 1024;
inline constexpr const char* release_path = "/etc/podinfo/release.json";
// {"version":"1.2.0","revision":"abc","build_time":"...","faulty":{"after_seconds":5,"error_ratio":0.2}}; all but the version may be
// absent.
Result<Release> parse_release(std::string_view text);

// Published with podinfo's source: who signs with it signs for everybody.
inline constexpr std::string_view jwt_secret_default = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
// Of /store as a Lambda function, where nothing else can be written to; it is made where it is missing.
inline constexpr const char* function_data_path = "/tmp/data";
inline constexpr int port_max = 65535;
inline constexpr size_t backends_max = 32;
inline constexpr int pool_connections_max = 1000;

struct Options {
  enum class Mode { serve, print_version, print_help, rotate, hook };
  Mode mode = Mode::serve;
  std::string host;                                                        // empty: all interfaces
  std::string prefix;                                                      // "/foo"; empty: none
  // 0: off. What is no port is seen when it is to be listened on; for the last two anything below is off, too.
  int port = 9898, secure_port = 0, port_metrics = 0, grpc_port = 0;
  std::string grpc_service_name = "podinfo";
  LogLevel level = LogLevel::info;
  std::vector<std::string> backend_urls;  // at most backends_max
  Duration http_client_timeout = 2min;
  Duration http_server_timeout = 30s;  // for a request to come in, and for its answer to be found; 0: no limit
  Duration shutdown_timeout = 5s;
  std::string data_path = "/data", cert_path = "/data/cert";
  std::string config_path, config = "config.yaml";
  std::string ui_path = "./ui", ui_color = "#34577c";
  std::optional<std::string> ui_logo, ui_message;  // nothing: podinfo's own, and a greeting that names the version
  bool h2c = false;
  bool random_delay = false, random_error = false;
  std::string random_delay_unit = "s";  // or "ms"
  int random_delay_min = 0, random_delay_max = 5;
  bool unhealthy = false, unready = false;
  int stress_cpu = 0, stress_memory = 0;  // threads; millions of bytes
  std::string cache_server, otel_service_name;
  std::string environment = "dev";                      // what /api/data says it runs in
  std::string database_url;                             // empty: none, but for what the secret says
  std::vector<std::string> database_replica_urls;
  int database_pool_min = 1, database_pool_max = 8;     // connections to each server
  int64_t data_cache_bytes = 8 << 20;                   // 0: off
  Duration data_cache_ttl = 2s, data_cache_stale = 10s;  // fresh; then given out while a new one is fetched
  std::string jwt_secret{jwt_secret_default};
  std::string secret_id;  // empty: no secret
  Duration secret_refresh = 15s;
  bool lambda_response_stream = false;
  // What one might wish were otherwise than podinfo has always had it.
  bool real_status = false, access_log = false, hide_settings = false, method_hints = false, count_unmatched = false;
};

using Environment = std::map<std::string, std::string>;

// Where there is no release file: VERSION, COMMIT and BUILD_TIME, as the first service of this name had it.
Release release_of(const Environment& environment);
// What a config file says: flag names in lower case, values as they would stand on a command line.
using ConfigValues = std::map<std::string, std::string>;
// `arguments` without the program's name. Errors are usage errors: exit 2. What the environment or the file says and cannot be used
// is passed over.
Result<Options> parse_options(const std::vector<std::string>& arguments, const Environment& environment,
                              const ConfigValues& file = {});
std::string usage();

// Without blanks around it and slashes behind it, with one in front; empty for none.
std::string clean_prefix(std::string_view text);

}  // namespace pds::podinfo
