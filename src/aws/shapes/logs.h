// CloudWatch Logs 2014-03-28.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::logs {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "logs", .id = "CloudWatch Logs", .protocol = Protocol::json, .version = "2014-03-28",
                                .target_prefix = "Logs_20140328", .json_version = "1.1", .endpoint_prefix = "logs"};
  return info;
}

// Times of this service are whole milliseconds since 1970.

struct CreateLogGroupRequest {
  std::string log_group_name;
  std::map<std::string, std::string> tags;
  std::optional<std::string> log_group_class;
  std::optional<Unsupported> kms_key_id, deletion_protection_enabled;
};
PDS_WIRE_SHAPE(CreateLogGroupRequest, FIELD(log_group_name, "logGroupName").required().bounds(1, 512), FIELD(tags, "tags"),
               FIELD(log_group_class, "logGroupClass"), FIELD(kms_key_id, "kmsKeyId"), FIELD(deletion_protection_enabled, "deletionProtectionEnabled"))
using CreateLogGroupReply = Empty;

struct DeleteLogGroupRequest {
  std::string log_group_name;
};
PDS_WIRE_SHAPE(DeleteLogGroupRequest, FIELD(log_group_name, "logGroupName").required())
using DeleteLogGroupReply = Empty;

struct LogGroup {
  std::string log_group_name;
  int64_t creation_time = 0;
  std::optional<int> retention_in_days;
  int metric_filter_count = 0;
  std::string arn, log_group_arn, log_group_class;
  int64_t stored_bytes = 0;
};
PDS_WIRE_SHAPE(LogGroup, FIELD(log_group_name, "logGroupName"), FIELD(creation_time, "creationTime"), FIELD(retention_in_days, "retentionInDays"),
               FIELD(metric_filter_count, "metricFilterCount"), FIELD(arn, "arn"), FIELD(log_group_arn, "logGroupArn"),
               FIELD(log_group_class, "logGroupClass"), FIELD(stored_bytes, "storedBytes"))

struct DescribeLogGroupsRequest {
  std::optional<std::string> log_group_name_prefix, log_group_name_pattern, next_token, log_group_class;
  std::optional<int> limit;
  std::optional<bool> include_linked_accounts;
  std::optional<Unsupported> account_identifiers, log_group_identifiers;
};
PDS_WIRE_SHAPE(DescribeLogGroupsRequest, FIELD(log_group_name_prefix, "logGroupNamePrefix"), FIELD(log_group_name_pattern, "logGroupNamePattern"),
               FIELD(next_token, "nextToken"), FIELD(log_group_class, "logGroupClass"), FIELD(limit, "limit").bounds(1, 50),
               FIELD(include_linked_accounts, "includeLinkedAccounts"), FIELD(account_identifiers, "accountIdentifiers"),
               FIELD(log_group_identifiers, "logGroupIdentifiers"))
struct DescribeLogGroupsReply {
  std::vector<LogGroup> log_groups;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeLogGroupsReply, FIELD(log_groups, "logGroups"), FIELD(next_token, "nextToken"))

struct CreateLogStreamRequest {
  std::string log_group_name, log_stream_name;
};
PDS_WIRE_SHAPE(CreateLogStreamRequest, FIELD(log_group_name, "logGroupName").required(), FIELD(log_stream_name, "logStreamName").required().bounds(1, 512))
using CreateLogStreamReply = Empty;

struct DeleteLogStreamRequest {
  std::string log_group_name, log_stream_name;
};
PDS_WIRE_SHAPE(DeleteLogStreamRequest, FIELD(log_group_name, "logGroupName").required(), FIELD(log_stream_name, "logStreamName").required())
using DeleteLogStreamReply = Empty;

struct LogStream {
  std::string log_stream_name;
  int64_t creation_time = 0;
  std::optional<int64_t> first_event_timestamp, last_event_timestamp, last_ingestion_time;
  std::string arn;
  int64_t stored_bytes = 0;
};
PDS_WIRE_SHAPE(LogStream, FIELD(log_stream_name, "logStreamName"), FIELD(creation_time, "creationTime"), FIELD(first_event_timestamp, "firstEventTimestamp"),
               FIELD(last_event_timestamp, "lastEventTimestamp"), FIELD(last_ingestion_time, "lastIngestionTime"), FIELD(arn, "arn"),
               FIELD(stored_bytes, "storedBytes"))

