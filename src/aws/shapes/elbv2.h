// Elastic Load Balancing 2015-12-01: application load balancers, their listeners and rules, target groups and targets.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::elbv2 {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "elasticloadbalancing", .id = "Elastic Load Balancing v2", .protocol = Protocol::query,
                                .version = "2015-12-01", .xml_namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
                                .endpoint_prefix = "elasticloadbalancing"};
  return info;
}

// ---- common parts ----

struct Tag {
  std::string key;
  std::optional<std::string> value;
};
PDS_SHAPE(Tag, FIELD(key, "Key").required().bounds(1, 128), FIELD(value, "Value").bounds(0, 256))

struct Attribute {
  std::string key, value;
};
PDS_SHAPE(Attribute, FIELD(key, "Key"), FIELD(value, "Value"))

struct LoadBalancerState {
  std::string code;
  std::optional<std::string> reason;
};
PDS_SHAPE(LoadBalancerState, FIELD(code, "Code"), FIELD(reason, "Reason"))

struct AvailabilityZone {
  std::string zone_name, subnet_id;
};
PDS_SHAPE(AvailabilityZone, FIELD(zone_name, "ZoneName"), FIELD(subnet_id, "SubnetId"))

struct LoadBalancer {
  std::string load_balancer_arn, dns_name, canonical_hosted_zone_id;
  Timestamp created_time;
  std::string load_balancer_name, scheme, vpc_id;
  LoadBalancerState state;
  std::string type;
  std::vector<AvailabilityZone> availability_zones;
  std::vector<std::string> security_groups;
  std::string ip_address_type;
};
PDS_SHAPE(LoadBalancer, FIELD(load_balancer_arn, "LoadBalancerArn"), FIELD(dns_name, "DNSName"),
          FIELD(canonical_hosted_zone_id, "CanonicalHostedZoneId"), FIELD(created_time, "CreatedTime"),
          FIELD(load_balancer_name, "LoadBalancerName"), FIELD(scheme, "Scheme"), FIELD(vpc_id, "VpcId"), FIELD(state, "State"),
          FIELD(type, "Type"), FIELD(availability_zones, "AvailabilityZones"), FIELD(security_groups, "SecurityGroups"),
          FIELD(ip_address_type, "IpAddressType"))

struct Matcher {
  std::optional<std::string> http_code, grpc_code;
};
PDS_SHAPE(Matcher, FIELD(http_code, "HttpCode"), FIELD(grpc_code, "GrpcCode"))

struct TargetGroup {
  std::string target_group_arn, target_group_name;
  std::optional<std::string> protocol;
  std::optional<int> port;
  std::optional<std::string> vpc_id;
  std::string health_check_protocol, health_check_port;
  bool health_check_enabled = true;
  int health_check_interval_seconds = 30, health_check_timeout_seconds = 5, healthy_threshold_count = 5, unhealthy_threshold_count = 2;
  std::optional<std::string> health_check_path;
  std::optional<Matcher> matcher;
  std::vector<std::string> load_balancer_arns;
  std::string target_type;
  std::optional<std::string> protocol_version, ip_address_type;
};
PDS_SHAPE(TargetGroup, FIELD(target_group_arn, "TargetGroupArn"), FIELD(target_group_name, "TargetGroupName"), FIELD(protocol, "Protocol"),
          FIELD(port, "Port"), FIELD(vpc_id, "VpcId"), FIELD(health_check_protocol, "HealthCheckProtocol").omit_empty(),
          FIELD(health_check_port, "HealthCheckPort").omit_empty(), FIELD(health_check_enabled, "HealthCheckEnabled"),
          FIELD(health_check_interval_seconds, "HealthCheckIntervalSeconds"), FIELD(health_check_timeout_seconds, "HealthCheckTimeoutSeconds"),
          FIELD(healthy_threshold_count, "HealthyThresholdCount"), FIELD(unhealthy_threshold_count, "UnhealthyThresholdCount"),
          FIELD(health_check_path, "HealthCheckPath"), FIELD(matcher, "Matcher"), FIELD(load_balancer_arns, "LoadBalancerArns"),
          FIELD(target_type, "TargetType"), FIELD(protocol_version, "ProtocolVersion"), FIELD(ip_address_type, "IpAddressType"))

