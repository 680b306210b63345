// What requests may ask for; pure.
#pragma once

#include "aws/shapes/autoscaling.h"
#include "aws/unsupported.h"
#include "base/result.h"
#include "cloud/services/autoscaling/records.h"

namespace pds::cloud::autoscaling {

inline constexpr size_t groups_max = 500;
inline constexpr size_t hooks_per_group_max = 50;
inline constexpr size_t target_groups_per_group_max = 50;
inline constexpr size_t tags_per_group_max = 50;
inline constexpr int capacity_max = 1000;
inline constexpr int heartbeat_seconds_least = 30, heartbeat_seconds_most = 7200;
inline constexpr int global_timeout_seconds_most = 172800;

std::unexpected<Error> invalid(std::string message);  // ValidationError
Result<void> refuse_unsupported(const char* operation, const aws::Shape& shape, const void* request);
template <class Request>
Result<void> begin(const char* operation, const Request& request) {
  return refuse_unsupported(operation, shape_of(static_cast<const Request*>(nullptr)), &request);
}

Result<void> check_group_name(const std::string& name);
Result<void> check_sizes(int min_size, int max_size, int desired);
Result<void> check_health_check_type(const std::string& type);
Result<void> check_termination_policies(const std::vector<std::string>& policies);
Result<void> check_lifetime(int seconds);  // 0 (none) or at least a day
const std::vector<std::string>& process_names();
const std::vector<std::string>& metric_names();
Result<std::vector<std::string>> check_processes(const std::vector<std::string>& names);  // none named: all
Result<std::vector<std::string>> check_metrics(const std::vector<std::string>& names);
// A hook as asked for, over `known` when there is one.
Result<aws::autoscaling::LifecycleHook> make_hook(const aws::autoscaling::PutLifecycleHookRequest& request,
                                                  const aws::autoscaling::LifecycleHook* known);
Result<void> set_tag(std::vector<aws::autoscaling::TagDescription>& tags, const std::string& group,
                     const aws::autoscaling::Tag& tag, bool internal);
// "elbv2" traffic sources are target groups; others are refused.
Result<std::vector<std::string>> target_groups_in(const char* operation,
                                                  const std::vector<aws::autoscaling::TrafficSourceIdentifier>& sources);

}  // namespace pds::cloud::autoscaling
