#include "cloud/services/ec2/subnet.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "cloud/services/ec2/describe.h"
#include "cloud/services/ec2/instance.h"
#include "cloud/services/ec2/place.h"
#include "cloud/services/ec2/tag.h"

namespace pds::cloud::ec2 {

namespace {

bool holds_address(const InstanceRecord& record, std::string_view subnet_id) {
  return record.instance.subnet_id == subnet_id && state_of(record.instance) != InstanceState::terminated;
}

Cidr block_of(const aws::ec2::Subnet& subnet) { return *parse_cidr(subnet.cidr_block); }  // checked when it was made

aws::ec2::Subnet complete(const State& state, aws::ec2::Subnet subnet) {
  subnet.available_ip_address_count = static_cast<int>(free_addresses(state, subnet));
  subnet.tags = state.tags_of(subnet.subnet_id);
  return subnet;
}

FilterValues subnet_filter(const aws::ec2::Subnet& subnet, std::string_view name) {
  if (name == "subnet-id") return one_value(subnet.subnet_id);
  if (name == "vpc-id") return one_value(subnet.vpc_id);
  if (name == "availability-zone" || name == "availabilityZone") return one_value(subnet.availability_zone);
  if (name == "availability-zone-id") return one_value(subnet.availability_zone_id);
  if (name == "cidr-block" || name == "cidr" || name == "cidrBlock") return one_value(subnet.cidr_block);
  if (name == "default-for-az" || name == "defaultForAz") return flag_value(subnet.default_for_az);
  if (name == "map-public-ip-on-launch") return flag_value(subnet.map_public_ip_on_launch);
  if (name == "available-ip-address-count") return one_value(std::to_string(subnet.available_ip_address_count));
  if (name == "owner-id") return one_value(subnet.owner_id);
  if (name == "state") return one_value(subnet.state);
  if (name == "subnet-arn") return one_value(subnet.subnet_arn);
  return std::nullopt;
}

aws::ec2::NetworkInterface interface_of(const InstanceRecord& record) {
  const aws::ec2::Instance& instance = record.instance;
  const aws::ec2::InstanceNetworkInterface& own = instance.network_interfaces.front();
  aws::ec2::NetworkInterface interface;
  interface.network_interface_id = own.network_interface_id;
  interface.attachment = {.attach_time = own.attachment.attach_time,
                          .attachment_id = own.attachment.attachment_id,
                          .delete_on_termination = true,
                          .device_index = 0,
                          .instance_id = instance.instance_id,
                          .instance_owner_id = own.owner_id,
                          .status = own.attachment.status};
  interface.availability_zone = instance.placement.availability_zone;
  interface.groups = own.groups;
  interface.interface_type = "interface";
  interface.mac_address = own.mac_address;
  interface.owner_id = own.owner_id;
  interface.private_dns_name = own.private_dns_name;
  interface.private_ip_address = own.private_ip_address;
  interface.private_ip_addresses = {
      {.primary = true, .private_dns_name = own.private_dns_name, .private_ip_address = own.private_ip_address}};
  interface.source_dest_check = true;
  interface.status = "in-use";
  interface.subnet_id = own.subnet_id;
  interface.vpc_id = own.vpc_id;
  return interface;
}

FilterValues interface_filter(const aws::ec2::NetworkInterface& interface, std::string_view name) {
  if (name == "network-interface-id") return one_value(interface.network_interface_id);
  if (name == "vpc-id") return one_value(interface.vpc_id);
  if (name == "subnet-id") return one_value(interface.subnet_id);
  if (name == "availability-zone") return one_value(interface.availability_zone);
  if (name == "attachment.instance-id") return one_value(interface.attachment.instance_id);
  if (name == "attachment.instance-owner-id" || name == "owner-id") return one_value(interface.owner_id);
  if (name == "attachment.attachment-id") return one_value(interface.attachment.attachment_id);
  if (name == "attachment.status") return one_value(interface.attachment.status);
  if (name == "attachment.device-index") return one_value("0");
  if (name == "private-ip-address" || name == "addresses.private-ip-address") return one_value(interface.private_ip_address);
  if (name == "mac-address") return one_value(interface.mac_address);
  if (name == "status") return one_value(interface.status);
  if (name == "interface-type") return one_value(interface.interface_type);
  if (name == "description") return one_value(interface.description);
  if (name == "requester-managed") return flag_value(false);
  if (name == "requester-id") return std::vector<std::string>{};
  if (name == "group-id" || name == "group-name") {
    std::vector<std::string> values;
    for (const auto& group : interface.groups) values.push_back(name == "group-id" ? group.group_id : group.group_name);
    return values;
  }
  return std::nullopt;
}

}  // namespace

bool address_in_use(const State& state, std::string_view subnet_id, std::string_view address) {
  for (const auto& [id, record] : state.instances.rows())
    if (holds_address(record, subnet_id) && record.instance.private_ip_address == address) return true;
  return false;
}

int64_t free_addresses(const State& state, const aws::ec2::Subnet& subnet) {
  int64_t used = subnet_reserved_addresses;
  for (const auto& [id, record] : state.instances.rows()) used += holds_address(record, subnet.subnet_id) ? 1 : 0;
  return static_cast<int64_t>(block_of(subnet).size()) - used;
}

Result<std::string> free_address(const State& state, const aws::ec2::Subnet& subnet) {
  std::set<std::string> used;
  for (const auto& [id, record] : state.instances.rows())
    if (holds_address(record, subnet.subnet_id)) used.insert(record.instance.private_ip_address);
  Cidr block = block_of(subnet);
  for (uint32_t address = block.base + subnet_first_free; address < block.last(); ++address)
    if (std::string text = ipv4_text(address); !used.count(text)) return text;
  return fail("InsufficientFreeAddressesInSubnet",
              fmt::format("There are not enough free addresses in subnet '{}' to satisfy the requested number of instances.",
                          subnet.subnet_id));
}

aws::ec2::Subnet make_subnet(State& state, const std::string& vpc_id, const Cidr& block, const std::string& zone, bool is_default) {
  aws::ec2::Subnet subnet;
  subnet.subnet_id = state.new_id("subnet-");
  subnet.subnet_arn = state.core.arn("ec2", "subnet/" + subnet.subnet_id);
  subnet.vpc_id = vpc_id;
  subnet.cidr_block = block.text();
  subnet.availability_zone = zone;
  subnet.availability_zone_id = zone_id(zone);
  subnet.owner_id = state.core.account;
  subnet.state = "available";
  subnet.default_for_az = is_default;
  subnet.map_public_ip_on_launch = is_default;
  return subnet;
}

Result<const aws::ec2::Subnet*> Subnets::at(const std::string& subnet_id) const {
  const aws::ec2::Subnet* subnet = state_.subnets.find(subnet_id);
  if (!subnet) return no_such("InvalidSubnetID.NotFound", "subnet ID", subnet_id);
  return subnet;
}

const aws::ec2::Subnet* Subnets::find_default(std::string_view zone) const {
  for (const auto& [id, subnet] : state_.subnets.rows())
    if (subnet.default_for_az && subnet.availability_zone == zone) return &subnet;
  return nullptr;
}

Result<aws::ec2::CreateSubnetReply> Subnets::create_subnet(const Call& call, const aws::ec2::CreateSubnetRequest& request) {
  CHECK(begin("CreateSubnet", request));
  const VpcRecord* vpc = state_.vpcs.find(request.vpc_id);
  if (!vpc) return no_such("InvalidVpcID.NotFound", "vpc ID", request.vpc_id);
  if (!request.cidr_block) return missing_parameter("cidrBlock");
  TRY(Cidr block, parse_cidr(*request.cidr_block));
  TRY(Cidr range, parse_cidr(vpc->vpc.cidr_block));
  if (!range.contains(block) || block.prefix > 28)
    return fail("InvalidSubnet.Range", fmt::format("The CIDR '{}' is invalid.", block.text()));
  for (const auto& [id, other] : state_.subnets.rows())
    if (other.vpc_id == request.vpc_id && block_of(other).overlaps(block))
      return fail("InvalidSubnet.Conflict", fmt::format("The CIDR '{}' conflicts with another subnet", block.text()));
  std::string zone = request.availability_zone.value_or(default_zone(state_.core.region));
  auto zones = zones_of(state_.core.region);
  if (request.availability_zone_id)
    for (const std::string& candidate : zones)
      if (zone_id(candidate) == *request.availability_zone_id) zone = candidate;
  bool known = std::find(zones.begin(), zones.end(), zone) != zones.end();
  if (!known || (request.availability_zone_id && zone_id(zone) != *request.availability_zone_id))
    return invalid_parameter(
        fmt::format("Value ({}) for parameter availabilityZone is invalid. Subnets can currently only be created in the "
                    "following availability zones: {}, {}, {}.",
                    request.availability_zone_id.value_or(zone), zones[0], zones[1], zones[2]));
  TRY(auto tags, tags_for(request.tag_specifications, "subnet", call));
  auto subnet = make_subnet(state_, request.vpc_id, block, zone, false);
  state_.set_tags(subnet.subnet_id, "subnet", tags);
  state_.subnets.put(subnet.subnet_id, subnet);
  return aws::ec2::CreateSubnetReply{.subnet = complete(state_, std::move(subnet))};
}

Result<aws::ec2::DeleteSubnetReply> Subnets::delete_subnet(const Call&, const aws::ec2::DeleteSubnetRequest& request) {
  CHECK(begin("DeleteSubnet", request));
  CHECK(at(request.subnet_id));
  for (const auto& [id, record] : state_.instances.rows())
    if (holds_address(record, request.subnet_id)) return dependency_violation("subnet", request.subnet_id);
  std::vector<std::string> tables;
  for (const auto& [id, table] : state_.route_tables.rows()) tables.push_back(id);
  for (const std::string& id : tables) {
    auto left = *state_.route_tables.find(id);
    if (std::erase_if(left.associations, [&](const auto& a) { return a.subnet_id == request.subnet_id; }))
      state_.route_tables.put(id, left);
  }
  state_.subnets.erase(request.subnet_id);
  state_.forget_tags(request.subnet_id);
  return aws::Empty{};
}

Result<aws::ec2::DescribeSubnetsReply> Subnets::describe_subnets(const Call&, const aws::ec2::DescribeSubnetsRequest& request) {
  CHECK(begin("DescribeSubnets", request));
  std::vector<aws::ec2::Subnet> subnets;
  for (const auto& [id, subnet] : state_.subnets.rows()) subnets.push_back(complete(state_, subnet));
  TRY(auto page, describe(
                     std::move(subnets),
                     {.ids = request.subnet_ids,
                      .not_found_code = "InvalidSubnetID.NotFound",
                      .noun = "subnet ID",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token},
                     [](const auto& subnet) { return subnet.subnet_id; }, subnet_filter));
  return aws::ec2::DescribeSubnetsReply{.next_token = page.next_token, .subnets = std::move(page.items)};
}

Result<aws::ec2::ModifySubnetAttributeReply> Subnets::modify_subnet_attribute(
    const Call&, const aws::ec2::ModifySubnetAttributeRequest& request) {
  CHECK(begin("ModifySubnetAttribute", request));
  CHECK(at(request.subnet_id));
  if (request.assign_ipv6_address_on_creation && request.assign_ipv6_address_on_creation->value.value_or(false))
    return fail("NotImplemented",
                "ModifySubnetAttribute: AssignIpv6AddressOnCreation is not supported: instances have IPv4 addresses only", 501);
  if (!request.map_public_ip_on_launch) return aws::Empty{};
  bool value = request.map_public_ip_on_launch->value.value_or(false);
  state_.subnets.update(request.subnet_id, [&](aws::ec2::Subnet& subnet) { subnet.map_public_ip_on_launch = value; });
  return aws::Empty{};
}

Result<aws::ec2::DescribeNetworkInterfacesReply> Subnets::describe_network_interfaces(
    const Call&, const aws::ec2::DescribeNetworkInterfacesRequest& request) {
  CHECK(begin("DescribeNetworkInterfaces", request));
  struct Row {
    aws::ec2::NetworkInterface interface;
    std::vector<aws::ec2::Tag> tags;
  };
  std::vector<Row> rows;
  for (const auto& [id, record] : state_.instances.rows()) {
    if (state_of(record.instance) == InstanceState::terminated) continue;
    rows.push_back({interface_of(record), {}});
  }
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.interface.network_interface_id < b.interface.network_interface_id; });
  TRY(auto page, describe(
                     std::move(rows),
                     {.ids = request.network_interface_ids,
                      .not_found_code = "InvalidNetworkInterfaceID.NotFound",
                      .noun = "networkInterface ID",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token},
                     [](const Row& row) { return row.interface.network_interface_id; },
                     [](const Row& row, std::string_view name) { return interface_filter(row.interface, name); }));
  aws::ec2::DescribeNetworkInterfacesReply reply;
  for (Row& row : page.items) reply.network_interfaces.push_back(std::move(row.interface));
  reply.next_token = page.next_token;
  return reply;
}

}  // namespace pds::cloud::ec2
