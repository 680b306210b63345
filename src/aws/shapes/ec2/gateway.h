// EC2: internet gateways, route tables and routes, network ACLs.
#pragma once

#include "aws/shapes/ec2/common.h"

namespace pds::aws::ec2 {

struct InternetGatewayAttachment {
  std::string state, vpc_id;
};
PDS_WIRE_SHAPE(InternetGatewayAttachment, FIELD(state, "state"), FIELD(vpc_id, "vpcId"))

struct InternetGateway {
  std::vector<InternetGatewayAttachment> attachments;
  std::string internet_gateway_id, owner_id;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(InternetGateway, FIELD(attachments, "attachmentSet"), FIELD(internet_gateway_id, "internetGatewayId"),
               FIELD(owner_id, "ownerId"), FIELD(tags, "tagSet"))

struct CreateInternetGatewayRequest {
  std::vector<TagSpecification> tag_specifications;
  std::optional<bool> dry_run;
};
PDS_WIRE_SHAPE(CreateInternetGatewayRequest, FIELD(tag_specifications, "TagSpecification"), FIELD(dry_run, "dryRun"))

struct CreateInternetGatewayReply {
  InternetGateway internet_gateway;
};
PDS_WIRE_SHAPE(CreateInternetGatewayReply, FIELD(internet_gateway, "internetGateway"))

PDS_OPERATION(CreateInternetGateway)

struct AttachInternetGatewayRequest {
  std::optional<bool> dry_run;
  std::string internet_gateway_id, vpc_id;
};
PDS_WIRE_SHAPE(AttachInternetGatewayRequest, FIELD(dry_run, "dryRun"), FIELD(internet_gateway_id, "internetGatewayId").required(),
               FIELD(vpc_id, "vpcId").required())

using AttachInternetGatewayReply = Empty;
PDS_OPERATION(AttachInternetGateway)

struct DetachInternetGatewayRequest {
  std::optional<bool> dry_run;
  std::string internet_gateway_id, vpc_id;
};
PDS_WIRE_SHAPE(DetachInternetGatewayRequest, FIELD(dry_run, "dryRun"), FIELD(internet_gateway_id, "internetGatewayId").required(),
               FIELD(vpc_id, "vpcId").required())

using DetachInternetGatewayReply = Empty;
PDS_OPERATION(DetachInternetGateway)

struct DeleteInternetGatewayRequest {
  std::optional<bool> dry_run;
  std::string internet_gateway_id;
};
PDS_WIRE_SHAPE(DeleteInternetGatewayRequest, FIELD(dry_run, "dryRun"), FIELD(internet_gateway_id, "internetGatewayId").required())

using DeleteInternetGatewayReply = Empty;
PDS_OPERATION(DeleteInternetGateway)

struct DescribeInternetGatewaysRequest {
  std::optional<std::string> next_token;
  std::optional<int> max_results;
  std::optional<bool> dry_run;
  std::vector<std::string> internet_gateway_ids;
  std::vector<Filter> filters;
};
PDS_WIRE_SHAPE(DescribeInternetGatewaysRequest, FIELD(next_token, "NextToken"), FIELD(max_results, "MaxResults"),
               FIELD(dry_run, "dryRun"), FIELD(internet_gateway_ids, "internetGatewayId"), FIELD(filters, "Filter"))

struct DescribeInternetGatewaysReply {
  std::vector<InternetGateway> internet_gateways;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeInternetGatewaysReply, FIELD(internet_gateways, "internetGatewaySet"), FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeInternetGateways)

struct Route {
  std::string destination_cidr_block, gateway_id, origin, state;
};
PDS_WIRE_SHAPE(Route, FIELD(destination_cidr_block, "destinationCidrBlock"), FIELD(gateway_id, "gatewayId"), FIELD(origin, "origin"),
               FIELD(state, "state"))

struct RouteTableAssociationState {
  std::string state;
};
PDS_WIRE_SHAPE(RouteTableAssociationState, FIELD(state, "state"))

struct RouteTableAssociation {
  bool main = false;
  std::string route_table_association_id, route_table_id;
  std::optional<std::string> subnet_id;
  RouteTableAssociationState association_state;
};
PDS_WIRE_SHAPE(RouteTableAssociation, FIELD(main, "main"), FIELD(route_table_association_id, "routeTableAssociationId"),
               FIELD(route_table_id, "routeTableId"), FIELD(subnet_id, "subnetId"), FIELD(association_state, "associationState"))

struct RouteTable {
  std::vector<RouteTableAssociation> associations;
  std::string route_table_id;
  std::vector<Route> routes;
  std::vector<Tag> tags;
  std::string vpc_id, owner_id;
};
PDS_WIRE_SHAPE(RouteTable, FIELD(associations, "associationSet"), FIELD(route_table_id, "routeTableId"), FIELD(routes, "routeSet"),
               FIELD(tags, "tagSet"), FIELD(vpc_id, "vpcId"), FIELD(owner_id, "ownerId"))

struct CreateRouteTableRequest {
  std::vector<TagSpecification> tag_specifications;
  std::optional<std::string> client_token;
  std::optional<bool> dry_run;
  std::string vpc_id;
};
PDS_WIRE_SHAPE(CreateRouteTableRequest, FIELD(tag_specifications, "TagSpecification"), FIELD(client_token, "ClientToken"),
               FIELD(dry_run, "dryRun"), FIELD(vpc_id, "vpcId").required())

struct CreateRouteTableReply {
  RouteTable route_table;
  std::optional<std::string> client_token;
};
PDS_WIRE_SHAPE(CreateRouteTableReply, FIELD(route_table, "routeTable"), FIELD(client_token, "clientToken"))

PDS_OPERATION(CreateRouteTable)

struct DeleteRouteTableRequest {
  std::optional<bool> dry_run;
  std::string route_table_id;
};
PDS_WIRE_SHAPE(DeleteRouteTableRequest, FIELD(dry_run, "dryRun"), FIELD(route_table_id, "routeTableId").required())

using DeleteRouteTableReply = Empty;
PDS_OPERATION(DeleteRouteTable)

struct DescribeRouteTablesRequest {
  std::optional<std::string> next_token;
  std::optional<int> max_results;
  std::optional<bool> dry_run;
  std::vector<std::string> route_table_ids;
  std::vector<Filter> filters;
};
PDS_WIRE_SHAPE(DescribeRouteTablesRequest, FIELD(next_token, "NextToken"), FIELD(max_results, "MaxResults"), FIELD(dry_run, "dryRun"),
               FIELD(route_table_ids, "RouteTableId"), FIELD(filters, "Filter"))

struct DescribeRouteTablesReply {
  std::vector<RouteTable> route_tables;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeRouteTablesReply, FIELD(route_tables, "routeTableSet"), FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeRouteTables)

struct AssociateRouteTableRequest {
  std::optional<std::string> subnet_id;
  std::string route_table_id;
  std::optional<bool> dry_run;
  std::optional<Unsupported> gateway_id, public_ipv4_pool;
};
PDS_WIRE_SHAPE(AssociateRouteTableRequest, FIELD(subnet_id, "subnetId"), FIELD(route_table_id, "routeTableId").required(),
               FIELD(dry_run, "dryRun"), FIELD(gateway_id, "GatewayId"), FIELD(public_ipv4_pool, "PublicIpv4Pool"))

struct AssociateRouteTableReply {
  std::string association_id;
  RouteTableAssociationState association_state;
};
PDS_WIRE_SHAPE(AssociateRouteTableReply, FIELD(association_id, "associationId"), FIELD(association_state, "associationState"))

PDS_OPERATION(AssociateRouteTable)

struct DisassociateRouteTableRequest {
  std::optional<bool> dry_run;
  std::string association_id;
};
PDS_WIRE_SHAPE(DisassociateRouteTableRequest, FIELD(dry_run, "dryRun"), FIELD(association_id, "associationId").required())

using DisassociateRouteTableReply = Empty;
PDS_OPERATION(DisassociateRouteTable)

struct ReplaceRouteTableAssociationRequest {
  std::optional<bool> dry_run;
  std::string association_id, route_table_id;
};
PDS_WIRE_SHAPE(ReplaceRouteTableAssociationRequest, FIELD(dry_run, "dryRun"), FIELD(association_id, "associationId").required(),
               FIELD(route_table_id, "routeTableId").required())

struct ReplaceRouteTableAssociationReply {
  std::string new_association_id;
  RouteTableAssociationState association_state;
};
PDS_WIRE_SHAPE(ReplaceRouteTableAssociationReply, FIELD(new_association_id, "newAssociationId"),
               FIELD(association_state, "associationState"))

PDS_OPERATION(ReplaceRouteTableAssociation)

struct CreateRouteRequest {
  std::optional<bool> dry_run;
  std::string route_table_id;
  std::optional<std::string> destination_cidr_block, gateway_id;
  std::optional<Unsupported> destination_prefix_list_id, vpc_endpoint_id, transit_gateway_id, local_gateway_id, carrier_gateway_id,
      core_network_arn, odb_network_arn, destination_ipv6_cidr_block, egress_only_internet_gateway_id, instance_id,
      network_interface_id, vpc_peering_connection_id, nat_gateway_id;
};
PDS_WIRE_SHAPE(CreateRouteRequest, FIELD(dry_run, "dryRun"), FIELD(route_table_id, "routeTableId").required(),
               FIELD(destination_cidr_block, "destinationCidrBlock"), FIELD(gateway_id, "gatewayId"),
               FIELD(destination_prefix_list_id, "DestinationPrefixListId"), FIELD(vpc_endpoint_id, "VpcEndpointId"),
               FIELD(transit_gateway_id, "TransitGatewayId"), FIELD(local_gateway_id, "LocalGatewayId"),
               FIELD(carrier_gateway_id, "CarrierGatewayId"), FIELD(core_network_arn, "CoreNetworkArn"),
               FIELD(odb_network_arn, "OdbNetworkArn"), FIELD(destination_ipv6_cidr_block, "destinationIpv6CidrBlock"),
               FIELD(egress_only_internet_gateway_id, "egressOnlyInternetGatewayId"), FIELD(instance_id, "instanceId"),
               FIELD(network_interface_id, "networkInterfaceId"), FIELD(vpc_peering_connection_id, "vpcPeeringConnectionId"),
               FIELD(nat_gateway_id, "natGatewayId"))

struct CreateRouteReply {
  bool done = true;
};
PDS_WIRE_SHAPE(CreateRouteReply, FIELD(done, "return"))

PDS_OPERATION(CreateRoute)

struct ReplaceRouteRequest {
  std::optional<bool> dry_run;
  std::string route_table_id;
  std::optional<std::string> destination_cidr_block, gateway_id;
  std::optional<Unsupported> destination_prefix_list_id, vpc_endpoint_id, local_target, transit_gateway_id, local_gateway_id,
      carrier_gateway_id, core_network_arn, odb_network_arn, destination_ipv6_cidr_block, egress_only_internet_gateway_id,
      instance_id, network_interface_id, vpc_peering_connection_id, nat_gateway_id;
};
PDS_WIRE_SHAPE(ReplaceRouteRequest, FIELD(dry_run, "dryRun"), FIELD(route_table_id, "routeTableId").required(),
               FIELD(destination_cidr_block, "destinationCidrBlock"), FIELD(gateway_id, "gatewayId"),
               FIELD(destination_prefix_list_id, "DestinationPrefixListId"), FIELD(vpc_endpoint_id, "VpcEndpointId"),
               FIELD(local_target, "LocalTarget"), FIELD(transit_gateway_id, "TransitGatewayId"),
               FIELD(local_gateway_id, "LocalGatewayId"), FIELD(carrier_gateway_id, "CarrierGatewayId"),
               FIELD(core_network_arn, "CoreNetworkArn"), FIELD(odb_network_arn, "OdbNetworkArn"),
               FIELD(destination_ipv6_cidr_block, "destinationIpv6CidrBlock"),
               FIELD(egress_only_internet_gateway_id, "egressOnlyInternetGatewayId"), FIELD(instance_id, "instanceId"),
               FIELD(network_interface_id, "networkInterfaceId"), FIELD(vpc_peering_connection_id, "vpcPeeringConnectionId"),
               FIELD(nat_gateway_id, "natGatewayId"))

using ReplaceRouteReply = Empty;
PDS_OPERATION(ReplaceRoute)

struct DeleteRouteRequest {
  std::optional<bool> dry_run;
  std::string route_table_id;
  std::optional<std::string> destination_cidr_block;
  std::optional<Unsupported> destination_prefix_list_id, destination_ipv6_cidr_block;
};
PDS_WIRE_SHAPE(DeleteRouteRequest, FIELD(dry_run, "dryRun"), FIELD(route_table_id, "routeTableId").required(),
               FIELD(destination_cidr_block, "destinationCidrBlock"), FIELD(destination_prefix_list_id, "DestinationPrefixListId"),
               FIELD(destination_ipv6_cidr_block, "destinationIpv6CidrBlock"))

using DeleteRouteReply = Empty;
PDS_OPERATION(DeleteRoute)

struct NetworkAclAssociation {
  std::string network_acl_association_id, network_acl_id, subnet_id;
};
PDS_WIRE_SHAPE(NetworkAclAssociation, FIELD(network_acl_association_id, "networkAclAssociationId"),
               FIELD(network_acl_id, "networkAclId"), FIELD(subnet_id, "subnetId"))

struct NetworkAclEntry {
  std::string cidr_block;
  bool egress = false;
  std::string protocol, rule_action;
  int rule_number = 0;
};
PDS_WIRE_SHAPE(NetworkAclEntry, FIELD(cidr_block, "cidrBlock"), FIELD(egress, "egress"), FIELD(protocol, "protocol"),
               FIELD(rule_action, "ruleAction"), FIELD(rule_number, "ruleNumber"))

struct NetworkAcl {
  std::vector<NetworkAclAssociation> associations;
  std::vector<NetworkAclEntry> entries;
  bool is_default = false;
  std::string network_acl_id;
  std::vector<Tag> tags;
  std::string vpc_id, owner_id;
};
PDS_WIRE_SHAPE(NetworkAcl, FIELD(associations, "associationSet"), FIELD(entries, "entrySet"), FIELD(is_default, "default"),
               FIELD(network_acl_id, "networkAclId"), FIELD(tags, "tagSet"), FIELD(vpc_id, "vpcId"), FIELD(owner_id, "ownerId"))

struct DescribeNetworkAclsRequest {
  std::optional<std::string> next_token;
  std::optional<int> max_results;
  std::optional<bool> dry_run;
  std::vector<std::string> network_acl_ids;
  std::vector<Filter> filters;
};
PDS_WIRE_SHAPE(DescribeNetworkAclsRequest, FIELD(next_token, "NextToken"), FIELD(max_results, "MaxResults"), FIELD(dry_run, "dryRun"),
               FIELD(network_acl_ids, "NetworkAclId"), FIELD(filters, "Filter"))

struct DescribeNetworkAclsReply {
  std::vector<NetworkAcl> network_acls;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeNetworkAclsReply, FIELD(network_acls, "networkAclSet"), FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeNetworkAcls)

}  // namespace pds::aws::ec2
