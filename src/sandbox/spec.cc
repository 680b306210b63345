#include "sandbox/spec.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

namespace pds::sandbox {

namespace {

std::unexpected<Error> bad(std::string_view field, std::string_view why) {
  return fail("E_SANDBOX_SPEC", fmt::format("sandbox {}: {}", field, why));
}

bool is_id(std::string_view id) {
  if (id.empty() || id.size() > id_bytes_max || id.front() == '-') return false;
  return std::ranges::all_of(id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

// Absolute, normal form: no empty, "." or ".." parts, so that a prefix test on paths means what it says.
bool is_normal_path(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.size() > 1024 || has_nul(path)) return false;
  if (path == "/") return true;
  size_t at = 1;
  while (at <= path.size()) {
    size_t end = std::min(path.find('/', at), path.size());
    std::string_view part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == "..") return false;
    at = end + 1;
  }
  return true;
}

bool is_ipv4(const std::string& address) {
  in_addr parsed;
  return inet_pton(AF_INET, address.c_str(), &parsed) == 1;
}

Result<void> validate_program(const SandboxSpec& spec) {
  if (spec.arguments.empty()) return bad("arguments", "there must be at least the program");
  if (spec.arguments.size() > arguments_max) return bad("arguments", fmt::format("more than {}", arguments_max));
  if (!is_normal_path(spec.arguments[0])) return bad("arguments[0]", "must be an absolute path without '.' or '..' parts");
  for (const auto& argument : spec.arguments)
    if (has_nul(argument)) return bad("arguments", "an argument contains a zero byte");
  if (spec.environment.size() > environment_max) return bad("environment", fmt::format("more than {} variables", environment_max));
  for (const auto& [name, value] : spec.environment)
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name) || has_nul(value))
      return bad("environment", fmt::format("variable '{}' has an invalid name or a zero byte in its value", name));
  if (!is_normal_path(spec.working_directory))
    return bad("working_directory", "must be an absolute path without '.' or '..' parts");
  // 65534 is what the kernel shows for ids that are not mapped.
  if (spec.uid > 65533 || spec.gid > 65533) return bad("uid and gid", "must be at most 65533");
  return {};
}

Result<void> validate_files(const SandboxSpec& spec) {
  if (spec.image_root.empty() == spec.layer.empty()) return bad("root", "exactly one of image_root and layer must be given");
  const std::string& root = spec.image_root.empty() ? spec.layer : spec.image_root;
  if (!is_normal_path(root) || root == "/") return bad("root", "must be an absolute path, and not '/'");
  if (spec.binds.size() + spec.scratch.size() > binds_max) return bad("binds and scratch", fmt::format("more than {}", binds_max));
  for (const auto& bind : spec.binds) {
    if (!is_normal_path(bind.source)) return bad("binds", fmt::format("source '{}' must be an absolute, normal path", bind.source));
    if (!is_normal_path(bind.target) || bind.target == "/")
      return bad("binds", fmt::format("target '{}' must be an absolute, normal path below '/'", bind.target));
  }
  for (const auto& scratch : spec.scratch) {
    if (!is_normal_path(scratch.target) || scratch.target == "/")
      return bad("scratch", fmt::format("target '{}' must be an absolute, normal path below '/'", scratch.target));
    if (scratch.bytes_max == 0) return bad("scratch", "bytes_max must not be 0");
  }
  return {};
}

Result<void> validate_network(const SandboxSpec& spec) {
  if (spec.addresses.size() > addresses_max) return bad("addresses", fmt::format("more than {}", addresses_max));
  for (const auto& address : spec.addresses)
    if (!is_ipv4(address)) return bad("addresses", fmt::format("'{}' is not an IPv4 address", address));
  if (spec.listeners.size() > listeners_max) return bad("listeners", fmt::format("more than {}", listeners_max));
  for (const auto& listener : spec.listeners)
    if (!is_ipv4(listener.address) || listener.port == 0)
      return bad("listeners", fmt::format("'{}:{}' is not an IPv4 address and a port", listener.address, listener.port));
  return {};
}

}  // namespace

Result<void> validate(const SandboxSpec& spec) {
  if (!is_id(spec.id))
    return bad("id", fmt::format("'{}' must be 1 to {} of a-z, 0-9 and '-', not starting with '-'", spec.id, id_bytes_max));
  if (spec.profile == Profile::instance && (spec.uid != 0 || spec.gid != 0)) return bad("uid and gid", "an instance starts as 0:0");
  CHECK(validate_program(spec));
  CHECK(validate_files(spec));
  CHECK(validate_network(spec));
  if (spec.hostname.empty() || spec.hostname.size() > 63 || has_nul(spec.hostname))
    return bad("hostname", "must have 1 to 63 bytes");
  if (spec.limits.processes == 0 || spec.limits.open_files < 16) return bad("limits", "at least 1 process and 16 open files");
  if (spec.limits.memory_bytes != 0 && spec.limits.memory_bytes < (4u << 20))
    return bad("limits", "memory_bytes below 4 MiB cannot even start a program");
  if (!(spec.limits.cpus >= 0 && spec.limits.cpus <= 1024)) return bad("limits", "cpus must be between 0 and 1024");
  if (spec.limits.tmp_bytes < 4096) return bad("limits", "tmp_bytes must be at least 4096");
  return {};
}

}  // namespace pds::sandbox
