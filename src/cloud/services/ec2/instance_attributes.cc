// What can be asked and changed about one instance: attributes, metadata options, its profile.
#include <fmt/core.h>

#include "cloud/services/ec2/describe.h"
#include "cloud/services/ec2/instance.h"
#include "cloud/services/ec2/instances.h"
#include "cloud/services/ec2/place.h"

namespace pds::cloud::ec2 {

namespace {

aws::ec2::IamInstanceProfileAssociation association_of(const InstanceRecord& record, std::string state) {
  return {.association_id = record.profile_association_id,
          .instance_id = record.instance.instance_id,
          .iam_instance_profile = record.instance.iam_instance_profile.value_or(aws::ec2::IamInstanceProfile{}),
          .state = std::move(state),
          .timestamp = record.profile_associated_at};
}

std::unexpected<Error> must_be_stopped(const InstanceRecord& record) {
  return fail("IncorrectInstanceState",
              fmt::format("The instance '{}' is not in the 'stopped' state.", record.instance.instance_id));
}

}  // namespace

Result<aws::ec2::DescribeInstanceAttributeReply> Instances::describe_instance_attribute(
    const Call&, const aws::ec2::DescribeInstanceAttributeRequest& request) {
  CHECK(begin("DescribeInstanceAttribute", request));
  TRY(const InstanceRecord* record, at(request.instance_id));
  aws::ec2::DescribeInstanceAttributeReply reply;
  reply.instance_id = request.instance_id;
  const std::string& name = request.attribute;
  if (name == "instanceType")
    reply.instance_type = {.value = record->instance.instance_type};
  else if (name == "disableApiTermination")
    reply.disable_api_termination = {.value = record->disable_api_termination};
  else if (name == "instanceInitiatedShutdownBehavior")
    reply.instance_initiated_shutdown_behavior = {.value = record->shutdown_behavior};
  else if (name == "userData")
    reply.user_data =
        aws::ec2::AttributeValue{.value = record->user_data.empty() ? std::nullopt : std::optional(record->user_data)};
  else if (name == "sourceDestCheck")
    reply.source_dest_check = {.value = true};
  else if (name == "ebsOptimized")
    reply.ebs_optimized = {.value = false};
  else if (name == "disableApiStop")
    reply.disable_api_stop = {.value = false};
  else if (name == "groupSet")
    reply.groups = record->instance.security_groups;
  else
    return fail("NotImplemented", fmt::format("DescribeInstanceAttribute: the attribute '{}' is not supported", name), 501);
  return reply;
}

Result<aws::ec2::ModifyInstanceAttributeReply> Instances::modify_instance_attribute(
    const Call&, const aws::ec2::ModifyInstanceAttributeRequest& asked) {
  CHECK(begin("ModifyInstanceAttribute", asked));
  TRY(const InstanceRecord* record, at(asked.instance_id));
  aws::ec2::ModifyInstanceAttributeRequest request = asked;
  if (request.attribute) {  // the older form: a name and a value
    aws::ec2::AttributeValue value{.value = request.value};
    if (*request.attribute == "instanceType")
      request.instance_type = value;
    else if (*request.attribute == "userData")
      request.user_data = value;
    else if (*request.attribute == "instanceInitiatedShutdownBehavior")
      request.instance_initiated_shutdown_behavior = value;
    else if (*request.attribute == "disableApiTermination")
      request.disable_api_termination = {.value = request.value == "true"};
    else
      return fail("NotImplemented", fmt::format("ModifyInstanceAttribute: the attribute '{}' is not supported", *request.attribute),
                  501);
  }
  InstanceRecord changed = *record;
  bool stopped = state_of(record->instance) == InstanceState::stopped;
  if (request.instance_type) {
    if (!stopped) return must_be_stopped(*record);
    changed.instance.instance_type = request.instance_type->value.value_or("");
    if (!find_instance_type(changed.instance.instance_type))
      return invalid_parameter(fmt::format("Invalid value '{}' for InstanceType.", changed.instance.instance_type));
  }
  if (request.user_data) {
    if (!stopped) return must_be_stopped(*record);
    CHECK(check_user_data(request.user_data->value.value_or("")));
    changed.user_data = request.user_data->value.value_or("");
  }
  if (request.instance_initiated_shutdown_behavior) {
    changed.shutdown_behavior = request.instance_initiated_shutdown_behavior->value.value_or("");
    if (changed.shutdown_behavior != "stop" && changed.shutdown_behavior != "terminate")
      return invalid_parameter(
          fmt::format("Value ({}) for parameter instanceInitiatedShutdownBehavior is invalid", changed.shutdown_behavior));
  }
  if (request.disable_api_termination) changed.disable_api_termination = request.disable_api_termination->value.value_or(false);
  if (!request.groups.empty()) {
    changed.instance.security_groups.clear();
    for (const std::string& id : request.groups) {
      const aws::ec2::SecurityGroup* group = state_.security_groups.find(id);
      if (!group) return no_such("InvalidGroup.NotFound", "security group", id);
      if (group->vpc_id != record->instance.vpc_id)
        return invalid_parameter(
            fmt::format("Security group {} and instance {} belong to different networks.", id, request.instance_id));
      changed.instance.security_groups.push_back({.group_id = id, .group_name = group->group_name});
    }
    changed.instance.network_interfaces.front().groups = changed.instance.security_groups;
  }
  state_.instances.put(request.instance_id, std::move(changed));
  return aws::Empty{};
}

Result<aws::ec2::ModifyInstanceMetadataOptionsReply> Instances::modify_instance_metadata_options(
    const Call&, const aws::ec2::ModifyInstanceMetadataOptionsRequest& request) {
  CHECK(begin("ModifyInstanceMetadataOptions", request));
  TRY(const InstanceRecord* record, at(request.instance_id));
  aws::ec2::InstanceMetadataOptions options = record->instance.metadata_options;
  options.http_tokens = request.http_tokens.value_or(options.http_tokens);
  options.http_endpoint = request.http_endpoint.value_or(options.http_endpoint);
  options.http_put_response_hop_limit = request.http_put_response_hop_limit.value_or(options.http_put_response_hop_limit);
  options.instance_metadata_tags = request.instance_metadata_tags.value_or(options.instance_metadata_tags);
  CHECK(check_metadata_options(options));
  state_.instances.update(request.instance_id, [&](InstanceRecord& changed) { changed.instance.metadata_options = options; });
  return aws::ec2::ModifyInstanceMetadataOptionsReply{.instance_id = request.instance_id,
                                                      .instance_metadata_options = std::move(options)};
}

Result<const InstanceRecord*> Instances::associated(const std::string& association_id) const {
  for (const auto& [id, record] : state_.instances.rows())
    if (record.instance.iam_instance_profile && record.profile_association_id == association_id) return &record;
  return fail("NoSuchAssociation", fmt::format("An invalid association-id of '{}' was given", association_id));
}

Result<aws::ec2::AssociateIamInstanceProfileReply> Instances::associate_iam_instance_profile(
    const Call&, const aws::ec2::AssociateIamInstanceProfileRequest& request) {
  CHECK(begin("AssociateIamInstanceProfile", request));
  TRY(const InstanceRecord* record, at(request.instance_id));
  if (!is_alive(state_of(record->instance)))
    return fail("IncorrectInstanceState", fmt::format("The instance '{}' is terminated", request.instance_id));
  if (record->instance.iam_instance_profile)
    return fail("IncorrectState", fmt::format("There is an existing association for instance {}", request.instance_id));
  TRY(auto profile, find_profile(roles_, request.iam_instance_profile));
  std::string association_id = state_.new_id("iip-assoc-");
  const InstanceRecord& changed = state_.instances.update(request.instance_id, [&](InstanceRecord& r) {
    r.instance.iam_instance_profile = std::move(profile);
    r.profile_association_id = association_id;
    r.profile_associated_at = state_.core.clock.now();
  });
  return aws::ec2::AssociateIamInstanceProfileReply{.iam_instance_profile_association = association_of(changed, "associated")};
}

Result<aws::ec2::DisassociateIamInstanceProfileReply> Instances::disassociate_iam_instance_profile(
    const Call&, const aws::ec2::DisassociateIamInstanceProfileRequest& request) {
  CHECK(begin("DisassociateIamInstanceProfile", request));
  TRY(const InstanceRecord* record, associated(request.association_id));
  auto association = association_of(*record, "disassociating");
  state_.instances.update(record->instance.instance_id,
                          [](InstanceRecord& changed) { changed.instance.iam_instance_profile.reset(); });
  return aws::ec2::DisassociateIamInstanceProfileReply{.iam_instance_profile_association = std::move(association)};
}

Result<aws::ec2::ReplaceIamInstanceProfileAssociationReply> Instances::replace_iam_instance_profile_association(
    const Call&, const aws::ec2::ReplaceIamInstanceProfileAssociationRequest& request) {
  CHECK(begin("ReplaceIamInstanceProfileAssociation", request));
  TRY(const InstanceRecord* record, associated(request.association_id));
  TRY(auto profile, find_profile(roles_, request.iam_instance_profile));
  std::string association_id = state_.new_id("iip-assoc-");
  const InstanceRecord& changed = state_.instances.update(record->instance.instance_id, [&](InstanceRecord& r) {
    r.instance.iam_instance_profile = std::move(profile);
    r.profile_association_id = association_id;
    r.profile_associated_at = state_.core.clock.now();
  });
  return aws::ec2::ReplaceIamInstanceProfileAssociationReply{.iam_instance_profile_association =
                                                                 association_of(changed, "associated")};
}

Result<aws::ec2::DescribeIamInstanceProfileAssociationsReply> Instances::describe_iam_instance_profile_associations(
    const Call&, const aws::ec2::DescribeIamInstanceProfileAssociationsRequest& request) {
  CHECK(begin("DescribeIamInstanceProfileAssociations", request));
  struct Row {
    aws::ec2::IamInstanceProfileAssociation association;
    std::vector<aws::ec2::Tag> tags;
  };
  std::vector<Row> rows;
  for (const auto& [id, record] : state_.instances.rows())
    if (record.instance.iam_instance_profile && is_alive(state_of(record.instance)))
      rows.push_back({association_of(record, "associated"), {}});
  TRY(auto page, describe(
                     std::move(rows),
                     {.ids = request.association_ids,
                      .not_found_code = "InvalidAssociationID.NotFound",
                      .noun = "association ID",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token},
                     [](const Row& row) { return row.association.association_id; },
                     [](const Row& row, std::string_view name) -> FilterValues {
                       if (name == "instance-id") return one_value(row.association.instance_id);
                       if (name == "state") return one_value(row.association.state);
                       return std::nullopt;
                     }));
  aws::ec2::DescribeIamInstanceProfileAssociationsReply reply;
  for (Row& row : page.items) reply.iam_instance_profile_associations.push_back(std::move(row.association));
  reply.next_token = page.next_token;
  return reply;
}

}  // namespace pds::cloud::ec2
