// VPCs: an address range, with a main route table, a default security group and a default network ACL.
#pragma once

#include "cloud/services/ec2/operation.h"
#include "cloud/services/ec2/security_group.h"
#include "cloud/services/ec2/state.h"

namespace pds::cloud::ec2 {

inline constexpr int vpc_prefix_shortest = 16;
inline constexpr int vpc_prefix_longest = 28;
inline constexpr size_t vpcs_max = 100;  // of a region; AWS starts at 5

class Vpcs {
 public:
  Vpcs(State& state, SecurityGroups& security_groups) : state_(state), security_groups_(security_groups) {}
  // The default VPC with one subnet per zone, as every AWS account has it. Does nothing when VPCs were ever made here.
  void make_default();
  const VpcRecord* find_default() const;
  Result<const VpcRecord*> at(const std::string& vpc_id) const;

  PDS_CALL(CreateDefaultVpc, create_default_vpc);
  PDS_CALL(CreateVpc, create_vpc);
  PDS_CALL(DeleteVpc, delete_vpc);
  PDS_CALL(DescribeNetworkAcls, describe_network_acls);
  PDS_CALL(DescribeVpcAttribute, describe_vpc_attribute);
  PDS_CALL(DescribeVpcs, describe_vpcs);
  PDS_CALL(ModifyVpcAttribute, modify_vpc_attribute);

 private:
  std::string add_vpc(const std::string& cidr_block, bool is_default);
  State& state_;
  SecurityGroups& security_groups_;
};

}  // namespace pds::cloud::ec2
