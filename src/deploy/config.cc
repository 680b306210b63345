#include "deploy/config.h"

#include <fmt/core.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "io/files.h"

namespace pds::deploy {
namespace {

constexpr size_t depth_max = 8;

std::unexpected<Error> bad(const std::string& where, const std::string& what) { return fail("E_CONFIG", fmt::format("{}: {}", where, what)); }

const KeyInfo* find_key(std::string_view path) {
  for (const KeyInfo& key : known_keys())
    if (key.path == path) return &key;
  return nullptr;
}

bool is_section(std::string_view path) {
  return std::any_of(known_keys().begin(), known_keys().end(), [&](const KeyInfo& key) {
    return key.path.size() > path.size() && key.path.starts_with(path) && key.path[path.size()] == '.';
  });
}

// The names that may stand where `path` stands: for the suggestion.
std::string unknown_key(const std::string& path) {
  size_t dot = path.rfind('.');
  std::string prefix = dot == std::string::npos ? "" : path.substr(0, dot + 1);
  std::string word = dot == std::string::npos ? path : path.substr(dot + 1);
  std::vector<std::string> siblings, everywhere;
  for (const KeyInfo& key : known_keys()) {
    std::string_view rest = key.path;
    if (rest.starts_with(prefix)) {
      std::string_view name = rest.substr(prefix.size());
      siblings.emplace_back(name.substr(0, name.find('.')));
    }
    everywhere.emplace_back(rest.substr(rest.rfind('.') == std::string_view::npos ? 0 : rest.rfind('.') + 1));
  }
  if (auto near = suggest(word, siblings)) return fmt::format("unknown key '{}'; did you mean '{}{}'?", path, prefix, *near);
  for (const KeyInfo& key : known_keys())
    if (key.path.ends_with("." + word)) return fmt::format("unknown key '{}'; did you mean '{}'?", path, key.path);
  return fmt::format("unknown key '{}'; `pds config --keys` lists them all", path);
}

bool valid_name(std::string_view text) {
  auto ok = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= 24 && text.front() >= 'a' && text.front() <= 'z' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), ok);
}

Result<void> check_cidr(std::string_view text, const std::string& where) {
  size_t slash = text.find('/');
  auto bits = slash == std::string_view::npos ? std::nullopt : parse_int(text.substr(slash + 1));
  std::vector<std::string_view> parts = split(text.substr(0, slash), '.');
  bool ok = bits && *bits >= 16 && *bits <= 24 && parts.size() == 4;
  for (std::string_view part : parts) {
    auto number = parse_int(part);
    ok = ok && number && *number >= 0 && *number <= 255;
  }
  if (!ok) return bad(where, fmt::format("'{}' is not an IPv4 network between /16 and /24, like 10.0.0.0/16", text));
  return {};
}

Result<void> check_value(const KeyInfo& key, const Value& value) {
  std::string where = value.origin + ": " + std::string(key.path);
  switch (key.kind) {
    case ValueKind::text:
    case ValueKind::path_list: return {};
    case ValueKind::name:
      if (!valid_name(value.text))
        return bad(where, fmt::format("'{}' is not a name: up to 24 of a-z, 0-9 and '-', beginning with a letter", value.text));
      return {};
    case ValueKind::integer: {
      auto number = parse_int(value.text);
      if (!number || *number < 0 || *number > 1'000'000) return bad(where, fmt::format("'{}' is not a whole number from 0 to 1000000", value.text));
      return {};
    }
    case ValueKind::ratio: {
      auto number = parse_double(value.text);
      if (!number || *number < 0 || *number > 1) return bad(where, fmt::format("'{}' is not a ratio between 0 and 1, like 0.01", value.text));
      return {};
    }
    case ValueKind::duration: {
      Result<Duration> duration = parse_duration(value.text);
      if (!duration) return bad(where, duration.error().message);
      return {};
    }
    case ValueKind::cidr: return check_cidr(value.text, where);
  }
  return {};
}

std::string variable_name(std::string_view path) {
  std::string name = "PDS_";
  for (char c : path) name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

}  // namespace

