// KMS 2014-11-01: aliases.
#pragma once

#include "aws/shapes/kms/common.h"

namespace pds::aws::kms {

struct AliasTargetRequest {
  std::string alias_name, target_key_id;
};
PDS_WIRE_SHAPE(AliasTargetRequest, FIELD(alias_name, "AliasName").required().bounds(1, 256),
               FIELD(target_key_id, "TargetKeyId").required().bounds(1, 2048))

using CreateAliasRequest = AliasTargetRequest;
using CreateAliasReply = Empty;
PDS_OPERATION(CreateAlias)

using UpdateAliasRequest = AliasTargetRequest;
using UpdateAliasReply = Empty;
PDS_OPERATION(UpdateAlias)

struct DeleteAliasRequest {
  std::string alias_name;
};
PDS_WIRE_SHAPE(DeleteAliasRequest, FIELD(alias_name, "AliasName").required().bounds(1, 256))

using DeleteAliasReply = Empty;
PDS_OPERATION(DeleteAlias)

struct ListAliasesRequest {
  std::optional<std::string> key_id, marker;
  std::optional<int> limit;
};
PDS_WIRE_SHAPE(ListAliasesRequest, FIELD(key_id, "KeyId").bounds(1, 2048), PDS_KMS_PAGE_REQUEST)

struct AliasListEntry {
  std::optional<std::string> alias_name, alias_arn, target_key_id;
  std::optional<Timestamp> creation_date, last_updated_date;
};
PDS_WIRE_SHAPE(AliasListEntry, FIELD(alias_name, "AliasName"), FIELD(alias_arn, "AliasArn"), FIELD(target_key_id, "TargetKeyId"),
               FIELD(creation_date, "CreationDate"), FIELD(last_updated_date, "LastUpdatedDate"))

struct ListAliasesReply {
  std::vector<AliasListEntry> aliases;
  std::optional<std::string> next_marker;
  bool truncated = false;
};
PDS_WIRE_SHAPE(ListAliasesReply, FIELD(aliases, "Aliases"), PDS_KMS_PAGE_REPLY)

PDS_OPERATION(ListAliases)

}  // namespace pds::aws::kms
