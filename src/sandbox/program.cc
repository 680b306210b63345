#include "sandbox/program.h"

#include <fmt/core.h>

#include "base/text.h"

namespace pds::sandbox {

std::string normal_path(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::string_view part : split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (!parts.empty())
      parts.pop_back();
  }
  std::string out;
  for (std::string_view part : parts) out.append("/").append(part);
  return out.empty() ? "/" : out;
}

std::optional<std::string> find_program(std::string_view name, std::string_view directory, std::string_view search_path,
                                        const std::function<bool(const std::string& path)>& has_file) {
  if (name.find('/') != std::string_view::npos) {
    std::string program = normal_path(name[0] == '/' ? name : fmt::format("{}/{}", directory, name));
    if (has_file(program)) return program;
    return std::nullopt;
  }
  for (std::string_view folder : split(search_path, ':')) {
    std::string program = normal_path(fmt::format("{}/{}", folder, name));
    if (has_file(program)) return program;
  }
  return std::nullopt;
}

}  // namespace pds::sandbox
