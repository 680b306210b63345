// Scaling activities: what a group did, in AWS's words. Tools read the status codes, people the causes.
#pragma once

#include <string>

#include "cloud/services/autoscaling/records.h"

namespace pds::cloud::autoscaling {

inline constexpr size_t activities_per_group_max = 500;  // the oldest finished ones go first
inline constexpr std::chrono::hours activities_kept{6 * 7 * 24};

class Activities {
 public:
  Activities(Core& core, Tables& tables);
  // Returns its id. `instance_id` may be empty: the launch that failed.
  std::string open(const GroupRecord& group, std::string description, std::string cause, const std::string& subnet_id,
                   const std::string& zone, std::string status = "InProgress", int progress = 0);
  void progress(const std::string& activity_id, std::string status, int progress);
  // "Successful", "Failed" or "Cancelled".
  void close(const std::string& activity_id, std::string status, std::string message = "");
  const ActivityRecord* find(std::string_view activity_id) const;
  void forget_group(const std::string& group);  // those of a deleted group stay, marked
  bool any_open(const std::string& group) const;

 private:
  const std::string* key_of(std::string_view activity_id) const;
  void trim(const std::string& group);
  Core& core_;
  Tables& tables_;
  int64_t next_ = 1;
};

// "At 2026-11-23T19:29:28Z an instance was started in response to a difference between desired and actual capacity, ..."
std::string cause_of_launch(const GroupRecord& group, Timestamp now, int from, int to, bool rebalancing);
std::string cause_of_termination(const GroupRecord& group, Timestamp now, const std::string& why, int from, int to,
                                 const std::string& instance_id);

}  // namespace pds::cloud::autoscaling
