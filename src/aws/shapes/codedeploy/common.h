// CodeDeploy: what the nouns share. Members are not marked required: CodeDeploy answers with codes of its own
// (ApplicationNameRequiredException), which the service gives.
#pragma once

#include "aws/unsupported.h"

namespace pds::aws::codedeploy {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "codedeploy",
                                .id = "CodeDeploy",
                                .protocol = Protocol::json,
                                .version = "2014-10-06",
                                .target_prefix = "CodeDeploy_20141006",
                                .json_version = "1.1",
                                .endpoint_prefix = "codedeploy"};
  return info;
}

struct Tag {
  std::optional<std::string> key, value;
};
PDS_WIRE_SHAPE(Tag, FIELD(key, "Key"), FIELD(value, "Value"))

struct S3Location {
  std::optional<std::string> bucket, key, bundle_type, version, e_tag;
  bool operator==(const S3Location&) const = default;
};
PDS_WIRE_SHAPE(S3Location, FIELD(bucket, "bucket"), FIELD(key, "key"), FIELD(bundle_type, "bundleType"), FIELD(version, "version"),
               FIELD(e_tag, "eTag"))

struct RawString {
  std::optional<std::string> content, sha256;
  bool operator==(const RawString&) const = default;
};
PDS_WIRE_SHAPE(RawString, FIELD(content, "content"), FIELD(sha256, "sha256"))

struct RevisionLocation {
  std::optional<std::string> revision_type;  // S3, String, AppSpecContent; GitHub is refused
  std::optional<S3Location> s3_location;
  std::optional<RawString> string, app_spec_content;
  std::optional<Unsupported> git_hub_location;
};
PDS_WIRE_SHAPE(RevisionLocation, FIELD(revision_type, "revisionType"), FIELD(s3_location, "s3Location"), FIELD(string, "string"),
               FIELD(app_spec_content, "appSpecContent"), FIELD(git_hub_location, "gitHubLocation"))

struct Alarm {
  std::optional<std::string> name;
};
PDS_WIRE_SHAPE(Alarm, FIELD(name, "name"))

struct AlarmConfiguration {
  std::optional<bool> enabled, ignore_poll_alarm_failure;
  std::vector<Alarm> alarms;
};
PDS_WIRE_SHAPE(AlarmConfiguration, FIELD(enabled, "enabled"), FIELD(ignore_poll_alarm_failure, "ignorePollAlarmFailure"),
               FIELD(alarms, "alarms").omit_empty())

struct AutoRollbackConfiguration {
  std::optional<bool> enabled;
  std::vector<std::string> events;
};
PDS_WIRE_SHAPE(AutoRollbackConfiguration, FIELD(enabled, "enabled"), FIELD(events, "events").omit_empty())

struct DeploymentStyle {
  std::optional<std::string> deployment_type, deployment_option;
};
PDS_WIRE_SHAPE(DeploymentStyle, FIELD(deployment_type, "deploymentType"), FIELD(deployment_option, "deploymentOption"))

struct BlueInstanceTerminationOption {
  std::optional<std::string> action;
  std::optional<int> termination_wait_time_in_minutes;
};
PDS_WIRE_SHAPE(BlueInstanceTerminationOption, FIELD(action, "action"),
               FIELD(termination_wait_time_in_minutes, "terminationWaitTimeInMinutes"))

struct DeploymentReadyOption {
  std::optional<std::string> action_on_timeout;
  std::optional<int> wait_time_in_minutes;
};
PDS_WIRE_SHAPE(DeploymentReadyOption, FIELD(action_on_timeout, "actionOnTimeout"), FIELD(wait_time_in_minutes, "waitTimeInMinutes"))

struct GreenFleetProvisioningOption {
  std::optional<std::string> action;
};
PDS_WIRE_SHAPE(GreenFleetProvisioningOption, FIELD(action, "action"))

struct BlueGreenDeploymentConfiguration {
  std::optional<BlueInstanceTerminationOption> terminate_blue_instances_on_deployment_success;
  std::optional<DeploymentReadyOption> deployment_ready_option;
  std::optional<GreenFleetProvisioningOption> green_fleet_provisioning_option;
};
PDS_WIRE_SHAPE(BlueGreenDeploymentConfiguration,
               FIELD(terminate_blue_instances_on_deployment_success, "terminateBlueInstancesOnDeploymentSuccess"),
               FIELD(deployment_ready_option, "deploymentReadyOption"),
               FIELD(green_fleet_provisioning_option, "greenFleetProvisioningOption"))

struct TargetGroupInfo {
  std::optional<std::string> name;  // a target group's name or ARN
};
PDS_WIRE_SHAPE(TargetGroupInfo, FIELD(name, "name"))

struct LoadBalancerInfo {
  std::vector<TargetGroupInfo> target_group_info_list;
  std::optional<std::vector<Unsupported>> elb_info_list, target_group_pair_info_list;
};
PDS_WIRE_SHAPE(LoadBalancerInfo, FIELD(target_group_info_list, "targetGroupInfoList").omit_empty(), FIELD(elb_info_list, "elbInfoList"),
               FIELD(target_group_pair_info_list, "targetGroupPairInfoList"))

struct ErrorInformation {
  std::optional<std::string> code, message;
};
PDS_WIRE_SHAPE(ErrorInformation, FIELD(code, "code"), FIELD(message, "message"))

struct TimeRange {
  std::optional<Timestamp> start, end;
};
PDS_WIRE_SHAPE(TimeRange, FIELD(start, "start"), FIELD(end, "end"))

}  // namespace pds::aws::codedeploy