struct TargetGroupTuple {
  std::string target_group_arn;
  std::optional<int> weight;
};
PDS_SHAPE(TargetGroupTuple, FIELD(target_group_arn, "TargetGroupArn"), FIELD(weight, "Weight"))

struct TargetGroupStickinessConfig {
  std::optional<bool> enabled;
  std::optional<int> duration_seconds;
};
PDS_SHAPE(TargetGroupStickinessConfig, FIELD(enabled, "Enabled"), FIELD(duration_seconds, "DurationSeconds"))

struct ForwardActionConfig {
  std::vector<TargetGroupTuple> target_groups;
  std::optional<TargetGroupStickinessConfig> target_group_stickiness_config;
};
PDS_SHAPE(ForwardActionConfig, FIELD(target_groups, "TargetGroups"), FIELD(target_group_stickiness_config, "TargetGroupStickinessConfig"))

struct RedirectActionConfig {
  std::optional<std::string> protocol, port, host, path, query;
  std::string status_code;
};
PDS_SHAPE(RedirectActionConfig, FIELD(protocol, "Protocol"), FIELD(port, "Port"), FIELD(host, "Host").bounds(1, 128),
          FIELD(path, "Path").bounds(1, 128), FIELD(query, "Query").bounds(0, 128), FIELD(status_code, "StatusCode").required())

struct FixedResponseActionConfig {
  std::optional<std::string> message_body;
  std::string status_code;
  std::optional<std::string> content_type;
};
PDS_SHAPE(FixedResponseActionConfig, FIELD(message_body, "MessageBody").bounds(0, 1024), FIELD(status_code, "StatusCode").required(),
          FIELD(content_type, "ContentType").bounds(0, 32))

struct Action {
  std::string type;
  std::optional<std::string> target_group_arn;
  std::optional<int> order;
  std::optional<RedirectActionConfig> redirect_config;
  std::optional<FixedResponseActionConfig> fixed_response_config;
  std::optional<ForwardActionConfig> forward_config;
  std::optional<Unsupported> authenticate_oidc_config, authenticate_cognito_config, jwt_validation_config;
};
PDS_SHAPE(Action, FIELD(type, "Type").required(), FIELD(target_group_arn, "TargetGroupArn"), FIELD(order, "Order").bounds(1, 50000),
          FIELD(redirect_config, "RedirectConfig"), FIELD(fixed_response_config, "FixedResponseConfig"), FIELD(forward_config, "ForwardConfig"),
          FIELD(authenticate_oidc_config, "AuthenticateOidcConfig"), FIELD(authenticate_cognito_config, "AuthenticateCognitoConfig"), FIELD(jwt_validation_config, "JwtValidationConfig"))

struct ConditionValues {
  std::vector<std::string> values, regex_values;
};
PDS_SHAPE(ConditionValues, FIELD(values, "Values").omit_empty(), FIELD(regex_values, "RegexValues").omit_empty())

struct HttpHeaderConditionConfig {
  std::optional<std::string> http_header_name;
  std::vector<std::string> values, regex_values;
};
PDS_SHAPE(HttpHeaderConditionConfig, FIELD(http_header_name, "HttpHeaderName").bounds(1, 40), FIELD(values, "Values").omit_empty(),
          FIELD(regex_values, "RegexValues").omit_empty())

struct QueryStringKeyValuePair {
  std::optional<std::string> key, value;
};
PDS_SHAPE(QueryStringKeyValuePair, FIELD(key, "Key"), FIELD(value, "Value"))

struct QueryStringConditionConfig {
  std::vector<QueryStringKeyValuePair> values;
};
PDS_SHAPE(QueryStringConditionConfig, FIELD(values, "Values"))

struct RuleCondition {
  std::optional<std::string> field;
  std::vector<std::string> values, regex_values;
  std::optional<ConditionValues> host_header_config, path_pattern_config, http_request_method_config, source_ip_config;
  std::optional<HttpHeaderConditionConfig> http_header_config;
  std::optional<QueryStringConditionConfig> query_string_config;
};
PDS_SHAPE(RuleCondition, FIELD(field, "Field").bounds(0, 64), FIELD(values, "Values").omit_empty(), FIELD(regex_values, "RegexValues").omit_empty(),
          FIELD(host_header_config, "HostHeaderConfig"), FIELD(path_pattern_config, "PathPatternConfig"),
          FIELD(http_request_method_config, "HttpRequestMethodConfig"), FIELD(source_ip_config, "SourceIpConfig"),
          FIELD(http_header_config, "HttpHeaderConfig"), FIELD(query_string_config, "QueryStringConfig"))

