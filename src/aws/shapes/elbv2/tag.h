// Elastic Load Balancing v2 2015-12-01: tags.
#pragma once

#include "aws/shapes/elbv2/common.h"

namespace pds::aws::elbv2 {

struct TagDescription {
  std::string resource_arn;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(TagDescription, FIELD(resource_arn, "ResourceArn"), FIELD(tags, "Tags"))

struct AddTagsRequest {
  std::vector<std::string> resource_arns;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(AddTagsRequest, FIELD(resource_arns, "ResourceArns").required().bounds(1, 20), FIELD(tags, "Tags").required())

using AddTagsReply = Empty;
PDS_OPERATION(AddTags)

struct RemoveTagsRequest {
  std::vector<std::string> resource_arns, tag_keys;
};
PDS_WIRE_SHAPE(RemoveTagsRequest, FIELD(resource_arns, "ResourceArns").required().bounds(1, 20), FIELD(tag_keys, "TagKeys").required())

using RemoveTagsReply = Empty;
PDS_OPERATION(RemoveTags)

struct DescribeTagsRequest {
  std::vector<std::string> resource_arns;
};
PDS_WIRE_SHAPE(DescribeTagsRequest, FIELD(resource_arns, "ResourceArns").required().bounds(1, 20))

struct DescribeTagsReply {
  std::vector<TagDescription> tag_descriptions;
};
PDS_WIRE_SHAPE(DescribeTagsReply, FIELD(tag_descriptions, "TagDescriptions"))

PDS_OPERATION(DescribeTags)

}  // namespace pds::aws::elbv2
