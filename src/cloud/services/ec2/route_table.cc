#include "cloud/services/ec2/route_table.h"

#include <fmt/core.h>

#include <algorithm>

#include "cloud/services/ec2/cidr.h"
#include "cloud/services/ec2/describe.h"
#include "cloud/services/ec2/tag.h"

namespace pds::cloud::ec2 {

namespace {

aws::ec2::RouteTable complete(const State& state, aws::ec2::RouteTable table) {
  table.tags = state.tags_of(table.route_table_id);
  for (auto& route : table.routes) {
    // A way through a gateway that is gone, or detached from this VPC, leads nowhere.
    if (route.gateway_id == "local") continue;
    const aws::ec2::InternetGateway* gateway = state.gateways.find(route.gateway_id);
    bool attached = gateway && !gateway->attachments.empty() && gateway->attachments.front().vpc_id == table.vpc_id;
    route.state = attached ? "active" : "blackhole";
  }
  return table;
}

FilterValues association_values(const aws::ec2::RouteTable& table, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& association : table.associations) {
    if (name == "association.main") values.push_back(association.main ? "true" : "false");
    if (name == "association.route-table-association-id") values.push_back(association.route_table_association_id);
    if (name == "association.route-table-id") values.push_back(association.route_table_id);
    if (name == "association.subnet-id" && association.subnet_id) values.push_back(*association.subnet_id);
  }
  return values;
}

FilterValues table_filter(const aws::ec2::RouteTable& table, std::string_view name) {
  if (name == "route-table-id") return one_value(table.route_table_id);
  if (name == "vpc-id") return one_value(table.vpc_id);
  if (name == "owner-id") return one_value(table.owner_id);
  if (name == "association.main" || name == "association.route-table-association-id" || name == "association.route-table-id" ||
      name == "association.subnet-id")
    return association_values(table, name);
  constexpr std::string_view of_routes[] = {"route.destination-cidr-block", "route.gateway-id", "route.origin", "route.state"};
  if (std::find(std::begin(of_routes), std::end(of_routes), name) == std::end(of_routes)) return std::nullopt;
  std::vector<std::string> values;
  for (const auto& route : table.routes) {
    if (name == "route.destination-cidr-block") values.push_back(route.destination_cidr_block);
    if (name == "route.gateway-id") values.push_back(route.gateway_id);
    if (name == "route.origin") values.push_back(route.origin);
    if (name == "route.state") values.push_back(route.state);
  }
  return values;
}

aws::ec2::Route* find_route(aws::ec2::RouteTable& table, const std::string& block) {
  for (auto& route : table.routes)
    if (route.destination_cidr_block == block) return &route;
  return nullptr;
}

std::unexpected<Error> no_route(const std::string& table_id, const std::string& block) {
  return fail("InvalidRoute.NotFound", fmt::format("no route with destination-cidr-block {} in route table {}", block, table_id));
}

}  // namespace

aws::ec2::RouteTable make_route_table(State& state, const std::string& vpc_id, bool main) {
  aws::ec2::RouteTable table;
  table.route_table_id = state.new_id("rtb-");
  table.vpc_id = vpc_id;
  table.owner_id = state.core.account;
  table.routes = {{.destination_cidr_block = state.vpcs.find(vpc_id)->vpc.cidr_block,
                   .gateway_id = "local",
                   .origin = "CreateRouteTable",
                   .state = "active"}};
  if (main)
    table.associations = {{.main = true,
                           .route_table_association_id = state.new_id("rtbassoc-"),
                           .route_table_id = table.route_table_id,
                           .subnet_id = std::nullopt,
                           .association_state = {.state = "associated"}}};
  return table;
}

Result<const aws::ec2::RouteTable*> RouteTables::at(const std::string& route_table_id) const {
  const aws::ec2::RouteTable* table = state_.route_tables.find(route_table_id);
  if (!table) return no_such("InvalidRouteTableID.NotFound", "routeTable ID", route_table_id);
  return table;
}

Result<const aws::ec2::RouteTable*> RouteTables::table_of(const std::string& association_id) const {
  for (const auto& [id, table] : state_.route_tables.rows())
    for (const auto& association : table.associations)
      if (association.route_table_association_id == association_id) return &table;
  return no_such("InvalidAssociationID.NotFound", "association ID", association_id);
}

Result<void> RouteTables::check_target(const aws::ec2::RouteTable& table, const std::optional<std::string>& gateway_id) const {
  if (!gateway_id) return missing_parameter("gatewayId");
  const aws::ec2::InternetGateway* gateway = state_.gateways.find(*gateway_id);
  if (!gateway) return no_such("InvalidInternetGatewayID.NotFound", "internetGateway ID", *gateway_id);
  if (gateway->attachments.empty() || gateway->attachments.front().vpc_id != table.vpc_id)
    return invalid_parameter(
        fmt::format("route table {} and network gateway {} belong to different networks", table.route_table_id, *gateway_id));
  return {};
}

