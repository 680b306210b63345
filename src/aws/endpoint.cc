#include "aws/endpoint.h"

#include <fmt/core.h>

#include <string_view>

namespace pds::aws {
namespace {

// A partition: how its regions are called, where its names end, and where its IAM is.
struct Partition {
  std::string_view region_prefix, suffix, iam_host, iam_region;
};

constexpr Partition partitions[] = {
    {"cn-", "amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
    {"us-gov-", "amazonaws.com", "iam.us-gov.amazonaws.com", "us-gov-west-1"},
    {"", "amazonaws.com", "iam.amazonaws.com", "us-east-1"},
};

const Partition& partition_of(std::string_view region) {
  const Partition* found = partitions;
  while (!region.starts_with(found->region_prefix)) ++found;
  return *found;
}

}  // namespace

Endpoint aws_endpoint(const ServiceInfo& service, const std::string& region) {
  const Partition& partition = partition_of(region);
  if (std::string_view(service.endpoint_prefix) == "iam")
    return {fmt::format("https://{}", partition.iam_host), std::string(partition.iam_region)};
  return {fmt::format("https://{}.{}.{}", service.endpoint_prefix, region, partition.suffix), region};
}

}  // namespace pds::aws
