// Machine images. There is one, built in: the view of this machine that instances boot from. Others are refused.
#pragma once

#include "cloud/services/ec2/operation.h"
#include "cloud/services/ec2/state.h"

namespace pds::cloud::ec2 {

inline constexpr const char* builtin_image_name = "pds-debian-12-x86_64";
// The id differs from region to region, as it does at AWS, and never changes.
std::string builtin_image_id(const Core& core);
bool is_builtin_image(const Core& core, std::string_view image_id);

class Images {
 public:
  explicit Images(State& state) : state_(state) {}
  // InvalidAMIID.NotFound, InvalidAMIID.Malformed
  Result<void> check(const std::string& image_id) const;
  PDS_CALL(DescribeImages, describe_images);

 private:
  State& state_;
};

}  // namespace pds::cloud::ec2
