// Internet gateways: a VPC with one may have routes out of it.
#pragma once

#include "cloud/services/ec2/operation.h"
#include "cloud/services/ec2/state.h"

namespace pds::cloud::ec2 {

class InternetGateways {
 public:
  explicit InternetGateways(State& state) : state_(state) {}
  Result<const aws::ec2::InternetGateway*> at(const std::string& gateway_id) const;

  PDS_CALL(AttachInternetGateway, attach_internet_gateway);
  PDS_CALL(CreateInternetGateway, create_internet_gateway);
  PDS_CALL(DeleteInternetGateway, delete_internet_gateway);
  PDS_CALL(DescribeInternetGateways, describe_internet_gateways);
  PDS_CALL(DetachInternetGateway, detach_internet_gateway);

 private:
  State& state_;
};

}  // namespace pds::cloud::ec2
