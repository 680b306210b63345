// Elastic Load Balancing v2 2015-12-01: limits of an account.
#pragma once

#include "aws/shapes/elbv2/common.h"

namespace pds::aws::elbv2 {

struct Limit {
  std::string name, max;
};
PDS_WIRE_SHAPE(Limit, FIELD(name, "Name"), FIELD(max, "Max"))

struct DescribeAccountLimitsRequest {
  std::optional<std::string> marker;
  std::optional<int> page_size;
};
PDS_WIRE_SHAPE(DescribeAccountLimitsRequest, PDS_ELBV2_PAGE_REQUEST)

struct DescribeAccountLimitsReply {
  std::vector<Limit> limits;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(DescribeAccountLimitsReply, FIELD(limits, "Limits"), FIELD(next_marker, "NextMarker"))

PDS_OPERATION(DescribeAccountLimits)

}  // namespace pds::aws::elbv2
