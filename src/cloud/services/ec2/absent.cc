#include "cloud/services/ec2/absent.h"

#include <fmt/core.h>

namespace pds::cloud::ec2 {

Result<aws::ec2::DescribeAddressesReply> Absent::describe_addresses(const Call&,
                                                                    const aws::ec2::DescribeAddressesRequest& request) {
  CHECK(begin("DescribeAddresses", request));
  if (!request.allocation_ids.empty())
    return no_such("InvalidAllocationID.NotFound", "allocation ID", request.allocation_ids.front());
  if (!request.public_ips.empty()) return no_such("InvalidAddress.NotFound", "address", request.public_ips.front());
  return aws::ec2::DescribeAddressesReply{};
}

Result<aws::ec2::DescribeKeyPairsReply> Absent::describe_key_pairs(const Call&, const aws::ec2::DescribeKeyPairsRequest& request) {
  CHECK(begin("DescribeKeyPairs", request));
  if (!request.key_names.empty()) return no_such("InvalidKeyPair.NotFound", "key pair", request.key_names.front());
  if (!request.key_pair_ids.empty()) return no_such("InvalidKeyPair.NotFound", "key pair", request.key_pair_ids.front());
  return aws::ec2::DescribeKeyPairsReply{};
}

Result<aws::ec2::DescribePrefixListsReply> Absent::describe_prefix_lists(const Call&,
                                                                         const aws::ec2::DescribePrefixListsRequest& request) {
  CHECK(begin("DescribePrefixLists", request));
  if (!request.prefix_list_ids.empty())
    return no_such("InvalidPrefixListId.NotFound", "prefix list ID", request.prefix_list_ids.front());
  return aws::ec2::DescribePrefixListsReply{};
}

}  // namespace pds::cloud::ec2
