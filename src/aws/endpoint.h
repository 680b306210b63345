// Where a service is at AWS, and which region its signatures name.
#pragma once

#include <string>

#include "aws/shape.h"
#include "base/result.h"

namespace pds::aws {

struct Endpoint {
  std::string url;             // "https://sts.eu-west-1.amazonaws.com"
  std::string signing_region;  // differs from the caller's for services that are in one place only
};

// By AWS's rules for its partitions (aws, aws-cn, aws-us-gov, the aws-iso ones, aws-eusc). IAM is one per partition; everything else is regional, STS too.
// E_REGION: what is no part of a host name would lead to another's host.
Result<Endpoint> aws_endpoint(const ServiceInfo& service, const std::string& region);

}  // namespace pds::aws