struct Certificate {
  std::optional<std::string> certificate_arn;
  std::optional<bool> is_default;
};
PDS_SHAPE(Certificate, FIELD(certificate_arn, "CertificateArn"), FIELD(is_default, "IsDefault"))

struct Listener {
  std::string listener_arn, load_balancer_arn;
  int port = 0;
  std::string protocol;
  std::vector<Action> default_actions;
};
PDS_SHAPE(Listener, FIELD(listener_arn, "ListenerArn"), FIELD(load_balancer_arn, "LoadBalancerArn"), FIELD(port, "Port"),
          FIELD(protocol, "Protocol"), FIELD(default_actions, "DefaultActions"))

struct Rule {
  std::string rule_arn, priority;
  std::vector<RuleCondition> conditions;
  std::vector<Action> actions;
  bool is_default = false;
};
PDS_SHAPE(Rule, FIELD(rule_arn, "RuleArn"), FIELD(priority, "Priority"), FIELD(conditions, "Conditions"), FIELD(actions, "Actions"),
          FIELD(is_default, "IsDefault"))

struct TargetDescription {
  std::string id;
  std::optional<int> port;
  std::optional<std::string> availability_zone;
  std::optional<Unsupported> quic_server_id;
};
PDS_SHAPE(TargetDescription, FIELD(id, "Id").required(), FIELD(port, "Port").bounds(1, 65535), FIELD(availability_zone, "AvailabilityZone"),
          FIELD(quic_server_id, "QuicServerId"))

struct TargetHealth {
  std::string state;
  std::optional<std::string> reason, description;
};
PDS_SHAPE(TargetHealth, FIELD(state, "State"), FIELD(reason, "Reason"), FIELD(description, "Description"))

struct TargetHealthDescription {
  TargetDescription target;
  std::optional<std::string> health_check_port;
  TargetHealth target_health;
};
PDS_SHAPE(TargetHealthDescription, FIELD(target, "Target"), FIELD(health_check_port, "HealthCheckPort"), FIELD(target_health, "TargetHealth"))

struct Limit {
  std::string name, max;
};
PDS_SHAPE(Limit, FIELD(name, "Name"), FIELD(max, "Max"))

struct TagDescription {
  std::string resource_arn;
  std::vector<Tag> tags;
};
PDS_SHAPE(TagDescription, FIELD(resource_arn, "ResourceArn"), FIELD(tags, "Tags"))

struct RulePriorityPair {
  std::string rule_arn;
  std::optional<int> priority;
};
PDS_SHAPE(RulePriorityPair, FIELD(rule_arn, "RuleArn"), FIELD(priority, "Priority").bounds(1, 50000))

struct SubnetMapping {
  std::optional<std::string> subnet_id, allocation_id, private_ipv4_address, ipv6_address;
};
PDS_SHAPE(SubnetMapping, FIELD(subnet_id, "SubnetId"), FIELD(allocation_id, "AllocationId"), FIELD(private_ipv4_address, "PrivateIPv4Address"),
          FIELD(ipv6_address, "IPv6Address"))

// ---- load balancers ----

struct CreateLoadBalancerRequest {
  std::string name;
  std::vector<std::string> subnets;
  std::vector<SubnetMapping> subnet_mappings;
  std::vector<std::string> security_groups;
  std::optional<std::string> scheme;
  std::vector<Tag> tags;
  std::optional<std::string> type, ip_address_type, customer_owned_ipv4_pool;
  std::optional<Unsupported> ipam_pools, enable_prefix_for_ipv6_source_nat;
};
PDS_SHAPE(CreateLoadBalancerRequest, FIELD(name, "Name").required(), FIELD(subnets, "Subnets"), FIELD(subnet_mappings, "SubnetMappings"),
          FIELD(security_groups, "SecurityGroups"), FIELD(scheme, "Scheme"), FIELD(tags, "Tags"), FIELD(type, "Type"),
          FIELD(ip_address_type, "IpAddressType"), FIELD(customer_owned_ipv4_pool, "CustomerOwnedIpv4Pool"),
          FIELD(ipam_pools, "IpamPools"), FIELD(enable_prefix_for_ipv6_source_nat, "EnablePrefixForIpv6SourceNat"))
