// Where things are, and of what kind: regions, zones, instance types, account attributes.
#pragma once

#include "cloud/services/ec2/operation.h"
#include "cloud/services/ec2/state.h"

namespace pds::cloud::ec2 {

// An instance type: what its machine may use.
struct InstanceType {
  const char* name;
  int vcpus;
  int64_t memory_mib;
  bool burstable;
};
const InstanceType* find_instance_type(std::string_view name);
inline constexpr const char* instance_type_fallback = "m1.small";  // what EC2 takes when nothing is said

// The zones of a region, "us-east-1a" first.
std::vector<std::string> zones_of(std::string_view region);
// "use1-az1"
std::string zone_id(std::string_view zone_name);
std::string default_zone(std::string_view region);

class Places {
 public:
  explicit Places(State& state) : state_(state) {}
  PDS_CALL(DescribeAccountAttributes, describe_account_attributes);
  PDS_CALL(DescribeAvailabilityZones, describe_availability_zones);
  PDS_CALL(DescribeInstanceTypeOfferings, describe_instance_type_offerings);
  PDS_CALL(DescribeInstanceTypes, describe_instance_types);
  PDS_CALL(DescribeRegions, describe_regions);

 private:
  State& state_;
};

}  // namespace pds::cloud::ec2
