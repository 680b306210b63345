#include "cloud/services/autoscaling/activities.h"

#include <fmt/core.h>

#include "base/json.h"
#include "base/text.h"

namespace pds::cloud::autoscaling {

namespace {

bool is_open(const aws::autoscaling::Activity& activity) { return !activity.end_time.has_value(); }

}  // namespace

Activities::Activities(Core& core, Tables& tables) : core_(core), tables_(tables) {
  for (const auto& [key, record] : tables_.activities.rows())
    if (auto number = parse_int(key.substr(key.rfind('/') + 1))) next_ = std::max(next_, *number + 1);
}

std::string Activities::open(const GroupRecord& group, std::string description, std::string cause, const std::string& subnet_id,
                             const std::string& zone, std::string status, int progress) {
  ActivityRecord record;
  json::object details;
  if (!subnet_id.empty()) details["Subnet ID"] = subnet_id;
  if (!zone.empty()) details["Availability Zone"] = zone;
  record.activity = {.activity_id = core_.random.uuid(),
                     .auto_scaling_group_name = group.group.auto_scaling_group_name,
                     .description = std::move(description),
                     .cause = std::move(cause),
                     .start_time = core_.clock.now(),
                     .end_time = std::nullopt,
                     .status_code = std::move(status),
                     .status_message = std::nullopt,
                     .progress = progress,
                     .details = to_text(details),
                     .auto_scaling_group_arn = group.group.auto_scaling_group_arn};
  std::string id = record.activity.activity_id, name = record.activity.auto_scaling_group_name;
  tables_.activities.put(fmt::format("{}/{:012}", name, next_++), std::move(record));
  trim(name);
  return id;
}

void Activities::trim(const std::string& group) {
  std::vector<std::string> own, leaving;
  for (const auto& [key, record] : tables_.activities.rows()) {
    if (record.activity.auto_scaling_group_name != group || is_open(record.activity)) continue;
    bool old = *record.activity.end_time + activities_kept < core_.clock.now();
    (old ? leaving : own).push_back(key);
  }
  for (size_t i = 0; i + activities_per_group_max < own.size(); ++i) leaving.push_back(own[i]);
  for (const std::string& key : leaving) tables_.activities.erase(key);
}

const std::string* Activities::key_of(std::string_view activity_id) const {
  for (const auto& [key, record] : tables_.activities.rows())
    if (record.activity.activity_id == activity_id) return &key;
  return nullptr;
}

const ActivityRecord* Activities::find(std::string_view activity_id) const {
  const std::string* key = key_of(activity_id);
  return key ? tables_.activities.find(*key) : nullptr;
}

void Activities::progress(const std::string& activity_id, std::string status, int progress) {
  const std::string* key = key_of(activity_id);
  if (!key) return;
  tables_.activities.update(
      *key, [&](ActivityRecord& record) { record.activity.status_code = status, record.activity.progress = progress; });
}

void Activities::close(const std::string& activity_id, std::string status, std::string message) {
  const std::string* key = key_of(activity_id);
  if (!key) return;
  tables_.activities.update(*key, [&](ActivityRecord& record) {
    record.activity.status_code = status;
    record.activity.progress = 100;
    record.activity.end_time = core_.clock.now();
    if (!message.empty()) record.activity.status_message = message;
  });
}

void Activities::forget_group(const std::string& group) {
  std::vector<std::string> keys;
  for (const auto& [key, record] : tables_.activities.rows())
    if (record.activity.auto_scaling_group_name == group) keys.push_back(key);
  for (const std::string& key : keys) tables_.activities.update(key, [](ActivityRecord& record) { record.group_deleted = true; });
}

bool Activities::any_open(const std::string& group) const {
  for (const auto& [key, record] : tables_.activities.rows())
    if (record.activity.auto_scaling_group_name == group && !record.group_deleted && is_open(record.activity)) return true;
  return false;
}

std::string cause_of_launch(const GroupRecord& group, Timestamp now, int from, int to, bool rebalancing) {
  std::string at = to_iso8601(now);
  if (rebalancing)
    return fmt::format(
        "At {} an instance was launched to aid in balancing the group's zones, resulting in more than desired number of "
        "instances in the group.",
        at);
  return fmt::format(
      "{}At {} an instance was started in response to a difference between desired and actual capacity, increasing the "
      "capacity from {} to {}.",
      group.cause, at, from, to);
}

std::string cause_of_termination(const GroupRecord& group, Timestamp now, const std::string& why, int from, int to,
                                 const std::string& instance_id) {
  std::string at = to_iso8601(now);
  bool scaling_in = why == "a difference between desired and actual capacity";
  std::string text =
      fmt::format("{}At {} an instance was taken out of service in response to {}", scaling_in ? group.cause : "", at, why);
  if (scaling_in)
    text += fmt::format(", shrinking the capacity from {} to {}.  At {} instance {} was selected for termination", from, to, at,
                        instance_id);
  return text + ".";
}

}  // namespace pds::cloud::autoscaling
