// Route tables: which way out of a subnet. Each VPC has a main one, used by subnets without an association of their own.
#pragma once

#include "cloud/services/ec2/operation.h"
#include "cloud/services/ec2/state.h"

namespace pds::cloud::ec2 {

inline constexpr size_t routes_max = 50;

class RouteTables {
 public:
  explicit RouteTables(State& state) : state_(state) {}
  Result<const aws::ec2::RouteTable*> at(const std::string& route_table_id) const;

  PDS_CALL(AssociateRouteTable, associate_route_table);
  PDS_CALL(CreateRoute, create_route);
  PDS_CALL(CreateRouteTable, create_route_table);
  PDS_CALL(DeleteRoute, delete_route);
  PDS_CALL(DeleteRouteTable, delete_route_table);
  PDS_CALL(DescribeRouteTables, describe_route_tables);
  PDS_CALL(DisassociateRouteTable, disassociate_route_table);
  PDS_CALL(ReplaceRoute, replace_route);
  PDS_CALL(ReplaceRouteTableAssociation, replace_route_table_association);

 private:
  // The table an association is in.
  Result<const aws::ec2::RouteTable*> table_of(const std::string& association_id) const;
  Result<void> check_target(const aws::ec2::RouteTable& table, const std::optional<std::string>& gateway_id) const;
  State& state_;
};

aws::ec2::RouteTable make_route_table(State& state, const std::string& vpc_id, bool main);

}  // namespace pds::cloud::ec2
