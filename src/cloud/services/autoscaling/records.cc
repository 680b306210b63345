#include "cloud/services/autoscaling/records.h"

namespace pds::cloud::autoscaling {

std::vector<MemberRecord> Tables::members_of(std::string_view group) const {
  std::vector<MemberRecord> result;
  for (const auto& [id, member] : members.rows())
    if (member.group == group) result.push_back(member);
  return result;
}

std::vector<aws::autoscaling::LifecycleHook> Tables::hooks_of(std::string_view group) const {
  std::vector<aws::autoscaling::LifecycleHook> result;
  for (const auto& [key, hook] : hooks.rows())
    if (hook.auto_scaling_group_name == group) result.push_back(hook);
  return result;
}

}  // namespace pds::cloud::autoscaling