Result<aws::ec2::CreateRouteTableReply> RouteTables::create_route_table(const Call& call,
                                                                        const aws::ec2::CreateRouteTableRequest& request) {
  CHECK(begin("CreateRouteTable", request));
  if (!state_.vpcs.contains(request.vpc_id)) return no_such("InvalidVpcID.NotFound", "vpc ID", request.vpc_id);
  TRY(auto tags, tags_for(request.tag_specifications, "route-table", call));
  auto table = make_route_table(state_, request.vpc_id, false);
  state_.route_tables.put(table.route_table_id, table);
  state_.set_tags(table.route_table_id, "route-table", tags);
  return aws::ec2::CreateRouteTableReply{.route_table = complete(state_, std::move(table)), .client_token = request.client_token};
}

Result<aws::ec2::DeleteRouteTableReply> RouteTables::delete_route_table(const Call&,
                                                                        const aws::ec2::DeleteRouteTableRequest& request) {
  CHECK(begin("DeleteRouteTable", request));
  TRY(const auto* table, at(request.route_table_id));
  if (!table->associations.empty()) return dependency_violation("routeTable", request.route_table_id);
  state_.route_tables.erase(request.route_table_id);
  state_.forget_tags(request.route_table_id);
  return aws::Empty{};
}

Result<aws::ec2::DescribeRouteTablesReply> RouteTables::describe_route_tables(const Call&,
                                                                              const aws::ec2::DescribeRouteTablesRequest& request) {
  CHECK(begin("DescribeRouteTables", request));
  std::vector<aws::ec2::RouteTable> tables;
  for (const auto& [id, table] : state_.route_tables.rows()) tables.push_back(complete(state_, table));
  TRY(auto page, describe(
                     std::move(tables),
                     {.ids = request.route_table_ids,
                      .not_found_code = "InvalidRouteTableID.NotFound",
                      .noun = "routeTable ID",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token,
                      .page_size_max = 100},
                     [](const auto& table) { return table.route_table_id; }, table_filter));
  return aws::ec2::DescribeRouteTablesReply{.route_tables = std::move(page.items), .next_token = page.next_token};
}

Result<aws::ec2::AssociateRouteTableReply> RouteTables::associate_route_table(const Call&,
                                                                              const aws::ec2::AssociateRouteTableRequest& request) {
  CHECK(begin("AssociateRouteTable", request));
  TRY(const auto* table, at(request.route_table_id));
  if (!request.subnet_id) return missing_parameter("subnetId");
  const aws::ec2::Subnet* subnet = state_.subnets.find(*request.subnet_id);
  if (!subnet) return no_such("InvalidSubnetID.NotFound", "subnet ID", *request.subnet_id);
  if (subnet->vpc_id != table->vpc_id)
    return invalid_parameter(
        fmt::format("Route table {} and subnet {} belong to different networks", request.route_table_id, *request.subnet_id));
  for (const auto& [id, other] : state_.route_tables.rows())
    for (const auto& association : other.associations)
      if (association.subnet_id == *request.subnet_id) {
        if (id != request.route_table_id)
          return fail("Resource.AlreadyAssociated",
                      fmt::format("the specified association for route table {} conflicts with an existing association",
                                  request.route_table_id));
        return aws::ec2::AssociateRouteTableReply{.association_id = association.route_table_association_id,
                                                  .association_state = association.association_state};
      }
  aws::ec2::RouteTableAssociation association{.main = false,
                                              .route_table_association_id = state_.new_id("rtbassoc-"),
                                              .route_table_id = request.route_table_id,
                                              .subnet_id = request.subnet_id,
                                              .association_state = {.state = "associated"}};
  state_.route_tables.update(request.route_table_id, [&](auto& changed) { changed.associations.push_back(association); });
  return aws::ec2::AssociateRouteTableReply{.association_id = association.route_table_association_id,
                                            .association_state = association.association_state};
}

Result<aws::ec2::DisassociateRouteTableReply> RouteTables::disassociate_route_table(
    const Call&, const aws::ec2::DisassociateRouteTableRequest& request) {
  CHECK(begin("DisassociateRouteTable", request));
  TRY(const auto* table, table_of(request.association_id));
  for (const auto& association : table->associations)
    if (association.route_table_association_id == request.association_id && association.main)
      return invalid_parameter(fmt::format("cannot disassociate the main route table association {}", request.association_id));
  state_.route_tables.update(table->route_table_id, [&](auto& changed) {
    std::erase_if(changed.associations, [&](const auto& a) { return a.route_table_association_id == request.association_id; });
  });
  return aws::Empty{};
}

