// deploy.yaml: what is to exist. Every key stands in one table with its kind, default and meaning; unknown keys are refused with a
// suggestion, and each value remembers where it came from.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace pds::deploy {

inline constexpr size_t config_bytes_max = 256 * 1024;

enum class ValueKind : uint8_t { text, name, integer, ratio, duration, cidr, path_list };

struct KeyInfo {
  std::string_view path;        // "fleet.desired"
  ValueKind kind;
  std::string_view fallback;    // as it would be written; empty with `required` set means there is none
  bool required;
  std::string_view meaning;
};
// Every key there is, in the order of the documentation.
const std::vector<KeyInfo>& known_keys();

struct Value {
  std::string text;
  std::vector<std::string> list;   // path_list
  std::string origin;              // "deploy.yaml:12", "deploy.staging.yaml:3", "PDS_FLEET_DESIRED", "default"
};

class Config {
 public:
  // `overlay` may be empty. Environment variables PDS_<PATH> (dots as underscores) win over both files. Errors: E_CONFIG with file,
  // line, what is wrong and what was probably meant.
  static Result<Config> load(const std::string& file, const std::string& overlay, std::string (*environment)(const char* name));
  static Result<Config> parse(std::string_view yaml, const std::string& file_name);

  const std::string& text(std::string_view path) const;
  int64_t integer(std::string_view path) const;
  double ratio(std::string_view path) const;
  Duration duration(std::string_view path) const;
  const std::vector<std::string>& list(std::string_view path) const;
  const std::map<std::string, Value, std::less<>>& values() const { return values_; }

  const std::string& stack() const { return text("name"); }
  const std::string& region() const { return text("region"); }
  // The folder of deploy.yaml: relative paths start there.
  const std::string& folder() const { return folder_; }

 private:
  Result<void> merge(std::string_view yaml, const std::string& file_name);
  Result<void> finish();
  std::map<std::string, Value, std::less<>> values_;
  std::string folder_ = ".";
};

// "90s", "5m", "1h30m", "2d", "250ms"; a bare number is refused: seconds and minutes are too easily confused.
Result<Duration> parse_duration(std::string_view text);

}  // namespace pds::deploy
