// KMS 2014-11-01: key policies.
#pragma once

#include "aws/shapes/kms/common.h"

namespace pds::aws::kms {

struct GetKeyPolicyRequest {
  std::string key_id;
  std::optional<std::string> policy_name;
};
PDS_WIRE_SHAPE(GetKeyPolicyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(policy_name, "PolicyName").bounds(1, 128))

struct GetKeyPolicyReply {
  std::optional<std::string> policy, policy_name;
};
PDS_WIRE_SHAPE(GetKeyPolicyReply, FIELD(policy, "Policy"), FIELD(policy_name, "PolicyName"))

PDS_OPERATION(GetKeyPolicy)

struct PutKeyPolicyRequest {
  std::string key_id, policy;
  std::optional<std::string> policy_name;
  std::optional<bool> bypass_policy_lockout_safety_check;
};
PDS_WIRE_SHAPE(PutKeyPolicyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(policy_name, "PolicyName").bounds(1, 128),
               FIELD(policy, "Policy").required().bounds(1, 131072),
               FIELD(bypass_policy_lockout_safety_check, "BypassPolicyLockoutSafetyCheck"))

using PutKeyPolicyReply = Empty;
PDS_OPERATION(PutKeyPolicy)

using ListKeyPoliciesRequest = KeyPageRequest;

struct ListKeyPoliciesReply {
  std::vector<std::string> policy_names;
  std::optional<std::string> next_marker;
  bool truncated = false;
};
PDS_WIRE_SHAPE(ListKeyPoliciesReply, FIELD(policy_names, "PolicyNames"), PDS_KMS_PAGE_REPLY)

PDS_OPERATION(ListKeyPolicies)

}  // namespace pds::aws::kms
