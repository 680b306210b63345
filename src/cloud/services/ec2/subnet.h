// Subnets: a part of a VPC in one zone, which hands out private addresses.
#pragma once

#include "cloud/services/ec2/cidr.h"
#include "cloud/services/ec2/operation.h"
#include "cloud/services/ec2/state.h"

namespace pds::cloud::ec2 {

// The lowest free address of the subnet: of those no instance holds. InsufficientFreeAddressesInSubnet.
Result<std::string> free_address(const State& state, const aws::ec2::Subnet& subnet);
// Addresses not in use and not kept by EC2.
int64_t free_addresses(const State& state, const aws::ec2::Subnet& subnet);
bool address_in_use(const State& state, std::string_view subnet_id, std::string_view address);

class Subnets {
 public:
  explicit Subnets(State& state) : state_(state) {}
  Result<const aws::ec2::Subnet*> at(const std::string& subnet_id) const;
  // The default subnet of a zone; null when it has none.
  const aws::ec2::Subnet* find_default(std::string_view zone) const;

  PDS_CALL(CreateSubnet, create_subnet);
  PDS_CALL(DeleteSubnet, delete_subnet);
  PDS_CALL(DescribeNetworkInterfaces, describe_network_interfaces);
  PDS_CALL(DescribeSubnets, describe_subnets);
  PDS_CALL(ModifySubnetAttribute, modify_subnet_attribute);

 private:
  State& state_;
};

aws::ec2::Subnet make_subnet(State& state, const std::string& vpc_id, const Cidr& block, const std::string& zone, bool is_default);

}  // namespace pds::cloud::ec2
