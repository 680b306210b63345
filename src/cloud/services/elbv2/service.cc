#include "cloud/services/elbv2/service.h"

#include "cloud/services/elbv2/impl.h"

namespace pds::cloud {

Elbv2::Elbv2(Core& core, InstanceReach& instances, FunctionInvoker* functions, MetricSink& metrics, CertificateSource* certificates,
             ObservationOptions observation)
    : impl_(std::make_unique<Impl>(core, instances, functions, metrics, certificates, observation)) {}

Elbv2::~Elbv2() = default;

void Elbv2::start() { impl_->front.start(); }

io::Task<void> Elbv2::stop() { co_await impl_->front.stop(); }

bool Elbv2::claims(const http::ServerRequest& request) const { return impl_->front.claims(request.head.host()); }

http::Service& Elbv2::door() { return impl_->front; }

std::vector<elbv2::ObservedShare> Elbv2::observed_shares(const std::string& listener_arn) const {
  return impl_->front.observed_shares(listener_arn);
}
void Elbv2::expose(Exposition& page) const { impl_->front.expose(page); }

Api Elbv2::api() {
  namespace op = aws::elbv2;
  Api api(op::service_info());
  api.add<op::AddListenerCertificates>(this, &Elbv2::add_listener_certificates);
  api.add<op::AddTags>(this, &Elbv2::add_tags);
  api.add<op::CreateListener>(this, &Elbv2::create_listener).missing =
      "authentication actions, mutual authentication, security policies with TLS before 1.2 or FIPS";
  api.add<op::CreateLoadBalancer>(this, &Elbv2::create_load_balancer).missing =
      "types network and gateway, dualstack, SubnetMappings with addresses";
  api.add<op::CreateRule>(this, &Elbv2::create_rule).missing = "RegexValues, Transforms, authentication actions";
  api.add<op::CreateTargetGroup>(this, &Elbv2::create_target_group).missing =
      "target type alb, protocols other than HTTP and HTTPS";
  api.add<op::DeleteListener>(this, &Elbv2::delete_listener);
  api.add<op::DeleteLoadBalancer>(this, &Elbv2::delete_load_balancer);
  api.add<op::DeleteRule>(this, &Elbv2::delete_rule);
  api.add<op::DeleteTargetGroup>(this, &Elbv2::delete_target_group);
  api.add<op::DeregisterTargets>(this, &Elbv2::deregister_targets);
  api.add<op::DescribeAccountLimits>(this, &Elbv2::describe_account_limits);
  api.add<op::DescribeListenerAttributes>(this, &Elbv2::describe_listener_attributes);
  api.add<op::DescribeListenerCertificates>(this, &Elbv2::describe_listener_certificates);
  api.add<op::DescribeListeners>(this, &Elbv2::describe_listeners);
  api.add<op::DescribeLoadBalancerAttributes>(this, &Elbv2::describe_load_balancer_attributes);
  api.add<op::DescribeLoadBalancers>(this, &Elbv2::describe_load_balancers);
  api.add<op::DescribeRules>(this, &Elbv2::describe_rules);
  api.add<op::DescribeSSLPolicies>(this, &Elbv2::describe_ssl_policies).missing = "policies with TLS before 1.2 or FIPS";
  api.add<op::DescribeTags>(this, &Elbv2::describe_tags);
  api.add<op::DescribeTargetGroupAttributes>(this, &Elbv2::describe_target_group_attributes);
  api.add<op::DescribeTargetGroups>(this, &Elbv2::describe_target_groups);
  api.add<op::DescribeTargetHealth>(this, &Elbv2::describe_target_health).missing = "administrative overrides";
  api.add<op::ModifyListener>(this, &Elbv2::modify_listener).missing =
      "authentication actions, mutual authentication, security policies with TLS before 1.2 or FIPS";
  api.add<op::ModifyListenerAttributes>(this, &Elbv2::modify_listener_attributes).missing =
      "other names for the fields that say what TLS agreed on";
  api.add<op::ModifyLoadBalancerAttributes>(this, &Elbv2::modify_load_balancer_attributes).missing =
      "connection logs, WAF, zonal shift, desync mode monitor";
  api.add<op::ModifyRule>(this, &Elbv2::modify_rule).missing = "RegexValues, Transforms, authentication actions";
  api.add<op::ModifyTargetGroup>(this, &Elbv2::modify_target_group);
  api.add<op::ModifyTargetGroupAttributes>(this, &Elbv2::modify_target_group_attributes);
  api.add<op::RegisterTargets>(this, &Elbv2::register_targets).missing = "addresses that are no instance's";
  api.add<op::RemoveListenerCertificates>(this, &Elbv2::remove_listener_certificates);
  api.add<op::RemoveTags>(this, &Elbv2::remove_tags);
  api.add<op::SetIpAddressType>(this, &Elbv2::set_ip_address_type).missing = "dualstack";
  api.add<op::SetRulePriorities>(this, &Elbv2::set_rule_priorities);
  api.add<op::SetSecurityGroups>(this, &Elbv2::set_security_groups);
  api.add<op::SetSubnets>(this, &Elbv2::set_subnets).missing = "SubnetMappings with addresses, dualstack";
  return api;
}

}  // namespace pds::cloud