struct DescribeLogStreamsRequest {
  std::optional<std::string> log_group_name, log_group_identifier, log_stream_name_prefix, order_by, next_token;
  std::optional<bool> descending;
  std::optional<int> limit;
};
PDS_WIRE_SHAPE(DescribeLogStreamsRequest, FIELD(log_group_name, "logGroupName"), FIELD(log_group_identifier, "logGroupIdentifier"),
               FIELD(log_stream_name_prefix, "logStreamNamePrefix"), FIELD(order_by, "orderBy"), FIELD(next_token, "nextToken"),
               FIELD(descending, "descending"), FIELD(limit, "limit").bounds(1, 50))
struct DescribeLogStreamsReply {
  std::vector<LogStream> log_streams;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeLogStreamsReply, FIELD(log_streams, "logStreams"), FIELD(next_token, "nextToken"))

struct InputLogEvent {
  int64_t timestamp = 0;
  std::string message;
};
PDS_WIRE_SHAPE(InputLogEvent, FIELD(timestamp, "timestamp").required(), FIELD(message, "message").required().bounds(1, INT64_MAX))

struct PutLogEventsRequest {
  std::string log_group_name, log_stream_name;
  std::vector<InputLogEvent> log_events;
  std::optional<std::string> sequence_token;   // no longer looked at by AWS either
  std::optional<Unsupported> entity;
};
PDS_WIRE_SHAPE(PutLogEventsRequest, FIELD(log_group_name, "logGroupName").required(), FIELD(log_stream_name, "logStreamName").required(),
               FIELD(log_events, "logEvents").required().bounds(1, 10000), FIELD(sequence_token, "sequenceToken"), FIELD(entity, "entity"))
struct RejectedLogEventsInfo {
  std::optional<int> too_new_log_event_start_index, too_old_log_event_end_index, expired_log_event_end_index;
};
PDS_WIRE_SHAPE(RejectedLogEventsInfo, FIELD(too_new_log_event_start_index, "tooNewLogEventStartIndex"),
               FIELD(too_old_log_event_end_index, "tooOldLogEventEndIndex"), FIELD(expired_log_event_end_index, "expiredLogEventEndIndex"))
struct PutLogEventsReply {
  std::string next_sequence_token;
  std::optional<RejectedLogEventsInfo> rejected_log_events_info;
};
PDS_WIRE_SHAPE(PutLogEventsReply, FIELD(next_sequence_token, "nextSequenceToken"), FIELD(rejected_log_events_info, "rejectedLogEventsInfo"))

struct OutputLogEvent {
  int64_t timestamp = 0;
  std::string message;
  int64_t ingestion_time = 0;
};
PDS_WIRE_SHAPE(OutputLogEvent, FIELD(timestamp, "timestamp"), FIELD(message, "message"), FIELD(ingestion_time, "ingestionTime"))

struct GetLogEventsRequest {
  std::optional<std::string> log_group_name, log_group_identifier;
  std::string log_stream_name;
  std::optional<int64_t> start_time, end_time;
  std::optional<std::string> next_token;
  std::optional<int> limit;
  std::optional<bool> start_from_head;
  std::optional<Unsupported> unmask;
};
PDS_WIRE_SHAPE(GetLogEventsRequest, FIELD(log_group_name, "logGroupName"), FIELD(log_group_identifier, "logGroupIdentifier"),
               FIELD(log_stream_name, "logStreamName").required(), FIELD(start_time, "startTime"), FIELD(end_time, "endTime"), FIELD(next_token, "nextToken"),
               FIELD(limit, "limit").bounds(1, 10000), FIELD(start_from_head, "startFromHead"), FIELD(unmask, "unmask"))
struct GetLogEventsReply {
  std::vector<OutputLogEvent> events;
  std::string next_forward_token, next_backward_token;
};
PDS_WIRE_SHAPE(GetLogEventsReply, FIELD(events, "events"), FIELD(next_forward_token, "nextForwardToken"), FIELD(next_backward_token, "nextBackwardToken"))