struct CreateLoadBalancerReply {
  std::vector<LoadBalancer> load_balancers;
};
PDS_SHAPE(CreateLoadBalancerReply, FIELD(load_balancers, "LoadBalancers"))

struct DescribeLoadBalancersRequest {
  std::vector<std::string> load_balancer_arns, names;
  std::optional<std::string> marker;
  std::optional<int> page_size;
};
PDS_SHAPE(DescribeLoadBalancersRequest, FIELD(load_balancer_arns, "LoadBalancerArns"), FIELD(names, "Names"), FIELD(marker, "Marker"),
          FIELD(page_size, "PageSize").bounds(1, 400))
struct DescribeLoadBalancersReply {
  std::vector<LoadBalancer> load_balancers;
  std::optional<std::string> next_marker;
};
PDS_SHAPE(DescribeLoadBalancersReply, FIELD(load_balancers, "LoadBalancers"), FIELD(next_marker, "NextMarker"))

struct DeleteLoadBalancerRequest {
  std::string load_balancer_arn;
};
PDS_SHAPE(DeleteLoadBalancerRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required())
struct DeleteLoadBalancerReply {};
PDS_EMPTY_SHAPE(DeleteLoadBalancerReply)

struct ModifyLoadBalancerAttributesRequest {
  std::string load_balancer_arn;
  std::vector<Attribute> attributes;
};
PDS_SHAPE(ModifyLoadBalancerAttributesRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required(), FIELD(attributes, "Attributes").required().bounds(1, 20))
struct ModifyLoadBalancerAttributesReply {
  std::vector<Attribute> attributes;
};
PDS_SHAPE(ModifyLoadBalancerAttributesReply, FIELD(attributes, "Attributes"))

struct DescribeLoadBalancerAttributesRequest {
  std::string load_balancer_arn;
};
PDS_SHAPE(DescribeLoadBalancerAttributesRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required())
struct DescribeLoadBalancerAttributesReply {
  std::vector<Attribute> attributes;
};
PDS_SHAPE(DescribeLoadBalancerAttributesReply, FIELD(attributes, "Attributes"))

struct SetSecurityGroupsRequest {
  std::string load_balancer_arn;
  std::vector<std::string> security_groups;
  std::optional<Unsupported> enforce_on_private_link;
};
PDS_SHAPE(SetSecurityGroupsRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required(), FIELD(security_groups, "SecurityGroups").required(),
          FIELD(enforce_on_private_link, "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"))
struct SetSecurityGroupsReply {
  std::vector<std::string> security_group_ids;
};
PDS_SHAPE(SetSecurityGroupsReply, FIELD(security_group_ids, "SecurityGroupIds"))

struct SetSubnetsRequest {
  std::string load_balancer_arn;
  std::vector<std::string> subnets;
  std::vector<SubnetMapping> subnet_mappings;
  std::optional<std::string> ip_address_type;
  std::optional<Unsupported> enable_prefix_for_ipv6_source_nat;
};
PDS_SHAPE(SetSubnetsRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required(), FIELD(subnets, "Subnets"),
          FIELD(subnet_mappings, "SubnetMappings"), FIELD(ip_address_type, "IpAddressType"),
          FIELD(enable_prefix_for_ipv6_source_nat, "EnablePrefixForIpv6SourceNat"))
struct SetSubnetsReply {
  std::vector<AvailabilityZone> availability_zones;
  std::string ip_address_type;
};
PDS_SHAPE(SetSubnetsReply, FIELD(availability_zones, "AvailabilityZones"), FIELD(ip_address_type, "IpAddressType"))

