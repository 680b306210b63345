// podinfo's config file: its flags by name, in YAML, TOML, JSON or as NAME=value lines. What no flag is named by, and what is nested, is
// passed over.
//
//   port: 9898            # YAML           port = 9898    # TOML          PORT=9898   # dotenv          {"port": 9898}
//   backend-url:
//     - http://a
//     - http://b
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "podinfo/options.h"

namespace pds::podinfo {

inline constexpr size_t config_file_bytes_max = 1u << 20;

// `extension` without its dot: yaml, yml, json, toml, env, dotenv. Errors: E_CONFIG.
Result<ConfigValues> parse_config(std::string_view extension, std::string_view text);

// The config file of these options: looked for only where <config-path>/<config> exists, under the part of its name before the
// first dot, with any extension. Empty: there is none. Blocking. Errors: E_CONFIG, and those of reading.
Result<ConfigValues> read_config_file(const Options& options);

}  // namespace pds::podinfo
