// EC2: the instance profiles that instances have.
#pragma once

#include "aws/shapes/ec2/instance.h"

namespace pds::aws::ec2 {

struct IamInstanceProfileAssociation {
  std::string association_id, instance_id;
  IamInstanceProfile iam_instance_profile;
  std::string state;
  std::optional<Timestamp> timestamp;
};
PDS_WIRE_SHAPE(IamInstanceProfileAssociation, FIELD(association_id, "associationId"), FIELD(instance_id, "instanceId"),
               FIELD(iam_instance_profile, "iamInstanceProfile"), FIELD(state, "state"), FIELD(timestamp, "timestamp"))

struct AssociateIamInstanceProfileRequest {
  IamInstanceProfileSpecification iam_instance_profile;
  std::string instance_id;
};
PDS_WIRE_SHAPE(AssociateIamInstanceProfileRequest, FIELD(iam_instance_profile, "IamInstanceProfile").required(),
               FIELD(instance_id, "InstanceId").required())

struct ProfileAssociationReply {
  IamInstanceProfileAssociation iam_instance_profile_association;
};
PDS_WIRE_SHAPE(ProfileAssociationReply, FIELD(iam_instance_profile_association, "iamInstanceProfileAssociation"))

using AssociateIamInstanceProfileReply = ProfileAssociationReply;
PDS_OPERATION(AssociateIamInstanceProfile)

struct DisassociateIamInstanceProfileRequest {
  std::string association_id;
};
PDS_WIRE_SHAPE(DisassociateIamInstanceProfileRequest, FIELD(association_id, "AssociationId").required())

using DisassociateIamInstanceProfileReply = ProfileAssociationReply;
PDS_OPERATION(DisassociateIamInstanceProfile)

struct ReplaceIamInstanceProfileAssociationRequest {
  IamInstanceProfileSpecification iam_instance_profile;
  std::string association_id;
};
PDS_WIRE_SHAPE(ReplaceIamInstanceProfileAssociationRequest, FIELD(iam_instance_profile, "IamInstanceProfile").required(),
               FIELD(association_id, "AssociationId").required())

using ReplaceIamInstanceProfileAssociationReply = ProfileAssociationReply;
PDS_OPERATION(ReplaceIamInstanceProfileAssociation)

struct DescribeIamInstanceProfileAssociationsRequest {
  std::vector<std::string> association_ids;
  std::vector<Filter> filters;
  std::optional<int> max_results;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeIamInstanceProfileAssociationsRequest, FIELD(association_ids, "AssociationId"), FIELD(filters, "Filter"),
               FIELD(max_results, "MaxResults"), FIELD(next_token, "NextToken"))

struct DescribeIamInstanceProfileAssociationsReply {
  std::vector<IamInstanceProfileAssociation> iam_instance_profile_associations;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeIamInstanceProfileAssociationsReply, FIELD(iam_instance_profile_associations, "iamInstanceProfileAssociationSet"),
               FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeIamInstanceProfileAssociations)

}  // namespace pds::aws::ec2
