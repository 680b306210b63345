#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "aws/paging.h"
#include "base/text.h"
#include "cloud/services/logs/pattern.h"
#include "cloud/services/logs/service.h"

namespace pds::cloud::logs {

using namespace aws::logs;

namespace {

bool valid_name(std::string_view name, bool group) {
  return std::all_of(name.begin(), name.end(), [group](char c) {
    bool common = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return group ? common || std::string_view("_-/.#").find(c) != std::string_view::npos : c != ':' && c != '*' && static_cast<unsigned char>(c) >= 0x20;
  });
}

// "f/<n>" and "b/<n>": the number of events that lie before.
std::string position_token(char direction, size_t position) { return fmt::format("{}/{:056}", direction, position); }

}  // namespace

Logs::Reply<CreateLogGroup> Logs::create_log_group(const Call&, const CreateLogGroupRequest& request) {
  if (!valid_name(request.log_group_name, true))
    return fail("InvalidParameterException",
                fmt::format("1 validation error detected: Value '{}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                            "[\\.\\-_/#A-Za-z0-9]+",
                            request.log_group_name));
  if (request.log_group_class.value_or("STANDARD") != "STANDARD") return fail("NotImplemented", "CreateLogGroup: only the class STANDARD is supported", 501);
  if (groups_.contains(request.log_group_name)) return fail("ResourceAlreadyExistsException", "The specified log group already exists");
  groups_.put(request.log_group_name, {request.log_group_name, now_ms(), 0, request.tags});
  return CreateLogGroupReply{};
}

Logs::Reply<DeleteLogGroup> Logs::delete_log_group(const Call&, const DeleteLogGroupRequest& request) {
  CHECK(group_at(request.log_group_name));
  for (const StreamRecord& stream : streams_of(request.log_group_name)) drop_stream(stream);
  groups_.erase(request.log_group_name);
  return DeleteLogGroupReply{};
}

Logs::Reply<DescribeLogGroups> Logs::describe_log_groups(const Call&, const DescribeLogGroupsRequest& request) {
  DescribeLogGroupsReply reply;
  for (const auto& [name, group] : groups_.rows()) {
    if (request.log_group_name_prefix && !name.starts_with(*request.log_group_name_prefix)) continue;
    if (request.log_group_name_pattern && to_lower(name).find(to_lower(*request.log_group_name_pattern)) == std::string::npos) continue;
    LogGroup entry{.log_group_name = name, .creation_time = group.created};
    if (group.retention_days > 0) entry.retention_in_days = group.retention_days;
    entry.log_group_arn = core_.arn("logs", "log-group:" + name);
    entry.arn = entry.log_group_arn + ":*";
    entry.log_group_class = "STANDARD";
    for (const StreamRecord& stream : streams_of(name)) entry.stored_bytes += extent_of(stream).bytes;
    reply.log_groups.push_back(std::move(entry));
  }
  TRY(reply.next_token, aws::cut_page(reply.log_groups, request.next_token, request.limit.value_or(0), 50,
                                      [](const LogGroup& group) { return group.log_group_name; }, "InvalidParameterException"));
  return reply;
}

Logs::Reply<CreateLogStream> Logs::create_log_stream(const Call&, const CreateLogStreamRequest& request) {
  CHECK(group_at(request.log_group_name));
  if (!valid_name(request.log_stream_name, false))
    return fail("InvalidParameterException", "Value at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*");
  if (stream_at(request.log_group_name, request.log_stream_name)) return fail("ResourceAlreadyExistsException", "The specified log stream already exists");
  make_stream(request.log_group_name, request.log_stream_name);
  return CreateLogStreamReply{};
}

Logs::Reply<DeleteLogStream> Logs::delete_log_stream(const Call&, const DeleteLogStreamRequest& request) {
  TRY(const StreamRecord* stream, stream_at(request.log_group_name, request.log_stream_name));
  drop_stream(StreamRecord(*stream));
  return DeleteLogStreamReply{};
}

Logs::Reply<DescribeLogStreams> Logs::describe_log_streams(const Call&, const DescribeLogStreamsRequest& request) {
  TRY(std::string group, group_name(request.log_group_name, request.log_group_identifier));
  std::string order = request.order_by.value_or("LogStreamName");
  if (order != "LogStreamName" && order != "LastEventTime")
    return fail("InvalidParameterException", "orderBy must be LogStreamName or LastEventTime");
  if (order == "LastEventTime" && request.log_stream_name_prefix)
    return fail("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.");
  DescribeLogStreamsReply reply;
  for (const StreamRecord& stream : streams_of(group)) {
    if (request.log_stream_name_prefix && !stream.name.starts_with(*request.log_stream_name_prefix)) continue;
    LogStream entry{.log_stream_name = stream.name, .creation_time = stream.created};
    if (const Extent& extent = extent_of(stream); extent.last > 0) {
      entry.first_event_timestamp = extent.first;
      entry.last_event_timestamp = extent.last;
      entry.last_ingestion_time = extent.ingestion;
      entry.stored_bytes = extent.bytes;
    }
    entry.arn = core_.arn("logs", fmt::format("log-group:{}:log-stream:{}", group, stream.name));
    reply.log_streams.push_back(std::move(entry));
  }
  bool by_time = order == "LastEventTime", descending = request.descending.value_or(false);
  auto sort_key = [by_time](const LogStream& stream) {
    return by_time ? fmt::format("{:020}{}", stream.last_event_timestamp.value_or(0), stream.log_stream_name) : stream.log_stream_name;
  };
  std::sort(reply.log_streams.begin(), reply.log_streams.end(), [&](const LogStream& a, const LogStream& b) { return sort_key(a) < sort_key(b); });
  if (descending) {
    // Pages are cut by ascending keys; a descending listing is given whole, which is what asks for the newest streams need.
    std::reverse(reply.log_streams.begin(), reply.log_streams.end());
    size_t limit = static_cast<size_t>(request.limit.value_or(50));
    if (reply.log_streams.size() > limit) reply.log_streams.resize(limit);
    return reply;
  }
  TRY(reply.next_token, aws::cut_page(reply.log_streams, request.next_token, request.limit.value_or(0), 50, sort_key, "InvalidParameterException"));
  return reply;
}

Logs::Reply<PutLogEvents> Logs::put_log_events(const Call&, const PutLogEventsRequest& request) {
  TRY(const StreamRecord* stream, stream_at(request.log_group_name, request.log_stream_name));
  constexpr size_t batch_bytes_max = 1'048'576;
  size_t bytes = 0;
  int64_t previous = 0, now = now_ms();
  for (const InputLogEvent& event : request.log_events) {
    if (event.timestamp < previous) return fail("InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order.");
    previous = event.timestamp;
    bytes += event.message.size() + 26;
    if (event.message.size() > message_bytes_max)
      return fail("InvalidParameterException", fmt::format("Log event too large: {} bytes exceeds limit of {}", event.message.size() + 26, message_bytes_max));
  }
  if (bytes > batch_bytes_max) return fail("InvalidParameterException", fmt::format("Upload too large: {} bytes exceeds limit of {}", bytes, batch_bytes_max));
  PutLogEventsReply reply{.next_sequence_token = core_.random.text(56, "0123456789"), .rejected_log_events_info = {}};
  RejectedLogEventsInfo rejected;
  for (size_t i = 0; i < request.log_events.size(); ++i) {
    const InputLogEvent& event = request.log_events[i];
    if (event.timestamp < now - 14LL * 86'400'000) {
      rejected.too_old_log_event_end_index = static_cast<int>(i) + 1;
    } else if (event.timestamp > now + 7'200'000) {
      if (!rejected.too_new_log_event_start_index) rejected.too_new_log_event_start_index = static_cast<int>(i);
    } else {
      Event one{event.timestamp, now, event.message};
      CHECK(write(*stream, std::span(&one, 1)));
    }
  }
  if (rejected.too_old_log_event_end_index || rejected.too_new_log_event_start_index) reply.rejected_log_events_info = rejected;
  return reply;
}

Logs::Reply<GetLogEvents> Logs::get_log_events(const Call&, const GetLogEventsRequest& request) {
  TRY(std::string group, group_name(request.log_group_name, request.log_group_identifier));
  TRY(const StreamRecord* stream, stream_at(group, request.log_stream_name));
  constexpr size_t page_bytes_max = 1u << 20;
  size_t limit = static_cast<size_t>(request.limit.value_or(10'000));
  std::multimap<int64_t, Event> by_time;  // those of one moment as they came
  file_of(*stream).read([&](const Event& event) {
    if (event.timestamp >= request.start_time.value_or(0) && event.timestamp < request.end_time.value_or(INT64_MAX)) by_time.emplace(event.timestamp, event);
    return true;
  });
  std::vector<Event> events;
  for (auto& [time, event] : by_time) events.push_back(std::move(event));

  bool forward = request.start_from_head.value_or(false);
  size_t begin = 0, end = events.size();
  if (request.next_token) {
    auto position = request.next_token->size() > 2 ? parse_int(request.next_token->substr(2)) : std::nullopt;
    if (!position || *position < 0 || (!request.next_token->starts_with("f/") && !request.next_token->starts_with("b/")))
      return fail("InvalidParameterException", "The specified nextToken is invalid.");
    forward = request.next_token->starts_with("f/");
    (forward ? begin : end) = std::min<size_t>(static_cast<size_t>(*position), events.size());
  }
  GetLogEventsReply reply;
  size_t bytes = 0, count = 0;
  auto fits = [&](const Event& event) {
    bytes += event.message.size() + 26;
    return count < limit && (count == 0 || bytes <= page_bytes_max);
  };
  if (forward) {
    for (end = begin; end < events.size() && fits(events[end]); ++end) ++count;
  } else {
    for (begin = end; begin > 0 && fits(events[begin - 1]); --begin) ++count;
  }
  for (size_t i = begin; i < end; ++i) reply.events.push_back({events[i].timestamp, events[i].message, events[i].ingestion});
  reply.next_forward_token = position_token('f', end);
  reply.next_backward_token = position_token('b', begin);
  return reply;
}

Logs::Reply<FilterLogEvents> Logs::filter_log_events(const Call&, const FilterLogEventsRequest& request) {
  TRY(std::string group, group_name(request.log_group_name, request.log_group_identifier));
  if (!request.log_stream_names.empty() && request.log_stream_name_prefix)
    return fail("InvalidParameterException", "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.");
  TRY(Pattern pattern, Pattern::parse(request.filter_pattern.value_or("")));
  for (const std::string& name : request.log_stream_names) CHECK(stream_at(group, name));
  FilterLogEventsReply reply;
  for (const StreamRecord& stream : streams_of(group)) {
    if (request.log_stream_name_prefix && !stream.name.starts_with(*request.log_stream_name_prefix)) continue;
    const auto& names = request.log_stream_names;
    if (!names.empty() && std::find(names.begin(), names.end(), stream.name) == names.end()) continue;
    const Extent& extent = extent_of(stream);
    if (extent.last < request.start_time.value_or(0) || extent.first > request.end_time.value_or(INT64_MAX)) continue;
    int64_t number = 0;
    file_of(stream).read([&](const Event& event) {
      ++number;
      bool in_time = event.timestamp >= request.start_time.value_or(0) && event.timestamp <= request.end_time.value_or(INT64_MAX);
      // The id orders events of one moment and stays the same as long as the event exists.
      if (in_time && pattern.matches(event.message))
        reply.events.push_back({stream.name, event.timestamp, event.message, event.ingestion, fmt::format("{:020}{:012}{}", event.timestamp, number, stream.file)});
      return true;
    });
  }
  std::sort(reply.events.begin(), reply.events.end(), [](const auto& a, const auto& b) { return a.event_id < b.event_id; });
  TRY(reply.next_token, aws::cut_page(reply.events, request.next_token, request.limit.value_or(0), 10'000,
                                      [](const FilteredLogEvent& event) { return event.event_id; }, "InvalidParameterException"));
  return reply;
}

Logs::Reply<PutRetentionPolicy> Logs::put_retention_policy(const Call&, const PutRetentionPolicyRequest& request) {
  CHECK(group_at(request.log_group_name));
  static constexpr int allowed[] = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};
  if (std::find(std::begin(allowed), std::end(allowed), request.retention_in_days) == std::end(allowed))
    return fail("InvalidParameterException", fmt::format("Invalid retention value: {}", request.retention_in_days));
  groups_.update(request.log_group_name, [&](GroupRecord& group) { group.retention_days = request.retention_in_days; });
  return PutRetentionPolicyReply{};
}

Logs::Reply<DeleteRetentionPolicy> Logs::delete_retention_policy(const Call&, const DeleteRetentionPolicyRequest& request) {
  CHECK(group_at(request.log_group_name));
  groups_.update(request.log_group_name, [](GroupRecord& group) { group.retention_days = 0; });
  return DeleteRetentionPolicyReply{};
}

Logs::Reply<TagResource> Logs::tag_resource(const Call&, const TagResourceRequest& request) {
  TRY(std::string group, group_of_arn(request.resource_arn));
  groups_.update(group, [&](GroupRecord& record) {
    for (const auto& [key, value] : request.tags) record.tags[key] = value;
  });
  return TagResourceReply{};
}

Logs::Reply<UntagResource> Logs::untag_resource(const Call&, const UntagResourceRequest& request) {
  TRY(std::string group, group_of_arn(request.resource_arn));
  groups_.update(group, [&](GroupRecord& record) {
    for (const std::string& key : request.tag_keys) record.tags.erase(key);
  });
  return UntagResourceReply{};
}

Logs::Reply<ListTagsForResource> Logs::list_tags_for_resource(const Call&, const ListTagsForResourceRequest& request) {
  TRY(std::string group, group_of_arn(request.resource_arn));
  return ListTagsForResourceReply{.tags = groups_.find(group)->tags};
}

}  // namespace pds::cloud::logs
