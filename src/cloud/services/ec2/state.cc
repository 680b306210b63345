#include "cloud/services/ec2/state.h"

#include "cloud/services/ec2/image.h"

namespace pds::cloud::ec2 {

std::vector<aws::ec2::Tag> State::tags_of(std::string_view resource_id) const {
  std::vector<aws::ec2::Tag> result;
  if (const TagsRecord* record = tags.find(resource_id))
    for (const auto& [key, value] : record->tags) result.push_back({.key = key, .value = value});
  return result;
}

void State::set_tags(const std::string& resource_id, std::string resource_type, const std::vector<aws::ec2::Tag>& added) {
  if (added.empty()) return;
  const TagsRecord* known = tags.find(resource_id);
  TagsRecord record = known ? *known : TagsRecord{.resource_type = std::move(resource_type), .tags = {}};
  for (const auto& tag : added) record.tags[tag.key] = tag.value;
  tags.put(resource_id, std::move(record));
}

bool State::resource_exists(std::string_view id) const {
  return vpcs.contains(id) || subnets.contains(id) || gateways.contains(id) || route_tables.contains(id) ||
         security_groups.contains(id) || rules.contains(id) || launch_templates.contains(id) || instances.contains(id) ||
         is_builtin_image(core, id);
}

}  // namespace pds::cloud::ec2