struct SetIpAddressTypeRequest {
  std::string load_balancer_arn, ip_address_type;
};
PDS_SHAPE(SetIpAddressTypeRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required(), FIELD(ip_address_type, "IpAddressType").required())
struct SetIpAddressTypeReply {
  std::string ip_address_type;
};
PDS_SHAPE(SetIpAddressTypeReply, FIELD(ip_address_type, "IpAddressType"))

// ---- target groups ----

struct CreateTargetGroupRequest {
  std::string name;
  std::optional<std::string> protocol, protocol_version;
  std::optional<int> port;
  std::optional<std::string> vpc_id, health_check_protocol, health_check_port;
  std::optional<bool> health_check_enabled;
  std::optional<std::string> health_check_path;
  std::optional<int> health_check_interval_seconds, health_check_timeout_seconds, healthy_threshold_count, unhealthy_threshold_count;
  std::optional<Matcher> matcher;
  std::optional<std::string> target_type;
  std::vector<Tag> tags;
  std::optional<std::string> ip_address_type;
  std::optional<int> target_control_port;
};
PDS_SHAPE(CreateTargetGroupRequest, FIELD(name, "Name").required(), FIELD(protocol, "Protocol"), FIELD(protocol_version, "ProtocolVersion"),
          FIELD(port, "Port").bounds(1, 65535), FIELD(vpc_id, "VpcId"), FIELD(health_check_protocol, "HealthCheckProtocol"),
          FIELD(health_check_port, "HealthCheckPort"), FIELD(health_check_enabled, "HealthCheckEnabled"),
          FIELD(health_check_path, "HealthCheckPath").bounds(1, 1024), FIELD(health_check_interval_seconds, "HealthCheckIntervalSeconds").bounds(5, 300),
          FIELD(health_check_timeout_seconds, "HealthCheckTimeoutSeconds").bounds(2, 120),
          FIELD(healthy_threshold_count, "HealthyThresholdCount").bounds(2, 10),
          FIELD(unhealthy_threshold_count, "UnhealthyThresholdCount").bounds(2, 10), FIELD(matcher, "Matcher"), FIELD(target_type, "TargetType"),
          FIELD(tags, "Tags"), FIELD(ip_address_type, "IpAddressType"), FIELD(target_control_port, "TargetControlPort"))
struct CreateTargetGroupReply {
  std::vector<TargetGroup> target_groups;
};
PDS_SHAPE(CreateTargetGroupReply, FIELD(target_groups, "TargetGroups"))

struct ModifyTargetGroupRequest {
  std::string target_group_arn;
  std::optional<std::string> health_check_protocol, health_check_port, health_check_path;
  std::optional<bool> health_check_enabled;
  std::optional<int> health_check_interval_seconds, health_check_timeout_seconds, healthy_threshold_count, unhealthy_threshold_count;
  std::optional<Matcher> matcher;
};
PDS_SHAPE(ModifyTargetGroupRequest, FIELD(target_group_arn, "TargetGroupArn").required(), FIELD(health_check_protocol, "HealthCheckProtocol"),
          FIELD(health_check_port, "HealthCheckPort"), FIELD(health_check_path, "HealthCheckPath").bounds(1, 1024),
          FIELD(health_check_enabled, "HealthCheckEnabled"), FIELD(health_check_interval_seconds, "HealthCheckIntervalSeconds").bounds(5, 300),
          FIELD(health_check_timeout_seconds, "HealthCheckTimeoutSeconds").bounds(2, 120),
          FIELD(healthy_threshold_count, "HealthyThresholdCount").bounds(2, 10),
          FIELD(unhealthy_threshold_count, "UnhealthyThresholdCount").bounds(2, 10), FIELD(matcher, "Matcher"))
struct ModifyTargetGroupReply {
  std::vector<TargetGroup> target_groups;
};
PDS_SHAPE(ModifyTargetGroupReply, FIELD(target_groups, "TargetGroups"))

struct DeleteTargetGroupRequest {
  std::string target_group_arn;
};
PDS_SHAPE(DeleteTargetGroupRequest, FIELD(target_group_arn, "TargetGroupArn").required())
struct DeleteTargetGroupReply {};
PDS_EMPTY_SHAPE(DeleteTargetGroupReply)

