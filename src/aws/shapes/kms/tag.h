// KMS 2014-11-01: tags.
#pragma once

#include "aws/shapes/kms/common.h"

namespace pds::aws::kms {

struct TagResourceRequest {
  std::string key_id;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(TagResourceRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(tags, "Tags").required())

using TagResourceReply = Empty;
PDS_OPERATION(TagResource)

struct UntagResourceRequest {
  std::string key_id;
  std::vector<std::string> tag_keys;
};
PDS_WIRE_SHAPE(UntagResourceRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(tag_keys, "TagKeys").required())

using UntagResourceReply = Empty;
PDS_OPERATION(UntagResource)

using ListResourceTagsRequest = KeyPageRequest;

struct ListResourceTagsReply {
  std::vector<Tag> tags;
  std::optional<std::string> next_marker;
  bool truncated = false;
};
PDS_WIRE_SHAPE(ListResourceTagsReply, FIELD(tags, "Tags"), PDS_KMS_PAGE_REPLY)

PDS_OPERATION(ListResourceTags)

}  // namespace pds::aws::kms
