#include "cloud/services/ec2/image.h"

#include <fmt/core.h>

#include "base/crypto.h"
#include "cloud/services/ec2/describe.h"

namespace pds::cloud::ec2 {

namespace {

aws::ec2::Image builtin_image(const State& state) {
  aws::ec2::Image image;
  image.image_id = builtin_image_id(state.core);
  image.name = builtin_image_name;
  image.description = "The read-only view of this machine's Debian that instances boot from";
  image.image_location = std::string("amazon/") + builtin_image_name;
  image.image_owner_alias = "amazon";
  image.owner_id = state.core.account;
  image.platform_details = "Linux/UNIX";
  image.usage_operation = "RunInstances";
  image.root_device_type = "instance-store";
  image.virtualization_type = "hvm";
  image.hypervisor = "xen";
  image.architecture = "x86_64";
  image.image_type = "machine";
  image.imds_support = "v2.0";
  image.state = "available";
  image.is_public = true;
  image.creation_date = "2026-01-01T00:00:00.000Z";
  image.tags = state.tags_of(image.image_id);
  return image;
}

FilterValues image_filter(const aws::ec2::Image& image, std::string_view name) {
  if (name == "name") return one_value(image.name);
  if (name == "image-id") return one_value(image.image_id);
  if (name == "architecture") return one_value(image.architecture);
  if (name == "description") return one_value(image.description);
  if (name == "hypervisor") return one_value(image.hypervisor);
  if (name == "image-type") return one_value(image.image_type);
  if (name == "is-public") return flag_value(image.is_public);
  if (name == "owner-alias") return one_value(image.image_owner_alias);
  if (name == "owner-id") return one_value(image.owner_id);
  if (name == "root-device-type") return one_value(image.root_device_type);
  if (name == "state") return one_value(image.state);
  if (name == "virtualization-type") return one_value(image.virtualization_type);
  return std::nullopt;
}

}  // namespace

std::string builtin_image_id(const Core& core) {
  return "ami-" + sha256_hex(std::string(builtin_image_name) + "/" + core.region).substr(0, 17);
}

bool is_builtin_image(const Core& core, std::string_view image_id) { return image_id == builtin_image_id(core); }

Result<void> Images::check(const std::string& image_id) const {
  if (!image_id.starts_with("ami-"))
    return fail("InvalidAMIID.Malformed", fmt::format("Invalid id: \"{}\" (expecting \"ami-...\")", image_id));
  if (!is_builtin_image(state_.core, image_id))
    return fail("InvalidAMIID.NotFound", fmt::format("The image id '[{}]' does not exist: the image of this region is {} ({})",
                                                     image_id, builtin_image_id(state_.core), builtin_image_name));
  return {};
}

Result<aws::ec2::DescribeImagesReply> Images::describe_images(const Call&, const aws::ec2::DescribeImagesRequest& request) {
  CHECK(begin("DescribeImages", request));
  aws::ec2::Image image = builtin_image(state_);
  for (const std::string& id : request.image_ids) CHECK(check(id));
  bool owned = request.owners.empty();
  for (const std::string& owner : request.owners) owned = owned || owner == "amazon" || owner == "self" || owner == image.owner_id;
  for (const std::string& user : request.executable_users)
    owned = owned && (user == "all" || user == "self" || user == image.owner_id);
  TRY(auto page, describe(
                     std::vector{image},
                     {.ids = request.image_ids,
                      .not_found_code = "InvalidAMIID.NotFound",
                      .noun = "image id",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token},
                     [](const auto& one) { return one.image_id; }, image_filter));
  if (!owned) page.items.clear();
  return aws::ec2::DescribeImagesReply{.next_token = page.next_token, .images = std::move(page.items)};
}

}  // namespace pds::cloud::ec2
