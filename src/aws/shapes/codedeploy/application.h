// CodeDeploy: applications, their revisions and tags.
#pragma once

#include "aws/shapes/codedeploy/common.h"

namespace pds::aws::codedeploy {

struct ApplicationInfo {
  std::string application_id, application_name;
  Timestamp create_time;
  bool linked_to_git_hub = false;
  std::string compute_platform;
};
PDS_WIRE_SHAPE(ApplicationInfo, FIELD(application_id, "applicationId"), FIELD(application_name, "applicationName"),
               FIELD(create_time, "createTime"), FIELD(linked_to_git_hub, "linkedToGitHub"), FIELD(compute_platform, "computePlatform"))

struct CreateApplicationRequest {
  std::optional<std::string> application_name, compute_platform;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(CreateApplicationRequest, FIELD(application_name, "applicationName"), FIELD(compute_platform, "computePlatform"),
               FIELD(tags, "tags"))
struct CreateApplicationReply {
  std::string application_id;
};
PDS_WIRE_SHAPE(CreateApplicationReply, FIELD(application_id, "applicationId"))
PDS_OPERATION(CreateApplication)

struct ApplicationName {
  std::optional<std::string> application_name;
};
PDS_WIRE_SHAPE(ApplicationName, FIELD(application_name, "applicationName"))

using GetApplicationRequest = ApplicationName;
struct GetApplicationReply {
  ApplicationInfo application;
};
PDS_WIRE_SHAPE(GetApplicationReply, FIELD(application, "application"))
PDS_OPERATION(GetApplication)

struct NextToken {
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(NextToken, FIELD(next_token, "nextToken"))

using ListApplicationsRequest = NextToken;
struct ListApplicationsReply {
  std::vector<std::string> applications;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(ListApplicationsReply, FIELD(applications, "applications"), FIELD(next_token, "nextToken"))
PDS_OPERATION(ListApplications)

struct UpdateApplicationRequest {
  std::optional<std::string> application_name, new_application_name;
};
PDS_WIRE_SHAPE(UpdateApplicationRequest, FIELD(application_name, "applicationName"), FIELD(new_application_name, "newApplicationName"))
using UpdateApplicationReply = Empty;
PDS_OPERATION(UpdateApplication)

using DeleteApplicationRequest = ApplicationName;
using DeleteApplicationReply = Empty;
PDS_OPERATION(DeleteApplication)

struct BatchGetApplicationsRequest {
  std::vector<std::string> application_names;
};
PDS_WIRE_SHAPE(BatchGetApplicationsRequest, FIELD(application_names, "applicationNames"))
struct BatchGetApplicationsReply {
  std::vector<ApplicationInfo> applications_info;
};
PDS_WIRE_SHAPE(BatchGetApplicationsReply, FIELD(applications_info, "applicationsInfo"))
PDS_OPERATION(BatchGetApplications)

struct RegisterApplicationRevisionRequest {
  std::optional<std::string> application_name, description;
  std::optional<RevisionLocation> revision;
};
PDS_WIRE_SHAPE(RegisterApplicationRevisionRequest, FIELD(application_name, "applicationName"), FIELD(description, "description"),
               FIELD(revision, "revision"))
using RegisterApplicationRevisionReply = Empty;
PDS_OPERATION(RegisterApplicationRevision)

struct GenericRevisionInfo {
  std::optional<std::string> description;
  std::vector<std::string> deployment_groups;
  std::optional<Timestamp> first_used_time, last_used_time;
  Timestamp register_time;
};
PDS_WIRE_SHAPE(GenericRevisionInfo, FIELD(description, "description"), FIELD(deployment_groups, "deploymentGroups"),
               FIELD(first_used_time, "firstUsedTime"), FIELD(last_used_time, "lastUsedTime"), FIELD(register_time, "registerTime"))

struct GetApplicationRevisionRequest {
  std::optional<std::string> application_name;
  std::optional<RevisionLocation> revision;
};
PDS_WIRE_SHAPE(GetApplicationRevisionRequest, FIELD(application_name, "applicationName"), FIELD(revision, "revision"))
struct GetApplicationRevisionReply {
  std::string application_name;
  RevisionLocation revision;
  GenericRevisionInfo revision_info;
};
PDS_WIRE_SHAPE(GetApplicationRevisionReply, FIELD(application_name, "applicationName"), FIELD(revision, "revision"),
               FIELD(revision_info, "revisionInfo"))
PDS_OPERATION(GetApplicationRevision)

struct ListTagsForResourceRequest {
  std::optional<std::string> resource_arn, next_token;
};
PDS_WIRE_SHAPE(ListTagsForResourceRequest, FIELD(resource_arn, "ResourceArn"), FIELD(next_token, "NextToken"))
struct ListTagsForResourceReply {
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(ListTagsForResourceReply, FIELD(tags, "Tags"))
PDS_OPERATION(ListTagsForResource)

struct TagResourceRequest {
  std::optional<std::string> resource_arn;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(TagResourceRequest, FIELD(resource_arn, "ResourceArn"), FIELD(tags, "Tags"))
using TagResourceReply = Empty;
PDS_OPERATION(TagResource)

struct UntagResourceRequest {
  std::optional<std::string> resource_arn;
  std::vector<std::string> tag_keys;
};
PDS_WIRE_SHAPE(UntagResourceRequest, FIELD(resource_arn, "ResourceArn"), FIELD(tag_keys, "TagKeys"))
using UntagResourceReply = Empty;
PDS_OPERATION(UntagResource)

}  // namespace pds::aws::codedeploy
