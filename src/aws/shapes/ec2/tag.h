// EC2: tags.
#pragma once

#include "aws/shapes/ec2/common.h"

namespace pds::aws::ec2 {

struct TagDescription {
  std::string key, resource_id, resource_type, value;
};
PDS_WIRE_SHAPE(TagDescription, FIELD(key, "key"), FIELD(resource_id, "resourceId"), FIELD(resource_type, "resourceType"),
               FIELD(value, "value"))

struct CreateTagsRequest {
  std::optional<bool> dry_run;
  std::vector<std::string> resources;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(CreateTagsRequest, FIELD(dry_run, "dryRun"), FIELD(resources, "ResourceId").required(), FIELD(tags, "Tag").required())

using CreateTagsReply = Empty;
PDS_OPERATION(CreateTags)

struct DeleteTagsRequest {
  std::optional<bool> dry_run;
  std::vector<std::string> resources;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(DeleteTagsRequest, FIELD(dry_run, "dryRun"), FIELD(resources, "resourceId").required(), FIELD(tags, "tag"))

using DeleteTagsReply = Empty;
PDS_OPERATION(DeleteTags)

struct DescribeTagsRequest {
  std::optional<bool> dry_run;
  std::vector<Filter> filters;
  std::optional<int> max_results;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeTagsRequest, FIELD(dry_run, "dryRun"), FIELD(filters, "Filter"), FIELD(max_results, "maxResults"),
               FIELD(next_token, "nextToken"))

struct DescribeTagsReply {
  std::optional<std::string> next_token;
  std::vector<TagDescription> tags;
};
PDS_WIRE_SHAPE(DescribeTagsReply, FIELD(next_token, "nextToken"), FIELD(tags, "tagSet"))

PDS_OPERATION(DescribeTags)

}  // namespace pds::aws::ec2
