#include "cloud/services/ec2/tag.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "cloud/services/ec2/describe.h"

namespace pds::cloud::ec2 {

namespace {

struct Prefix {
  std::string_view prefix, type, not_found_code;
};
constexpr Prefix prefixes[] = {
    {"ami-", "image", "InvalidAMIID.NotFound"},
    {"i-", "instance", "InvalidInstanceID.NotFound"},
    {"igw-", "internet-gateway", "InvalidInternetGatewayID.NotFound"},
    {"lt-", "launch-template", "InvalidLaunchTemplateId.NotFound"},
    {"rtb-", "route-table", "InvalidRouteTableID.NotFound"},
    {"sg-", "security-group", "InvalidGroup.NotFound"},
    {"sgr-", "security-group-rule", "InvalidSecurityGroupRuleId.NotFound"},
    {"subnet-", "subnet", "InvalidSubnetID.NotFound"},
    {"vpc-", "vpc", "InvalidVpcID.NotFound"},
};

const Prefix* prefix_of(std::string_view resource_id) {
  for (const Prefix& entry : prefixes)
    if (resource_id.starts_with(entry.prefix)) return &entry;
  return nullptr;
}

Result<void> check_resources(const State& state, const std::vector<std::string>& resources) {
  if (resources.empty()) return missing_parameter("resourceIdSet");
  for (const std::string& id : resources) {
    const Prefix* prefix = prefix_of(id);
    if (!prefix) return fail("InvalidID", fmt::format("The ID '{}' is not valid", id));
    if (!state.resource_exists(id)) return no_such(prefix->not_found_code, "ID", id);
  }
  return {};
}

}  // namespace

std::string_view resource_type_of(std::string_view resource_id) {
  const Prefix* prefix = prefix_of(resource_id);
  return prefix ? prefix->type : "";
}

Result<void> check_tags(const std::vector<aws::ec2::Tag>& tags, const Call& call) {
  std::set<std::string_view> keys;
  for (const auto& tag : tags) {
    if (tag.key.empty() || tag.key.size() > 128) return invalid_parameter("Tag keys must have between 1 and 128 characters.");
    if (tag.value.size() > 256)
      return invalid_parameter(fmt::format("The value of tag '{}' exceeds the maximum of 256 characters.", tag.key));
    if (tag.key.starts_with("aws:") && !call.internal)
      return invalid_parameter("Tag keys starting with 'aws:' are reserved for internal use");
    if (!keys.insert(tag.key).second)
      return invalid_parameter(
          fmt::format("Duplicate tag keys found. Please note that Tag keys are case insensitive: {}", tag.key));
  }
  if (tags.size() > tags_per_resource_max)
    return fail("TagLimitExceeded", fmt::format("More than {} tags specified", tags_per_resource_max));
  return {};
}

Result<std::vector<aws::ec2::Tag>> tags_for(const std::vector<aws::ec2::TagSpecification>& specifications,
                                            std::string_view resource_type, const Call& call) {
  std::vector<aws::ec2::Tag> tags;
  for (const auto& specification : specifications) {
    if (specification.resource_type != resource_type)
      return invalid_parameter(
          fmt::format("'{}' is not a valid taggable resource type for this operation.", specification.resource_type));
    tags.insert(tags.end(), specification.tags.begin(), specification.tags.end());
  }
  CHECK(check_tags(tags, call));
  return tags;
}

Result<aws::ec2::CreateTagsReply> Tags::create_tags(const Call& call, const aws::ec2::CreateTagsRequest& request) {
  CHECK(begin("CreateTags", request));
  CHECK(check_resources(state_, request.resources));
  CHECK(check_tags(request.tags, call));
  for (const std::string& id : request.resources) {
    const TagsRecord* known = state_.tags.find(id);
    size_t count = known ? known->tags.size() : 0;
    for (const auto& tag : request.tags) count += known && known->tags.count(tag.key) ? 0 : 1;
    if (count > tags_per_resource_max)
      return fail("TagLimitExceeded", fmt::format("The maximum number of Tags for '{}' is {}", id, tags_per_resource_max));
  }
  for (const std::string& id : request.resources) state_.set_tags(id, std::string(resource_type_of(id)), request.tags);
  return aws::Empty{};
}

Result<aws::ec2::DeleteTagsReply> Tags::delete_tags(const Call&, const aws::ec2::DeleteTagsRequest& request) {
  CHECK(begin("DeleteTags", request));
  CHECK(check_resources(state_, request.resources));
  for (const std::string& id : request.resources) {
    const TagsRecord* known = state_.tags.find(id);
    if (!known) continue;
    TagsRecord left = *known;
    if (request.tags.empty()) std::erase_if(left.tags, [](const auto& tag) { return !tag.first.starts_with("aws:"); });
    for (const auto& tag : request.tags) {
      auto it = left.tags.find(tag.key);
      if (it != left.tags.end() && (tag.value.empty() || tag.value == it->second)) left.tags.erase(it);
    }
    left.tags.empty() ? state_.tags.erase(id) : (void)state_.tags.put(id, std::move(left));
  }
  return aws::Empty{};
}

Result<aws::ec2::DescribeTagsReply> Tags::describe_tags(const Call&, const aws::ec2::DescribeTagsRequest& request) {
  CHECK(begin("DescribeTags", request));
  CHECK(check_query({.ids = {},
                     .not_found_code = "",
                     .noun = "",
                     .filters = request.filters,
                     .max_results = request.max_results,
                     .next_token = request.next_token}));
  aws::ec2::DescribeTagsReply reply;
  for (const auto& [id, record] : state_.tags.rows()) {
    for (const auto& [key, value] : record.tags) {
      aws::ec2::TagDescription tag{.key = key, .resource_id = id, .resource_type = record.resource_type, .value = value};
      TRY(bool passed, passes(request.filters, {{.key = key, .value = value}}, [&](std::string_view name) -> FilterValues {
            if (name == "key") return one_value(tag.key);
            if (name == "value") return one_value(tag.value);
            if (name == "resource-id") return one_value(tag.resource_id);
            if (name == "resource-type") return one_value(tag.resource_type);
            return std::nullopt;
          }));
      if (passed) reply.tags.push_back(std::move(tag));
    }
  }
  TRY(reply.next_token, aws::cut_page(
                            reply.tags, request.next_token, request.max_results.value_or(0), 1000,
                            [](const auto& tag) { return tag.resource_id + " " + tag.key; }, "InvalidParameterValue"));
  return reply;
}

}  // namespace pds::cloud::ec2
