#include <set>

#include "cloud/services/elbv2/impl.h"

namespace pds::cloud {
namespace elbv2 {

Result<void> check_name(const std::string& noun, const std::string& name) {
  if (name.size() > 32) return fail("ValidationError", noun + " name '" + name + "' cannot be longer than '32' characters");
  bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!plain)
    return fail("ValidationError",
                noun + " name '" + name + "' can only contain characters that are alphanumeric characters and hyphens(-)");
  if (name.front() == '-' || name.back() == '-') {
    return fail("ValidationError", noun + " name '" + name + "' cannot begin or end with '-'");
  }
  return {};
}

Result<Tags> check_tags(const std::vector<wire::Tag>& tags) {
  Tags checked;
  for (const wire::Tag& tag : tags) {
    if (!checked.emplace(tag.key, tag.value.value_or("")).second) {
      return fail("DuplicateTagKeys", "Tag key '" + tag.key + "' appears more than once");
    }
  }
  if (checked.size() > tags_max) return fail("TooManyTags", "A resource can have at most " + std::to_string(tags_max) + " tags");
  return checked;
}

namespace {

// Whatever has that ARN. `change(tags)` says whether it goes in; absent tables give the noun's own error.
template <class Change>
Result<void> with_tags(State& state, const std::string& arn, Change change) {
  auto in = [&](auto& table) -> Result<void> {
    Tags tags = table.find(arn)->tags;
    CHECK(change(tags));
    if (tags != table.find(arn)->tags) table.update(arn, [&](auto& record) { record.tags = tags; });
    return {};
  };
  if (state.load_balancers.contains(arn)) return in(state.load_balancers);
  if (state.target_groups.contains(arn)) return in(state.target_groups);
  if (state.listeners.contains(arn)) return in(state.listeners);
  if (state.rules.contains(arn)) return in(state.rules);
  if (arn.find(":targetgroup/") != std::string::npos) CHECK(state.target_group_at(arn));
  if (arn.find(":listener/") != std::string::npos) CHECK(state.listener_at(arn));
  if (arn.find(":listener-rule/") != std::string::npos) CHECK(state.rule_at(arn));
  CHECK(state.load_balancer_at(arn));
  return {};
}

}  // namespace
}  // namespace elbv2

using namespace elbv2;

Result<aws::elbv2::AddTagsReply> Elbv2::add_tags(const Call&, const aws::elbv2::AddTagsRequest& request) {
  TRY(Tags added, check_tags(request.tags));
  auto merge = [&](Tags& tags) -> Result<void> {
    for (const auto& [key, value] : added) tags[key] = value;
    if (tags.size() > tags_max) return fail("TooManyTags", "A resource can have at most " + std::to_string(tags_max) + " tags");
    return {};
  };
  // Checked for all before anything changes.
  for (const std::string& arn : request.resource_arns) {
    CHECK(with_tags(impl_->state, arn, [&](Tags& tags) {
      Tags copy = tags;
      return merge(copy);
    }));
  }
  for (const std::string& arn : request.resource_arns) CHECK(with_tags(impl_->state, arn, merge));
  return aws::elbv2::AddTagsReply{};
}

Result<aws::elbv2::RemoveTagsReply> Elbv2::remove_tags(const Call&, const aws::elbv2::RemoveTagsRequest& request) {
  auto look = [](Tags&) -> Result<void> { return {}; };
  for (const std::string& arn : request.resource_arns) CHECK(with_tags(impl_->state, arn, look));
  for (const std::string& arn : request.resource_arns) {
    CHECK(with_tags(impl_->state, arn, [&](Tags& tags) -> Result<void> {
      for (const std::string& key : request.tag_keys) tags.erase(key);
      return {};
    }));
  }
  return aws::elbv2::RemoveTagsReply{};
}

Result<aws::elbv2::DescribeTagsReply> Elbv2::describe_tags(const Call&, const aws::elbv2::DescribeTagsRequest& request) {
  aws::elbv2::DescribeTagsReply reply;
  for (const std::string& arn : request.resource_arns) {
    wire::TagDescription description{arn, {}};
    CHECK(with_tags(impl_->state, arn, [&](Tags& tags) -> Result<void> {
      for (const auto& [key, value] : tags) description.tags.push_back({key, value});
      return {};
    }));
    reply.tag_descriptions.push_back(std::move(description));
  }
  return reply;
}

Result<aws::elbv2::DescribeAccountLimitsReply> Elbv2::describe_account_limits(
    const Call&, const aws::elbv2::DescribeAccountLimitsRequest& request) {
  aws::elbv2::DescribeAccountLimitsReply reply;
  auto limit = [&](const char* name, size_t most) { reply.limits.push_back({name, std::to_string(most)}); };
  limit("application-load-balancers", load_balancers_max);
  limit("condition-values-per-alb-rule", 5);
  limit("condition-wildcards-per-alb-rule", 6);
  limit("listeners-per-application-load-balancer", listeners_per_balancer_max);
  limit("rules-per-application-load-balancer", rules_per_balancer_max);
  limit("target-groups", target_groups_max);
  limit("target-groups-per-action-on-application-load-balancer", 5);
  limit("target-groups-per-application-load-balancer", target_groups_per_balancer_max);
  limit("targets-per-application-load-balancer", targets_per_group_max);
  TRY(reply.next_marker, aws::cut_page(
                             reply.limits, request.marker, request.page_size.value_or(0), page_size_default,
                             [](const wire::Limit& l) { return l.name; }, "ValidationError"));
  return reply;
}

}  // namespace pds::cloud
