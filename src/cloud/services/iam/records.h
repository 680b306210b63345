// What IAM remembers. Secrets are not among it: secret access keys and session tokens are derived from the master key and the key's
// id.
#pragma once

#include "aws/shapes/iam.h"

namespace pds::cloud::iam {

// What a role or a user may do.
struct Grants {
  std::map<std::string, std::string> inline_policies;  // by name
  std::vector<std::string> attached;                   // ARNs
};
PDS_SHAPE(Grants, FIELD(inline_policies, "Inline"), FIELD(attached, "Attached"))

struct RoleRecord {
  aws::iam::Role role;
  Grants grants;
};
PDS_SHAPE(RoleRecord, FIELD(role, "Role"), FIELD(grants, "Grants"))

struct UserRecord {
  aws::iam::User user;
  Grants grants;
};
PDS_SHAPE(UserRecord, FIELD(user, "User"), FIELD(grants, "Grants"))

struct PolicyRecord {
  aws::iam::Policy policy;
  std::vector<aws::iam::PolicyVersion> versions;  // oldest first
  int versions_made = 0;
};
PDS_SHAPE(PolicyRecord, FIELD(policy, "Policy"), FIELD(versions, "Versions"), FIELD(versions_made, "VersionsMade"))

struct ProfileRecord {
  aws::iam::InstanceProfile profile;  // without its roles
  std::string role_name;              // empty: none
};
PDS_SHAPE(ProfileRecord, FIELD(profile, "Profile"), FIELD(role_name, "RoleName"))

struct KeyRecord {
  std::string user_name, status;
  Timestamp create_date{};
};
PDS_SHAPE(KeyRecord, FIELD(user_name, "UserName"), FIELD(status, "Status"), FIELD(create_date, "CreateDate"))

struct SessionRecord {
  std::string role_name, role_id, session_name;
  Timestamp expires{};  // real time
};
PDS_SHAPE(SessionRecord, FIELD(role_name, "RoleName"), FIELD(role_id, "RoleId"), FIELD(session_name, "SessionName"),
          FIELD(expires, "Expires"))

}  // namespace pds::cloud::iam
