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
    {"us-isob-", "sc2s.sgov.gov", "iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"},
    {"us-isof-", "csp.hci.ic.gov", "iam.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1"},
    {"eu-isoe-", "cloud.adc-e.uk", "iam.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1"},
    {"us-iso-", "c2s.ic.gov", "iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
    {"eusc-", "amazonaws.eu", "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"},
    {"cn-", "amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
    {"us-gov-", "amazonaws.com", "iam.us-gov.amazonaws.com", "us-gov-west-1"},
    {"", "amazonaws.com", "iam.amazonaws.com", "us-east-1"},
};

const Partition& partition_of(std::string_view region) {
  const Partition* found = partitions;
  while (!region.starts_with(found->region_prefix)) ++found;
  return *found;
}

bool is_region(std::string_view region) {
  return !region.empty() && region.size() <= 63 && region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

Result<Endpoint> aws_endpoint(const ServiceInfo& service, const std::string& region) {
  if (!is_region(region)) return fail("E_REGION", fmt::format("'{}' is not a region of AWS", region.substr(0, 63)));
  const Partition& partition = partition_of(region);
  if (std::string_view(service.endpoint_prefix) == "iam")
    return Endpoint{fmt::format("https://{}", partition.iam_host), std::string(partition.iam_region)};
  return Endpoint{fmt::format("https://{}.{}.{}", service.endpoint_prefix, region, partition.suffix), region};
}

}  // namespace pds::aws
