#include <fmt/core.h>

#include <algorithm>

#include "aws/arn.h"
#include "cloud/services/codedeploy/names.h"
#include "cloud/services/codedeploy/service.h"

namespace pds::cloud {

using namespace codedeploy;

namespace {

constexpr size_t batch_max = 100;
constexpr size_t applications_max = 1000;
constexpr size_t tags_max = 50;
constexpr size_t revisions_max = 1000;  // of one application; the oldest that nobody used go first

bool same(const wire::RevisionLocation& a, const wire::RevisionLocation& b) {
  return a.revision_type == b.revision_type && a.s3_location == b.s3_location && a.string == b.string &&
         a.app_spec_content == b.app_spec_content;
}

Result<void> check_tags(const std::vector<wire::Tag>& tags) {
  if (tags.size() > tags_max) return fail("InvalidTagsToAddException", fmt::format("At most {} tags are allowed.", tags_max));
  for (const wire::Tag& tag : tags)
    if (!tag.key || tag.key->empty() || tag.key->size() > 128 || tag.value.value_or("").size() > 256)
      return fail("InvalidTagsToAddException", "A tag's key must have 1 to 128 characters, its value at most 256.");
  return {};
}

void set_tags(std::vector<wire::Tag>& tags, const std::vector<wire::Tag>& added) {
  for (const wire::Tag& tag : added) {
    std::erase_if(tags, [&](const wire::Tag& old) { return old.key == tag.key; });
    tags.push_back(tag);
  }
}

}  // namespace

Result<const ApplicationRecord*> CodeDeploy::application_at(const std::optional<std::string>& given) const {
  TRY(std::string name, check_name(given, "ApplicationName"));
  const ApplicationRecord* found = state_.applications.find(name);
  if (!found) return fail("ApplicationDoesNotExistException", fmt::format("No application found for name: {}", name));
  return found;
}

Result<wire::CreateApplicationReply> CodeDeploy::create_application(const Call&, const wire::CreateApplicationRequest& request) {
  TRY(std::string name, check_name(request.application_name, "ApplicationName"));
  std::string platform = request.compute_platform.value_or("Server");
  if (platform == "ECS")
    return fail("NotImplemented", "CreateApplication: computePlatform ECS is not supported: there is no ECS here yet", 501);
  if (platform != "Server" && platform != "Lambda")
    return fail("InvalidComputePlatformException",
                "The computePlatform is invalid. The computePlatform should be Lambda, Server, or ECS.");
  CHECK(check_tags(request.tags));
  if (state_.applications.contains(name))
    return fail("ApplicationAlreadyExistsException", fmt::format("Application already exists with name: {}", name));
  if (state_.applications.size() >= applications_max)
    return fail("ApplicationLimitExceededException", "More applications were attempted to be created than are allowed.");
  ApplicationRecord record;
  record.info = {core_.random.uuid(), name, core_.clock.now(), false, platform};
  set_tags(record.tags, request.tags);
  return wire::CreateApplicationReply{state_.applications.put(name, std::move(record)).info.application_id};
}

Result<wire::GetApplicationReply> CodeDeploy::get_application(const Call&, const wire::GetApplicationRequest& request) {
  TRY(const ApplicationRecord* record, application_at(request.application_name));
  return wire::GetApplicationReply{record->info};
}

Result<wire::ListApplicationsReply> CodeDeploy::list_applications(const Call&, const wire::ListApplicationsRequest& request) {
  wire::ListApplicationsReply reply;
  for (const auto& [name, record] : state_.applications.rows()) reply.applications.push_back(name);
  TRY(reply.next_token, cut(reply.applications, request.next_token));
  return reply;
}

Result<wire::UpdateApplicationReply> CodeDeploy::update_application(const Call&, const wire::UpdateApplicationRequest& request) {
  TRY(const ApplicationRecord* found, application_at(request.application_name));
  TRY(std::string name, check_name(request.new_application_name, "ApplicationName"));
  if (state_.applications.contains(name))
    return fail("ApplicationAlreadyExistsException", fmt::format("Application already exists with name: {}", name));
  ApplicationRecord record = *found;
  std::string old = record.info.application_name;
  for (const auto& [id, d] : state_.deployments.rows())
    if (d.info.application_name == old && !is_final(d.info.status))
      return fail("InvalidApplicationNameException",
                  fmt::format("The application {} has a deployment in progress and cannot be renamed now.", old));
  std::vector<GroupRecord> groups;
  for (const auto& [key, group] : state_.groups.rows())
    if (group.info.application_name == old) groups.push_back(group);
  for (GroupRecord& group : groups) {
    state_.groups.erase(old + "/" + group.info.deployment_group_name);
    group.info.application_name = name;
    state_.groups.put(name + "/" + group.info.deployment_group_name, group);
  }
  state_.applications.erase(old);
  record.info.application_name = name;
  state_.applications.put(name, std::move(record));
  return aws::Empty{};
}

Result<wire::DeleteApplicationReply> CodeDeploy::delete_application(const Call& call,
                                                                    const wire::DeleteApplicationRequest& request) {
  TRY(std::string name, check_name(request.application_name, "ApplicationName"));
  std::vector<std::string> groups;
  for (const auto& [key, group] : state_.groups.rows())
    if (group.info.application_name == name) groups.push_back(group.info.deployment_group_name);
  for (const std::string& group : groups) CHECK(delete_deployment_group(call, {name, group}));
  state_.applications.erase(name);  // deleting what is not there succeeds
  return aws::Empty{};
}

Result<wire::BatchGetApplicationsReply> CodeDeploy::batch_get_applications(const Call&,
                                                                           const wire::BatchGetApplicationsRequest& request) {
  if (request.application_names.empty()) return fail("ApplicationNameRequiredException", "ApplicationName must be specified");
  if (request.application_names.size() > batch_max)
    return fail("BatchLimitExceededException", "The maximum number of names or IDs allowed for this request (100) was exceeded.");
  wire::BatchGetApplicationsReply reply;
  for (const std::string& name : request.application_names) {
    TRY(const ApplicationRecord* record, application_at(name));
    reply.applications_info.push_back(record->info);
  }
  return reply;
}

Result<void> CodeDeploy::check_revision(const wire::RevisionLocation& revision, const std::string& platform) const {
  std::string type = revision.revision_type.value_or("");
  if (type == "GitHub" || revision.git_hub_location)
    return fail("NotImplemented", "revision: GitHub is not supported: put the bundle into S3", 501);
  if (type == "S3") {
    if (!revision.s3_location || !revision.s3_location->bucket || !revision.s3_location->key)
      return fail("InvalidRevisionException", "The revision's s3Location must have a bucket and a key.");
    if (platform == "Lambda")
      return fail("NotImplemented", "revision: S3 is not supported for functions: send the AppSpec as appSpecContent or string",
                  501);
    std::string bundle = revision.s3_location->bundle_type.value_or("");
    if (bundle != "tar" && bundle != "tgz" && bundle != "zip")
      return fail("InvalidRevisionException", "The revision's bundleType must be tar, tgz or zip.");
    return {};
  }
  if (type != "String" && type != "AppSpecContent")
    return fail("InvalidRevisionException", "The revision was specified in an invalid format.");
  if (platform != "Lambda")
    return fail("InvalidRevisionException", "For an EC2/On-Premises deployment, the revision must be in S3 or GitHub.");
  const auto& content = type == "String" ? revision.string : revision.app_spec_content;
  if (!content || !content->content) return fail("InvalidRevisionException", "The revision's content must be specified.");
  return {};
}

Result<wire::RegisterApplicationRevisionReply> CodeDeploy::register_application_revision(
    const Call&, const wire::RegisterApplicationRevisionRequest& request) {
  TRY(const ApplicationRecord* found, application_at(request.application_name));
  if (!request.revision) return fail("RevisionRequiredException", "The revision must be specified.");
  CHECK(check_revision(*request.revision, found->info.compute_platform));
  state_.applications.update(found->info.application_name, [&](ApplicationRecord& record) {
    auto& all = record.revisions;
    auto known = std::find_if(all.begin(), all.end(), [&](const RevisionRecord& r) { return same(r.location, *request.revision); });
    if (known == all.end()) {
      if (all.size() >= revisions_max) all.erase(all.begin());
      known = all.insert(all.end(), {*request.revision, {.register_time = core_.clock.now()}});
    }
    known->info.description = request.description;
    known->info.register_time = core_.clock.now();
  });
  return aws::Empty{};
}

Result<wire::GetApplicationRevisionReply> CodeDeploy::get_application_revision(const Call&,
                                                                               const wire::GetApplicationRevisionRequest& request) {
  TRY(const ApplicationRecord* record, application_at(request.application_name));
  if (!request.revision) return fail("RevisionRequiredException", "The revision must be specified.");
  for (const RevisionRecord& known : record->revisions)
    if (same(known.location, *request.revision))
      return wire::GetApplicationRevisionReply{record->info.application_name, known.location, known.info};
  return fail("RevisionDoesNotExistException", "No application revision found for application: " + record->info.application_name);
}

// A deployed revision is known from then on.
void CodeDeploy::use_revision(const DeploymentRecord& d) {
  if (!d.info.revision || !state_.applications.contains(d.info.application_name)) return;
  Timestamp now = core_.clock.now();
  state_.applications.update(d.info.application_name, [&](ApplicationRecord& record) {
    auto& all = record.revisions;
    auto known = std::find_if(all.begin(), all.end(), [&](const RevisionRecord& r) { return same(r.location, *d.info.revision); });
    if (known == all.end()) {
      if (all.size() >= revisions_max) all.erase(all.begin());
      known = all.insert(all.end(), {*d.info.revision, {.register_time = now}});
    }
    if (!known->info.first_used_time) known->info.first_used_time = now;
    known->info.last_used_time = now;
    auto& groups = known->info.deployment_groups;
    if (std::find(groups.begin(), groups.end(), d.info.deployment_group_name) == groups.end())
      groups.push_back(d.info.deployment_group_name);
  });
}

// ---- tags: of applications and groups, by ARN ----

struct CodeDeploy::Tagged {
  std::string application, group;  // group empty: the application's
};

Result<CodeDeploy::Tagged> CodeDeploy::tagged_at(const std::optional<std::string>& text) {
  if (!text || text->empty()) return fail("ResourceArnRequiredException", "The ARN of a resource is required, but was not found.");
  Result<aws::Arn> arn = aws::parse_arn(*text);
  if (!arn || arn->service != "codedeploy") return fail("InvalidArnException", "The specified ARN is not in a valid format.");
  std::string_view rest = arn->resource;
  size_t colon = std::min(rest.find(':'), rest.size());
  std::string_view kind = rest.substr(0, colon), name = rest.substr(std::min(colon + 1, rest.size()));
  if (kind == "application" && state_.applications.contains(name)) return Tagged{std::string(name), ""};
  if (kind == "deploymentgroup" && state_.groups.contains(name)) {
    size_t slash = name.find('/');
    return Tagged{std::string(name.substr(0, slash)), std::string(name.substr(slash + 1))};
  }
  return fail("InvalidArnException", fmt::format("There is no application or deployment group with the ARN {}.", *text));
}

Result<wire::ListTagsForResourceReply> CodeDeploy::list_tags_for_resource(const Call&,
                                                                          const wire::ListTagsForResourceRequest& request) {
  TRY(Tagged at, tagged_at(request.resource_arn));
  if (at.group.empty()) return wire::ListTagsForResourceReply{state_.applications.find(at.application)->tags};
  return wire::ListTagsForResourceReply{state_.groups.find(at.application + "/" + at.group)->tags};
}

Result<wire::TagResourceReply> CodeDeploy::tag_resource(const Call&, const wire::TagResourceRequest& request) {
  TRY(Tagged at, tagged_at(request.resource_arn));
  CHECK(check_tags(request.tags));
  if (at.group.empty())
    state_.applications.update(at.application, [&](ApplicationRecord& record) { set_tags(record.tags, request.tags); });
  else
    state_.groups.update(at.application + "/" + at.group, [&](GroupRecord& record) { set_tags(record.tags, request.tags); });
  return aws::Empty{};
}

Result<wire::UntagResourceReply> CodeDeploy::untag_resource(const Call&, const wire::UntagResourceRequest& request) {
  TRY(Tagged at, tagged_at(request.resource_arn));
  auto remove = [&](std::vector<wire::Tag>& tags) {
    std::erase_if(tags, [&](const wire::Tag& tag) {
      return std::find(request.tag_keys.begin(), request.tag_keys.end(), tag.key.value_or("")) != request.tag_keys.end();
    });
  };
  if (at.group.empty())
    state_.applications.update(at.application, [&](ApplicationRecord& record) { remove(record.tags); });
  else
    state_.groups.update(at.application + "/" + at.group, [&](GroupRecord& record) { remove(record.tags); });
  return aws::Empty{};
}

}  // namespace pds::cloud
