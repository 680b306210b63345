#include <set>

#include "base/text.h"
#include "cloud/services/elbv2/impl.h"

namespace pds::cloud {

using namespace elbv2;

namespace {

// Zones of the subnets, each once. At least two, all of one VPC, as application load balancers need.
struct Placement {
  std::vector<wire::AvailabilityZone> zones;
  std::string vpc_id;
};

Result<Placement> place(const InstanceReach& instances, const std::vector<std::string>& subnets) {
  Placement placement;
  for (const std::string& id : subnets) {
    auto subnet = instances.find_subnet(id);
    if (!subnet) return fail("SubnetNotFound", "The subnet ID '" + id + "' does not exist");
    if (!placement.vpc_id.empty() && placement.vpc_id != subnet->vpc_id) {
      return fail("InvalidConfigurationRequest", "All subnets must belong to the same VPC: '" + placement.vpc_id + "'");
    }
    placement.vpc_id = subnet->vpc_id;
    for (const wire::AvailabilityZone& zone : placement.zones) {
      if (zone.zone_name == subnet->availability_zone) {
        return fail("InvalidConfigurationRequest",
                    "A load balancer cannot be attached to multiple subnets in the same Availability Zone");
      }
    }
    placement.zones.push_back({subnet->availability_zone, id});
  }
  if (placement.zones.size() < 2)
    return fail("ValidationError", "At least two subnets in two different Availability Zones must be specified");
  return placement;
}

Result<std::vector<std::string>> subnets_of(const char* operation, std::vector<std::string> subnets,
                                            const std::vector<wire::SubnetMapping>& mappings) {
  if (!subnets.empty() && !mappings.empty())
    return fail("ValidationError", "You must specify either subnets or subnet mappings, not both");
  for (const wire::SubnetMapping& mapping : mappings) {
    if (mapping.allocation_id || mapping.private_ipv4_address || mapping.ipv6_address) {
      return not_supported(operation,
                           "SubnetMappings with addresses is not supported: application load balancers choose their own");
    }
    if (!mapping.subnet_id) return fail("ValidationError", "A subnet mapping needs a SubnetId");
    subnets.push_back(*mapping.subnet_id);
  }
  return subnets;
}

Result<std::vector<std::string>> check_security_groups(const InstanceReach& instances, const std::string& vpc_id,
                                                       std::vector<std::string> groups) {
  for (const std::string& id : groups) {
    auto vpc = instances.vpc_of_security_group(id);
    if (!vpc) return fail("InvalidSecurityGroup", "The security group '" + id + "' does not exist");
    if (*vpc != vpc_id)
      return fail("InvalidConfigurationRequest", "The security group '" + id + "' does not belong to VPC '" + vpc_id + "'");
  }
  if (groups.empty()) {
    if (auto fallback = instances.default_security_group(vpc_id)) groups.push_back(*fallback);
  }
  return groups;
}

wire::LoadBalancer describe(Elbv2::Impl& impl, const LoadBalancerRecord& record);

}  // namespace

Result<aws::elbv2::CreateLoadBalancerReply> Elbv2::create_load_balancer(const Call&,
                                                                        const aws::elbv2::CreateLoadBalancerRequest& request) {
  CHECK(refuse_unsupported("CreateLoadBalancer", request));
  CHECK(check_name("Load balancer", request.name));
  if (request.name.starts_with("internal-")) return fail("ValidationError", "Load balancer name cannot begin with 'internal-'");
  if (request.type.value_or("application") != "application") {
    return not_supported("CreateLoadBalancer", "load balancers of type " + *request.type + " are not supported");
  }
  if (request.ip_address_type.value_or("ipv4") != "ipv4") {
    return not_supported("CreateLoadBalancer", "IpAddressType " + *request.ip_address_type + " is not supported");
  }
  if (request.customer_owned_ipv4_pool) return not_supported("CreateLoadBalancer", "CustomerOwnedIpv4Pool is not supported");
  std::string scheme = request.scheme.value_or("internet-facing");
  if (scheme != "internet-facing" && scheme != "internal")
    return fail("ValidationError", "'" + scheme + "' is not a valid load balancer scheme");
  TRY(std::vector<std::string> subnets, subnets_of("CreateLoadBalancer", request.subnets, request.subnet_mappings));
  TRY(Placement placement, place(impl_->instances, subnets));
  TRY(std::vector<std::string> groups, check_security_groups(impl_->instances, placement.vpc_id, request.security_groups));
  TRY(Tags tags, check_tags(request.tags));

  for (const auto& [arn, there] : impl_->state.load_balancers.rows()) {
    const wire::LoadBalancer& d = there.description;
    if (d.load_balancer_name != request.name) continue;
    bool same = d.scheme == scheme && d.security_groups == groups && there.tags == tags && d.vpc_id == placement.vpc_id &&
                d.availability_zones.size() == placement.zones.size();
    if (!same)
      return fail("DuplicateLoadBalancerName",
                  "A load balancer with the same name '" + request.name + "' exists, but with different settings");
    return aws::elbv2::CreateLoadBalancerReply{{describe(*impl_, there)}};
  }
  if (impl_->state.load_balancers.size() >= load_balancers_max) {
    return fail("TooManyLoadBalancers", "The maximum number of load balancers has been reached");
  }

  LoadBalancerRecord record;
  record.id = impl_->new_id();
  record.tags = std::move(tags);
  wire::LoadBalancer& d = record.description;
  d.load_balancer_arn = impl_->core.arn("elasticloadbalancing", "loadbalancer/app/" + request.name + "/" + record.id);
  std::string number = impl_->core.random.text(9, "123456789");
  d.dns_name = to_lower((scheme == "internal" ? "internal-" : "") + request.name + "-" + number + "." + impl_->core.region +
                        ".elb.localhost");
  d.canonical_hosted_zone_id = "Z35SXDOTRQ7X7K";
  d.created_time = impl_->core.clock.now();
  d.load_balancer_name = request.name;
  d.scheme = scheme;
  d.vpc_id = placement.vpc_id;
  d.state.code = "provisioning";
  d.type = "application";
  d.availability_zones = placement.zones;
  d.security_groups = std::move(groups);
  d.ip_address_type = "ipv4";
  const std::string arn = d.load_balancer_arn;
  const LoadBalancerRecord& stored = impl_->state.load_balancers.put(arn, std::move(record));
  return aws::elbv2::CreateLoadBalancerReply{{describe(*impl_, stored)}};
}

namespace {

wire::LoadBalancer describe(Elbv2::Impl& impl, const LoadBalancerRecord& record) {
  wire::LoadBalancer described = record.description;
  if (std::string problem = impl.front.impairment(described.load_balancer_arn);
      !problem.empty() && described.state.code == "active") {
    described.state = {"active_impaired", problem};
  }
  return described;
}

}  // namespace

Result<aws::elbv2::DescribeLoadBalancersReply> Elbv2::describe_load_balancers(
    const Call&, const aws::elbv2::DescribeLoadBalancersRequest& request) {
  aws::elbv2::DescribeLoadBalancersReply reply;
  for (const std::string& arn : request.load_balancer_arns) {
    TRY(const LoadBalancerRecord* record, impl_->state.load_balancer_at(arn));
    reply.load_balancers.push_back(describe(*impl_, *record));
  }
  for (const std::string& name : request.names) {
    auto it = std::find_if(impl_->state.load_balancers.rows().begin(), impl_->state.load_balancers.rows().end(),
                           [&](const auto& row) { return row.second.description.load_balancer_name == name; });
    if (it == impl_->state.load_balancers.rows().end()) {
      return fail("LoadBalancerNotFound", "Load balancers '[" + name + "]' not found");
    }
    reply.load_balancers.push_back(describe(*impl_, it->second));
  }
  if (request.load_balancer_arns.empty() && request.names.empty()) {
    for (const auto& [arn, record] : impl_->state.load_balancers.rows()) reply.load_balancers.push_back(describe(*impl_, record));
  }
  TRY(reply.next_marker, aws::cut_page(
                             reply.load_balancers, request.marker, request.page_size.value_or(0), page_size_default,
                             [](const wire::LoadBalancer& b) { return b.load_balancer_arn; }, "ValidationError"));
  return reply;
}

Result<aws::elbv2::DeleteLoadBalancerReply> Elbv2::delete_load_balancer(const Call&,
                                                                        const aws::elbv2::DeleteLoadBalancerRequest& request) {
  const std::string& arn = request.load_balancer_arn;
  const LoadBalancerRecord* record = impl_->state.load_balancers.find(arn);
  if (!record) return aws::elbv2::DeleteLoadBalancerReply{};  // deleting twice succeeds
  if (flag_attribute(load_balancer_attributes(), record->attributes, "deletion_protection.enabled")) {
    return fail("OperationNotPermitted", "Load balancer '" + arn + "' cannot be deleted because deletion protection is enabled");
  }
  for (const ListenerRecord* listener : impl_->state.listeners_of(arn)) {
    std::string listener_arn = listener->description.listener_arn;
    for (const RuleRecord* rule : impl_->state.rules_of(listener_arn)) impl_->state.rules.erase(std::string(rule->arn));
    impl_->state.listeners.erase(listener_arn);
  }
  impl_->state.load_balancers.erase(arn);
  impl_->front.reconcile();
  return aws::elbv2::DeleteLoadBalancerReply{};
}

Result<aws::elbv2::DescribeLoadBalancerAttributesReply> Elbv2::describe_load_balancer_attributes(
    const Call&, const aws::elbv2::DescribeLoadBalancerAttributesRequest& request) {
  TRY(const LoadBalancerRecord* record, impl_->state.load_balancer_at(request.load_balancer_arn));
  return aws::elbv2::DescribeLoadBalancerAttributesReply{all_attributes(load_balancer_attributes(), record->attributes)};
}

namespace {

// The prefix is put in front of AWSLogs/, so it has neither slash at its ends nor that word in it.
Result<void> check_log_prefix(const LogDestination& to) {
  bool whole = to.prefix.empty() || (to.prefix.front() != '/' && to.prefix.back() != '/' && is_utf8(to.prefix) &&
                                     to.prefix.find_first_of(std::string_view("\0\1", 2)) == std::string::npos);
  if (whole && to.prefix.find("AWSLogs") == std::string::npos) return {};
  return fail("InvalidConfigurationRequest",
              "The value of 'access_logs.s3.prefix' cannot begin or end with '/', nor contain 'AWSLogs' or control characters");
}

}  // namespace

io::Task<Result<aws::elbv2::ModifyLoadBalancerAttributesReply>> Elbv2::modify_load_balancer_attributes(
    const Call&, const aws::elbv2::ModifyLoadBalancerAttributesRequest& request) {
  auto changed = [&]() -> Result<Attributes> {
    TRY(const LoadBalancerRecord* record, impl_->state.load_balancer_at(request.load_balancer_arn));
    Attributes attributes = record->attributes;
    CHECK(change_attributes(load_balancer_attributes(), request.attributes, attributes, "ModifyLoadBalancerAttributes"));
    return attributes;
  };
  CO_TRY(Attributes attributes, changed());
  const LoadBalancerRecord& record = *impl_->state.load_balancers.find(request.load_balancer_arn);
  std::optional<LogDestination> to = log_destination_of(attributes);
  if (to && to != log_destination_of(record.attributes)) {
    CO_CHECK(check_log_prefix(*to));
    CO_CHECK(co_await impl_->front.access_logs().try_destination(LoadBalancerRecord(record), *to));
    CO_TRY(attributes, changed());  // others may have changed, or deleted, it meanwhile
  }
  impl_->state.load_balancers.update(request.load_balancer_arn, [&](LoadBalancerRecord& b) { b.attributes = attributes; });
  impl_->front.reconcile();
  co_return aws::elbv2::ModifyLoadBalancerAttributesReply{all_attributes(load_balancer_attributes(), attributes)};
}

Result<aws::elbv2::SetSecurityGroupsReply> Elbv2::set_security_groups(const Call&,
                                                                      const aws::elbv2::SetSecurityGroupsRequest& request) {
  CHECK(refuse_unsupported("SetSecurityGroups", request));
  TRY(const LoadBalancerRecord* record, impl_->state.load_balancer_at(request.load_balancer_arn));
  if (request.security_groups.empty()) return fail("InvalidConfigurationRequest", "At least one security group must be specified");
  TRY(std::vector<std::string> groups,
      check_security_groups(impl_->instances, record->description.vpc_id, request.security_groups));
  impl_->state.load_balancers.update(request.load_balancer_arn,
                                     [&](LoadBalancerRecord& b) { b.description.security_groups = groups; });
  impl_->front.reconcile();
  return aws::elbv2::SetSecurityGroupsReply{groups};
}

Result<aws::elbv2::SetSubnetsReply> Elbv2::set_subnets(const Call&, const aws::elbv2::SetSubnetsRequest& request) {
  CHECK(refuse_unsupported("SetSubnets", request));
  TRY(const LoadBalancerRecord* record, impl_->state.load_balancer_at(request.load_balancer_arn));
  if (request.ip_address_type.value_or("ipv4") != "ipv4") {
    return not_supported("SetSubnets", "IpAddressType " + *request.ip_address_type + " is not supported");
  }
  TRY(std::vector<std::string> subnets, subnets_of("SetSubnets", request.subnets, request.subnet_mappings));
  TRY(Placement placement, place(impl_->instances, subnets));
  if (placement.vpc_id != record->description.vpc_id) {
    return fail("InvalidConfigurationRequest",
                "All subnets must belong to the load balancer's VPC: '" + record->description.vpc_id + "'");
  }
  impl_->state.load_balancers.update(request.load_balancer_arn,
                                     [&](LoadBalancerRecord& b) { b.description.availability_zones = placement.zones; });
  impl_->front.reconcile();
  return aws::elbv2::SetSubnetsReply{placement.zones, "ipv4"};
}

Result<aws::elbv2::SetIpAddressTypeReply> Elbv2::set_ip_address_type(const Call&,
                                                                     const aws::elbv2::SetIpAddressTypeRequest& request) {
  CHECK(impl_->state.load_balancer_at(request.load_balancer_arn));
  if (request.ip_address_type != "ipv4") {
    return not_supported("SetIpAddressType", "IpAddressType " + request.ip_address_type + " is not supported");
  }
  return aws::elbv2::SetIpAddressTypeReply{"ipv4"};
}

}  // namespace pds::cloud