Result<aws::ec2::ReplaceRouteTableAssociationReply> RouteTables::replace_route_table_association(
    const Call&, const aws::ec2::ReplaceRouteTableAssociationRequest& request) {
  CHECK(begin("ReplaceRouteTableAssociation", request));
  TRY(const auto* from, table_of(request.association_id));
  TRY(const auto* to, at(request.route_table_id));
  if (from->vpc_id != to->vpc_id)
    return invalid_parameter(
        fmt::format("Route tables {} and {} belong to different networks", from->route_table_id, to->route_table_id));
  aws::ec2::RouteTableAssociation moved;
  for (const auto& association : from->associations)
    if (association.route_table_association_id == request.association_id) moved = association;
  std::string from_id = from->route_table_id;
  state_.route_tables.update(from_id, [&](auto& changed) {
    std::erase_if(changed.associations, [&](const auto& a) { return a.route_table_association_id == request.association_id; });
  });
  moved.route_table_association_id = state_.new_id("rtbassoc-");
  moved.route_table_id = request.route_table_id;
  state_.route_tables.update(request.route_table_id, [&](auto& changed) {
    // The main association stands first: that is how a main table is known.
    changed.associations.insert(moved.main ? changed.associations.begin() : changed.associations.end(), moved);
  });
  return aws::ec2::ReplaceRouteTableAssociationReply{.new_association_id = moved.route_table_association_id,
                                                     .association_state = moved.association_state};
}

Result<aws::ec2::CreateRouteReply> RouteTables::create_route(const Call&, const aws::ec2::CreateRouteRequest& request) {
  CHECK(begin("CreateRoute", request));
  TRY(const auto* table, at(request.route_table_id));
  if (!request.destination_cidr_block) return missing_parameter("destinationCidrBlock");
  TRY(Cidr block, parse_cidr(*request.destination_cidr_block, "destinationCidrBlock"));
  CHECK(check_target(*table, request.gateway_id));
  aws::ec2::RouteTable changed = *table;
  if (aws::ec2::Route* known = find_route(changed, block.text())) {
    if (known->gateway_id == *request.gateway_id) return aws::ec2::CreateRouteReply{};
    return fail("RouteAlreadyExists", fmt::format("The route identified by {} already exists.", block.text()));
  }
  if (changed.routes.size() >= routes_max) return fail("RouteLimitExceeded", "The maximum number of routes has been reached.");
  changed.routes.push_back(
      {.destination_cidr_block = block.text(), .gateway_id = *request.gateway_id, .origin = "CreateRoute", .state = "active"});
  state_.route_tables.put(request.route_table_id, std::move(changed));
  return aws::ec2::CreateRouteReply{};
}

Result<aws::ec2::ReplaceRouteReply> RouteTables::replace_route(const Call&, const aws::ec2::ReplaceRouteRequest& request) {
  CHECK(begin("ReplaceRoute", request));
  TRY(const auto* table, at(request.route_table_id));
  if (!request.destination_cidr_block) return missing_parameter("destinationCidrBlock");
  CHECK(check_target(*table, request.gateway_id));
  aws::ec2::RouteTable changed = *table;
  aws::ec2::Route* route = find_route(changed, *request.destination_cidr_block);
  if (!route) return no_route(request.route_table_id, *request.destination_cidr_block);
  route->gateway_id = *request.gateway_id;
  state_.route_tables.put(request.route_table_id, std::move(changed));
  return aws::Empty{};
}

Result<aws::ec2::DeleteRouteReply> RouteTables::delete_route(const Call&, const aws::ec2::DeleteRouteRequest& request) {
  CHECK(begin("DeleteRoute", request));
  TRY(const auto* table, at(request.route_table_id));
  if (!request.destination_cidr_block) return missing_parameter("destinationCidrBlock");
  aws::ec2::RouteTable changed = *table;
  aws::ec2::Route* route = find_route(changed, *request.destination_cidr_block);
  if (!route) return no_route(request.route_table_id, *request.destination_cidr_block);
  if (route->gateway_id == "local")
    return invalid_parameter(
        fmt::format("cannot remove local route {} in route table {}", *request.destination_cidr_block, request.route_table_id));
  std::erase_if(changed.routes, [&](const auto& r) { return r.destination_cidr_block == *request.destination_cidr_block; });
  state_.route_tables.put(request.route_table_id, std::move(changed));
  return aws::Empty{};
}

}  // namespace pds::cloud::ec2
