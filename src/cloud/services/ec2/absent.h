// What a region of ours has none of, and says so: stock clients look for these before they change something else.
#pragma once

#include "aws/shapes/ec2.h"
#include "cloud/services/ec2/operation.h"

namespace pds::cloud::ec2 {

class Absent {
 public:
  PDS_CALL(DescribeAddresses, describe_addresses);
  PDS_CALL(DescribeKeyPairs, describe_key_pairs);
  PDS_CALL(DescribePrefixLists, describe_prefix_lists);
};

}  // namespace pds::cloud::ec2
