// The instance metadata service, version 2, of one instance: http://169.254.169.254/latest/... as it is seen inside.
//
// Tokens are signed with a key of the instance's and kept nowhere, so they stay good when the cloud restarts. Tokens and
// credentials live by real time: the programs inside measure with a real clock.
#pragma once

#include <map>
#include <string>

#include "cloud/core.h"
#include "cloud/roles.h"
#include "cloud/services/ec2/state.h"
#include "http/service.h"

namespace pds::cloud::ec2 {

inline constexpr int64_t token_ttl_seconds_max = 21600;
// How long role credentials are good for, and how long before their end new ones are given out.
inline constexpr std::chrono::seconds credentials_valid_for{6 * 3600};
inline constexpr std::chrono::seconds credentials_renewed_before{15 * 60};

class Imds {
 public:
  Imds(State& state, RoleSource& roles, std::string instance_id)
      : state_(state), roles_(roles), instance_id_(std::move(instance_id)) {}

  // `now` is real time.
  http::Response answer(const http::Request& request, Timestamp now);

 private:
  http::Response issue_token(const http::Request& request, const InstanceRecord& record, Timestamp now) const;
  bool token_is_good(std::string_view token, const InstanceRecord& record, Timestamp now) const;
  // Everything below meta-data/, by path; folders are what paths have in common.
  std::map<std::string, std::string> metadata(const InstanceRecord& record, Timestamp now);
  void add_network(std::map<std::string, std::string>& tree, const InstanceRecord& record) const;
  void add_role(std::map<std::string, std::string>& tree, const InstanceRecord& record, Timestamp now);
  std::string identity_document(const InstanceRecord& record) const;
  Result<aws::Credentials> credentials(const std::string& role_arn, Timestamp now);

  State& state_;
  RoleSource& roles_;
  std::string instance_id_;
  // Given out until they come near their end, so that a program that asks often does not fill IAM with sessions.
  std::string cached_role_;
  Timestamp cached_since_{}, cached_until_{};
  aws::Credentials cached_;
};

}  // namespace pds::cloud::ec2
