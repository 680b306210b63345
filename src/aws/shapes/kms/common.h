// KMS 2014-11-01: what its shapes share.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::kms {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "kms",
                                .id = "KMS",
                                .protocol = Protocol::json,
                                .version = "2014-11-01",
                                .target_prefix = "TrentService",
                                .json_version = "1.1",
                                .endpoint_prefix = "kms"};
  return info;
}

// Which page of a list, and how long.
#define PDS_KMS_PAGE_REQUEST FIELD(limit, "Limit").bounds(1, 1000), FIELD(marker, "Marker").bounds(1, 1024)

// Where the next page begins, when there is one.
#define PDS_KMS_PAGE_REPLY FIELD(next_marker, "NextMarker"), FIELD(truncated, "Truncated")

struct Tag {
  std::string tag_key, tag_value;
};
PDS_WIRE_SHAPE(Tag, FIELD(tag_key, "TagKey").required().bounds(1, 128), FIELD(tag_value, "TagValue").required().bounds(0, 256))

// A page of what belongs to a key.
struct KeyPageRequest {
  std::string key_id;
  std::optional<int> limit;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(KeyPageRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), PDS_KMS_PAGE_REQUEST)

}  // namespace pds::aws::kms