struct DescribeTargetGroupsRequest {
  std::optional<std::string> load_balancer_arn;
  std::vector<std::string> target_group_arns, names;
  std::optional<std::string> marker;
  std::optional<int> page_size;
};
PDS_SHAPE(DescribeTargetGroupsRequest, FIELD(load_balancer_arn, "LoadBalancerArn"), FIELD(target_group_arns, "TargetGroupArns"),
          FIELD(names, "Names"), FIELD(marker, "Marker"), FIELD(page_size, "PageSize").bounds(1, 400))
struct DescribeTargetGroupsReply {
  std::vector<TargetGroup> target_groups;
  std::optional<std::string> next_marker;
};
PDS_SHAPE(DescribeTargetGroupsReply, FIELD(target_groups, "TargetGroups"), FIELD(next_marker, "NextMarker"))

struct ModifyTargetGroupAttributesRequest {
  std::string target_group_arn;
  std::vector<Attribute> attributes;
};
PDS_SHAPE(ModifyTargetGroupAttributesRequest, FIELD(target_group_arn, "TargetGroupArn").required(), FIELD(attributes, "Attributes").required().bounds(1, 20))
struct ModifyTargetGroupAttributesReply {
  std::vector<Attribute> attributes;
};
PDS_SHAPE(ModifyTargetGroupAttributesReply, FIELD(attributes, "Attributes"))

struct DescribeTargetGroupAttributesRequest {
  std::string target_group_arn;
};
PDS_SHAPE(DescribeTargetGroupAttributesRequest, FIELD(target_group_arn, "TargetGroupArn").required())
struct DescribeTargetGroupAttributesReply {
  std::vector<Attribute> attributes;
};
PDS_SHAPE(DescribeTargetGroupAttributesReply, FIELD(attributes, "Attributes"))

struct RegisterTargetsRequest {
  std::string target_group_arn;
  std::vector<TargetDescription> targets;
};
PDS_SHAPE(RegisterTargetsRequest, FIELD(target_group_arn, "TargetGroupArn").required(), FIELD(targets, "Targets").required().bounds(1, 1000))
struct RegisterTargetsReply {};
PDS_EMPTY_SHAPE(RegisterTargetsReply)

struct DeregisterTargetsRequest {
  std::string target_group_arn;
  std::vector<TargetDescription> targets;
};
PDS_SHAPE(DeregisterTargetsRequest, FIELD(target_group_arn, "TargetGroupArn").required(), FIELD(targets, "Targets").required().bounds(1, 1000))
struct DeregisterTargetsReply {};
PDS_EMPTY_SHAPE(DeregisterTargetsReply)

struct DescribeTargetHealthRequest {
  std::string target_group_arn;
  std::vector<TargetDescription> targets;
  std::vector<std::string> include;
};
PDS_SHAPE(DescribeTargetHealthRequest, FIELD(target_group_arn, "TargetGroupArn").required(), FIELD(targets, "Targets"), FIELD(include, "Include"))
struct DescribeTargetHealthReply {
  std::vector<TargetHealthDescription> target_health_descriptions;
};
PDS_SHAPE(DescribeTargetHealthReply, FIELD(target_health_descriptions, "TargetHealthDescriptions"))

// ---- listeners and rules ----

struct CreateListenerRequest {
  std::string load_balancer_arn;
  std::optional<std::string> protocol;
  std::optional<int> port;
  std::optional<std::string> ssl_policy;
  std::vector<Certificate> certificates;
  std::vector<Action> default_actions;
  std::vector<std::string> alpn_policy;
  std::vector<Tag> tags;
  std::optional<Unsupported> mutual_authentication;
};
PDS_SHAPE(CreateListenerRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required(), FIELD(protocol, "Protocol"),
          FIELD(port, "Port").bounds(1, 65535), FIELD(ssl_policy, "SslPolicy"), FIELD(certificates, "Certificates"),
          FIELD(default_actions, "DefaultActions").required(), FIELD(alpn_policy, "AlpnPolicy"), FIELD(tags, "Tags"),
          FIELD(mutual_authentication, "MutualAuthentication"))
struct CreateListenerReply {
  std::vector<Listener> listeners;
};
PDS_SHAPE(CreateListenerReply, FIELD(listeners, "Listeners"))