const std::vector<KeyInfo>& known_keys() {
  using enum ValueKind;
  static const std::vector<KeyInfo> keys = {
      {"name", name, "", true, "the stack's name: prefix of everything that is made"},
      {"region", text, "us-east-1", false, "the AWS region"},
      {"image.repository", text, "podinfo", false, "the registry repository"},
      {"image.bootstrap", text, "1.0.0", false, "the tag whose digest a new function starts with"},
      {"trust.public_keys", path_list, "keys/pds.key.pub", false, "files with the public keys whose signatures are accepted"},
      {"trust.private_key", text, "keys/pds.key", false, "file with the key that `pds sign` signs with"},
      {"network.cidr", cidr, "10.0.0.0/16", false, "the VPC's addresses; each zone gets a /24 of it"},
      {"network.zones", integer, "3", false, "how many availability zones"},
      {"secret.name", text, "podinfo/app", false, "the secret podinfo reads"},
      {"secret.rotate_every", duration, "30d", false, "how often the secret is rotated"},
      {"fleet.desired", integer, "3", false, "instances that should run"},
      {"fleet.min", integer, "3", false, "never fewer than this"},
      {"fleet.max", integer, "6", false, "never more than this"},
      {"fleet.instance_type", text, "t3.micro", false, "the EC2 instance type"},
      {"fleet.image_id", text, "", false, "the AMI; empty: the local cloud's own"},
      {"fleet.port", integer, "9898", false, "where podinfo listens on an instance"},
      {"fleet.health_path", text, "/readyz", false, "the path the balancer asks for health"},
      {"fleet.health_interval", duration, "10s", false, "time between two health checks"},
      {"fleet.health_grace", duration, "10m", false, "how long a new instance may take before its health counts"},
      {"fleet.drain", duration, "60s", false, "how long a leaving target may finish its requests"},
      {"fleet.keep_old", duration, "60m", false, "how long the old fleet stays after the traffic has moved, unless the release ends sooner"},
      {"balancer.port", integer, "8080", false, "where the load balancer listens"},
      {"function.memory", integer, "256", false, "the function's memory in MiB"},
      {"function.timeout", duration, "10s", false, "how long one invocation may take"},
      {"function.alias", name, "live", false, "the alias that serves"},
      {"function.strategy", text, "CodeDeployDefault.LambdaCanary10Percent5Minutes", false, "how the function's traffic moves"},
      {"guardrail.error_ratio", ratio, "0.01", false, "more failed requests than this share, and the release goes back"},
      {"guardrail.errors_min", integer, "5", false, "but not for fewer failed requests than this"},
      {"guardrail.bake", duration, "3m", false, "how long both targets are watched on the new version before the old one goes"},
  };
  return keys;
}

