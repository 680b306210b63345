// EC2: machine images.
#pragma once

#include "aws/shapes/ec2/common.h"

namespace pds::aws::ec2 {

struct Image {
  std::string platform_details, usage_operation, description;
  bool ena_support = false;
  std::string hypervisor, image_owner_alias, name, root_device_type;
  std::vector<Tag> tags;
  std::string virtualization_type, image_id, image_location, state, owner_id, creation_date;
  bool is_public = false;
  std::string architecture, image_type, imds_support;
};
PDS_WIRE_SHAPE(Image, FIELD(platform_details, "platformDetails"), FIELD(usage_operation, "usageOperation"),
               FIELD(description, "description"), FIELD(ena_support, "enaSupport"), FIELD(hypervisor, "hypervisor"),
               FIELD(image_owner_alias, "imageOwnerAlias"), FIELD(name, "name"), FIELD(root_device_type, "rootDeviceType"),
               FIELD(tags, "tagSet"), FIELD(virtualization_type, "virtualizationType"), FIELD(image_id, "imageId"),
               FIELD(image_location, "imageLocation"), FIELD(state, "imageState"), FIELD(owner_id, "imageOwnerId"),
               FIELD(creation_date, "creationDate"), FIELD(is_public, "isPublic"), FIELD(architecture, "architecture"),
               FIELD(image_type, "imageType"), FIELD(imds_support, "imdsSupport"))

struct DescribeImagesRequest {
  std::vector<std::string> executable_users;
  std::vector<std::string> image_ids;
  std::vector<std::string> owners;
  std::optional<bool> include_deprecated, include_disabled;
  std::optional<int> max_results;
  std::optional<std::string> next_token;
  std::optional<bool> dry_run;
  std::vector<Filter> filters;
};
PDS_WIRE_SHAPE(DescribeImagesRequest, FIELD(executable_users, "ExecutableBy"), FIELD(image_ids, "ImageId"), FIELD(owners, "Owner"),
               FIELD(include_deprecated, "IncludeDeprecated"), FIELD(include_disabled, "IncludeDisabled"),
               FIELD(max_results, "MaxResults"), FIELD(next_token, "NextToken"), FIELD(dry_run, "dryRun"), FIELD(filters, "Filter"))

struct DescribeImagesReply {
  std::optional<std::string> next_token;
  std::vector<Image> images;
};
PDS_WIRE_SHAPE(DescribeImagesReply, FIELD(next_token, "nextToken"), FIELD(images, "imagesSet"))

PDS_OPERATION(DescribeImages)

}  // namespace pds::aws::ec2