struct ModifyListenerRequest {
  std::string listener_arn;
  std::optional<int> port;
  std::optional<std::string> protocol, ssl_policy;
  std::vector<Certificate> certificates;
  std::vector<Action> default_actions;
  std::vector<std::string> alpn_policy;
  std::optional<Unsupported> mutual_authentication;
};
PDS_SHAPE(ModifyListenerRequest, FIELD(listener_arn, "ListenerArn").required(), FIELD(port, "Port").bounds(1, 65535), FIELD(protocol, "Protocol"),
          FIELD(ssl_policy, "SslPolicy"), FIELD(certificates, "Certificates"), FIELD(default_actions, "DefaultActions"),
          FIELD(alpn_policy, "AlpnPolicy"),
          FIELD(mutual_authentication, "MutualAuthentication"))
struct ModifyListenerReply {
  std::vector<Listener> listeners;
};
PDS_SHAPE(ModifyListenerReply, FIELD(listeners, "Listeners"))

struct DeleteListenerRequest {
  std::string listener_arn;
};
PDS_SHAPE(DeleteListenerRequest, FIELD(listener_arn, "ListenerArn").required())
struct DeleteListenerReply {};
PDS_EMPTY_SHAPE(DeleteListenerReply)

struct DescribeListenersRequest {
  std::optional<std::string> load_balancer_arn;
  std::vector<std::string> listener_arns;
  std::optional<std::string> marker;
  std::optional<int> page_size;
};
PDS_SHAPE(DescribeListenersRequest, FIELD(load_balancer_arn, "LoadBalancerArn"), FIELD(listener_arns, "ListenerArns"), FIELD(marker, "Marker"),
          FIELD(page_size, "PageSize").bounds(1, 400))
struct DescribeListenersReply {
  std::vector<Listener> listeners;
  std::optional<std::string> next_marker;
};
PDS_SHAPE(DescribeListenersReply, FIELD(listeners, "Listeners"), FIELD(next_marker, "NextMarker"))

struct DescribeListenerAttributesRequest {
  std::string listener_arn;
};
PDS_SHAPE(DescribeListenerAttributesRequest, FIELD(listener_arn, "ListenerArn").required())
struct DescribeListenerAttributesReply {
  std::vector<Attribute> attributes;
};
PDS_SHAPE(DescribeListenerAttributesReply, FIELD(attributes, "Attributes"))

struct CreateRuleRequest {
  std::string listener_arn;
  std::vector<RuleCondition> conditions;
  int priority = 0;
  std::vector<Action> actions;
  std::vector<Tag> tags;
  std::optional<Unsupported> transforms;
};
PDS_SHAPE(CreateRuleRequest, FIELD(listener_arn, "ListenerArn").required(), FIELD(conditions, "Conditions").required(),
          FIELD(priority, "Priority").required().bounds(1, 50000), FIELD(actions, "Actions").required(), FIELD(tags, "Tags"),
          FIELD(transforms, "Transforms"))
struct CreateRuleReply {
  std::vector<Rule> rules;
};
PDS_SHAPE(CreateRuleReply, FIELD(rules, "Rules"))

struct ModifyRuleRequest {
  std::string rule_arn;
  std::vector<RuleCondition> conditions;
  std::vector<Action> actions;
  std::optional<Unsupported> transforms, reset_transforms;
};
PDS_SHAPE(ModifyRuleRequest, FIELD(rule_arn, "RuleArn").required(), FIELD(conditions, "Conditions"), FIELD(actions, "Actions"),
          FIELD(transforms, "Transforms"), FIELD(reset_transforms, "ResetTransforms"))
struct ModifyRuleReply {
  std::vector<Rule> rules;
};
PDS_SHAPE(ModifyRuleReply, FIELD(rules, "Rules"))

struct DeleteRuleRequest {
  std::string rule_arn;
};
PDS_SHAPE(DeleteRuleRequest, FIELD(rule_arn, "RuleArn").required())
struct DeleteRuleReply {};
PDS_EMPTY_SHAPE(DeleteRuleReply)

struct DescribeRulesRequest {
  std::optional<std::string> listener_arn;
  std::vector<std::string> rule_arns;
  std::optional<std::string> marker;
  std::optional<int> page_size;
};
PDS_SHAPE(DescribeRulesRequest, FIELD(listener_arn, "ListenerArn"), FIELD(rule_arns, "RuleArns"), FIELD(marker, "Marker"),
          FIELD(page_size, "PageSize").bounds(1, 400))
