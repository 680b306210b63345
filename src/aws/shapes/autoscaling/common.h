// Auto Scaling 2011-01-01: what the nouns share.
#pragma once

#include "aws/unsupported.h"

namespace pds::aws::autoscaling {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "autoscaling",
                                .id = "Auto Scaling",
                                .protocol = Protocol::query,
                                .version = "2011-01-01",
                                .xml_namespace = "http://autoscaling.amazonaws.com/doc/2011-01-01/",
                                .endpoint_prefix = "autoscaling"};
  return info;
}

struct Filter {
  std::string name;
  std::vector<std::string> values;
};
PDS_WIRE_SHAPE(Filter, FIELD(name, "Name"), FIELD(values, "Values"))

struct LaunchTemplateSpecification {
  std::optional<std::string> launch_template_id, launch_template_name, version;
};
PDS_WIRE_SHAPE(LaunchTemplateSpecification, FIELD(launch_template_id, "LaunchTemplateId"),
               FIELD(launch_template_name, "LaunchTemplateName"), FIELD(version, "Version"))

struct Activity {
  std::string activity_id, auto_scaling_group_name, description, cause;
  Timestamp start_time;
  std::optional<Timestamp> end_time;
  std::string status_code;
  std::optional<std::string> status_message;
  int progress = 0;
  std::string details, auto_scaling_group_arn;
};
PDS_WIRE_SHAPE(Activity, FIELD(activity_id, "ActivityId"), FIELD(auto_scaling_group_name, "AutoScalingGroupName"),
               FIELD(description, "Description"), FIELD(cause, "Cause"), FIELD(start_time, "StartTime"), FIELD(end_time, "EndTime"),
               FIELD(status_code, "StatusCode"), FIELD(status_message, "StatusMessage"), FIELD(progress, "Progress"),
               FIELD(details, "Details"), FIELD(auto_scaling_group_arn, "AutoScalingGroupARN"))

}  // namespace pds::aws::autoscaling
