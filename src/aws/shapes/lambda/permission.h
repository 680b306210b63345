// Resource policies: who else may invoke.
#pragma once

#include "aws/shapes/lambda/common.h"

namespace pds::aws::lambda {

struct AddPermissionRequest {
  std::string function_name, statement_id, action, principal;
  std::optional<std::string> source_arn, source_account, event_source_token, qualifier, revision_id, function_url_auth_type;
  std::optional<bool> invoked_via_function_url;
  std::optional<Unsupported> principal_org_id;
};
PDS_WIRE_SHAPE(AddPermissionRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 256),
               FIELD(statement_id, "StatementId").required().bounds(1, 100), FIELD(action, "Action").required(),
               FIELD(principal, "Principal").required(), FIELD(source_arn, "SourceArn"),
               FIELD(source_account, "SourceAccount").bounds(0, 12), FIELD(event_source_token, "EventSourceToken").bounds(0, 256),
               FIELD(qualifier, "Qualifier").query("Qualifier").bounds(1, 128), FIELD(revision_id, "RevisionId"),
               FIELD(principal_org_id, "PrincipalOrgID"), FIELD(function_url_auth_type, "FunctionUrlAuthType"),
               FIELD(invoked_via_function_url, "InvokedViaFunctionUrl"))
struct AddPermissionReply {
  std::string statement;
};
PDS_WIRE_SHAPE(AddPermissionReply, FIELD(statement, "Statement"))

struct RemovePermissionRequest {
  std::string function_name, statement_id;
  std::optional<std::string> qualifier, revision_id;
};
PDS_WIRE_SHAPE(RemovePermissionRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 256),
               FIELD(statement_id, "StatementId").uri("StatementId").required().bounds(1, 100),
               FIELD(qualifier, "Qualifier").query("Qualifier").bounds(1, 128), FIELD(revision_id, "RevisionId").query("RevisionId"))
using RemovePermissionReply = Empty;

using GetPolicyRequest = QualifiedRequest;
struct GetPolicyReply {
  std::string policy, revision_id;
};
PDS_WIRE_SHAPE(GetPolicyReply, FIELD(policy, "Policy"), FIELD(revision_id, "RevisionId"))

PDS_REST_OPERATION(AddPermission, "POST", "/2015-03-31/functions/{FunctionName}/policy", 201)
PDS_REST_OPERATION(RemovePermission, "DELETE", "/2015-03-31/functions/{FunctionName}/policy/{StatementId}", 204)
PDS_REST_OPERATION(GetPolicy, "GET", "/2015-03-31/functions/{FunctionName}/policy", 200)

}  // namespace pds::aws::lambda
