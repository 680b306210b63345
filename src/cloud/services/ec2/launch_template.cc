#include "cloud/services/ec2/launch_template.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "cloud/services/ec2/describe.h"
#include "cloud/services/ec2/launch.h"
#include "cloud/services/ec2/place.h"
#include "cloud/services/ec2/tag.h"

namespace pds::cloud::ec2 {

namespace {

using aws::ec2::LaunchTemplateData;

Result<void> check_name(std::string_view name) {
  bool good = name.size() >= 3 && name.size() <= 128 &&
              name.find_first_not_of(
                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                  "().-/_") == std::string_view::npos;
  if (!good)
    return fail("InvalidLaunchTemplateName.MalformedException",
                "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following "
                "characters: "
                "- ( ) . / _");
  return {};
}

// What is wrong with a template whatever the instances will be. AWS is as lenient: it looks at most of it at launch.
Result<void> check_data(const LaunchTemplateData& data) {
  if (data.instance_type && !find_instance_type(*data.instance_type))
    return fail("InvalidInstanceType", fmt::format("The instance type '{}' does not exist", *data.instance_type));
  if (data.user_data) CHECK(check_user_data(*data.user_data));
  for (const auto& specification : data.tag_specifications)
    if (specification.resource_type != "instance")
      return fail("NotImplemented",
                  fmt::format("launch template tags for '{}' are not supported: only instances are made, so only they are "
                              "tagged (ResourceType 'instance')",
                              specification.resource_type),
                  501);
  return {};
}

std::string number_key(int64_t number) { return fmt::format("{:05}", number); }  // map order is number order

template <class T>
void take(T& into, const T& from) {
  if (!from) return;
  into = from;
}

template <class T>
void take_list(std::vector<T>& into, const std::vector<T>& from) {
  if (!from.empty()) into = from;
}

// A new version made from an older one: what it says wins.
LaunchTemplateData overlay(LaunchTemplateData base, const LaunchTemplateData& data) {
  take(base.image_id, data.image_id);
  take(base.instance_type, data.instance_type);
  take(base.monitoring, data.monitoring);
  take(base.disable_api_termination, data.disable_api_termination);
  take(base.instance_initiated_shutdown_behavior, data.instance_initiated_shutdown_behavior);
  take(base.user_data, data.user_data);
  take(base.metadata_options, data.metadata_options);
  take(base.iam_instance_profile, data.iam_instance_profile);
  take(base.placement, data.placement);
  take_list(base.tag_specifications, data.tag_specifications);
  take_list(base.security_group_ids, data.security_group_ids);
  take_list(base.security_groups, data.security_groups);
  take_list(base.network_interfaces, data.network_interfaces);
  return base;
}

aws::ec2::LaunchTemplate complete(const State& state, const LaunchTemplateRecord& record) {
  aws::ec2::LaunchTemplate reply = record.launch_template;
  reply.tags = state.tags_of(reply.launch_template_id);
  return reply;
}

FilterValues template_filter(const aws::ec2::LaunchTemplate& one, std::string_view name) {
  if (name == "launch-template-name") return one_value(one.launch_template_name);
  if (name == "create-time") return one_value(to_iso8601(one.create_time));
  return std::nullopt;
}

FilterValues version_filter(const aws::ec2::LaunchTemplateVersion& version, std::string_view name) {
  const LaunchTemplateData& data = version.launch_template_data;
  if (name == "image-id") return one_value(data.image_id.value_or(""));
  if (name == "instance-type") return one_value(data.instance_type.value_or(""));
  if (name == "is-default-version") return flag_value(version.default_version);
  if (name == "create-time") return one_value(to_iso8601(version.create_time));
  if (name == "iam-instance-profile")
    return one_value(
        data.iam_instance_profile ? data.iam_instance_profile->arn.value_or(data.iam_instance_profile->name.value_or("")) : "");
  return std::nullopt;
}

}  // namespace

TemplateChoice choice_of(const aws::ec2::LaunchTemplateSpecification& asked) {
  return {.id = asked.launch_template_id, .name = asked.launch_template_name, .version = asked.version.value_or("$Default")};
}

Result<const LaunchTemplateRecord*> LaunchTemplates::at(const std::optional<std::string>& id,
                                                        const std::optional<std::string>& name) const {
  if (id && name) return fail("InvalidParameterCombination", "LaunchTemplateId and LaunchTemplateName cannot both be specified.");
  if (id) {
    const LaunchTemplateRecord* record = state_.launch_templates.find(*id);
    if (!record)
      return fail("InvalidLaunchTemplateId.NotFound",
                  fmt::format("The specified launch template, with template ID {}, does not exist.", *id));
    return record;
  }
  if (!name) return fail("MissingParameter", "Either LaunchTemplateId or LaunchTemplateName must be specified.");
  for (const auto& [key, record] : state_.launch_templates.rows())
    if (record.launch_template.launch_template_name == *name) return &record;
  return fail("InvalidLaunchTemplateName.NotFoundException",
              fmt::format("At least one of the launch templates specified in the request does not exist: {}", *name));
}

Result<std::string> LaunchTemplates::version_number(const LaunchTemplateRecord& record, std::string_view version) const {
  if (version.empty() || version == "$Default") return number_key(record.launch_template.default_version_number);
  if (version == "$Latest") return number_key(record.launch_template.latest_version_number);
  auto number = parse_int(version);
  std::string key = number && *number > 0 ? number_key(*number) : "";
  if (!record.versions.count(key))
    return fail("InvalidLaunchTemplateId.VersionNotFound",
                fmt::format("Could not find the specified version {} for the launch template with ID {}.", version,
                            record.launch_template.launch_template_id));
  return key;
}

Result<const aws::ec2::LaunchTemplateVersion*> LaunchTemplates::resolve(const TemplateChoice& choice) const {
  TRY(const LaunchTemplateRecord* record, at(choice.id, choice.name));
  TRY(std::string key, version_number(*record, choice.version));
  return &record->versions.at(key);
}

Result<aws::ec2::CreateLaunchTemplateReply> LaunchTemplates::create_launch_template(
    const Call& call, const aws::ec2::CreateLaunchTemplateRequest& request) {
  CHECK(begin("CreateLaunchTemplate", request));
  CHECK(check_name(request.launch_template_name));
  CHECK(check_data(request.launch_template_data));
  TRY(auto tags, tags_for(request.tag_specifications, "launch-template", call));
  for (const auto& [id, record] : state_.launch_templates.rows()) {
    if (record.launch_template.launch_template_name != request.launch_template_name) continue;
    if (request.client_token && record.client_token == *request.client_token)
      return aws::ec2::CreateLaunchTemplateReply{.launch_template = complete(state_, record)};
    return fail("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
  }
  LaunchTemplateRecord record;
  std::string id = state_.new_id("lt-");
  Timestamp now = state_.core.clock.now();
  record.launch_template = {.launch_template_id = id,
                            .launch_template_name = request.launch_template_name,
                            .create_time = now,
                            .created_by = call.principal_arn,
                            .default_version_number = 1,
                            .latest_version_number = 1,
                            .tags = {}};
  record.client_token = request.client_token.value_or("");
  record.versions[number_key(1)] = {.launch_template_id = id,
                                    .launch_template_name = request.launch_template_name,
                                    .version_number = 1,
                                    .version_description = request.version_description,
                                    .create_time = now,
                                    .created_by = call.principal_arn,
                                    .default_version = true,
                                    .launch_template_data = request.launch_template_data};
  state_.set_tags(id, "launch-template", tags);
  const LaunchTemplateRecord& stored = state_.launch_templates.put(id, std::move(record));
  return aws::ec2::CreateLaunchTemplateReply{.launch_template = complete(state_, stored)};
}

Result<aws::ec2::CreateLaunchTemplateVersionReply> LaunchTemplates::create_launch_template_version(
    const Call& call, const aws::ec2::CreateLaunchTemplateVersionRequest& request) {
  CHECK(begin("CreateLaunchTemplateVersion", request));
  TRY(const LaunchTemplateRecord* record, at(request.launch_template_id, request.launch_template_name));
  LaunchTemplateData data = request.launch_template_data;
  if (request.source_version) {
    TRY(std::string source, version_number(*record, *request.source_version));
    data = overlay(record->versions.at(source).launch_template_data, data);
  }
  CHECK(check_data(data));
  if (record->versions.size() >= template_versions_max)
    return fail("LaunchTemplateVersionLimitExceeded", "The maximum number of versions of a launch template has been reached.");
  const aws::ec2::LaunchTemplate& known = record->launch_template;
  aws::ec2::LaunchTemplateVersion version{.launch_template_id = known.launch_template_id,
                                          .launch_template_name = known.launch_template_name,
                                          .version_number = known.latest_version_number + 1,
                                          .version_description = request.version_description,
                                          .create_time = state_.core.clock.now(),
                                          .created_by = call.principal_arn,
                                          .default_version = false,
                                          .launch_template_data = std::move(data)};
  state_.launch_templates.update(known.launch_template_id, [&](LaunchTemplateRecord& changed) {
    changed.launch_template.latest_version_number = version.version_number;
    changed.versions[number_key(version.version_number)] = version;
  });
  return aws::ec2::CreateLaunchTemplateVersionReply{.launch_template_version = std::move(version)};
}

Result<aws::ec2::DeleteLaunchTemplateReply> LaunchTemplates::delete_launch_template(
    const Call&, const aws::ec2::DeleteLaunchTemplateRequest& request) {
  CHECK(begin("DeleteLaunchTemplate", request));
  TRY(const LaunchTemplateRecord* record, at(request.launch_template_id, request.launch_template_name));
  aws::ec2::DeleteLaunchTemplateReply reply{.launch_template = complete(state_, *record)};
  std::string id = record->launch_template.launch_template_id;
  state_.launch_templates.erase(id);
  state_.forget_tags(id);
  return reply;
}

Result<aws::ec2::DeleteLaunchTemplateVersionsReply> LaunchTemplates::delete_launch_template_versions(
    const Call&, const aws::ec2::DeleteLaunchTemplateVersionsRequest& request) {
  CHECK(begin("DeleteLaunchTemplateVersions", request));
  TRY(const LaunchTemplateRecord* record, at(request.launch_template_id, request.launch_template_name));
  aws::ec2::LaunchTemplate known = record->launch_template;
  aws::ec2::DeleteLaunchTemplateVersionsReply reply;
  LaunchTemplateRecord left = *record;
  for (const std::string& version : request.versions) {
    int64_t number = parse_int(version).value_or(0);
    auto it = left.versions.find(number_key(number));
    const char* problem = it == left.versions.end()                ? "launchTemplateVersionDoesNotExist"
                          : number == known.default_version_number ? "unexpectedError"
                                                                   : nullptr;
    if (problem) {
      std::string why =
          it == left.versions.end() ? "The launch template version does not exist" : "The default version cannot be deleted";
      reply.unsuccessfully_deleted_launch_template_versions.push_back({.launch_template_id = known.launch_template_id,
                                                                       .launch_template_name = known.launch_template_name,
                                                                       .version_number = number,
                                                                       .response_error = {.code = problem, .message = why}});
      continue;
    }
    left.versions.erase(it);
    reply.successfully_deleted_launch_template_versions.push_back({.launch_template_id = known.launch_template_id,
                                                                   .launch_template_name = known.launch_template_name,
                                                                   .version_number = number});
  }
  state_.launch_templates.put(known.launch_template_id, std::move(left));
  return reply;
}

Result<aws::ec2::DescribeLaunchTemplatesReply> LaunchTemplates::describe_launch_templates(
    const Call&, const aws::ec2::DescribeLaunchTemplatesRequest& request) {
  CHECK(begin("DescribeLaunchTemplates", request));
  for (const std::string& id : request.launch_template_ids) CHECK(at(id, std::nullopt));
  std::vector<std::string> ids = request.launch_template_ids;
  for (const std::string& name : request.launch_template_names) {
    TRY(const LaunchTemplateRecord* record, at(std::nullopt, name));
    ids.push_back(record->launch_template.launch_template_id);
  }
  std::vector<aws::ec2::LaunchTemplate> templates;
  for (const auto& [id, record] : state_.launch_templates.rows()) templates.push_back(complete(state_, record));
  TRY(auto page, describe(
                     std::move(templates),
                     {.ids = ids,
                      .not_found_code = "InvalidLaunchTemplateId.NotFound",
                      .noun = "launch template",
                      .filters = request.filters,
                      .max_results = ids.empty() ? request.max_results : std::nullopt,
                      .next_token = request.next_token,
                      .page_size_max = 200},
                     [](const auto& one) { return one.launch_template_id; }, template_filter));
  return aws::ec2::DescribeLaunchTemplatesReply{.launch_templates = std::move(page.items), .next_token = page.next_token};
}

Result<aws::ec2::DescribeLaunchTemplateVersionsReply> LaunchTemplates::describe_launch_template_versions(
    const Call&, const aws::ec2::DescribeLaunchTemplateVersionsRequest& request) {
  CHECK(begin("DescribeLaunchTemplateVersions", request));
  TRY(const LaunchTemplateRecord* record, at(request.launch_template_id, request.launch_template_name));
  std::vector<std::string> keys;
  for (const std::string& version : request.versions) {
    TRY(std::string key, version_number(*record, version));
    keys.push_back(key);
  }
  int64_t least = request.min_version ? parse_int(*request.min_version).value_or(1) : 1;
  int64_t most = request.max_version ? parse_int(*request.max_version).value_or(INT64_MAX) : INT64_MAX;
  aws::ec2::DescribeLaunchTemplateVersionsReply reply;
  for (const auto& [key, stored] : record->versions) {
    bool asked = keys.empty() || std::find(keys.begin(), keys.end(), key) != keys.end();
    if (!asked || stored.version_number < least || stored.version_number > most) continue;
    auto version = stored;
    version.default_version = version.version_number == record->launch_template.default_version_number;
    TRY(bool passed, passes(request.filters, {}, [&](std::string_view name) { return version_filter(version, name); }));
    if (passed) reply.launch_template_versions.push_back(std::move(version));
  }
  TRY(reply.next_token, aws::cut_page(
                            reply.launch_template_versions, request.next_token, request.max_results.value_or(0), 200,
                            [](const auto& v) { return number_key(v.version_number); }, "InvalidParameterValue"));
  return reply;
}

Result<aws::ec2::ModifyLaunchTemplateReply> LaunchTemplates::modify_launch_template(
    const Call&, const aws::ec2::ModifyLaunchTemplateRequest& request) {
  CHECK(begin("ModifyLaunchTemplate", request));
  TRY(const LaunchTemplateRecord* record, at(request.launch_template_id, request.launch_template_name));
  if (!request.default_version) return missing_parameter("SetDefaultVersion");
  TRY(std::string key, version_number(*record, *request.default_version));
  int64_t number = record->versions.at(key).version_number;
  const LaunchTemplateRecord& changed =
      state_.launch_templates.update(record->launch_template.launch_template_id,
                                     [&](LaunchTemplateRecord& r) { r.launch_template.default_version_number = number; });
  return aws::ec2::ModifyLaunchTemplateReply{.launch_template = complete(state_, changed)};
}

}  // namespace pds::cloud::ec2
