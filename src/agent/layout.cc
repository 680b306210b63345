#include "agent/layout.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/text.h"
#include "io/files.h"

namespace pds::agent {
namespace {

constexpr const char* last_successful_name = "last_successful_install";
constexpr const char* most_recent_name = "most_recent_install";
constexpr size_t id_bytes_max = 100;
constexpr size_t instruction_bytes_max = 4096;

struct timespec changed_at(const std::string& path) {
  struct stat found{};
  return lstat(path.c_str(), &found) == 0 ? found.st_mtim : timespec{};
}

}  // namespace

Result<void> check_id(const std::string& id) {
  bool good = !id.empty() && id.size() <= id_bytes_max && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!good)
    return fail("E_INVALID_ID", fmt::format("'{}' is not an id of a deployment or a deployment group", id.substr(0, id_bytes_max)));
  return {};
}

std::string Layout::deployment(const std::string& group_id, const std::string& deployment_id) const {
  return fmt::format("{}/{}/{}", root_, group_id, deployment_id);
}
std::string Layout::archive(const std::string& group_id, const std::string& deployment_id) const {
  return deployment(group_id, deployment_id) + "/deployment-archive";
}
std::string Layout::bundle(const std::string& group_id, const std::string& deployment_id) const {
  return deployment(group_id, deployment_id) + "/bundle.tar";
}
std::string Layout::script_log(const std::string& group_id, const std::string& deployment_id) const {
  return deployment(group_id, deployment_id) + "/logs/scripts.log";
}
std::string Layout::cleanup_file(const std::string& group_id) const {
  return fmt::format("{}/deployment-instructions/{}-cleanup", root_, group_id);
}
std::string Layout::instruction(const std::string& group_id, const char* name) const {
  return fmt::format("{}/deployment-instructions/{}_{}", root_, group_id, name);
}

std::string Layout::read_instruction(const std::string& group_id, const char* name) const {
  Result<std::string> path = io::read_file(instruction(group_id, name), instruction_bytes_max);
  return path && io::exists(*path) ? *path : "";
}

std::string Layout::last_successful(const std::string& group_id) const { return read_instruction(group_id, last_successful_name); }
std::string Layout::most_recent(const std::string& group_id) const { return read_instruction(group_id, most_recent_name); }

Result<void> Layout::set_last_successful(const std::string& group_id, const std::string& deployment_id) const {
  return io::write_file_atomically(instruction(group_id, last_successful_name), deployment(group_id, deployment_id));
}
Result<void> Layout::set_most_recent(const std::string& group_id, const std::string& deployment_id) const {
  return io::write_file_atomically(instruction(group_id, most_recent_name), deployment(group_id, deployment_id));
}

Result<void> Layout::prepare(const std::string& group_id, const std::string& deployment_id) const {
  CHECK(check_id(group_id));
  CHECK(check_id(deployment_id));
  CHECK(io::make_directories(root_ + "/deployment-instructions", 0755));
  return io::make_directories(deployment(group_id, deployment_id) + "/logs", 0755);
}

Result<void> Layout::prune(const std::string& group_id, const std::string& current) const {
  std::string folder = root_ + "/" + group_id, last = last_successful(group_id);
  TRY(std::vector<std::string> names, io::list_directory(folder));
  auto newer = [&](const std::string& a, const std::string& b) {
    timespec x = changed_at(folder + "/" + a), y = changed_at(folder + "/" + b);
    return x.tv_sec != y.tv_sec ? x.tv_sec > y.tv_sec : x.tv_nsec > y.tv_nsec;
  };
  std::sort(names.begin(), names.end(), newer);
  size_t kept = 0;
  for (const std::string& name : names) {
    bool needed = name == current || folder + "/" + name == last;
    if (++kept > revisions_kept && !needed) CHECK(io::remove_tree(folder + "/" + name));
  }
  return {};
}

}  // namespace pds::agent
