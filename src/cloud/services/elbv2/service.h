// Elastic Load Balancing v2 (application load balancers): what users' traffic goes through. The tables hold what was asked for; the
// front (front.h) makes it true: listeners bound on loopback, routing snapshots swapped, targets checked.
#pragma once

#include <memory>

#include "aws/shapes/elbv2.h"
#include "cloud/certificates.h"
#include "cloud/core.h"
#include "cloud/exposition.h"
#include "cloud/functions.h"
#include "cloud/reach.h"
#include "cloud/services/elbv2/observed.h"
#include "cloud/services/elbv2/observation.h"
#include "cloud/telemetry.h"

namespace pds::cloud {

class Elbv2 final : public CloudService {
 public:
  // `functions` may be null: then target groups of type lambda are refused; `certificates` too: then HTTPS listeners are.
  Elbv2(Core& core, InstanceReach& instances, FunctionInvoker* functions, MetricSink& metrics, CertificateSource* certificates = nullptr,
        ObservationOptions observation = {});
  ~Elbv2() override;

  Api api() override;
  void start() override;           // binds listeners, goes on checking targets from their stored health
  io::Task<void> stop() override;  // drains connections, closes listeners

  // The door on the endpoint port: requests whose Host is the DNS name of a balancer of this region.
  bool claims(const http::ServerRequest& request) const;
  http::Service& door();
  // Adds the balancers of this region to the Prometheus page.
  void expose(Exposition& page) const;

  // How the requests of a listener were shared out among the groups that it forwards to, as measured. Empty: there is no such listener.
  std::vector<elbv2::ObservedShare> observed_shares(const std::string& listener_arn) const;

#define PDS_ELBV2_OPERATION(Name, method) \
  Result<aws::elbv2::Name##Reply> method(const Call& call, const aws::elbv2::Name##Request& request)
  PDS_ELBV2_OPERATION(AddListenerCertificates, add_listener_certificates);
  PDS_ELBV2_OPERATION(AddTags, add_tags);
  PDS_ELBV2_OPERATION(CreateListener, create_listener);
  PDS_ELBV2_OPERATION(CreateLoadBalancer, create_load_balancer);
  PDS_ELBV2_OPERATION(CreateRule, create_rule);
  PDS_ELBV2_OPERATION(CreateTargetGroup, create_target_group);
  PDS_ELBV2_OPERATION(DeleteListener, delete_listener);
  PDS_ELBV2_OPERATION(DeleteLoadBalancer, delete_load_balancer);
  PDS_ELBV2_OPERATION(DeleteRule, delete_rule);
  PDS_ELBV2_OPERATION(DeleteTargetGroup, delete_target_group);
  PDS_ELBV2_OPERATION(DeregisterTargets, deregister_targets);
  PDS_ELBV2_OPERATION(DescribeAccountLimits, describe_account_limits);
  PDS_ELBV2_OPERATION(DescribeListenerAttributes, describe_listener_attributes);
  PDS_ELBV2_OPERATION(DescribeListenerCertificates, describe_listener_certificates);
  PDS_ELBV2_OPERATION(DescribeListeners, describe_listeners);
  PDS_ELBV2_OPERATION(DescribeLoadBalancerAttributes, describe_load_balancer_attributes);
  PDS_ELBV2_OPERATION(DescribeLoadBalancers, describe_load_balancers);
  PDS_ELBV2_OPERATION(DescribeRules, describe_rules);
  PDS_ELBV2_OPERATION(DescribeSSLPolicies, describe_ssl_policies);
  PDS_ELBV2_OPERATION(DescribeTags, describe_tags);
  PDS_ELBV2_OPERATION(DescribeTargetGroupAttributes, describe_target_group_attributes);
  PDS_ELBV2_OPERATION(DescribeTargetGroups, describe_target_groups);
  PDS_ELBV2_OPERATION(DescribeTargetHealth, describe_target_health);
  PDS_ELBV2_OPERATION(ModifyListener, modify_listener);
  PDS_ELBV2_OPERATION(ModifyListenerAttributes, modify_listener_attributes);
  PDS_ELBV2_OPERATION(ModifyRule, modify_rule);
  PDS_ELBV2_OPERATION(ModifyTargetGroup, modify_target_group);
  PDS_ELBV2_OPERATION(ModifyTargetGroupAttributes, modify_target_group_attributes);
  PDS_ELBV2_OPERATION(RegisterTargets, register_targets);
  PDS_ELBV2_OPERATION(RemoveListenerCertificates, remove_listener_certificates);
  PDS_ELBV2_OPERATION(RemoveTags, remove_tags);
  PDS_ELBV2_OPERATION(SetIpAddressType, set_ip_address_type);
  PDS_ELBV2_OPERATION(SetRulePriorities, set_rule_priorities);
  PDS_ELBV2_OPERATION(SetSecurityGroups, set_security_groups);
  PDS_ELBV2_OPERATION(SetSubnets, set_subnets);
#undef PDS_ELBV2_OPERATION
  // Proves that access logs can be delivered before it says so.
  io::Task<Result<aws::elbv2::ModifyLoadBalancerAttributesReply>> modify_load_balancer_attributes(
      const Call& call, const aws::elbv2::ModifyLoadBalancerAttributesRequest& request);

  struct Impl;  // impl.h; only for this folder

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace pds::cloud
