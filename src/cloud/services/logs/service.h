// CloudWatch Logs: groups, streams and their events, written by the cloud's services, by functions and by callers.
#pragma once

#include "aws/shapes/logs.h"
#include "cloud/core.h"
#include "cloud/services/logs/stream_file.h"
#include "cloud/telemetry.h"

namespace pds::cloud::logs {

struct GroupRecord {
  std::string name;
  int64_t created = 0;                 // milliseconds
  int retention_days = 0;              // 0: for ever
  std::map<std::string, std::string> tags;
};
PDS_SHAPE(GroupRecord, FIELD(name, "name"), FIELD(created, "created"), FIELD(retention_days, "retention_days"), FIELD(tags, "tags"))

struct StreamRecord {
  std::string group, name, file;
  int64_t created = 0;
};
PDS_SHAPE(StreamRecord, FIELD(group, "group"), FIELD(name, "name"), FIELD(file, "file"), FIELD(created, "created"))

class Logs final : public CloudService, public LogSink {
 public:
  explicit Logs(Core& core);

  Api api() override;
  void start() override;
  io::Task<void> stop() override;

  void append(std::string_view group, std::string_view stream, Timestamp at, std::string_view message) override;
  void append_all(std::string_view group, std::string_view stream, const std::vector<Line>& lines) override;

  template <class Op>
  using Reply = Result<typename Op::Reply>;
  Reply<aws::logs::CreateLogGroup> create_log_group(const Call&, const aws::logs::CreateLogGroupRequest&);
  Reply<aws::logs::DeleteLogGroup> delete_log_group(const Call&, const aws::logs::DeleteLogGroupRequest&);
  Reply<aws::logs::DescribeLogGroups> describe_log_groups(const Call&, const aws::logs::DescribeLogGroupsRequest&);
  Reply<aws::logs::CreateLogStream> create_log_stream(const Call&, const aws::logs::CreateLogStreamRequest&);
  Reply<aws::logs::DeleteLogStream> delete_log_stream(const Call&, const aws::logs::DeleteLogStreamRequest&);
  Reply<aws::logs::DescribeLogStreams> describe_log_streams(const Call&, const aws::logs::DescribeLogStreamsRequest&);
  Reply<aws::logs::PutLogEvents> put_log_events(const Call&, const aws::logs::PutLogEventsRequest&);
  Reply<aws::logs::GetLogEvents> get_log_events(const Call&, const aws::logs::GetLogEventsRequest&);
  Reply<aws::logs::FilterLogEvents> filter_log_events(const Call&, const aws::logs::FilterLogEventsRequest&);
  Reply<aws::logs::PutRetentionPolicy> put_retention_policy(const Call&, const aws::logs::PutRetentionPolicyRequest&);
  Reply<aws::logs::DeleteRetentionPolicy> delete_retention_policy(const Call&, const aws::logs::DeleteRetentionPolicyRequest&);
  Reply<aws::logs::TagResource> tag_resource(const Call&, const aws::logs::TagResourceRequest&);
  Reply<aws::logs::UntagResource> untag_resource(const Call&, const aws::logs::UntagResourceRequest&);
  Reply<aws::logs::ListTagsForResource> list_tags_for_resource(const Call&, const aws::logs::ListTagsForResourceRequest&);

 private:
  // First and last event, kept in memory only: read from the file when first asked for.
  struct Extent {
    int64_t first = 0, last = 0, ingestion = 0, bytes = 0;
  };
  Result<const GroupRecord*> group_at(std::string_view name) const;
  Result<const StreamRecord*> stream_at(std::string_view group, std::string_view stream) const;
  Result<std::string> group_name(const std::optional<std::string>& name, const std::optional<std::string>& identifier) const;
  Result<std::string> group_of_arn(const std::string& arn) const;
  const StreamRecord& make_stream(const std::string& group, const std::string& stream);
  StreamFile file_of(const StreamRecord& stream) const;
  Extent& extent_of(const StreamRecord& stream);
  Result<void> write(const StreamRecord& stream, std::span<const Event> events);
  std::vector<StreamRecord> streams_of(std::string_view group) const;
  void drop_stream(const StreamRecord& stream);
  void apply_retention();
  io::Task<void> apply_retention_hourly();
  int64_t now_ms() const;

  Core& core_;
  std::string folder_;
  Table<GroupRecord> groups_;
  Table<StreamRecord> streams_;        // by <group>\1<stream>
  std::map<std::string, Extent> extents_;
  io::TaskSet tasks_;
};

}  // namespace pds::cloud::logs