struct FilteredLogEvent {
  std::string log_stream_name;
  int64_t timestamp = 0;
  std::string message;
  int64_t ingestion_time = 0;
  std::string event_id;
};
PDS_WIRE_SHAPE(FilteredLogEvent, FIELD(log_stream_name, "logStreamName"), FIELD(timestamp, "timestamp"), FIELD(message, "message"),
               FIELD(ingestion_time, "ingestionTime"), FIELD(event_id, "eventId"))

struct FilterLogEventsRequest {
  std::optional<std::string> log_group_name, log_group_identifier, log_stream_name_prefix, next_token, filter_pattern;
  std::vector<std::string> log_stream_names;
  std::optional<int64_t> start_time, end_time;
  std::optional<int> limit;
  std::optional<bool> interleaved;
  std::optional<Unsupported> unmask;
};
PDS_WIRE_SHAPE(FilterLogEventsRequest, FIELD(log_group_name, "logGroupName"), FIELD(log_group_identifier, "logGroupIdentifier"),
               FIELD(log_stream_name_prefix, "logStreamNamePrefix"), FIELD(next_token, "nextToken"), FIELD(filter_pattern, "filterPattern").bounds(0, 1024),
               FIELD(log_stream_names, "logStreamNames").bounds(0, 100), FIELD(start_time, "startTime"), FIELD(end_time, "endTime"),
               FIELD(limit, "limit").bounds(1, 10000), FIELD(interleaved, "interleaved"), FIELD(unmask, "unmask"))
struct FilterLogEventsReply {
  std::vector<FilteredLogEvent> events;
  std::vector<Empty> searched_log_streams;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(FilterLogEventsReply, FIELD(events, "events"), FIELD(searched_log_streams, "searchedLogStreams"), FIELD(next_token, "nextToken"))

struct PutRetentionPolicyRequest {
  std::string log_group_name;
  int retention_in_days = 0;
};
PDS_WIRE_SHAPE(PutRetentionPolicyRequest, FIELD(log_group_name, "logGroupName").required(), FIELD(retention_in_days, "retentionInDays").required())
using PutRetentionPolicyReply = Empty;

struct DeleteRetentionPolicyRequest {
  std::string log_group_name;
};
PDS_WIRE_SHAPE(DeleteRetentionPolicyRequest, FIELD(log_group_name, "logGroupName").required())
using DeleteRetentionPolicyReply = Empty;

struct TagResourceRequest {
  std::string resource_arn;
  std::map<std::string, std::string> tags;
};
PDS_WIRE_SHAPE(TagResourceRequest, FIELD(resource_arn, "resourceArn").required(), FIELD(tags, "tags").required())
using TagResourceReply = Empty;

struct UntagResourceRequest {
  std::string resource_arn;
  std::vector<std::string> tag_keys;
};
PDS_WIRE_SHAPE(UntagResourceRequest, FIELD(resource_arn, "resourceArn").required(), FIELD(tag_keys, "tagKeys").required())
using UntagResourceReply = Empty;

struct ListTagsForResourceRequest {
  std::string resource_arn;
};
PDS_WIRE_SHAPE(ListTagsForResourceRequest, FIELD(resource_arn, "resourceArn").required())
struct ListTagsForResourceReply {
  std::map<std::string, std::string> tags;
};
PDS_WIRE_SHAPE(ListTagsForResourceReply, FIELD(tags, "tags"))

PDS_OPERATION(CreateLogGroup)
PDS_OPERATION(DeleteLogGroup)
PDS_OPERATION(DescribeLogGroups)
PDS_OPERATION(CreateLogStream)
PDS_OPERATION(DeleteLogStream)
PDS_OPERATION(DescribeLogStreams)
PDS_OPERATION(PutLogEvents)
PDS_OPERATION(GetLogEvents)
PDS_OPERATION(FilterLogEvents)
PDS_OPERATION(PutRetentionPolicy)
PDS_OPERATION(DeleteRetentionPolicy)
PDS_OPERATION(TagResource)
PDS_OPERATION(UntagResource)
PDS_OPERATION(ListTagsForResource)

}  // namespace pds::aws::logs
