// The AppSpec of a bundle for instances: which files go where, with which permissions, and which scripts run when.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pds::agent {

inline constexpr size_t appspec_bytes_max = 1u << 20;
inline constexpr size_t appspec_files_max = 1000;
inline constexpr size_t appspec_scripts_max = 100;  // of one event
inline constexpr size_t appspec_text_max = 4096;    // of one path, pattern or name
inline constexpr size_t appspec_depth_max = 16;
inline constexpr std::chrono::seconds event_timeout_max{3600};  // all scripts of an event together

enum class FileExists : uint8_t { disallow, overwrite, retain };
std::optional<FileExists> parse_file_exists(std::string_view text);  // "DISALLOW", "OVERWRITE", "RETAIN"

struct FileMapping {
  std::string source;       // relative to the bundle; "/" is all of it
  std::string destination;  // a directory
};

struct Permission {
  std::string object;          // a path
  std::string pattern = "**";  // of names below it
  std::vector<std::string> except;
  bool files = true, directories = true;
  std::optional<std::string> owner, group;
  std::optional<unsigned> mode;  // 0755
};

struct Script {
  std::string location;  // relative to the bundle
  std::chrono::seconds timeout{3600};
  std::optional<std::string> runas;
};

struct AppSpec {
  std::vector<FileMapping> files;
  std::optional<FileExists> file_exists_behavior;
  std::vector<Permission> permissions;
  std::map<std::string, std::vector<Script>> hooks;  // by lifecycle event
};

// The scripts an AppSpec for instances may name: not the events that the agent or CodeDeploy perform themselves.
bool is_hook_event(std::string_view event);

// E_APPSPEC, in the words of AWS's agent where it has some. ACLs and SELinux contexts are refused.
Result<AppSpec> parse_appspec(std::string_view text);

}  // namespace pds::agent
