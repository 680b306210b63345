#include "cloud/services/ec2/service.h"

#include "cloud/services/ec2/instance.h"

namespace pds::cloud {

Ec2::Ec2(Core& core, RoleSource& roles, MetricSink& metrics, FoundSandboxes& found)
    : roles_(roles),
      state_(core),
      tags_(state_),
      places_(state_),
      security_groups_(state_),
      vpcs_(state_, security_groups_),
      subnets_(state_),
      internet_gateways_(state_),
      route_tables_(state_),
      images_(state_),
      launch_templates_(state_),
      machines_(state_, roles, metrics, found),
      instances_(state_, ec2::LaunchResolver(state_, launch_templates_, images_, subnets_, security_groups_, roles), roles,
                 machines_) {
  vpcs_.make_default();
}

Ec2::~Ec2() = default;

void Ec2::start() { machines_.start(); }
io::Task<void> Ec2::stop() { return machines_.stop(); }
void Ec2::observe(Observer observer) { machines_.observe(std::move(observer)); }

Api Ec2::api() {
  Api api(aws::ec2::service_info());
  add_network_operations(api);
  add_instance_operations(api);
  return api;
}

void Ec2::add_network_operations(Api& api) {
  using namespace aws::ec2;
  api.add<DescribeAccountAttributes>(&places_, &ec2::Places::describe_account_attributes);
  api.add<DescribeAvailabilityZones>(&places_, &ec2::Places::describe_availability_zones);
  api.add<DescribeInstanceTypeOfferings>(&places_, &ec2::Places::describe_instance_type_offerings);
  api.add<DescribeInstanceTypes>(&places_, &ec2::Places::describe_instance_types);
  api.add<DescribeRegions>(&places_, &ec2::Places::describe_regions);
  api.add<CreateTags>(&tags_, &ec2::Tags::create_tags);
  api.add<DeleteTags>(&tags_, &ec2::Tags::delete_tags);
  api.add<DescribeTags>(&tags_, &ec2::Tags::describe_tags);
  api.add<CreateDefaultVpc>(&vpcs_, &ec2::Vpcs::create_default_vpc).missing = "a default VPC that was deleted is not made again";
  api.add<CreateVpc>(&vpcs_, &ec2::Vpcs::create_vpc);
  api.add<DeleteVpc>(&vpcs_, &ec2::Vpcs::delete_vpc);
  api.add<DescribeNetworkAcls>(&vpcs_, &ec2::Vpcs::describe_network_acls);
  api.add<DescribeVpcAttribute>(&vpcs_, &ec2::Vpcs::describe_vpc_attribute);
  api.add<DescribeVpcs>(&vpcs_, &ec2::Vpcs::describe_vpcs);
  api.add<ModifyVpcAttribute>(&vpcs_, &ec2::Vpcs::modify_vpc_attribute).missing = "instances resolve no names of other instances";
  api.add<CreateSubnet>(&subnets_, &ec2::Subnets::create_subnet);
  api.add<DeleteSubnet>(&subnets_, &ec2::Subnets::delete_subnet);
  api.add<DescribeNetworkInterfaces>(&subnets_, &ec2::Subnets::describe_network_interfaces);
  api.add<DescribeSubnets>(&subnets_, &ec2::Subnets::describe_subnets);
  api.add<ModifySubnetAttribute>(&subnets_, &ec2::Subnets::modify_subnet_attribute).missing = "instances get no public addresses";
  api.add<AttachInternetGateway>(&internet_gateways_, &ec2::InternetGateways::attach_internet_gateway);
  api.add<CreateInternetGateway>(&internet_gateways_, &ec2::InternetGateways::create_internet_gateway);
  api.add<DeleteInternetGateway>(&internet_gateways_, &ec2::InternetGateways::delete_internet_gateway);
  api.add<DescribeInternetGateways>(&internet_gateways_, &ec2::InternetGateways::describe_internet_gateways);
  api.add<DetachInternetGateway>(&internet_gateways_, &ec2::InternetGateways::detach_internet_gateway);
  api.add<AssociateRouteTable>(&route_tables_, &ec2::RouteTables::associate_route_table);
  api.add<CreateRoute>(&route_tables_, &ec2::RouteTables::create_route).missing =
      "instances have no way out: routes are kept, not travelled";
  api.add<CreateRouteTable>(&route_tables_, &ec2::RouteTables::create_route_table);
  api.add<DeleteRoute>(&route_tables_, &ec2::RouteTables::delete_route);
  api.add<DeleteRouteTable>(&route_tables_, &ec2::RouteTables::delete_route_table);
  api.add<DescribeRouteTables>(&route_tables_, &ec2::RouteTables::describe_route_tables);
  api.add<DisassociateRouteTable>(&route_tables_, &ec2::RouteTables::disassociate_route_table);
  api.add<ReplaceRoute>(&route_tables_, &ec2::RouteTables::replace_route);
  api.add<ReplaceRouteTableAssociation>(&route_tables_, &ec2::RouteTables::replace_route_table_association);
  api.add<AuthorizeSecurityGroupEgress>(&security_groups_, &ec2::SecurityGroups::authorize_security_group_egress).missing =
      "instances have no way out beyond the doors of the cloud";
  api.add<AuthorizeSecurityGroupIngress>(&security_groups_, &ec2::SecurityGroups::authorize_security_group_ingress);
  api.add<CreateSecurityGroup>(&security_groups_, &ec2::SecurityGroups::create_security_group);
  api.add<DeleteSecurityGroup>(&security_groups_, &ec2::SecurityGroups::delete_security_group);
  api.add<DescribeSecurityGroupRules>(&security_groups_, &ec2::SecurityGroups::describe_security_group_rules);
  api.add<DescribeSecurityGroups>(&security_groups_, &ec2::SecurityGroups::describe_security_groups);
  api.add<RevokeSecurityGroupEgress>(&security_groups_, &ec2::SecurityGroups::revoke_security_group_egress);
  api.add<RevokeSecurityGroupIngress>(&security_groups_, &ec2::SecurityGroups::revoke_security_group_ingress);
  api.add<DescribeAddresses>(&absent_, &ec2::Absent::describe_addresses);
  api.add<DescribeKeyPairs>(&absent_, &ec2::Absent::describe_key_pairs);
  api.add<DescribePrefixLists>(&absent_, &ec2::Absent::describe_prefix_lists);
}

namespace {

// An operation on instances is authorised on the instance, or on all when it names several.
template <class Op>
Api::Entry& about_instances(Api::Entry& entry, const Core& core) {
  entry.resource = [&core](const Call&, const void* raw) {
    const auto& request = *static_cast<const typename Op::Request*>(raw);
    std::string id = "*";
    if constexpr (requires { request.instance_ids; }) {
      if (request.instance_ids.size() == 1) id = request.instance_ids.front();
    } else {
      id = request.instance_id;
    }
    return core.arn("ec2", "instance/" + id);
  };
  return entry;
}

}  // namespace

void Ec2::add_instance_operations(Api& api) {
  using namespace aws::ec2;
  const Core& core = state_.core;
  api.add<DescribeImages>(&images_, &ec2::Images::describe_images).missing = "one built-in image per region";
  api.add<CreateLaunchTemplate>(&launch_templates_, &ec2::LaunchTemplates::create_launch_template);
  api.add<CreateLaunchTemplateVersion>(&launch_templates_, &ec2::LaunchTemplates::create_launch_template_version);
  api.add<DeleteLaunchTemplate>(&launch_templates_, &ec2::LaunchTemplates::delete_launch_template);
  api.add<DeleteLaunchTemplateVersions>(&launch_templates_, &ec2::LaunchTemplates::delete_launch_template_versions);
  api.add<DescribeLaunchTemplateVersions>(&launch_templates_, &ec2::LaunchTemplates::describe_launch_template_versions);
  api.add<DescribeLaunchTemplates>(&launch_templates_, &ec2::LaunchTemplates::describe_launch_templates);
  api.add<ModifyLaunchTemplate>(&launch_templates_, &ec2::LaunchTemplates::modify_launch_template);
  Api::Entry& run = api.add<RunInstances>(&instances_, &ec2::Instances::run_instances);
  run.missing = "no volumes, keys, public or IPv6 addresses, spot or placement";
  run.passed_roles = [this](const Call&, const void* raw) {
    const auto& request = *static_cast<const RunInstancesRequest*>(raw);
    if (request.iam_instance_profile || !request.launch_template) return roles_of(request.iam_instance_profile);
    return roles_of(ec2::choice_of(*request.launch_template));
  };
  api.add<DescribeInstances>(&instances_, &ec2::Instances::describe_instances);
  about_instances<StartInstances>(api.add<StartInstances>(&instances_, &ec2::Instances::start_instances), core);
  about_instances<StopInstances>(api.add<StopInstances>(&instances_, &ec2::Instances::stop_instances), core).missing =
      "no hibernation";
  about_instances<RebootInstances>(api.add<RebootInstances>(&instances_, &ec2::Instances::reboot_instances), core);
  about_instances<TerminateInstances>(api.add<TerminateInstances>(&instances_, &ec2::Instances::terminate_instances), core);
  api.add<DescribeInstanceStatus>(&instances_, &ec2::Instances::describe_instance_status);
  api.add<DescribeInstanceAttribute>(&instances_, &ec2::Instances::describe_instance_attribute).missing =
      "kernel, ramdisk and volumes";
  about_instances<ModifyInstanceAttribute>(
      api.add<ModifyInstanceAttribute>(&instances_, &ec2::Instances::modify_instance_attribute), core)
      .missing = "type, user data, shutdown behaviour, groups and termination protection only";
  about_instances<ModifyInstanceMetadataOptions>(
      api.add<ModifyInstanceMetadataOptions>(&instances_, &ec2::Instances::modify_instance_metadata_options), core);
  about_instances<GetConsoleOutput>(api.add<GetConsoleOutput>(&instances_, &ec2::Instances::get_console_output), core);
  about_instances<AssociateIamInstanceProfile>(
      api.add<AssociateIamInstanceProfile>(&instances_, &ec2::Instances::associate_iam_instance_profile), core)
      .passed_roles = [this](const Call&, const void* raw) {
    return roles_of(static_cast<const AssociateIamInstanceProfileRequest*>(raw)->iam_instance_profile);
  };
  api.add<DisassociateIamInstanceProfile>(&instances_, &ec2::Instances::disassociate_iam_instance_profile);
  api.add<ReplaceIamInstanceProfileAssociation>(&instances_, &ec2::Instances::replace_iam_instance_profile_association)
      .passed_roles = [this](const Call&, const void* raw) {
    return roles_of(static_cast<const ReplaceIamInstanceProfileAssociationRequest*>(raw)->iam_instance_profile);
  };
  api.add<DescribeIamInstanceProfileAssociations>(&instances_, &ec2::Instances::describe_iam_instance_profile_associations);
}

namespace {

InstanceReach::Instance brief(const ec2::InstanceRecord& record) {
  const aws::ec2::Instance& instance = record.instance;
  return {.instance_id = instance.instance_id,
          .vpc_id = instance.vpc_id,
          .subnet_id = instance.subnet_id,
          .availability_zone = instance.placement.availability_zone,
          .private_ip = instance.private_ip_address,
          .state = ec2::state_of(instance)};
}

}  // namespace

std::vector<PassedRole> Ec2::roles_of(const std::optional<aws::ec2::IamInstanceProfileSpecification>& profile) const {
  if (!profile) return {};
  auto found = roles_.find_instance_profile(profile->arn.value_or(profile->name.value_or("")));
  if (!found || found->role_arn.empty()) return {};
  return {{.role_arn = found->role_arn, .service = "ec2.amazonaws.com", .refusal = ""}};
}

std::vector<PassedRole> Ec2::roles_of(const ec2::TemplateChoice& choice) const {
  auto version = launch_templates_.resolve(choice);
  if (!version) return {};
  return roles_of((*version)->launch_template_data.iam_instance_profile);
}

std::optional<InstanceReach::Instance> Ec2::find_instance(std::string_view instance_id) const {
  const ec2::InstanceRecord* record = state_.instances.find(instance_id);
  if (!record) return std::nullopt;
  return brief(*record);
}

std::optional<InstanceReach::Instance> Ec2::find_instance_by_address(std::string_view vpc_id, std::string_view private_ip) const {
  for (const auto& [id, record] : state_.instances.rows())
    if (record.instance.vpc_id == vpc_id && record.instance.private_ip_address == private_ip &&
        ec2::state_of(record.instance) != InstanceState::terminated)
      return brief(record);
  return std::nullopt;
}

std::optional<InstanceReach::Subnet> Ec2::find_subnet(std::string_view subnet_id) const {
  const aws::ec2::Subnet* subnet = state_.subnets.find(subnet_id);
  if (!subnet) return std::nullopt;
  return Subnet{.subnet_id = subnet->subnet_id,
                .vpc_id = subnet->vpc_id,
                .availability_zone = subnet->availability_zone,
                .cidr_block = subnet->cidr_block};
}

bool Ec2::has_vpc(std::string_view vpc_id) const { return state_.vpcs.contains(vpc_id); }

std::optional<std::string> Ec2::vpc_of_security_group(std::string_view group_id) const {
  const aws::ec2::SecurityGroup* group = state_.security_groups.find(group_id);
  if (!group) return std::nullopt;
  return group->vpc_id;
}

std::optional<std::string> Ec2::default_security_group(std::string_view vpc_id) const {
  const aws::ec2::SecurityGroup* group = security_groups_.find_by_name(vpc_id, "default");
  if (!group) return std::nullopt;
  return group->group_id;
}

bool Ec2::groups_allow(const std::vector<std::string>& security_groups, uint16_t port, const Source& source) const {
  return ec2::allows(security_groups_.ingress_of(security_groups),
                     {.protocol = "tcp", .port = port, .source_groups = source.security_groups, .source_address = source.address});
}

bool Ec2::allows(std::string_view instance_id, uint16_t port, const Source& source) const {
  const ec2::InstanceRecord* record = state_.instances.find(instance_id);
  if (!record || !ec2::is_alive(ec2::state_of(record->instance))) return false;
  std::vector<std::string> groups;
  for (const auto& group : record->instance.security_groups) groups.push_back(group.group_id);
  return groups_allow(groups, port, source);
}

std::shared_ptr<io::Connector> Ec2::connector(const std::string& instance_id, uint16_t port) {
  return machines_.connector(instance_id, port);
}

}  // namespace pds::cloud
