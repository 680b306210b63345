// Which file of an image a command means.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pds::sandbox {

// "a/./b//c/" is "/a/b/c"; ".." cannot leave the root.
std::string normal_path(std::string_view path);

// A path is one from `directory`; a name alone is looked for in the folders of `search_path` ("/usr/bin:/bin"). Nothing: the image has no such
// file.
std::optional<std::string> find_program(std::string_view name, std::string_view directory, std::string_view search_path,
                                        const std::function<bool(const std::string& path)>& has_file);

}  // namespace pds::sandbox
