// Instances as the API has them. Their machines are in machine.h, the rules of their states in instance.h.
#pragma once

#include "cloud/roles.h"
#include "cloud/services/ec2/image.h"
#include "cloud/services/ec2/launch.h"
#include "cloud/services/ec2/launch_template.h"
#include "cloud/services/ec2/machine.h"
#include "cloud/services/ec2/operation.h"
#include "cloud/services/ec2/security_group.h"
#include "cloud/services/ec2/state.h"
#include "cloud/services/ec2/subnet.h"

namespace pds::cloud::ec2 {

class Instances {
 public:
  Instances(State& state, LaunchResolver resolver, RoleSource& roles, Machines& machines)
      : state_(state), resolver_(resolver), roles_(roles), machines_(machines) {}

  // All or nothing between MinCount and MaxCount, in this turn of the loop; the instances boot afterwards.
  PDS_CALL(RunInstances, run_instances);
  PDS_CALL(DescribeInstances, describe_instances);
  PDS_CALL(StartInstances, start_instances);
  PDS_CALL(StopInstances, stop_instances);
  PDS_CALL(RebootInstances, reboot_instances);
  PDS_CALL(TerminateInstances, terminate_instances);
  PDS_CALL(DescribeInstanceStatus, describe_instance_status);
  PDS_CALL(DescribeInstanceAttribute, describe_instance_attribute);
  PDS_CALL(ModifyInstanceAttribute, modify_instance_attribute);
  PDS_CALL(ModifyInstanceMetadataOptions, modify_instance_metadata_options);
  PDS_CALL(GetConsoleOutput, get_console_output);
  PDS_CALL(AssociateIamInstanceProfile, associate_iam_instance_profile);
  PDS_CALL(DisassociateIamInstanceProfile, disassociate_iam_instance_profile);
  PDS_CALL(ReplaceIamInstanceProfileAssociation, replace_iam_instance_profile_association);
  PDS_CALL(DescribeIamInstanceProfileAssociations, describe_iam_instance_profile_associations);

  // As the wire shows it: with tags and names of groups.
  aws::ec2::Instance complete(const InstanceRecord& record) const;

 private:
  Result<const InstanceRecord*> at(const std::string& instance_id) const;
  Result<std::vector<const InstanceRecord*>> all_of(const std::vector<std::string>& instance_ids) const;
  Result<const InstanceRecord*> associated(const std::string& association_id) const;
  aws::ec2::RunInstancesReply reservation(const std::string& reservation_id) const;
  // Changes the state, durable with what else is changed in this turn; returns what the caller is told.
  aws::ec2::InstanceStateChange move(const std::string& instance_id, InstanceState to, std::string_view reason_code,
                                     std::string_view reason);
  State& state_;
  LaunchResolver resolver_;
  RoleSource& roles_;
  Machines& machines_;
};

}  // namespace pds::cloud::ec2
