// IAM 2010-05-08: access keys.
#pragma once

#include "aws/shapes/iam/user.h"

namespace pds::aws::iam {

using CreateAccessKeyRequest = CallersUserRequest;

struct AccessKey {
  std::string user_name, access_key_id, status, secret_access_key;
  std::optional<Timestamp> create_date;
};
PDS_WIRE_SHAPE(AccessKey, FIELD(user_name, "UserName"), FIELD(access_key_id, "AccessKeyId"), FIELD(status, "Status"),
               FIELD(secret_access_key, "SecretAccessKey").sensitive(), FIELD(create_date, "CreateDate"))

struct CreateAccessKeyReply {
  AccessKey access_key;
};
PDS_WIRE_SHAPE(CreateAccessKeyReply, FIELD(access_key, "AccessKey"))

PDS_OPERATION(CreateAccessKey)

struct ListAccessKeysRequest {
  std::optional<std::string> user_name, marker;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(ListAccessKeysRequest, FIELD(user_name, "UserName").bounds(1, 128), PDS_IAM_PAGE_REQUEST)

struct AccessKeyMetadata {
  std::optional<std::string> user_name, access_key_id, status;
  std::optional<Timestamp> create_date;
};
PDS_WIRE_SHAPE(AccessKeyMetadata, FIELD(user_name, "UserName"), FIELD(access_key_id, "AccessKeyId"), FIELD(status, "Status"),
               FIELD(create_date, "CreateDate"))

struct ListAccessKeysReply {
  std::vector<AccessKeyMetadata> access_key_metadata;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(ListAccessKeysReply, FIELD(access_key_metadata, "AccessKeyMetadata"), PDS_IAM_PAGE_REPLY)

PDS_OPERATION(ListAccessKeys)

struct UpdateAccessKeyRequest {
  std::optional<std::string> user_name;
  std::string access_key_id, status;
};
PDS_WIRE_SHAPE(UpdateAccessKeyRequest, FIELD(user_name, "UserName").bounds(1, 128),
               FIELD(access_key_id, "AccessKeyId").required().bounds(16, 128), FIELD(status, "Status").required())

using UpdateAccessKeyReply = Empty;
PDS_OPERATION(UpdateAccessKey)

struct DeleteAccessKeyRequest {
  std::optional<std::string> user_name;
  std::string access_key_id;
};
PDS_WIRE_SHAPE(DeleteAccessKeyRequest, FIELD(user_name, "UserName").bounds(1, 128),
               FIELD(access_key_id, "AccessKeyId").required().bounds(16, 128))

using DeleteAccessKeyReply = Empty;
PDS_OPERATION(DeleteAccessKey)

}  // namespace pds::aws::iam
