// What a group does by itself, and what it tells: processes, metrics, activities, tags.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "cloud/services/autoscaling/impl.h"

namespace pds::cloud {

using namespace autoscaling;

Result<aws::autoscaling::SuspendProcessesReply> AutoScaling::suspend_processes(
    const Call&, const aws::autoscaling::SuspendProcessesRequest& request) {
  CHECK(begin("SuspendProcesses", request));
  TRY(auto names, check_processes(request.scaling_processes));
  std::string reason = fmt::format("User suspended at {}", to_iso8601(impl_->core.clock.now()));
  CHECK(impl_->change_group(request.auto_scaling_group_name, [&](GroupRecord& record) -> Result<void> {
    for (const std::string& name : names)
      if (!is_suspended(record, name))
        record.group.suspended_processes.push_back({.process_name = name, .suspension_reason = reason});
    return {};
  }));
  return aws::Empty{};
}

Result<aws::autoscaling::ResumeProcessesReply> AutoScaling::resume_processes(
    const Call&, const aws::autoscaling::ResumeProcessesRequest& request) {
  CHECK(begin("ResumeProcesses", request));
  TRY(auto names, check_processes(request.scaling_processes));
  CHECK(impl_->change_group(request.auto_scaling_group_name, [&](GroupRecord& record) -> Result<void> {
    std::erase_if(record.group.suspended_processes, [&](const auto& suspended) {
      return std::find(names.begin(), names.end(), suspended.process_name) != names.end();
    });
    return {};
  }));
  return aws::Empty{};
}

Result<aws::autoscaling::EnableMetricsCollectionReply> AutoScaling::enable_metrics_collection(
    const Call&, const aws::autoscaling::EnableMetricsCollectionRequest& request) {
  CHECK(begin("EnableMetricsCollection", request));
  if (request.granularity != "1Minute")
    return invalid(fmt::format("Invalid granularity: {}. The only valid value is 1Minute", request.granularity));
  TRY(auto names, check_metrics(request.metrics));
  CHECK(impl_->change_group(request.auto_scaling_group_name, [&](GroupRecord& record) -> Result<void> {
    auto& enabled = record.group.enabled_metrics;
    for (const std::string& name : names)
      if (std::none_of(enabled.begin(), enabled.end(), [&](const auto& metric) { return metric.metric == name; }))
        enabled.push_back({.metric = name, .granularity = "1Minute"});
    return {};
  }));
  return aws::Empty{};
}

Result<aws::autoscaling::DisableMetricsCollectionReply> AutoScaling::disable_metrics_collection(
    const Call&, const aws::autoscaling::DisableMetricsCollectionRequest& request) {
  CHECK(begin("DisableMetricsCollection", request));
  TRY(auto names, check_metrics(request.metrics));
  CHECK(impl_->change_group(request.auto_scaling_group_name, [&](GroupRecord& record) -> Result<void> {
    std::erase_if(record.group.enabled_metrics,
                  [&](const auto& metric) { return std::find(names.begin(), names.end(), metric.metric) != names.end(); });
    return {};
  }));
  return aws::Empty{};
}

Result<aws::autoscaling::DescribeScalingActivitiesReply> AutoScaling::describe_scaling_activities(
    const Call&, const aws::autoscaling::DescribeScalingActivitiesRequest& request) {
  CHECK(begin("DescribeScalingActivities", request));
  if (request.auto_scaling_group_name && !request.include_deleted_groups.value_or(false) &&
      !impl_->tables.groups.contains(*request.auto_scaling_group_name))
    return invalid(
        fmt::format("AutoScalingGroup name not found - AutoScalingGroup: {} not found", *request.auto_scaling_group_name));
  struct Row {
    std::string key;  // newest first
    const ActivityRecord* record;
  };
  std::vector<Row> rows;
  for (const auto& [key, record] : impl_->tables.activities.rows()) {
    const auto& ids = request.activity_ids;
    bool asked =
        (!request.auto_scaling_group_name || record.activity.auto_scaling_group_name == *request.auto_scaling_group_name) &&
        (request.include_deleted_groups.value_or(false) || !record.group_deleted) &&
        (ids.empty() || std::find(ids.begin(), ids.end(), record.activity.activity_id) != ids.end());
    int64_t number = parse_int(key.substr(key.rfind('/') + 1)).value_or(0);
    if (asked) rows.push_back({fmt::format("{:012}", 999'999'999'999 - number), &record});
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
  aws::autoscaling::DescribeScalingActivitiesReply reply;
  TRY(reply.next_token,
      aws::cut_page(rows, request.next_token, request.max_records.value_or(0), 100, [](const Row& row) { return row.key; }));
  for (const Row& row : rows) reply.activities.push_back(row.record->activity);
  return reply;
}

Result<aws::autoscaling::CreateOrUpdateTagsReply> AutoScaling::create_or_update_tags(
    const Call& call, const aws::autoscaling::CreateOrUpdateTagsRequest& request) {
  CHECK(begin("CreateOrUpdateTags", request));
  std::map<std::string, GroupRecord> changed;
  for (const auto& tag : request.tags) {
    if (!tag.resource_id) return invalid("ResourceId is required");
    TRY(const GroupRecord* known, impl_->group_at(*tag.resource_id));
    GroupRecord& record = changed.try_emplace(*tag.resource_id, *known).first->second;
    CHECK(set_tag(record.group.tags, *tag.resource_id, tag, call.internal));
  }
  for (auto& [name, record] : changed) impl_->tables.groups.put(name, std::move(record));
  return aws::Empty{};
}

Result<aws::autoscaling::DeleteTagsReply> AutoScaling::delete_tags(const Call&,
                                                                   const aws::autoscaling::DeleteTagsRequest& request) {
  CHECK(begin("DeleteTags", request));
  for (const auto& tag : request.tags) {
    if (!tag.resource_id) return invalid("ResourceId is required");
    CHECK(impl_->group_at(*tag.resource_id));
  }
  for (const auto& tag : request.tags)
    impl_->tables.groups.update(*tag.resource_id, [&](GroupRecord& record) {
      std::erase_if(record.group.tags,
                    [&](const auto& known) { return known.key == tag.key && (!tag.value || *tag.value == known.value); });
    });
  return aws::Empty{};
}

Result<aws::autoscaling::DescribeTagsReply> AutoScaling::describe_tags(const Call&,
                                                                       const aws::autoscaling::DescribeTagsRequest& request) {
  CHECK(begin("DescribeTags", request));
  aws::autoscaling::DescribeTagsReply reply;
  for (const auto& [name, record] : impl_->tables.groups.rows()) {
    for (const auto& tag : record.group.tags) {
      bool passed = true;
      for (const auto& filter : request.filters) {
        std::string value = filter.name == "auto-scaling-group"    ? name
                            : filter.name == "key"                 ? tag.key
                            : filter.name == "value"               ? tag.value
                            : filter.name == "propagate-at-launch" ? (tag.propagate_at_launch ? "true" : "false")
                                                                   : "";
        if (value.empty() && filter.name != "value") return invalid(fmt::format("Filter type {} is not correct", filter.name));
        passed = passed && std::find(filter.values.begin(), filter.values.end(), value) != filter.values.end();
      }
      if (passed) reply.tags.push_back(tag);
    }
  }
  std::sort(reply.tags.begin(), reply.tags.end(),
            [](const auto& a, const auto& b) { return std::tie(a.resource_id, a.key) < std::tie(b.resource_id, b.key); });
  TRY(reply.next_token, aws::cut_page(reply.tags, request.next_token, request.max_records.value_or(0), 50,
                                      [](const auto& tag) { return tag.resource_id + "/" + tag.key; }));
  return reply;
}

}  // namespace pds::cloud
