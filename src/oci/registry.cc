#include "oci/registry.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace pds::oci {
namespace {

std::unexpected<Error> unknown(std::string_view name) {
  return fail("E_NAME_UNKNOWN", fmt::format("there is no repository '{}' in this registry", name.substr(0, repository_bytes_max)),
              404);
}

}  // namespace

Registry::Registry(std::string root, const Clock& clock, StoreLimits limits)
    : root_(std::move(root)), clock_(clock), limits_(limits) {}
Registry::~Registry() = default;

Result<void> Registry::create_repository(std::string_view name) {
  if (!is_valid_repository(name)) return fail("E_NAME_INVALID", fmt::format("'{}' is not a repository name", name.substr(0, 100)));
  std::lock_guard lock(mutex_);
  return io::make_directories(root_ + "/" + percent_encode(name));
}

Result<void> Registry::delete_repository(std::string_view name) {
  std::lock_guard lock(mutex_);
  std::string path = root_ + "/" + percent_encode(name);
  if (!is_valid_repository(name) || !io::exists(path)) return unknown(name);
  // A pull in progress keeps its open files; whoever still holds the store finds it empty.
  if (auto found = open_.find(name); found != open_.end()) open_.erase(found);
  return io::remove_tree(path);
}

bool Registry::has_repository(std::string_view name) const {
  return is_valid_repository(name) && io::exists(root_ + "/" + percent_encode(name));
}

std::vector<std::string> Registry::repositories() const {
  std::vector<std::string> out;
  auto names = io::list_directory(root_);
  if (!names) return out;
  for (const std::string& name : *names) {
    auto decoded = percent_decode(name);
    if (decoded && is_valid_repository(*decoded)) out.push_back(*std::move(decoded));
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::shared_ptr<Store>> Registry::repository(std::string_view name) {
  std::lock_guard lock(mutex_);
  if (auto found = open_.find(name); found != open_.end()) return found->second;
  std::string path = root_ + "/" + percent_encode(name);
  if (!is_valid_repository(name) || !io::exists(path)) return unknown(name);
  TRY(std::unique_ptr<Store> store, Store::open(path, clock_, limits_));
  return open_.emplace(std::string(name), std::move(store)).first->second;
}

}  // namespace pds::oci
