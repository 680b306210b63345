// Auto Scaling: tags of groups.
#pragma once

#include "aws/shapes/autoscaling/group.h"

namespace pds::aws::autoscaling {

struct CreateOrUpdateTagsRequest {
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(CreateOrUpdateTagsRequest, FIELD(tags, "Tags").required())

using CreateOrUpdateTagsReply = Empty;
PDS_OPERATION(CreateOrUpdateTags)

struct DeleteTagsRequest {
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(DeleteTagsRequest, FIELD(tags, "Tags").required())

using DeleteTagsReply = Empty;
PDS_OPERATION(DeleteTags)

struct DescribeTagsRequest {
  std::vector<Filter> filters;
  std::optional<std::string> next_token;
  std::optional<int> max_records;
};
PDS_WIRE_SHAPE(DescribeTagsRequest, FIELD(filters, "Filters"), FIELD(next_token, "NextToken"), FIELD(max_records, "MaxRecords"))

struct DescribeTagsReply {
  std::vector<TagDescription> tags;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeTagsReply, FIELD(tags, "Tags"), FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeTags)

}  // namespace pds::aws::autoscaling
