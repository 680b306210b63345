// The stack: everything that stands before a release can be made. One walk over the resources, in the order of their dependencies, serves
// both plan and apply: each resource is looked for first, by name and tag, and only what is missing or different is changed. A walk that
// was cut short is simply walked again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "aws/client.h"
#include "aws/shapes/ec2.h"
#include "deploy/config.h"
#include "io/loop.h"

namespace pds::deploy {

enum class ChangeAction : uint8_t { create, update, remove };

struct Change {
  ChangeAction action = ChangeAction::create;
  std::string kind;      // "VPC", "load balancer"
  std::string name;
  std::string why;       // what differs; empty when it is simply missing
};

// What the walk found or made. Members are empty while their resource does not exist.
struct StackFacts {
  std::string account;
  std::string vpc_id;
  std::vector<std::string> zones, subnet_ids;
  std::string gateway_id, route_table_id;
  std::string balancer_group_id, instance_group_id;
  std::string instance_profile_arn, function_role_arn, deploy_role_arn, rotation_role_arn;
  std::string secret_arn;
  std::string bucket;
  std::string target_group_arn, balancer_arn, balancer_dns, listener_arn;
  std::string template_id;
  int64_t template_version = 0;
  std::string fleet_group;          // the Auto Scaling group that serves now
  std::string function_arn, function_url, hook_function_arn, rotation_function_arn;
  bool released = false;            // the fleet has had a successful release
};

struct StackNames {
  explicit StackNames(const Config& config, const std::string& account);
  std::string vpc, balancer_group, instance_group, gateway, route_table;
  std::string instance_role, function_role, deploy_role, rotation_role;
  std::string bucket, launch_template, target_group, balancer, fleet_group;
  std::string function, hook_function, rotation_function;
  std::string fleet_application, fleet_deployment_group, function_application, function_deployment_group;
};

class StackWalk {
 public:
  enum class Mode { plan, apply };
  // Told of each change: before it is made (apply), or instead (plan).
  using OnChange = std::function<void(const Change&)>;

  // `bootstrap_image` is what a new function starts with: "<registry>/<repository>@sha256:...".
  StackWalk(io::Loop& loop, aws::Client& client, const Config& config, std::string bootstrap_image, OnChange on_change);

  io::Task<Result<std::vector<Change>>> run(Mode mode);
  const StackFacts& facts() const { return facts_; }

 private:
  // network.cc
  io::Task<Result<void>> ensure_vpc();
  io::Task<Result<void>> ensure_subnets();
  io::Task<Result<void>> ensure_gateway();
  io::Task<Result<void>> ensure_security_groups();
  io::Task<Result<std::string>> ensure_security_group(std::string name, std::string description, std::vector<aws::ec2::IpPermission> wanted);
  // identity.cc
  io::Task<Result<void>> ensure_roles();
  io::Task<Result<void>> ensure_managed_policies(std::string role, std::vector<std::string> wanted, bool role_existed);
  // secret.cc
  io::Task<Result<void>> ensure_secret();
  io::Task<Result<void>> ensure_rotation();
  // delivery.cc
  io::Task<Result<void>> ensure_bucket();
  io::Task<Result<void>> ensure_delivery();
  io::Task<Result<void>> find_released();
  // balancer.cc
  io::Task<Result<void>> ensure_target_group();
  io::Task<Result<void>> ensure_balancer();
  io::Task<Result<void>> ensure_listener();
  // fleet.cc
  io::Task<Result<void>> ensure_template();
  io::Task<Result<void>> ensure_fleet();
  // function.cc
  io::Task<Result<void>> ensure_functions();
  io::Task<Result<void>> ensure_function(const std::string& name, const std::string& role_arn, std::vector<std::string> command, std::string& arn);
  io::Task<Result<void>> ensure_alias_and_url();

  // Notes a change; true when it is to be made now.
  bool make(ChangeAction action, std::string kind, std::string name, std::string why = "");
  std::vector<aws::ec2::TagSpecification> tags_for(const std::string& resource_type, const std::string& name) const;
  std::vector<aws::ec2::Filter> by_name(const std::string& name) const;

  io::Loop& loop_;
  aws::Client& client_;
  const Config& config_;
  std::string bootstrap_image_;
  OnChange on_change_;
  Mode mode_ = Mode::plan;
  std::optional<StackNames> names_;
  StackFacts facts_;
  std::vector<Change> changes_;
};

// Takes everything down, in the opposite order. What does not exist is passed over; what others still use is an error that names it.
io::Task<Result<std::vector<Change>>> tear_down(io::Loop& loop, aws::Client& client, const Config& config, StackWalk::OnChange on_change);

// The third octet of a network is the zone's number: zone 1 of 10.0.0.0/16 has 10.0.1.0/24.
std::string subnet_cidr(const std::string& network, size_t zone);

// What an instance runs at boot.
std::string user_data(const Config& config);

}  // namespace pds::deploy
