#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "podinfo/config_formats.h"

namespace pds::podinfo {
namespace {

// Aliases are nodes that are there again: a few of them may stand for a tree without end, and one may stand in itself.
constexpr int nodes_max = 4096, depth_max = 32;

struct TooLarge {};

json::value to_json(const YAML::Node& node, int& left, int depth = 0) {
  if (--left < 0 || depth > depth_max) throw TooLarge();
  if (node.IsMap()) {
    json::object out;
    for (const auto& member : node) {
      if (member.first.IsScalar()) out[member.first.Scalar()] = to_json(member.second, left, depth + 1);
    }
    return out;
  }
  if (node.IsSequence()) {
    json::array out;
    for (const YAML::Node& item : node) out.push_back(to_json(item, left, depth + 1));
    return out;
  }
  return node.IsScalar() ? json::value(node.Scalar()) : json::value(nullptr);
}

}  // namespace

Result<json::value> parse_yaml(std::string_view text) {
  try {
    int left = nodes_max;
    return to_json(YAML::Load(std::string(text)), left);
  } catch (const YAML::Exception& error) {
    return fail("E_CONFIG", fmt::format("line {}: {}", error.mark.line + 1, error.msg));
  } catch (const TooLarge&) {
    return fail("E_CONFIG", fmt::format("there are more than {} values, or more than {} one in another", nodes_max, depth_max));
  }
}

}  // namespace pds::podinfo
