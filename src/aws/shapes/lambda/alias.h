// Aliases: names for one version, or two with weights.
#pragma once

#include "aws/shapes/lambda/common.h"

namespace pds::aws::lambda {

struct AliasRoutingConfiguration {
  std::map<std::string, double> additional_version_weights;
};
PDS_WIRE_SHAPE(AliasRoutingConfiguration, FIELD(additional_version_weights, "AdditionalVersionWeights"))

struct AliasConfiguration {
  std::string alias_arn, name, function_version, description, revision_id;
  std::optional<AliasRoutingConfiguration> routing_config;
};
PDS_WIRE_SHAPE(AliasConfiguration, FIELD(alias_arn, "AliasArn"), FIELD(name, "Name"), FIELD(function_version, "FunctionVersion"),
               FIELD(description, "Description"), FIELD(routing_config, "RoutingConfig"), FIELD(revision_id, "RevisionId"))

struct CreateAliasRequest {
  std::string function_name, name, function_version;
  std::optional<std::string> description;
  std::optional<AliasRoutingConfiguration> routing_config;
};
PDS_WIRE_SHAPE(CreateAliasRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 140),
               FIELD(name, "Name").required().bounds(1, 128), FIELD(function_version, "FunctionVersion").required().bounds(1, 1024),
               FIELD(description, "Description").bounds(0, 256), FIELD(routing_config, "RoutingConfig"))
using CreateAliasReply = AliasConfiguration;

struct GetAliasRequest {
  std::string function_name, name;
};
PDS_WIRE_SHAPE(GetAliasRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 140),
               FIELD(name, "Name").uri("Name").required().bounds(1, 128))
using GetAliasReply = AliasConfiguration;

struct ListAliasesRequest {
  std::string function_name;
  std::optional<std::string> function_version, marker;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(ListAliasesRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 140),
               FIELD(function_version, "FunctionVersion").query("FunctionVersion").bounds(1, 1024),
               FIELD(marker, "Marker").query("Marker"), FIELD(max_items, "MaxItems").query("MaxItems").bounds(1, 10000))
struct ListAliasesReply {
  std::vector<AliasConfiguration> aliases;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(ListAliasesReply, FIELD(aliases, "Aliases"), FIELD(next_marker, "NextMarker"))

struct UpdateAliasRequest {
  std::string function_name, name;
  std::optional<std::string> function_version, description, revision_id;
  std::optional<AliasRoutingConfiguration> routing_config;
};
PDS_WIRE_SHAPE(UpdateAliasRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 140),
               FIELD(name, "Name").uri("Name").required().bounds(1, 128), FIELD(function_version, "FunctionVersion").bounds(1, 1024),
               FIELD(description, "Description").bounds(0, 256), FIELD(routing_config, "RoutingConfig"),
               FIELD(revision_id, "RevisionId"))
using UpdateAliasReply = AliasConfiguration;

using DeleteAliasRequest = GetAliasRequest;
using DeleteAliasReply = Empty;

PDS_REST_OPERATION(CreateAlias, "POST", "/2015-03-31/functions/{FunctionName}/aliases", 201)
PDS_REST_OPERATION(GetAlias, "GET", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", 200)
PDS_REST_OPERATION(ListAliases, "GET", "/2015-03-31/functions/{FunctionName}/aliases", 200)
PDS_REST_OPERATION(UpdateAlias, "PUT", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", 200)
PDS_REST_OPERATION(DeleteAlias, "DELETE", "/2015-03-31/functions/{FunctionName}/aliases/{Name}", 204)

}  // namespace pds::aws::lambda
