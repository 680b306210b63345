// Where the agent keeps things, as AWS's agent does:
//   <root>/<group id>/<deployment id>/{bundle.tar, deployment-archive/, logs/scripts.log}
//   <root>/deployment-instructions/<group id>_{last_successful_install, most_recent_install}, <group id>-cleanup
// Blocking.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace pds::agent {

inline constexpr size_t revisions_kept = 5;

class Layout {
 public:
  explicit Layout(std::string root) : root_(std::move(root)) {}
  const std::string& root() const { return root_; }

  std::string deployment(const std::string& group_id, const std::string& deployment_id) const;
  std::string archive(const std::string& group_id, const std::string& deployment_id) const;  // the unpacked bundle
  std::string bundle(const std::string& group_id, const std::string& deployment_id) const;   // as downloaded
  std::string script_log(const std::string& group_id, const std::string& deployment_id) const;
  std::string cleanup_file(const std::string& group_id) const;

  // Deployment directories; "" when there is none (any more).
  std::string last_successful(const std::string& group_id) const;
  std::string most_recent(const std::string& group_id) const;
  Result<void> set_last_successful(const std::string& group_id, const std::string& deployment_id) const;
  Result<void> set_most_recent(const std::string& group_id, const std::string& deployment_id) const;

  Result<void> prepare(const std::string& group_id, const std::string& deployment_id) const;
  // Removes the oldest deployments of the group, but never the last successful one or `current`.
  Result<void> prune(const std::string& group_id, const std::string& current) const;

 private:
  std::string instruction(const std::string& group_id, const char* name) const;
  std::string read_instruction(const std::string& group_id, const char* name) const;
  std::string root_;
};

// Ids come from the command service and become parts of paths: letters, digits and dashes only. E_INVALID_ID.
Result<void> check_id(const std::string& id);

}  // namespace pds::agent
