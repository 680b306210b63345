// The registry's content: one Store per repository below one directory. The ECR API lists and deletes through this; the distribution
// API (registry_service.h) pushes and pulls through it. Both see the same state.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "oci/reference.h"
#include "oci/store.h"

namespace pds::oci {

class Registry {
 public:
  // `root` holds one directory per repository, named after it with '/' written as %2F. Existing ones are opened on first use.
  Registry(std::string root, const Clock& clock, StoreLimits limits = {});
  ~Registry();

  Result<void> create_repository(std::string_view name);      // E_NAME_INVALID; existing is fine
  Result<void> delete_repository(std::string_view name);      // with all its content; E_NAME_UNKNOWN
  bool has_repository(std::string_view name) const;
  std::vector<std::string> repositories() const;              // sorted
  // E_NAME_UNKNOWN when it was not created. Shared, so that a pull in progress outlives the deletion of its repository.
  Result<std::shared_ptr<Store>> repository(std::string_view name);

 private:
  std::string root_;
  const Clock& clock_;
  StoreLimits limits_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Store>, std::less<>> open_;
};

}  // namespace pds::oci
