// STS 2011-06-15: who am I, and role credentials.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::sts {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "sts", .id = "STS", .protocol = Protocol::query, .version = "2011-06-15",
                                .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/", .endpoint_prefix = "sts", .is_global = true};
  return info;
}

struct GetCallerIdentityRequest {};
PDS_EMPTY_WIRE_SHAPE(GetCallerIdentityRequest)

struct GetCallerIdentityReply {
  std::string arn, user_id, account;
};
PDS_WIRE_SHAPE(GetCallerIdentityReply, FIELD(user_id, "UserId"), FIELD(account, "Account"), FIELD(arn, "Arn"))

struct Tag {
  std::string key, value;
};
PDS_WIRE_SHAPE(Tag, FIELD(key, "Key").required(), FIELD(value, "Value").required())

struct RoleCredentials {
  std::string access_key_id, secret_access_key, session_token;
  Timestamp expiration;
};
PDS_WIRE_SHAPE(RoleCredentials, FIELD(access_key_id, "AccessKeyId"), FIELD(secret_access_key, "SecretAccessKey").sensitive(),
               FIELD(session_token, "SessionToken").sensitive(), FIELD(expiration, "Expiration"))

struct AssumedRoleUser {
  std::string assumed_role_id, arn;
};
PDS_WIRE_SHAPE(AssumedRoleUser, FIELD(assumed_role_id, "AssumedRoleId"), FIELD(arn, "Arn"))

struct AssumeRoleRequest {
  std::string role_arn, role_session_name;
  std::optional<int> duration_seconds;
  std::optional<std::string> external_id;
  std::optional<Unsupported> policy, policy_arns, tags, transitive_tag_keys, serial_number, token_code, source_identity, provided_contexts;
};
PDS_WIRE_SHAPE(AssumeRoleRequest, FIELD(role_arn, "RoleArn").required().bounds(20, 2048), FIELD(role_session_name, "RoleSessionName").required().bounds(2, 64),
               FIELD(duration_seconds, "DurationSeconds").bounds(900, 43200), FIELD(external_id, "ExternalId").bounds(2, 1224),
               FIELD(policy, "Policy"), FIELD(policy_arns, "PolicyArns"), FIELD(tags, "Tags"), FIELD(transitive_tag_keys, "TransitiveTagKeys"),
               FIELD(serial_number, "SerialNumber"), FIELD(token_code, "TokenCode"), FIELD(source_identity, "SourceIdentity"),
               FIELD(provided_contexts, "ProvidedContexts"))

struct AssumeRoleReply {
  RoleCredentials credentials;
  AssumedRoleUser assumed_role_user;
};
PDS_WIRE_SHAPE(AssumeRoleReply, FIELD(credentials, "Credentials"), FIELD(assumed_role_user, "AssumedRoleUser"))

struct AssumeRoleWithWebIdentityRequest {
  std::string role_arn, role_session_name, web_identity_token;
  std::optional<int> duration_seconds;
};
PDS_WIRE_SHAPE(AssumeRoleWithWebIdentityRequest, FIELD(role_arn, "RoleArn").required(), FIELD(role_session_name, "RoleSessionName").required(),
               FIELD(web_identity_token, "WebIdentityToken").required().sensitive(), FIELD(duration_seconds, "DurationSeconds"))

struct AssumeRoleWithWebIdentityReply {
  RoleCredentials credentials;
};
PDS_WIRE_SHAPE(AssumeRoleWithWebIdentityReply, FIELD(credentials, "Credentials"))

PDS_OPERATION(GetCallerIdentity)
PDS_OPERATION(AssumeRole)
PDS_OPERATION(AssumeRoleWithWebIdentity)   // called only: the cloud has no identity providers

}  // namespace pds::aws::sts
