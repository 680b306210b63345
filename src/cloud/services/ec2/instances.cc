// Launching, describing and moving instances. Their attributes are in instance_attributes.cc.
#include "cloud/services/ec2/instances.h"

#include <fmt/core.h>

#include <algorithm>

#include "aws/codec.h"
#include "base/crypto.h"
#include "base/text.h"
#include "cloud/services/ec2/describe.h"
#include "cloud/services/ec2/instance.h"
#include "cloud/services/ec2/tag.h"

namespace pds::cloud::ec2 {

namespace {

FilterValues group_values(const aws::ec2::Instance& instance, bool ids) {
  std::vector<std::string> values;
  for (const auto& group : instance.security_groups) values.push_back(ids ? group.group_id : group.group_name);
  return values;
}

FilterValues placement_filter(const aws::ec2::Instance& instance, std::string_view name) {
  if (name == "availability-zone") return one_value(instance.placement.availability_zone);
  if (name == "subnet-id" || name == "network-interface.subnet-id") return one_value(instance.subnet_id);
  if (name == "vpc-id" || name == "network-interface.vpc-id") return one_value(instance.vpc_id);
  if (name == "private-ip-address" || name == "network-interface.addresses.private-ip-address" ||
      name == "network-interface.private-ip-address")
    return one_value(instance.private_ip_address);
  if (name == "private-dns-name") return one_value(instance.private_dns_name);
  if (name == "instance.group-id" || name == "network-interface.group-id") return group_values(instance, true);
  if (name == "instance.group-name" || name == "network-interface.group-name") return group_values(instance, false);
  if (name == "tenancy") return one_value(instance.placement.tenancy);
  return std::nullopt;
}

FilterValues instance_filter(const aws::ec2::Instance& instance, std::string_view name) {
  if (name == "instance-id") return one_value(instance.instance_id);
  if (name == "instance-state-name") return one_value(instance.state.name);
  if (name == "instance-state-code") return one_value(std::to_string(instance.state.code));
  if (name == "instance-type") return one_value(instance.instance_type);
  if (name == "image-id") return one_value(instance.image_id);
  if (name == "client-token") return one_value(instance.client_token.value_or(""));
  if (name == "architecture") return one_value(instance.architecture);
  if (name == "monitoring-state") return one_value(instance.monitoring.state);
  if (name == "iam-instance-profile.arn") return one_value(instance.iam_instance_profile ? instance.iam_instance_profile->arn : "");
  if (name == "launch-time") return one_value(to_iso8601_millis(instance.launch_time));
  if (name == "root-device-type") return one_value(instance.root_device_type);
  if (name == "state-reason-code") return one_value(instance.state_reason ? instance.state_reason->code : "");
  if (name == "metadata-options.http-tokens") return one_value(instance.metadata_options.http_tokens);
  return placement_filter(instance, name);
}

struct Row {
  aws::ec2::Instance instance;
  std::string reservation_id;
  std::vector<aws::ec2::Tag> tags;
};

FilterValues row_filter(const Row& row, std::string_view name) {
  if (name == "reservation-id") return one_value(row.reservation_id);
  if (name == "owner-id") return one_value(row.instance.network_interfaces.front().owner_id);
  return instance_filter(row.instance, name);
}

aws::ec2::InstanceNetworkInterface make_interface(State& state, const aws::ec2::Instance& instance) {
  aws::ec2::InstanceNetworkInterface interface;
  interface.network_interface_id = state.new_id("eni-");
  interface.attachment = {.attach_time = instance.launch_time,
                          .attachment_id = state.new_id("eni-attach-"),
                          .delete_on_termination = true,
                          .device_index = 0,
                          .status = "attached"};
  interface.groups = instance.security_groups;
  std::string octets = to_hex(state.core.random.bytes(5));
  interface.mac_address = "02";  // locally administered
  for (size_t i = 0; i < octets.size(); i += 2) interface.mac_address += ":" + octets.substr(i, 2);
  interface.owner_id = state.core.account;
  interface.private_dns_name = instance.private_dns_name;
  interface.private_ip_address = instance.private_ip_address;
  interface.private_ip_addresses = {
      {.primary = true, .private_dns_name = instance.private_dns_name, .private_ip_address = instance.private_ip_address}};
  interface.source_dest_check = true;
  interface.status = "in-use";
  interface.subnet_id = instance.subnet_id;
  interface.vpc_id = instance.vpc_id;
  interface.interface_type = "interface";
  return interface;
}

}  // namespace

Result<const InstanceRecord*> Instances::at(const std::string& instance_id) const {
  const InstanceRecord* record = state_.instances.find(instance_id);
  if (record) return record;
  if (!instance_id.starts_with("i-"))
    return fail("InvalidInstanceID.Malformed", fmt::format("Invalid id: \"{}\" (expecting \"i-...\")", instance_id));
  return fail("InvalidInstanceID.NotFound", fmt::format("The instance ID '{}' does not exist", instance_id));
}

Result<std::vector<const InstanceRecord*>> Instances::all_of(const std::vector<std::string>& instance_ids) const {
  if (instance_ids.empty()) return missing_parameter("InstanceId");
  std::vector<const InstanceRecord*> records;
  for (const std::string& id : instance_ids) {
    TRY(const InstanceRecord* record, at(id));
    records.push_back(record);
  }
  return records;
}

aws::ec2::Instance Instances::complete(const InstanceRecord& record) const {
  aws::ec2::Instance instance = record.instance;
  instance.tags = state_.tags_of(instance.instance_id);
  if (state_of(instance) == InstanceState::terminated) {
    instance.private_ip_address.clear();
    instance.private_dns_name.clear();
    instance.network_interfaces.clear();
  }
  return instance;
}

Result<aws::ec2::RunInstancesReply> Instances::run_instances(const Call& call, const aws::ec2::RunInstancesRequest& request) {
  std::string digest = sha256_hex(aws::to_json_text(request));
  if (const LaunchToken* token = state_.launch_tokens.find(request.client_token.value_or(""))) {
    if (token->parameters_digest != digest)
      return fail("IdempotentParameterMismatch", "The client token has been used before with other parameters.");
    return reservation(token->reservation_id);
  }
  TRY(LaunchPlan plan, resolver_.resolve(call, request));
  const aws::ec2::Subnet& subnet = *state_.subnets.find(plan.prototype.instance.subnet_id);
  int count = static_cast<int>(std::min<int64_t>(plan.count_max, free_addresses(state_, subnet)));
  if (count < plan.count_min)
    return fail("InsufficientFreeAddressesInSubnet",
                fmt::format("There are not enough free addresses in subnet '{}' to satisfy the requested number of instances.",
                            subnet.subnet_id));
  std::string reservation_id = state_.new_id("r-");
  for (int i = 0; i < count; ++i) {
    InstanceRecord record = plan.prototype;
    record.reservation_id = reservation_id;
    record.metadata_key = to_hex(state_.core.random.bytes(32));
    aws::ec2::Instance& instance = record.instance;
    instance.instance_id = state_.new_id("i-");
    instance.ami_launch_index = i;
    instance.launch_time = record.state_since = state_.core.clock.now();
    instance.state = wire_state(InstanceState::pending);
    TRY(instance.private_ip_address, plan.private_ip ? Result<std::string>(*plan.private_ip) : free_address(state_, subnet));
    instance.private_dns_name = private_dns_name(instance.private_ip_address, state_.core.region);
    instance.network_interfaces = {make_interface(state_, instance)};
    if (instance.iam_instance_profile) {
      record.profile_association_id = state_.new_id("iip-assoc-");
      record.profile_associated_at = instance.launch_time;
    }
    std::string id = instance.instance_id;
    state_.set_tags(id, "instance", plan.tags);
    state_.instances.put(id, std::move(record));
    machines_.notify(id);
  }
  if (request.client_token)
    state_.launch_tokens.put(*request.client_token, {.reservation_id = reservation_id, .parameters_digest = digest});
  return reservation(reservation_id);
}

aws::ec2::RunInstancesReply Instances::reservation(const std::string& reservation_id) const {
  aws::ec2::RunInstancesReply reply{
      .reservation_id = reservation_id, .owner_id = state_.core.account, .groups = {}, .instances = {}};
  for (const auto& [id, record] : state_.instances.rows())
    if (record.reservation_id == reservation_id) reply.instances.push_back(complete(record));
  std::sort(reply.instances.begin(), reply.instances.end(),
            [](const auto& a, const auto& b) { return a.ami_launch_index < b.ami_launch_index; });
  return reply;
}

Result<aws::ec2::DescribeInstancesReply> Instances::describe_instances(const Call&,
                                                                       const aws::ec2::DescribeInstancesRequest& request) {
  CHECK(begin("DescribeInstances", request));
  for (const std::string& id : request.instance_ids) CHECK(at(id));
  std::vector<Row> rows;
  for (const auto& [id, record] : state_.instances.rows()) {
    // Filters see the address an instance had until it was terminated, as the instance itself does.
    rows.push_back({record.instance, record.reservation_id, state_.tags_of(id)});
  }
  TRY(auto page, describe(
                     std::move(rows),
                     {.ids = request.instance_ids,
                      .not_found_code = "InvalidInstanceID.NotFound",
                      .noun = "instance ID",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token},
                     [](const Row& row) { return row.instance.instance_id; }, row_filter));
  aws::ec2::DescribeInstancesReply reply;
  reply.next_token = page.next_token;
  std::map<std::string, size_t> places;
  for (Row& row : page.items) {
    auto [it, fresh] = places.try_emplace(row.reservation_id, reply.reservations.size());
    if (fresh)
      reply.reservations.push_back(
          {.reservation_id = row.reservation_id, .owner_id = state_.core.account, .groups = {}, .instances = {}});
    reply.reservations[it->second].instances.push_back(complete(*state_.instances.find(row.instance.instance_id)));
  }
  return reply;
}

aws::ec2::InstanceStateChange Instances::move(const std::string& instance_id, InstanceState to, std::string_view reason_code,
                                              std::string_view reason) {
  const InstanceRecord& record = *state_.instances.find(instance_id);
  aws::ec2::InstanceStateChange change{
      .instance_id = instance_id, .current_state = wire_state(to), .previous_state = record.instance.state};
  if (state_of(record.instance) == to) return change;
  Timestamp now = state_.core.clock.now();
  state_.instances.update(instance_id, [&](InstanceRecord& changed) {
    changed.instance.state = wire_state(to);
    changed.state_since = now;
    changed.instance.state_reason.reset();
    changed.instance.state_transition_reason.clear();
    if (!reason_code.empty()) {
      changed.instance.state_reason = {.code = std::string(reason_code), .message = fmt::format("{}: {}", reason_code, reason)};
      changed.instance.state_transition_reason = fmt::format("{} ({} GMT)", reason, to_iso8601(now).substr(0, 19));
    }
    if (to == InstanceState::pending) ++changed.boot, changed.instance.launch_time = now;
  });
  machines_.notify(instance_id);
  return change;
}

Result<aws::ec2::StartInstancesReply> Instances::start_instances(const Call&, const aws::ec2::StartInstancesRequest& request) {
  CHECK(begin("StartInstances", request));
  TRY(auto records, all_of(request.instance_ids));
  for (const InstanceRecord* record : records)
    if (!next_state(state_of(record->instance), Wish::start))
      return fail("IncorrectInstanceState",
                  fmt::format("The instance '{}' is not in a state from which it can be started.", record->instance.instance_id));
  aws::ec2::StartInstancesReply reply;
  for (const InstanceRecord* record : records) {
    InstanceState to = *next_state(state_of(record->instance), Wish::start);
    reply.starting_instances.push_back(move(record->instance.instance_id, to, "", ""));
  }
  return reply;
}

Result<aws::ec2::StopInstancesReply> Instances::stop_instances(const Call&, const aws::ec2::StopInstancesRequest& request) {
  CHECK(begin("StopInstances", request));
  TRY(auto records, all_of(request.instance_ids));
  for (const InstanceRecord* record : records)
    if (!next_state(state_of(record->instance), Wish::stop))
      return fail("IncorrectInstanceState",
                  fmt::format("This instance '{}' is not in a state from which it can be stopped.", record->instance.instance_id));
  aws::ec2::StopInstancesReply reply;
  for (const InstanceRecord* record : records) {
    InstanceState to = *next_state(state_of(record->instance), Wish::stop);
    if (request.force.value_or(false))
      state_.instances.update(record->instance.instance_id, [](InstanceRecord& changed) { changed.force_stop = true; });
    reply.stopping_instances.push_back(move(record->instance.instance_id, to, "Client.UserInitiatedShutdown", "User initiated"));
  }
  return reply;
}

Result<aws::ec2::RebootInstancesReply> Instances::reboot_instances(const Call&, const aws::ec2::RebootInstancesRequest& request) {
  CHECK(begin("RebootInstances", request));
  TRY(auto records, all_of(request.instance_ids));
  for (const InstanceRecord* record : records)
    if (!next_state(state_of(record->instance), Wish::reboot))
      return fail("IncorrectInstanceState",
                  fmt::format("The instance '{}' is not in the 'running' state.", record->instance.instance_id));
  for (const InstanceRecord* record : records) {
    std::string id = record->instance.instance_id;
    if (state_of(record->instance) == InstanceState::running)
      state_.instances.update(id, [](InstanceRecord& changed) { ++changed.boot; });
    machines_.kick(id);
  }
  return aws::Empty{};
}

Result<aws::ec2::TerminateInstancesReply> Instances::terminate_instances(const Call& call,
                                                                         const aws::ec2::TerminateInstancesRequest& request) {
  CHECK(begin("TerminateInstances", request));
  TRY(auto records, all_of(request.instance_ids));
  for (const InstanceRecord* record : records)
    if (record->disable_api_termination && !call.internal && is_alive(state_of(record->instance)))
      return fail(
          "OperationNotPermitted",
          fmt::format(
              "The instance '{}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.",
              record->instance.instance_id));
  aws::ec2::TerminateInstancesReply reply;
  for (const InstanceRecord* record : records) {
    InstanceState to = *next_state(state_of(record->instance), Wish::terminate);
    reply.terminating_instances.push_back(move(record->instance.instance_id, to, "Client.UserInitiatedShutdown", "User initiated"));
  }
  return reply;
}

Result<aws::ec2::DescribeInstanceStatusReply> Instances::describe_instance_status(
    const Call&, const aws::ec2::DescribeInstanceStatusRequest& request) {
  CHECK(begin("DescribeInstanceStatus", request));
  struct StatusRow {
    aws::ec2::InstanceStatus status;
    std::vector<aws::ec2::Tag> tags;
  };
  for (const std::string& id : request.instance_ids) CHECK(at(id));
  std::vector<StatusRow> rows;
  std::vector<std::string> asked;
  for (const auto& [id, record] : state_.instances.rows()) {
    bool running = state_of(record.instance) == InstanceState::running;
    if (!running && !request.include_all_instances.value_or(false)) continue;
    if (std::find(request.instance_ids.begin(), request.instance_ids.end(), id) != request.instance_ids.end()) asked.push_back(id);
    std::string status(machines_.status(id));
    std::string reachable = status == "ok" ? "passed" : status == "impaired" ? "failed" : status;
    aws::ec2::InstanceStatusSummary summary{
        .details = {{.impaired_since = std::nullopt, .name = "reachability", .status = reachable}}, .status = status};
    if (status == "not-applicable") summary.details.clear();
    rows.push_back({{.availability_zone = record.instance.placement.availability_zone,
                     .instance_id = id,
                     .instance_state = record.instance.state,
                     .instance_status = summary,
                     .system_status = summary},
                    {}});
  }
  if (!request.instance_ids.empty() && asked.empty()) return aws::ec2::DescribeInstanceStatusReply{};
  TRY(auto page, describe(
                     std::move(rows),
                     {.ids = asked,
                      .not_found_code = "InvalidInstanceID.NotFound",
                      .noun = "instance ID",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token},
                     [](const StatusRow& row) { return row.status.instance_id; },
                     [](const StatusRow& row, std::string_view name) -> FilterValues {
                       if (name == "availability-zone") return one_value(row.status.availability_zone);
                       if (name == "instance-state-name") return one_value(row.status.instance_state.name);
                       if (name == "instance-state-code") return one_value(std::to_string(row.status.instance_state.code));
                       if (name == "instance-status.status") return one_value(row.status.instance_status.status);
                       if (name == "system-status.status") return one_value(row.status.system_status.status);
                       return std::nullopt;
                     }));
  aws::ec2::DescribeInstanceStatusReply reply;
  for (StatusRow& row : page.items) reply.instance_statuses.push_back(std::move(row.status));
  reply.next_token = page.next_token;
  return reply;
}

Result<aws::ec2::GetConsoleOutputReply> Instances::get_console_output(const Call&,
                                                                      const aws::ec2::GetConsoleOutputRequest& request) {
  CHECK(begin("GetConsoleOutput", request));
  CHECK(at(request.instance_id));
  return aws::ec2::GetConsoleOutputReply{.instance_id = request.instance_id,
                                         .timestamp = state_.core.clock.now(),
                                         .output = to_base64(machines_.console(request.instance_id))};
}

}  // namespace pds::cloud::ec2
