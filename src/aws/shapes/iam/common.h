// IAM 2010-05-08: what its shapes share.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::iam {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "iam",
                                .id = "IAM",
                                .protocol = Protocol::query,
                                .version = "2010-05-08",
                                .xml_namespace = "https://iam.amazonaws.com/doc/2010-05-08/",
                                .endpoint_prefix = "iam",
                                .is_global = true};
  return info;
}

// Which page of a list, and how long.
#define PDS_IAM_PAGE_REQUEST FIELD(marker, "Marker").bounds(1, 320), FIELD(max_items, "MaxItems").bounds(1, 1000)

// Whether there is more, and where it begins.
#define PDS_IAM_PAGE_REPLY FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker")

struct Tag {
  std::string key, value;
};
PDS_WIRE_SHAPE(Tag, FIELD(key, "Key").required().bounds(1, 128), FIELD(value, "Value").required().bounds(0, 256))

// A page of what lies under a path.
struct PathPageRequest {
  std::optional<std::string> path_prefix, marker;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(PathPageRequest, FIELD(path_prefix, "PathPrefix").bounds(1, 512), PDS_IAM_PAGE_REQUEST)

// A page of the names of inline policies.
struct PolicyNamesReply {
  std::vector<std::string> policy_names;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(PolicyNamesReply, FIELD(policy_names, "PolicyNames"), PDS_IAM_PAGE_REPLY)

struct AttachedPolicy {
  std::optional<std::string> policy_name, policy_arn;
};
PDS_WIRE_SHAPE(AttachedPolicy, FIELD(policy_name, "PolicyName"), FIELD(policy_arn, "PolicyArn"))

// A page of what is attached to a role or a user.
struct AttachedPoliciesReply {
  std::vector<AttachedPolicy> attached_policies;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(AttachedPoliciesReply, FIELD(attached_policies, "AttachedPolicies"), PDS_IAM_PAGE_REPLY)

// A page of the tags of anything.
struct TagsReply {
  std::vector<Tag> tags;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(TagsReply, FIELD(tags, "Tags"), PDS_IAM_PAGE_REPLY)

}  // namespace pds::aws::iam
