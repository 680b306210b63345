#include "cloud/services/logs/service.h"

#include <fmt/core.h>

#include <algorithm>

#include "aws/arn.h"
#include "base/text.h"
#include "io/clock.h"
#include "io/files.h"

namespace pds::cloud::logs {
namespace {

std::string row_key(std::string_view group, std::string_view stream) { return fmt::format("{}\x01{}", group, stream); }

}  // namespace

Logs::Logs(Core& core)
    : core_(core),
      folder_(core.data_dir + "/logs/" + core.region),
      groups_(core.store, core.table("logs", "groups")),
      streams_(core.store, core.table("logs", "streams")) {}

Api Logs::api() {
  Api api(aws::logs::service_info());
  api.add<aws::logs::CreateLogGroup>(this, &Logs::create_log_group);
  api.add<aws::logs::DeleteLogGroup>(this, &Logs::delete_log_group);
  api.add<aws::logs::DescribeLogGroups>(this, &Logs::describe_log_groups);
  api.add<aws::logs::CreateLogStream>(this, &Logs::create_log_stream);
  api.add<aws::logs::DeleteLogStream>(this, &Logs::delete_log_stream);
  api.add<aws::logs::DescribeLogStreams>(this, &Logs::describe_log_streams);
  api.add<aws::logs::PutLogEvents>(this, &Logs::put_log_events);
  api.add<aws::logs::GetLogEvents>(this, &Logs::get_log_events);
  api.add<aws::logs::FilterLogEvents>(this, &Logs::filter_log_events).missing = "space-delimited patterns and regular expressions";
  api.add<aws::logs::PutRetentionPolicy>(this, &Logs::put_retention_policy);
  api.add<aws::logs::DeleteRetentionPolicy>(this, &Logs::delete_retention_policy);
  api.add<aws::logs::TagResource>(this, &Logs::tag_resource);
  api.add<aws::logs::UntagResource>(this, &Logs::untag_resource);
  api.add<aws::logs::ListTagsForResource>(this, &Logs::list_tags_for_resource);
  return api;
}

void Logs::start() { tasks_.spawn(apply_retention_hourly()); }

io::Task<void> Logs::stop() {
  tasks_.cancel_all();
  co_return;
}

io::Task<void> Logs::apply_retention_hourly() {
  while (true) {
    co_await io::sleep_on(core_.loop, core_.clock, 1h);
    apply_retention();
  }
}

// A stream goes when its last event is past the group's retention; AWS, too, deletes in its own time.
void Logs::apply_retention() {
  std::vector<StreamRecord> expired;
  for (const auto& [key, stream] : streams_.rows()) {
    const GroupRecord* group = groups_.find(stream.group);
    if (!group || group->retention_days == 0) continue;
    int64_t last = std::max(extent_of(stream).last, stream.created);
    if (last < now_ms() - int64_t{group->retention_days} * 86'400'000) expired.push_back(stream);
  }
  for (const StreamRecord& stream : expired) drop_stream(stream);
}

int64_t Logs::now_ms() const { return core_.clock.now().time_since_epoch() / 1ms; }

Result<const GroupRecord*> Logs::group_at(std::string_view name) const {
  const GroupRecord* group = groups_.find(name);
  if (!group) return fail("ResourceNotFoundException", "The specified log group does not exist.");
  return group;
}

Result<const StreamRecord*> Logs::stream_at(std::string_view group, std::string_view stream) const {
  CHECK(group_at(group));
  const StreamRecord* found = streams_.find(row_key(group, stream));
  if (!found) return fail("ResourceNotFoundException", "The specified log stream does not exist.");
  return found;
}

Result<std::string> Logs::group_of_arn(const std::string& arn) const {
  TRY(aws::Arn parsed, aws::parse_arn(arn));
  std::string name = parsed.resource;
  if (!name.starts_with("log-group:")) return fail("InvalidParameterException", "the ARN is not a log group's");
  name.erase(0, 10);
  if (name.ends_with(":*")) name.resize(name.size() - 2);
  CHECK(group_at(name));
  return name;
}

Result<std::string> Logs::group_name(const std::optional<std::string>& name, const std::optional<std::string>& identifier) const {
  if (name && identifier) return fail("InvalidParameterException", "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
  if (identifier && aws::looks_like_arn(*identifier)) return group_of_arn(*identifier);
  std::string chosen = name ? *name : identifier.value_or("");
  if (chosen.empty()) return fail("InvalidParameterException", "Exactly one of logGroupName and logGroupIdentifier is required.");
  CHECK(group_at(chosen));
  return chosen;
}

StreamFile Logs::file_of(const StreamRecord& stream) const { return StreamFile(folder_ + "/" + stream.file); }

const StreamRecord& Logs::make_stream(const std::string& group, const std::string& stream) {
  return streams_.put(row_key(group, stream), {group, stream, core_.random.uuid(), now_ms()});
}

Logs::Extent& Logs::extent_of(const StreamRecord& stream) {
  auto [it, fresh] = extents_.try_emplace(stream.file);
  if (fresh) {
    Extent& extent = it->second;
    file_of(stream).read([&](const Event& event) {
      extent.first = extent.first == 0 ? event.timestamp : std::min(extent.first, event.timestamp);
      extent.last = std::max(extent.last, event.timestamp);
      extent.ingestion = event.ingestion;
      extent.bytes += static_cast<int64_t>(event.message.size()) + 26;
      return true;
    });
  }
  return it->second;
}

Result<void> Logs::write(const StreamRecord& stream, std::span<const Event> events) {
  Extent& extent = extent_of(stream);
  CHECK(file_of(stream).append(events));
  for (const Event& event : events) {
    extent.first = extent.first == 0 ? event.timestamp : std::min(extent.first, event.timestamp);
    extent.last = std::max(extent.last, event.timestamp);
    extent.ingestion = event.ingestion;
    extent.bytes += static_cast<int64_t>(event.message.size()) + 26;   // as AWS counts them
  }
  return {};
}

void Logs::append(std::string_view group, std::string_view stream, Timestamp at, std::string_view message) {
  append_all(group, stream, {{at, std::string(message)}});
}

void Logs::append_all(std::string_view group, std::string_view stream, const std::vector<Line>& lines) {
  if (!groups_.contains(group)) groups_.put(std::string(group), {std::string(group), now_ms(), 0, {}});
  const StreamRecord* record = streams_.find(row_key(group, stream));
  if (!record) record = &make_stream(std::string(group), std::string(stream));
  std::vector<Event> events;
  events.reserve(lines.size());
  for (const Line& line : lines) events.push_back({line.at.time_since_epoch() / 1ms, now_ms(), line.text.substr(0, message_bytes_max)});
  Result<void> written = write(*record, events);
  if (!written) core_.log.warn("log lines were lost", {{"group", group}, {"lines", lines.size()}, {"reason", written.error().message}});
}

std::vector<StreamRecord> Logs::streams_of(std::string_view group) const {
  std::vector<StreamRecord> out;
  for (auto it = streams_.rows().lower_bound(row_key(group, "")); it != streams_.rows().end() && it->second.group == group; ++it) out.push_back(it->second);
  return out;
}

void Logs::drop_stream(const StreamRecord& stream) {
  file_of(stream).remove();
  extents_.erase(stream.file);
  streams_.erase(row_key(stream.group, stream.name));
}

}  // namespace pds::cloud::logs
