#include <fmt/core.h>

#include "deploy/stack.h"

namespace pds::deploy {

namespace ec2 = aws::ec2;

io::Task<Result<void>> StackWalk::ensure_vpc() {
  CO_TRY(auto found, co_await client_.call<ec2::DescribeVpcs>({.filters = by_name(names_->vpc)}));
  if (!found.vpcs.empty()) {
    facts_.vpc_id = found.vpcs[0].vpc_id;
    if (found.vpcs[0].cidr_block != config_.text("network.cidr"))
      co_return fail("E_CONFIG", fmt::format("the VPC {} has {}, and network.cidr says {}: a VPC cannot be changed. Take the stack down first, "
                                             "or put the old value back",
                                             facts_.vpc_id, found.vpcs[0].cidr_block, config_.text("network.cidr")));
    co_return Result<void>{};
  }
  if (!make(ChangeAction::create, "VPC", names_->vpc)) co_return Result<void>{};
  ec2::CreateVpcRequest request;
  request.cidr_block = config_.text("network.cidr");
  request.tag_specifications = tags_for("vpc", names_->vpc);
  CO_TRY(auto made, co_await client_.call<ec2::CreateVpc>(request));
  facts_.vpc_id = made.vpc.vpc_id;
  co_return Result<void>{};
}

io::Task<Result<void>> StackWalk::ensure_subnets() {
  CO_TRY(auto zones, co_await client_.call<ec2::DescribeAvailabilityZones>({}));
  auto wanted = static_cast<size_t>(config_.integer("network.zones"));
  if (zones.availability_zones.size() < wanted)
    co_return fail("E_CONFIG", fmt::format("network.zones is {}, but {} has {} zones", wanted, config_.region(), zones.availability_zones.size()));
  for (size_t i = 0; i < wanted; ++i) {
    const std::string& zone = zones.availability_zones[i].zone_name;
    std::string name = fmt::format("{}-{}", config_.stack(), zone);
    facts_.zones.push_back(zone);
    if (!facts_.vpc_id.empty()) {
      CO_TRY(auto found, co_await client_.call<ec2::DescribeSubnets>({.filters = by_name(name)}));
      if (!found.subnets.empty()) {
        facts_.subnet_ids.push_back(found.subnets[0].subnet_id);
        continue;
      }
    }
    if (!make(ChangeAction::create, "subnet", name)) continue;
    ec2::CreateSubnetRequest request;
    request.vpc_id = facts_.vpc_id;
    request.availability_zone = zone;
    request.cidr_block = subnet_cidr(config_.text("network.cidr"), i);
    request.tag_specifications = tags_for("subnet", name);
    CO_TRY(auto made, co_await client_.call<ec2::CreateSubnet>(request));
    facts_.subnet_ids.push_back(made.subnet.subnet_id);
  }
  co_return Result<void>{};
}

io::Task<Result<void>> StackWalk::ensure_gateway() {
  CO_TRY(auto found, co_await client_.call<ec2::DescribeInternetGateways>({.filters = by_name(names_->gateway)}));
  bool attached = false;
  if (!found.internet_gateways.empty()) {
    facts_.gateway_id = found.internet_gateways[0].internet_gateway_id;
    attached = !found.internet_gateways[0].attachments.empty();
  } else if (make(ChangeAction::create, "internet gateway", names_->gateway)) {
    CO_TRY(auto made, co_await client_.call<ec2::CreateInternetGateway>({.tag_specifications = tags_for("internet-gateway", names_->gateway)}));
    facts_.gateway_id = made.internet_gateway.internet_gateway_id;
  }
  if (!attached && mode_ == Mode::apply) {
    ec2::AttachInternetGatewayRequest attach;
    attach.internet_gateway_id = facts_.gateway_id;
    attach.vpc_id = facts_.vpc_id;
    CO_CHECK(co_await client_.call<ec2::AttachInternetGateway>(attach));
  }

  CO_TRY(auto tables, co_await client_.call<ec2::DescribeRouteTables>({.filters = by_name(names_->route_table)}));
  ec2::RouteTable table;
  if (!tables.route_tables.empty()) {
    table = tables.route_tables[0];
  } else if (make(ChangeAction::create, "route table", names_->route_table)) {
    ec2::CreateRouteTableRequest request;
    request.vpc_id = facts_.vpc_id;
    request.tag_specifications = tags_for("route-table", names_->route_table);
    CO_TRY(auto made, co_await client_.call<ec2::CreateRouteTable>(request));
    table = made.route_table;
  }
  facts_.route_table_id = table.route_table_id;
  if (mode_ == Mode::plan) co_return Result<void>{};

  bool routed = false;
  for (const ec2::Route& route : table.routes) routed = routed || route.destination_cidr_block == "0.0.0.0/0";
  if (!routed) {
    ec2::CreateRouteRequest request;
    request.route_table_id = table.route_table_id;
    request.destination_cidr_block = "0.0.0.0/0";
    request.gateway_id = facts_.gateway_id;
    CO_CHECK(co_await client_.call<ec2::CreateRoute>(request));
  }
  for (const std::string& subnet : facts_.subnet_ids) {
    bool associated = false;
    for (const auto& association : table.associations) associated = associated || association.subnet_id == subnet;
    if (associated) continue;
    ec2::AssociateRouteTableRequest request;
    request.route_table_id = table.route_table_id;
    request.subnet_id = subnet;
    CO_CHECK(co_await client_.call<ec2::AssociateRouteTable>(request));
  }
  co_return Result<void>{};
}

io::Task<Result<std::string>> StackWalk::ensure_security_group(std::string name, std::string description, std::vector<ec2::IpPermission> wanted) {
  std::vector<ec2::Filter> filters = by_name(name);
  CO_TRY(auto found, co_await client_.call<ec2::DescribeSecurityGroups>({.filters = filters}));
  std::string id;
  std::vector<ec2::IpPermission> present;
  if (!found.security_groups.empty()) {
    id = found.security_groups[0].group_id;
    present = found.security_groups[0].ip_permissions;
  } else if (make(ChangeAction::create, "security group", name)) {
    ec2::CreateSecurityGroupRequest request;
    request.group_name = name;
    request.description = description;
    request.vpc_id = facts_.vpc_id;
    request.tag_specifications = tags_for("security-group", name);
    CO_TRY(auto made, co_await client_.call<ec2::CreateSecurityGroup>(request));
    id = made.group_id;
  }
  for (const ec2::IpPermission& rule : wanted) {
    bool there = false;
    for (const ec2::IpPermission& one : present) there = there || (one.from_port == rule.from_port && one.to_port == rule.to_port);
    if (there || id.empty()) continue;
    if (!found.security_groups.empty() && !make(ChangeAction::update, "security group", name, fmt::format("port {} is not open", rule.from_port.value_or(0))))
      continue;
    ec2::AuthorizeSecurityGroupIngressRequest request;
    request.group_id = id;
    request.ip_permissions = {rule};
    CO_CHECK(co_await client_.call<ec2::AuthorizeSecurityGroupIngress>(request));
  }
  co_return id;
}

io::Task<Result<void>> StackWalk::ensure_security_groups() {
  ec2::IpPermission from_anywhere;
  from_anywhere.ip_protocol = "tcp";
  from_anywhere.from_port = from_anywhere.to_port = static_cast<int>(config_.integer("balancer.port"));
  from_anywhere.ip_ranges = {{.description = "users", .cidr_ip = "0.0.0.0/0"}};
  CO_TRY(facts_.balancer_group_id, co_await ensure_security_group(names_->balancer_group, "users to the balancer", {from_anywhere}));

  ec2::IpPermission from_balancer;
  from_balancer.ip_protocol = "tcp";
  from_balancer.from_port = from_balancer.to_port = static_cast<int>(config_.integer("fleet.port"));
  ec2::UserIdGroupPair balancer;
  balancer.group_id = facts_.balancer_group_id;
  from_balancer.user_id_group_pairs = {balancer};
  CO_TRY(facts_.instance_group_id, co_await ensure_security_group(names_->instance_group, "the balancer to the instances", {from_balancer}));
  co_return Result<void>{};
}

}  // namespace pds::deploy