Result<Duration> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    int64_t micros;
  };
  static constexpr Unit units[] = {{"ms", 1000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};
  int64_t total = 0;
  size_t pos = 0;
  if (text.empty()) return fail("E_CONFIG", "an empty duration");
  while (pos < text.size()) {
    size_t digits = pos;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    size_t letters = digits;
    while (letters < text.size() && text[letters] >= 'a' && text[letters] <= 'z') ++letters;
    auto number = parse_int(text.substr(pos, digits - pos));
    auto unit = std::find_if(std::begin(units), std::end(units), [&](const Unit& u) { return u.name == text.substr(digits, letters - digits); });
    if (!number || unit == std::end(units) || *number > 100'000'000 || letters == digits)
      return fail("E_CONFIG", fmt::format("'{}' is not a duration like 90s, 5m or 1h30m", text));
    total += *number * unit->micros;
    if (total > 3650LL * 86'400'000'000) return fail("E_CONFIG", fmt::format("'{}' is over ten years", text));
    pos = letters;
  }
  return Duration{total};
}

Result<void> Config::merge(std::string_view yaml, const std::string& file_name) {
  if (yaml.size() > config_bytes_max) return bad(file_name, fmt::format("over {} bytes", config_bytes_max));
  YAML::Node root;
  try {
    root = YAML::Load(std::string(yaml));
  } catch (const YAML::Exception& problem) {
    return bad(fmt::format("{}:{}", file_name, problem.mark.line + 1), fmt::format("not valid YAML: {}", problem.msg));
  }
  if (!root.IsMap()) return bad(file_name, "a mapping of keys is expected, as in 'name: podinfo'");

  struct Pending {
    YAML::Node node;
    std::string path;
    size_t depth;
  };
  std::vector<Pending> pending{{root, "", 0}};
  while (!pending.empty()) {
    Pending current = pending.back();
    pending.pop_back();
    for (const auto& member : current.node) {
      std::string where = fmt::format("{}:{}", file_name, member.first.Mark().line + 1);
      if (!member.first.IsScalar()) return bad(where, "a key must be a plain word");
      std::string name = member.first.Scalar();
      if (current.path.empty() && name.starts_with("x-")) continue;   // for anchors
      std::string path = current.path.empty() ? name : current.path + "." + name;
      if (path.size() > 200 || current.depth > depth_max) return bad(where, "nested too deeply");
      const KeyInfo* key = find_key(path);
      if (!key && is_section(path)) {
        if (!member.second.IsMap()) return bad(where, fmt::format("'{}' is a section: it has keys below it", path));
        pending.push_back({member.second, path, current.depth + 1});
        continue;
      }
      if (!key) return bad(where, unknown_key(path));
      Value value{.text = "", .list = {}, .origin = where};
      if (key->kind == ValueKind::path_list && member.second.IsSequence()) {
        for (const auto& element : member.second) {
          if (!element.IsScalar()) return bad(where, fmt::format("'{}' is a list of texts", path));
          value.list.push_back(element.Scalar());
        }
      } else if (member.second.IsScalar()) {
        value.text = member.second.Scalar();
        if (key->kind == ValueKind::path_list) value.list = {value.text};
      } else {
        return bad(where, fmt::format("'{}' takes one value", path));
      }
      values_[path] = std::move(value);
    }
  }
  return {};
}

Result<void> Config::finish() {
  for (const KeyInfo& key : known_keys()) {
    auto it = values_.find(key.path);
    if (it == values_.end()) {
      if (key.required) return fail("E_CONFIG", fmt::format("the key '{}' is missing: {}", key.path, key.meaning));
      Value value{std::string(key.fallback), {}, "default"};
      if (key.kind == ValueKind::path_list) value.list = {value.text};
      it = values_.emplace(std::string(key.path), std::move(value)).first;
    }
    CHECK(check_value(key, it->second));
  }
  if (integer("fleet.min") > integer("fleet.desired") || integer("fleet.desired") > integer("fleet.max"))
    return fail("E_CONFIG", fmt::format("fleet: min ({}) <= desired ({}) <= max ({}) does not hold", integer("fleet.min"), integer("fleet.desired"),
                                        integer("fleet.max")));
  if (integer("network.zones") < 1 || integer("network.zones") > 3) return fail("E_CONFIG", "network.zones: one to three zones");
  return {};
}

Result<Config> Config::parse(std::string_view yaml, const std::string& file_name) {
  Config config;
  CHECK(config.merge(yaml, file_name));
  CHECK(config.finish());
  return config;
}

Result<Config> Config::load(const std::string& file, const std::string& overlay, std::string (*environment)(const char* name)) {
  Config config;
  size_t slash = file.rfind('/');
  if (slash != std::string::npos) config.folder_ = file.substr(0, slash);
  for (const std::string& name : {file, overlay}) {
    if (name.empty()) continue;
    Result<std::string> yaml = io::read_file(name, config_bytes_max);
    if (!yaml) return fail("E_CONFIG", fmt::format("cannot read {}: {}", name, yaml.error().message));
    CHECK(config.merge(*yaml, name));
  }
  for (const KeyInfo& key : known_keys()) {
    std::string variable = variable_name(key.path);
    std::string text = environment(variable.c_str());
    if (text.empty()) continue;
    Value value{text, {}, variable};
    if (key.kind == ValueKind::path_list)
      for (std::string_view part : split(text, ':')) value.list.emplace_back(part);
    config.values_[std::string(key.path)] = std::move(value);
  }
  CHECK(config.finish());
  return config;
}

const std::string& Config::text(std::string_view path) const {
  auto it = values_.find(path);
  ASSERT(it != values_.end());
  return it->second.text;
}
int64_t Config::integer(std::string_view path) const { return parse_int(text(path)).value_or(0); }
double Config::ratio(std::string_view path) const { return parse_double(text(path)).value_or(0); }
Duration Config::duration(std::string_view path) const { return parse_duration(text(path)).value_or(Duration{0}); }
const std::vector<std::string>& Config::list(std::string_view path) const {
  auto it = values_.find(path);
  ASSERT(it != values_.end());
  return it->second.list;
}

}  // namespace pds::deploy
