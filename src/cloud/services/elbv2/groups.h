// The running side of target groups: made from the tables, with their targets reached through EC2 and Lambda, and their health
// written back so that a restarted cloud serves at once.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cloud/functions.h"
#include "cloud/reach.h"
#include "cloud/services/elbv2/state.h"
#include "proxy/target_group.h"

namespace pds::cloud::elbv2 {

// What a balancer is to the security groups of its targets. Shared by the connectors, changed in place.
struct Origin {
  std::vector<std::string> security_groups;
  std::map<std::string, std::string> node_addresses;  // by zone
};

class Groups {
 public:
  Groups(Core& core, State& state, InstanceReach& instances, FunctionInvoker* functions);
  ~Groups();

  // Makes what runs equal to what the tables say. Synchronous, cheap when nothing has changed.
  void reconcile();
  // Looks at the instances again: stopped ones become unused, terminated ones are deregistered.
  void refresh_instances();

  std::shared_ptr<proxy::TargetGroup> find(const std::string& arn) const;
  const std::map<std::string, std::shared_ptr<proxy::TargetGroup>>& all() const { return groups_; }

  // Begins the deregistration of a target: writes it down, and drains.
  void deregister(const TargetRecord& target);

 private:
  void reconcile_group(const TargetGroupRecord& record);
  proxy::TargetSpec make_spec(const TargetGroupRecord& group, const TargetRecord& target);
  std::shared_ptr<Origin> origin_of(const std::string& arn);
  void update_origin(const std::string& arn, const LoadBalancerRecord* balancer);
  // TLS to targets, whose certificates are not verified, as application load balancers have it.
  const std::shared_ptr<const http::TlsClientContext>& target_tls(bool http2);
  void refresh_target(const TargetGroupRecord& group, const LoadBalancerRecord* balancer, const TargetRecord& target);

  Core& core_;
  State& state_;
  InstanceReach& instances_;
  FunctionInvoker* functions_;
  std::map<std::string, std::shared_ptr<proxy::TargetGroup>> groups_;
  std::map<std::string, std::shared_ptr<Origin>> origins_;
  std::shared_ptr<const http::TlsClientContext> target_tls_[2];  // made when first needed; the second offers HTTP/2
};

// The instance that a target of type instance or ip means; nothing when there is none (any more).
std::optional<InstanceReach::Instance> instance_of(const InstanceReach& instances, const wire::TargetGroup& group,
                                                   const std::string& target_id);
// The zone of the balancer's node that has this address in the VPC; nothing when there is none.
std::optional<std::string> zone_of_node(const State& state, const InstanceReach& instances, std::string_view vpc_id,
                                        std::string_view address);
// The address a balancer's node has in a subnet: the last one, where instances are placed last.
std::string node_address(const std::string& cidr_block);

}  // namespace pds::cloud::elbv2
