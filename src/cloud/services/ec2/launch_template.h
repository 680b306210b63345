// Launch templates: numbered sets of launch parameters.
#pragma once

#include "cloud/services/ec2/operation.h"
#include "cloud/services/ec2/state.h"

namespace pds::cloud::ec2 {

struct TemplateChoice {
  std::optional<std::string> id, name;
  std::string version = "$Default";  // a number, "$Default" or "$Latest"
};

// As RunInstances names it.
TemplateChoice choice_of(const aws::ec2::LaunchTemplateSpecification& asked);

class LaunchTemplates {
 public:
  explicit LaunchTemplates(State& state) : state_(state) {}
  // Errors: InvalidLaunchTemplateId.NotFound, InvalidLaunchTemplateName.NotFoundException, InvalidLaunchTemplateId.VersionNotFound.
  Result<const aws::ec2::LaunchTemplateVersion*> resolve(const TemplateChoice& choice) const;
  Result<const LaunchTemplateRecord*> at(const std::optional<std::string>& id, const std::optional<std::string>& name) const;

  PDS_CALL(CreateLaunchTemplate, create_launch_template);
  PDS_CALL(CreateLaunchTemplateVersion, create_launch_template_version);
  PDS_CALL(DeleteLaunchTemplate, delete_launch_template);
  PDS_CALL(DeleteLaunchTemplateVersions, delete_launch_template_versions);
  PDS_CALL(DescribeLaunchTemplateVersions, describe_launch_template_versions);
  PDS_CALL(DescribeLaunchTemplates, describe_launch_templates);
  PDS_CALL(ModifyLaunchTemplate, modify_launch_template);

 private:
  Result<std::string> version_number(const LaunchTemplateRecord& record, std::string_view version) const;
  State& state_;
};

inline constexpr size_t template_versions_max = 10000;

}  // namespace pds::cloud::ec2
