// EC2: instances' status.
#pragma once

#include "aws/shapes/ec2/instance.h"

namespace pds::aws::ec2 {

struct InstanceStatusDetails {
  std::optional<Timestamp> impaired_since;
  std::string name, status;
};
PDS_WIRE_SHAPE(InstanceStatusDetails, FIELD(impaired_since, "impairedSince"), FIELD(name, "name"), FIELD(status, "status"))

struct InstanceStatusSummary {
  std::vector<InstanceStatusDetails> details;
  std::string status;
};
PDS_WIRE_SHAPE(InstanceStatusSummary, FIELD(details, "details"), FIELD(status, "status"))

struct InstanceStatus {
  std::string availability_zone, instance_id;
  InstanceState instance_state;
  InstanceStatusSummary instance_status;
  InstanceStatusSummary system_status;
};
PDS_WIRE_SHAPE(InstanceStatus, FIELD(availability_zone, "availabilityZone"), FIELD(instance_id, "instanceId"),
               FIELD(instance_state, "instanceState"), FIELD(instance_status, "instanceStatus"), FIELD(system_status, "systemStatus"))

struct DescribeInstanceStatusRequest {
  std::vector<std::string> instance_ids;
  std::optional<int> max_results;
  std::optional<std::string> next_token;
  std::optional<bool> dry_run;
  std::vector<Filter> filters;
  std::optional<bool> include_all_instances;
  std::optional<Unsupported> include_managed_resources;
};
PDS_WIRE_SHAPE(DescribeInstanceStatusRequest, FIELD(instance_ids, "InstanceId"), FIELD(max_results, "MaxResults"),
               FIELD(next_token, "NextToken"), FIELD(dry_run, "dryRun"), FIELD(filters, "Filter"),
               FIELD(include_all_instances, "includeAllInstances"), FIELD(include_managed_resources, "IncludeManagedResources"))

struct DescribeInstanceStatusReply {
  std::vector<InstanceStatus> instance_statuses;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeInstanceStatusReply, FIELD(instance_statuses, "instanceStatusSet"), FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeInstanceStatus)

}  // namespace pds::aws::ec2
