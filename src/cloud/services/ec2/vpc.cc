#include "cloud/services/ec2/vpc.h"

#include <fmt/core.h>

#include <algorithm>

#include "cloud/services/ec2/cidr.h"
#include "cloud/services/ec2/describe.h"
#include "cloud/services/ec2/place.h"
#include "cloud/services/ec2/route_table.h"
#include "cloud/services/ec2/subnet.h"
#include "cloud/services/ec2/tag.h"

namespace pds::cloud::ec2 {

namespace {

FilterValues vpc_filter(const aws::ec2::Vpc& vpc, std::string_view name) {
  if (name == "vpc-id") return one_value(vpc.vpc_id);
  if (name == "cidr" || name == "cidr-block" || name == "cidrBlock" || name == "cidr-block-association.cidr-block")
    return one_value(vpc.cidr_block);
  if (name == "state" || name == "cidr-block-association.state") return one_value(name == "state" ? vpc.state : "associated");
  if (name == "is-default" || name == "isDefault") return flag_value(vpc.is_default);
  if (name == "owner-id") return one_value(vpc.owner_id);
  if (name == "dhcp-options-id" || name == "dhcpOptionsId") return one_value(vpc.dhcp_options_id);
  return std::nullopt;
}

aws::ec2::NetworkAcl default_acl(const State& state, const VpcRecord& record) {
  aws::ec2::NetworkAcl acl{.associations = {},
                           .entries = {},
                           .is_default = true,
                           .network_acl_id = record.network_acl_id,
                           .tags = state.tags_of(record.network_acl_id),
                           .vpc_id = record.vpc.vpc_id,
                           .owner_id = record.vpc.owner_id};
  for (bool egress : {true, false}) {
    acl.entries.push_back(
        {.cidr_block = "0.0.0.0/0", .egress = egress, .protocol = "-1", .rule_action = "allow", .rule_number = 100});
    acl.entries.push_back(
        {.cidr_block = "0.0.0.0/0", .egress = egress, .protocol = "-1", .rule_action = "deny", .rule_number = 32767});
  }
  for (const auto& [id, subnet] : state.subnets.rows())
    if (subnet.vpc_id == record.vpc.vpc_id)
      acl.associations.push_back({.network_acl_association_id = "aclassoc-" + id.substr(sizeof("subnet-") - 1),
                                  .network_acl_id = acl.network_acl_id,
                                  .subnet_id = id});
  return acl;
}

FilterValues acl_filter(const aws::ec2::NetworkAcl& acl, std::string_view name) {
  if (name == "vpc-id") return one_value(acl.vpc_id);
  if (name == "default") return flag_value(acl.is_default);
  if (name == "network-acl-id") return one_value(acl.network_acl_id);
  if (name == "owner-id") return one_value(acl.owner_id);
  if (name == "association.subnet-id") {
    std::vector<std::string> subnets;
    for (const auto& association : acl.associations) subnets.push_back(association.subnet_id);
    return subnets;
  }
  return std::nullopt;
}

bool has_dependents(const State& state, const std::string& vpc_id) {
  for (const auto& [id, subnet] : state.subnets.rows())
    if (subnet.vpc_id == vpc_id) return true;
  for (const auto& [id, gateway] : state.gateways.rows())
    for (const auto& attachment : gateway.attachments)
      if (attachment.vpc_id == vpc_id) return true;
  for (const auto& [id, group] : state.security_groups.rows())
    if (group.vpc_id == vpc_id && group.group_name != "default") return true;
  for (const auto& [id, table] : state.route_tables.rows()) {
    bool main = !table.associations.empty() && table.associations.front().main;
    if (table.vpc_id == vpc_id && !main) return true;
  }
  return false;
}

}  // namespace

Result<const VpcRecord*> Vpcs::at(const std::string& vpc_id) const {
  const VpcRecord* record = state_.vpcs.find(vpc_id);
  if (!record) return no_such("InvalidVpcID.NotFound", "vpc ID", vpc_id);
  return record;
}

const VpcRecord* Vpcs::find_default() const {
  for (const auto& [id, record] : state_.vpcs.rows())
    if (record.vpc.is_default) return &record;
  return nullptr;
}

std::string Vpcs::add_vpc(const std::string& cidr_block, bool is_default) {
  VpcRecord record;
  record.vpc.vpc_id = state_.new_id("vpc-");
  record.vpc.owner_id = state_.core.account;
  record.vpc.instance_tenancy = "default";
  record.vpc.cidr_block = cidr_block;
  record.vpc.cidr_block_association_set = {
      {.association_id = state_.new_id("vpc-cidr-assoc-"), .cidr_block = cidr_block, .cidr_block_state = {.state = "associated"}}};
  record.vpc.is_default = is_default;
  record.vpc.state = "available";
  record.vpc.dhcp_options_id = "default";
  record.dns_hostnames = is_default;
  record.network_acl_id = state_.new_id("acl-");
  std::string id = record.vpc.vpc_id;
  state_.vpcs.put(id, std::move(record));
  auto table = make_route_table(state_, id, true);
  state_.route_tables.put(table.route_table_id, std::move(table));
  security_groups_.add_group(id, "default", "default VPC security group", true);
  return id;
}

void Vpcs::make_default() {
  if (state_.vpcs.size() > 0 || !state_.core.store.tables(state_.core.table("ec2", "")).empty()) return;
  std::string id = add_vpc("172.31.0.0/16", true);
  std::string gateway_id = state_.new_id("igw-");
  state_.gateways.put(gateway_id, {.attachments = {{.state = "available", .vpc_id = id}},
                                   .internet_gateway_id = gateway_id,
                                   .owner_id = state_.core.account,
                                   .tags = {}});
  for (const auto& [table_id, table] : state_.route_tables.rows())
    if (table.vpc_id == id) {
      state_.route_tables.update(table_id, [&](auto& changed) {
        changed.routes.push_back(
            {.destination_cidr_block = "0.0.0.0/0", .gateway_id = gateway_id, .origin = "CreateRoute", .state = "active"});
      });
      break;
    }
  uint32_t base = 172u << 24 | 31u << 16;
  for (const std::string& zone : zones_of(state_.core.region)) {
    auto subnet = make_subnet(state_, id, Cidr{base, 20}, zone, true);
    state_.subnets.put(subnet.subnet_id, subnet);
    base += 1u << 12;
  }
}

Result<aws::ec2::CreateDefaultVpcReply> Vpcs::create_default_vpc(const Call&, const aws::ec2::CreateDefaultVpcRequest& request) {
  CHECK(begin("CreateDefaultVpc", request));
  if (const VpcRecord* known = find_default())
    return fail("DefaultVpcAlreadyExists", fmt::format("A default VPC ({}) already exists in this region", known->vpc.vpc_id));
  return fail("NotImplemented", "CreateDefaultVpc: a default VPC that was deleted is not made again; create a VPC instead", 501);
}

Result<aws::ec2::CreateVpcReply> Vpcs::create_vpc(const Call& call, const aws::ec2::CreateVpcRequest& request) {
  CHECK(begin("CreateVpc", request));
  if (request.amazon_provided_ipv6_cidr_block.value_or(false))
    return fail("NotImplemented", "CreateVpc: AmazonProvidedIpv6CidrBlock is not supported: instances have IPv4 addresses only",
                501);
  if (request.instance_tenancy.value_or("default") != "default")
    return fail("NotImplemented",
                "CreateVpc: InstanceTenancy other than 'default' is not supported: all instances share this machine", 501);
  if (!request.cidr_block) return missing_parameter("cidrBlock");
  TRY(Cidr block, parse_cidr(*request.cidr_block));
  if (block.prefix < vpc_prefix_shortest || block.prefix > vpc_prefix_longest)
    return fail("InvalidVpc.Range", fmt::format("The CIDR '{}' is invalid.", *request.cidr_block));
  TRY(auto tags, tags_for(request.tag_specifications, "vpc", call));
  if (state_.vpcs.size() >= vpcs_max) return fail("VpcLimitExceeded", "The maximum number of VPCs has been reached.");
  std::string id = add_vpc(block.text(), false);
  state_.set_tags(id, "vpc", tags);
  aws::ec2::Vpc vpc = state_.vpcs.find(id)->vpc;
  vpc.tags = state_.tags_of(id);
  return aws::ec2::CreateVpcReply{.vpc = std::move(vpc)};
}

Result<aws::ec2::DeleteVpcReply> Vpcs::delete_vpc(const Call&, const aws::ec2::DeleteVpcRequest& request) {
  CHECK(begin("DeleteVpc", request));
  TRY(const VpcRecord* record, at(request.vpc_id));
  if (has_dependents(state_, request.vpc_id)) return dependency_violation("vpc", request.vpc_id);
  std::vector<std::string> groups, tables;
  for (const auto& [id, group] : state_.security_groups.rows())
    if (group.vpc_id == request.vpc_id) groups.push_back(id);
  for (const auto& [id, table] : state_.route_tables.rows())
    if (table.vpc_id == request.vpc_id) tables.push_back(id);
  for (const std::string& id : groups) security_groups_.remove_group(id);
  for (const std::string& id : tables) state_.route_tables.erase(id), state_.forget_tags(id);
  state_.forget_tags(record->network_acl_id);
  state_.forget_tags(request.vpc_id);
  state_.vpcs.erase(request.vpc_id);
  return aws::Empty{};
}

Result<aws::ec2::DescribeVpcsReply> Vpcs::describe_vpcs(const Call&, const aws::ec2::DescribeVpcsRequest& request) {
  CHECK(begin("DescribeVpcs", request));
  std::vector<aws::ec2::Vpc> vpcs;
  for (const auto& [id, record] : state_.vpcs.rows()) {
    vpcs.push_back(record.vpc);
    vpcs.back().tags = state_.tags_of(id);
  }
  TRY(auto page, describe(
                     std::move(vpcs),
                     {.ids = request.vpc_ids,
                      .not_found_code = "InvalidVpcID.NotFound",
                      .noun = "vpc ID",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token},
                     [](const auto& vpc) { return vpc.vpc_id; }, vpc_filter));
  return aws::ec2::DescribeVpcsReply{.next_token = page.next_token, .vpcs = std::move(page.items)};
}

Result<aws::ec2::DescribeVpcAttributeReply> Vpcs::describe_vpc_attribute(const Call&,
                                                                         const aws::ec2::DescribeVpcAttributeRequest& request) {
  CHECK(begin("DescribeVpcAttribute", request));
  TRY(const VpcRecord* record, at(request.vpc_id));
  aws::ec2::DescribeVpcAttributeReply reply;
  reply.vpc_id = request.vpc_id;
  if (request.attribute == "enableDnsSupport")
    reply.enable_dns_support = {.value = record->dns_support};
  else if (request.attribute == "enableDnsHostnames")
    reply.enable_dns_hostnames = {.value = record->dns_hostnames};
  else if (request.attribute == "enableNetworkAddressUsageMetrics")
    reply.enable_network_address_usage_metrics = {.value = false};
  else
    return invalid_parameter(fmt::format("Value ({}) for parameter attribute is invalid. Unknown attribute.", request.attribute));
  return reply;
}

Result<aws::ec2::ModifyVpcAttributeReply> Vpcs::modify_vpc_attribute(const Call&,
                                                                     const aws::ec2::ModifyVpcAttributeRequest& request) {
  CHECK(begin("ModifyVpcAttribute", request));
  TRY(const VpcRecord* record, at(request.vpc_id));
  bool hostnames = request.enable_dns_hostnames ? request.enable_dns_hostnames->value.value_or(false) : record->dns_hostnames;
  bool support = request.enable_dns_support ? request.enable_dns_support->value.value_or(false) : record->dns_support;
  if (request.enable_dns_hostnames && request.enable_dns_support)
    return fail("InvalidParameterCombination",
                "Fields for multiple attribute types specified: enableDnsHostnames, enableDnsSupport");
  if (hostnames && !support)
    return fail("InvalidParameterCombination", "DNS hostnames need DNS support: enable enableDnsSupport first");
  state_.vpcs.update(request.vpc_id, [&](VpcRecord& changed) { changed.dns_hostnames = hostnames, changed.dns_support = support; });
  return aws::Empty{};
}

Result<aws::ec2::DescribeNetworkAclsReply> Vpcs::describe_network_acls(const Call&,
                                                                       const aws::ec2::DescribeNetworkAclsRequest& request) {
  CHECK(begin("DescribeNetworkAcls", request));
  std::vector<aws::ec2::NetworkAcl> acls;
  for (const auto& [id, record] : state_.vpcs.rows()) acls.push_back(default_acl(state_, record));
  std::sort(acls.begin(), acls.end(), [](const auto& a, const auto& b) { return a.network_acl_id < b.network_acl_id; });
  TRY(auto page, describe(
                     std::move(acls),
                     {.ids = request.network_acl_ids,
                      .not_found_code = "InvalidNetworkAclID.NotFound",
                      .noun = "networkAcl ID",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token},
                     [](const auto& acl) { return acl.network_acl_id; }, acl_filter));
  return aws::ec2::DescribeNetworkAclsReply{.network_acls = std::move(page.items), .next_token = page.next_token};
}

}  // namespace pds::cloud::ec2