struct DescribeRulesReply {
  std::vector<Rule> rules;
  std::optional<std::string> next_marker;
};
PDS_SHAPE(DescribeRulesReply, FIELD(rules, "Rules"), FIELD(next_marker, "NextMarker"))

struct SetRulePrioritiesRequest {
  std::vector<RulePriorityPair> rule_priorities;
};
PDS_SHAPE(SetRulePrioritiesRequest, FIELD(rule_priorities, "RulePriorities").required())
struct SetRulePrioritiesReply {
  std::vector<Rule> rules;
};
PDS_SHAPE(SetRulePrioritiesReply, FIELD(rules, "Rules"))

// ---- tags and limits ----

struct AddTagsRequest {
  std::vector<std::string> resource_arns;
  std::vector<Tag> tags;
};
PDS_SHAPE(AddTagsRequest, FIELD(resource_arns, "ResourceArns").required().bounds(1, 20), FIELD(tags, "Tags").required())
struct AddTagsReply {};
PDS_EMPTY_SHAPE(AddTagsReply)

struct RemoveTagsRequest {
  std::vector<std::string> resource_arns, tag_keys;
};
PDS_SHAPE(RemoveTagsRequest, FIELD(resource_arns, "ResourceArns").required().bounds(1, 20), FIELD(tag_keys, "TagKeys").required())
struct RemoveTagsReply {};
PDS_EMPTY_SHAPE(RemoveTagsReply)

struct DescribeTagsRequest {
  std::vector<std::string> resource_arns;
};
PDS_SHAPE(DescribeTagsRequest, FIELD(resource_arns, "ResourceArns").required().bounds(1, 20))
struct DescribeTagsReply {
  std::vector<TagDescription> tag_descriptions;
};
PDS_SHAPE(DescribeTagsReply, FIELD(tag_descriptions, "TagDescriptions"))

struct DescribeAccountLimitsRequest {
  std::optional<std::string> marker;
  std::optional<int> page_size;
};
PDS_SHAPE(DescribeAccountLimitsRequest, FIELD(marker, "Marker"), FIELD(page_size, "PageSize").bounds(1, 400))
struct DescribeAccountLimitsReply {
  std::vector<Limit> limits;
  std::optional<std::string> next_marker;
};
PDS_SHAPE(DescribeAccountLimitsReply, FIELD(limits, "Limits"), FIELD(next_marker, "NextMarker"))

PDS_OPERATION(AddTags)
PDS_OPERATION(CreateListener)
PDS_OPERATION(CreateLoadBalancer)
PDS_OPERATION(CreateRule)
PDS_OPERATION(CreateTargetGroup)
PDS_OPERATION(DeleteListener)
PDS_OPERATION(DeleteLoadBalancer)
PDS_OPERATION(DeleteRule)
PDS_OPERATION(DeleteTargetGroup)
PDS_OPERATION(DeregisterTargets)
PDS_OPERATION(DescribeAccountLimits)
PDS_OPERATION(DescribeListenerAttributes)
PDS_OPERATION(DescribeListeners)
PDS_OPERATION(DescribeLoadBalancerAttributes)
PDS_OPERATION(DescribeLoadBalancers)
PDS_OPERATION(DescribeRules)
PDS_OPERATION(DescribeTags)
PDS_OPERATION(DescribeTargetGroupAttributes)
PDS_OPERATION(DescribeTargetGroups)
PDS_OPERATION(DescribeTargetHealth)
PDS_OPERATION(ModifyListener)
PDS_OPERATION(ModifyLoadBalancerAttributes)
PDS_OPERATION(ModifyRule)
PDS_OPERATION(ModifyTargetGroup)
PDS_OPERATION(ModifyTargetGroupAttributes)
PDS_OPERATION(RegisterTargets)
PDS_OPERATION(RemoveTags)
PDS_OPERATION(SetIpAddressType)
PDS_OPERATION(SetRulePriorities)
PDS_OPERATION(SetSecurityGroups)
PDS_OPERATION(SetSubnets)

}  // namespace pds::aws::elbv2
