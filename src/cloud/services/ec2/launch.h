// From RunInstances, with or without a launch template, to what each instance will be. Changes nothing.
#pragma once

#include "cloud/roles.h"
#include "cloud/services/ec2/image.h"
#include "cloud/services/ec2/launch_template.h"
#include "cloud/services/ec2/operation.h"
#include "cloud/services/ec2/security_group.h"
#include "cloud/services/ec2/state.h"
#include "cloud/services/ec2/subnet.h"

namespace pds::cloud::ec2 {

inline constexpr size_t user_data_bytes_max = 16 * 1024;  // decoded
inline constexpr size_t groups_per_instance_max = 5;
inline constexpr int launch_count_max = 100;  // instances of one call

// Everything said and checked; what is left is to number the instances and give them addresses.
struct LaunchPlan {
  InstanceRecord prototype;
  std::vector<aws::ec2::Tag> tags;
  std::optional<std::string> private_ip;
  int count_min = 1, count_max = 1;
};

// User data is a script of #! form, or absent: what cloud-init would do with other forms is not done here, and refused.
// Errors: InvalidParameterValue (not base64, too long), NotImplemented (another form, named).
Result<void> check_user_data(std::string_view base64);

Result<void> check_metadata_options(const aws::ec2::InstanceMetadataOptions& options);
// The profile exists and has a role.
Result<aws::ec2::IamInstanceProfile> find_profile(const RoleSource& roles,
                                                  const aws::ec2::IamInstanceProfileSpecification& specification);

class LaunchResolver {
 public:
  LaunchResolver(State& s, const LaunchTemplates& t, const Images& i, const Subnets& n, const SecurityGroups& g,
                 const RoleSource& r)
      : state_(s), templates_(t), images_(i), subnets_(n), security_groups_(g), roles_(r) {}

  Result<LaunchPlan> resolve(const Call& call, const aws::ec2::RunInstancesRequest& request) const;

 private:
  Result<std::string> choose_subnet(const aws::ec2::RunInstancesRequest& request) const;
  Result<std::vector<aws::ec2::GroupIdentifier>> choose_groups(const aws::ec2::RunInstancesRequest& request,
                                                               const std::string& vpc_id) const;
  State& state_;
  const LaunchTemplates& templates_;
  const Images& images_;
  const Subnets& subnets_;
  const SecurityGroups& security_groups_;
  const RoleSource& roles_;
};

// The request with what it does not say taken from the template.
aws::ec2::RunInstancesRequest merge(aws::ec2::RunInstancesRequest request, const aws::ec2::LaunchTemplateData& data);

}  // namespace pds::cloud::ec2
