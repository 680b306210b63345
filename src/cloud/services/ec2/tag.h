// Tags of everything in EC2.
#pragma once

#include "cloud/services/ec2/operation.h"
#include "cloud/services/ec2/state.h"

namespace pds::cloud::ec2 {

// Checks tags and takes those for `resource_type` out of a request. A specification for another type is InvalidParameterValue.
Result<std::vector<aws::ec2::Tag>> tags_for(const std::vector<aws::ec2::TagSpecification>& specifications,
                                            std::string_view resource_type, const Call& call);
// Keys and values within bounds, no two alike, none of AWS's own ("aws:") unless the cloud itself asks.
Result<void> check_tags(const std::vector<aws::ec2::Tag>& tags, const Call& call);
inline constexpr size_t tags_per_resource_max = 50;
// "vpc-1": "vpc". Empty when the prefix means nothing.
std::string_view resource_type_of(std::string_view resource_id);

class Tags {
 public:
  explicit Tags(State& state) : state_(state) {}
  PDS_CALL(CreateTags, create_tags);
  PDS_CALL(DeleteTags, delete_tags);
  PDS_CALL(DescribeTags, describe_tags);

 private:
  State& state_;
};

}  // namespace pds::cloud::ec2
