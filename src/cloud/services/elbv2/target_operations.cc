#include "cloud/services/elbv2/impl.h"

namespace pds::cloud {

using namespace elbv2;

namespace {

// A target as it will be remembered, or why it cannot be one.
Result<TargetRecord> check_target(const Elbv2::Impl& impl, const TargetGroupRecord& group, const wire::TargetDescription& asked) {
  const wire::TargetGroup& d = group.description;
  TargetRecord target{
      d.target_group_arn, asked.id, asked.port.value_or(d.port.value_or(0)), "", asked.availability_zone.has_value(),
      "initial",          {}};
  if (d.target_type == "lambda") {
    if (asked.port || asked.availability_zone) {
      return fail("ValidationError", "A port or Availability Zone cannot be specified for a target of type lambda");
    }
    FunctionCall call;
    call.function = asked.id;
    call.service_principal = "elasticloadbalancing.amazonaws.com";
    call.source_arn = d.target_group_arn;
    if (Result<void> invokable = impl.functions->check_invokable(call); !invokable) {
      bool denied = invokable.error().code.starts_with("AccessDenied");
      return fail(denied ? "AccessDenied" : "InvalidTarget",
                  denied ? "elasticloadbalancing principal does not have permission to invoke " + asked.id + " from target group " +
                               d.target_group_arn
                         : invokable.error().message);
    }
    return target;
  }
  if (asked.availability_zone && d.target_type == "instance") {
    return fail("ValidationError", "You cannot specify an Availability Zone for a target of type instance");
  }
  auto instance = instance_of(impl.instances, d, asked.id);
  if (d.target_type == "ip") {  // taken, and then never used: Target.IpUnusable
    if (auto zone = zone_of_node(impl.state, impl.instances, *d.vpc_id, asked.id)) {
      target.zone = *zone;
      return target;
    }
  }
  if (!instance && d.target_type == "ip") {
    return not_supported("RegisterTargets", "address '" + asked.id +
                                                "' is not supported: it is not the private address of an instance in " + *d.vpc_id);
  }
  if (!instance) return fail("InvalidTarget", "The following targets are not valid instances: '" + asked.id + "'");
  if (instance->state != InstanceState::running) {
    return fail("InvalidTarget", "The following targets are not in a running state and cannot be registered: '" + asked.id + "'");
  }
  if (instance->vpc_id != *d.vpc_id) {
    return fail("InvalidTarget", "The following targets are not in the target group VPC '" + *d.vpc_id + "': '" + asked.id + "'");
  }
  target.zone = instance->availability_zone;
  return target;
}

Result<void> check_count(const Elbv2::Impl& impl, const TargetGroupRecord& group, const std::vector<TargetRecord>& targets) {
  const std::string& arn = group.description.target_group_arn;
  size_t count = impl.state.targets_of(arn).size();
  for (const TargetRecord& target : targets) count += impl.state.targets.contains(target_key(arn, target.id, target.port)) ? 0 : 1;
  size_t most = group.description.target_type == "lambda" ? 1 : targets_per_group_max;
  if (count > most)
    return fail("TooManyTargets", "Target group '" + arn + "' can have at most " + std::to_string(most) + " targets");
  return {};
}

}  // namespace

Result<aws::elbv2::RegisterTargetsReply> Elbv2::register_targets(const Call&, const aws::elbv2::RegisterTargetsRequest& request) {
  CHECK(refuse_unsupported("RegisterTargets", request));
  TRY(const TargetGroupRecord* group, impl_->state.target_group_at(request.target_group_arn));
  std::vector<TargetRecord> targets;
  for (const wire::TargetDescription& asked : request.targets) {
    TRY(TargetRecord target, check_target(*impl_, *group, asked));
    targets.push_back(std::move(target));
  }
  CHECK(check_count(*impl_, *group, targets));
  for (TargetRecord& target : targets) {
    std::string key = target_key(target.target_group_arn, target.id, target.port);
    const TargetRecord* there = impl_->state.targets.find(key);
    if (there && !there->drain_until) continue;  // registered already: it keeps its health
    impl_->state.targets.put(key, std::move(target));
  }
  impl_->front.reconcile();
  return aws::elbv2::RegisterTargetsReply{};
}

Result<aws::elbv2::DeregisterTargetsReply> Elbv2::deregister_targets(const Call&,
                                                                     const aws::elbv2::DeregisterTargetsRequest& request) {
  TRY(const TargetGroupRecord* group, impl_->state.target_group_at(request.target_group_arn));
  std::vector<const TargetRecord*> leaving;
  for (const wire::TargetDescription& asked : request.targets) {
    bool found = false;
    for (const TargetRecord* target : impl_->state.targets_of(request.target_group_arn)) {
      // Without a port, every registration of that id on the group's own port is meant.
      int port = asked.port.value_or(group->description.port.value_or(0));
      if (target->id != asked.id || target->port != port) continue;
      found = true;
      if (!target->drain_until) leaving.push_back(target);
    }
    if (!found) return fail("InvalidTarget", "The following targets are not registered: '" + asked.id + "'");
  }
  for (const TargetRecord* target : leaving) impl_->front.groups().deregister(*target);
  return aws::elbv2::DeregisterTargetsReply{};
}

Result<aws::elbv2::DescribeTargetHealthReply> Elbv2::describe_target_health(
    const Call&, const aws::elbv2::DescribeTargetHealthRequest& request) {
  for (const std::string& include : request.include) {
    if (include != "AnomalyDetection" && include != "All")
      return fail("ValidationError", "'" + include + "' is not a valid value of Include");
  }
  TRY(const TargetGroupRecord* group, impl_->state.target_group_at(request.target_group_arn));
  std::shared_ptr<proxy::TargetGroup> running = impl_->front.groups().find(request.target_group_arn);
  const wire::TargetGroup& d = group->description;
  aws::elbv2::DescribeTargetHealthReply reply;

  auto describe = [&](const std::string& id, int port, const TargetRecord* record) {
    wire::TargetHealthDescription description;
    description.target.id = id;
    if (d.target_type != "lambda") {
      description.target.port = port;
      if (record && (record->zone_given || d.target_type == "ip")) description.target.availability_zone = record->zone;
      description.health_check_port = d.health_check_port == "traffic-port" ? std::to_string(port) : d.health_check_port;
    }
    description.target_health = {"unused", "Target.NotRegistered", "Target is not registered to the target group"};
    if (!record || !running) return description;
    for (const proxy::TargetGroup::Status& status : running->statuses()) {
      if (status.id != id || status.port != port) continue;
      description.target_health = {std::string(to_string(status.health.state)), {}, {}};
      if (!status.health.reason.empty()) description.target_health.reason = status.health.reason;
      if (!status.health.description.empty()) description.target_health.description = status.health.description;
      if (!request.include.empty() && d.target_type != "lambda") {
        description.anomaly_detection =
            wire::AnomalyDetection{status.anomalous ? "anomalous" : "normal", status.mitigated ? "yes" : "no"};
      }
    }
    return description;
  };

  if (request.targets.empty()) {
    for (const TargetRecord* target : impl_->state.targets_of(request.target_group_arn)) {
      reply.target_health_descriptions.push_back(describe(target->id, target->port, target));
    }
  }
  for (const wire::TargetDescription& asked : request.targets) {
    int port = asked.port.value_or(d.port.value_or(0));
    reply.target_health_descriptions.push_back(
        describe(asked.id, port, impl_->state.targets.find(target_key(request.target_group_arn, asked.id, port))));
  }
  return reply;
}

}  // namespace pds::cloud
