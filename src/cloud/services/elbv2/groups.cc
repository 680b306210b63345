#include "cloud/services/elbv2/groups.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/ip_address.h"
#include "base/text.h"
#include "cloud/services/elbv2/attributes.h"
#include "http/tls_context.h"

namespace pds::cloud::elbv2 {
namespace {

// Asks the security groups before each connection. What they do not let in is dropped, not refused: the caller waits, as on AWS,
// and a health check says "Request timed out".
class GuardedConnector final : public io::Connector {
 public:
  GuardedConnector(io::Loop& loop, InstanceReach& instances, std::string instance_id, std::string zone, uint16_t port,
                   std::shared_ptr<const Origin> origin)
      : loop_(loop),
        instances_(instances),
        instance_id_(std::move(instance_id)),
        zone_(std::move(zone)),
        port_(port),
        origin_(std::move(origin)),
        inside_(instances.connector(instance_id_, port)) {}

  io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline deadline) override {
    InstanceReach::Source source{origin_->security_groups, ""};
    if (auto node = origin_->node_addresses.find(zone_); node != origin_->node_addresses.end()) source.address = node->second;
    if (!instances_.allows(instance_id_, port_, source)) {
      co_await loop_.sleep_until(deadline);
      co_return fail_world("E_TIMEOUT", "the security groups of " + instance_id_ + " do not allow port " + std::to_string(port_) +
                                            " from the load balancer: timed out");
    }
    co_return co_await inside_->connect(deadline);
  }
  std::string destination() const override { return inside_->destination(); }

 private:
  io::Loop& loop_;
  InstanceReach& instances_;
  const std::string instance_id_, zone_;
  const uint16_t port_;
  const std::shared_ptr<const Origin> origin_;
  const std::shared_ptr<io::Connector> inside_;
};

class InvokedFunction final : public proxy::FunctionTarget {
 public:
  InvokedFunction(FunctionInvoker& functions, std::string function_arn, std::string target_group_arn)
      : functions_(functions), function_arn_(std::move(function_arn)), target_group_arn_(std::move(target_group_arn)) {}

  io::Task<Result<std::string>> invoke(std::string event) override {
    FunctionCall call;
    call.function = function_arn_;
    call.payload = std::move(event);
    call.service_principal = "elasticloadbalancing.amazonaws.com";
    call.source_arn = target_group_arn_;
    auto result = co_await functions_.invoke(std::move(call));
    if (!result) co_return std::unexpected(std::move(result).error());
    if (!result->function_error.empty())
      co_return fail("E_FUNCTION", "the function ended with an error: " + result->function_error);
    co_return std::move(result->payload);
  }

 private:
  FunctionInvoker& functions_;
  const std::string function_arn_, target_group_arn_;
};

proxy::TargetProtocol target_protocol(std::string_view version) {
  if (version == "GRPC") return proxy::TargetProtocol::grpc;
  return version == "HTTP2" ? proxy::TargetProtocol::http2 : proxy::TargetProtocol::http1;
}

proxy::StatusMatcher matcher_of(const wire::TargetGroup& group) {
  Result<proxy::StatusMatcher> matcher =
      group.matcher && group.matcher->grpc_code
          ? proxy::StatusMatcher::parse_grpc(*group.matcher->grpc_code)
          : proxy::StatusMatcher::parse(group.matcher ? group.matcher->http_code.value_or("200") : "200");
  ASSERT(matcher.has_value());  // checked when it was set
  return *matcher;
}

proxy::HealthSettings health_settings_of(const wire::TargetGroup& group) {
  proxy::HealthSettings health;
  health.enabled = group.health_check_enabled;
  health.port = static_cast<uint16_t>(parse_int(group.health_check_port).value_or(0));  // "traffic-port": 0
  if (group.health_check_protocol == "HTTPS") health.protocol = proxy::HealthSettings::Protocol::https;
  health.path = group.health_check_path.value_or("/");
  health.matcher = matcher_of(group);
  health.interval = std::chrono::seconds(group.health_check_interval_seconds);
  health.timeout = std::chrono::seconds(group.health_check_timeout_seconds);
  health.healthy_threshold = group.healthy_threshold_count;
  health.unhealthy_threshold = group.unhealthy_threshold_count;
  return health;
}

proxy::HealthMinimum health_minimum(const Attributes& attributes, const std::string& what) {
  auto rules = target_group_attributes(true);
  auto number = [&](const char* kind) {
    return static_cast<int>(number_or_zero(rules, attributes, what + ".minimum_healthy_targets." + kind));
  };
  return {number("count"), number("percentage")};
}

void take_stickiness(const Attributes& attributes, proxy::TargetGroupSettings& settings) {
  auto rules = target_group_attributes(false);
  bool by_app = attribute(rules, attributes, "stickiness.type") == "app_cookie";
  std::string_view duration = by_app ? "stickiness.app_cookie.duration_seconds" : "stickiness.lb_cookie.duration_seconds";
  settings.stickiness_seconds = static_cast<int>(number_attribute(rules, attributes, duration));
  if (by_app) settings.app_cookie = attribute(rules, attributes, "stickiness.app_cookie.cookie_name");
}

proxy::TargetGroupSettings settings_of(const TargetGroupRecord& record, const LoadBalancerRecord* balancer) {
  const wire::TargetGroup& group = record.description;
  bool is_function = group.target_type == "lambda";
  auto rules = target_group_attributes(is_function);
  proxy::TargetGroupSettings settings;
  settings.name = group.target_group_arn;
  settings.health = health_settings_of(group);
  settings.routing_minimum = health_minimum(record.attributes, "target_group_health.unhealthy_state_routing");
  settings.dns_minimum = health_minimum(record.attributes, "target_group_health.dns_failover");
  if (!is_function) {
    settings.secure = group.protocol == "HTTPS";
    settings.protocol = target_protocol(group.protocol_version.value_or("HTTP1"));
    settings.deregistration_delay =
        std::chrono::seconds(number_attribute(rules, record.attributes, "deregistration_delay.timeout_seconds"));
    settings.slow_start = std::chrono::seconds(number_attribute(rules, record.attributes, "slow_start.duration_seconds"));
    std::string algorithm = attribute(rules, record.attributes, "load_balancing.algorithm.type");
    settings.algorithm = algorithm == "least_outstanding_requests" ? proxy::Algorithm::least_outstanding_requests
                         : algorithm == "weighted_random"          ? proxy::Algorithm::weighted_random
                                                                   : proxy::Algorithm::round_robin;
    settings.anomaly_mitigation = attribute(rules, record.attributes, "load_balancing.algorithm.anomaly_mitigation") == "on";
    settings.cross_zone = attribute(rules, record.attributes, "load_balancing.cross_zone.enabled") != "false";
    if (flag_attribute(rules, record.attributes, "stickiness.enabled")) take_stickiness(record.attributes, settings);
  } else {
    settings.multi_value_headers = flag_attribute(rules, record.attributes, "lambda.multi_value_headers.enabled");
    settings.deregistration_delay = Duration{0};
  }
  if (balancer) {
    for (const wire::AvailabilityZone& zone : balancer->description.availability_zones) settings.zones.push_back(zone.zone_name);
    settings.idle_timeout =
        std::chrono::seconds(number_attribute(load_balancer_attributes(), balancer->attributes, "idle_timeout.timeout_seconds"));
  }
  return settings;
}

std::string state_name(InstanceState state) {
  switch (state) {
    case InstanceState::pending:
      return "pending";
    case InstanceState::running:
      return "running";
    case InstanceState::stopping:
      return "stopping";
    case InstanceState::stopped:
      return "stopped";
    case InstanceState::shutting_down:
      return "shutting-down";
    case InstanceState::terminated:
      return "terminated";
  }
  return "terminated";
}

proxy::TargetState known_state(const std::string& health) {
  if (health == "healthy") return proxy::TargetState::healthy;
  if (health == "unhealthy") return proxy::TargetState::unhealthy;
  return proxy::TargetState::initial;
}

}  // namespace

std::optional<InstanceReach::Instance> instance_of(const InstanceReach& instances, const wire::TargetGroup& group,
                                                   const std::string& target_id) {
  if (group.target_type == "ip") return instances.find_instance_by_address(group.vpc_id.value_or(""), target_id);
  return instances.find_instance(target_id);
}

std::optional<std::string> zone_of_node(const State& state, const InstanceReach& instances, std::string_view vpc_id,
                                        std::string_view address) {
  for (const auto& [arn, balancer] : state.load_balancers.rows()) {
    if (balancer.description.vpc_id != vpc_id) continue;
    for (const wire::AvailabilityZone& zone : balancer.description.availability_zones) {
      auto subnet = instances.find_subnet(zone.subnet_id);
      if (subnet && node_address(subnet->cidr_block) == address) return zone.zone_name;
    }
  }
  return std::nullopt;
}

std::string node_address(const std::string& cidr_block) {
  auto range = parse_range(cidr_block);
  if (!range || range->prefix_bits < 96) return "";
  std::array<uint8_t, 4> bytes;
  std::copy_n(range->address.bytes.begin() + 12, 4, bytes.begin());
  uint32_t network = uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
  int host_bits = 128 - range->prefix_bits;
  uint32_t last = network + static_cast<uint32_t>((uint64_t{1} << host_bits) - 1);
  uint32_t address = host_bits > 1 ? last - 1 : last;  // the very last is the broadcast address
  return std::to_string(address >> 24) + "." + std::to_string(address >> 16 & 255) + "." + std::to_string(address >> 8 & 255) +
         "." + std::to_string(address & 255);
}

Groups::Groups(Core& core, State& state, InstanceReach& instances, FunctionInvoker* functions)
    : core_(core), state_(state), instances_(instances), functions_(functions) {}

Groups::~Groups() = default;

std::shared_ptr<proxy::TargetGroup> Groups::find(const std::string& arn) const {
  auto it = groups_.find(arn);
  return it == groups_.end() ? nullptr : it->second;
}

std::shared_ptr<Origin> Groups::origin_of(const std::string& arn) {
  auto& origin = origins_[arn];
  if (!origin) origin = std::make_shared<Origin>();
  return origin;
}

void Groups::update_origin(const std::string& arn, const LoadBalancerRecord* balancer) {
  std::shared_ptr<Origin> origin = origin_of(arn);
  *origin = Origin{};
  if (!balancer) return;
  origin->security_groups = balancer->description.security_groups;
  for (const wire::AvailabilityZone& zone : balancer->description.availability_zones) {
    if (auto subnet = instances_.find_subnet(zone.subnet_id))
      origin->node_addresses[zone.zone_name] = node_address(subnet->cidr_block);
  }
}

proxy::TargetSpec Groups::make_spec(const TargetGroupRecord& group, const TargetRecord& target) {
  proxy::TargetSpec spec;
  spec.id = target.id;
  spec.port = static_cast<uint16_t>(target.port);
  spec.zone = target.zone;
  if (group.description.target_type == "lambda") {
    ASSERT(functions_ != nullptr);  // RegisterTargets refuses functions without it
    spec.authority = target.id;
    spec.function = std::make_shared<InvokedFunction>(*functions_, target.id, target.target_group_arn);
    return spec;
  }
  auto instance = instance_of(instances_, group.description, target.id);
  spec.authority = (instance ? instance->private_ip : target.id) + ":" + std::to_string(target.port);
  std::string instance_id = instance ? instance->instance_id : target.id;
  auto origin = origin_of(target.target_group_arn);
  spec.reach = [this, instance_id, zone = target.zone, origin](uint16_t port) -> std::shared_ptr<io::Connector> {
    return std::make_shared<GuardedConnector>(core_.loop, instances_, instance_id, zone, port, origin);
  };
  return spec;
}

void Groups::reconcile() {
  std::erase_if(groups_, [&](const auto& entry) { return !state_.target_groups.contains(entry.first); });
  std::erase_if(origins_, [&](const auto& entry) { return !state_.target_groups.contains(entry.first); });
  for (const auto& [arn, record] : state_.target_groups.rows()) reconcile_group(record);
}

void Groups::reconcile_group(const TargetGroupRecord& record) {
  const std::string& arn = record.description.target_group_arn;
  auto balancer_arn = state_.load_balancer_of(arn);
  const LoadBalancerRecord* balancer = balancer_arn ? state_.load_balancers.find(*balancer_arn) : nullptr;
  update_origin(arn, balancer);
  proxy::TargetGroupSettings settings = settings_of(record, balancer);
  if (settings.secure || settings.health.protocol == proxy::HealthSettings::Protocol::https)
    settings.tls = target_tls(settings.protocol != proxy::TargetProtocol::http1);
  auto& group = groups_[arn];
  if (!group) {
    group = std::make_shared<proxy::TargetGroup>(core_.loop, core_.clock, record.seed, std::move(settings));
    group->on_health = [this, arn](const proxy::Target& target, proxy::TargetState health) {
      std::string key = target_key(arn, target.spec.id, target.spec.port);
      if (!state_.targets.contains(key)) return;
      state_.targets.update(key, [&](TargetRecord& t) { t.health = to_string(health); });
      core_.log.info("target health changed",
                     {{"target_group", arn}, {"target", target.spec.id}, {"port", target.spec.port}, {"state", to_string(health)}});
    };
    group->on_gone = [this, arn](const std::string& id, uint16_t port) { state_.targets.erase(target_key(arn, id, port)); };
  } else {
    group->configure(std::move(settings));
  }
  for (const TargetRecord* target : state_.targets_of(arn)) {
    auto port = static_cast<uint16_t>(target->port);
    if (!group->contains(target->id, port) || (!target->drain_until && group->is_draining(target->id, port))) {
      group->add(make_spec(record, *target), known_state(target->health));
    }
    if (target->drain_until) group->drain(target->id, port, *target->drain_until);
    refresh_target(record, balancer, *target);
  }
  group->set_in_use(balancer != nullptr);
}

const std::shared_ptr<const http::TlsClientContext>& Groups::target_tls(bool http2) {
  auto& context = target_tls_[http2];
  if (!context) {
    http::TlsClientOptions options{.verify = false};
    if (http2) options.protocols = {"h2"};
    auto made = http::TlsClientContext::make(options);
    ASSERT(made.has_value());  // it needs no file
    context = *std::move(made);
  }
  return context;
}

void Groups::refresh_target(const TargetGroupRecord& group, const LoadBalancerRecord* balancer, const TargetRecord& target) {
  if (group.description.target_type == "lambda" || target.drain_until) return;
  std::shared_ptr<proxy::TargetGroup> running = find(group.description.target_group_arn);
  auto port = static_cast<uint16_t>(target.port);
  if (group.description.target_type == "ip" && zone_of_node(state_, instances_, *group.description.vpc_id, target.id)) {
    return running->set_unusable(target.id, port, "Target.IpUnusable",
                                 "The IP address cannot be used as a target, because it is in use by a load balancer");
  }
  auto instance = instance_of(instances_, group.description, target.id);
  InstanceState state = instance ? instance->state : InstanceState::terminated;
  if (state == InstanceState::terminated && group.description.target_type == "instance") {
    deregister(target);
  } else if (state != InstanceState::running) {
    running->set_unusable(target.id, port, "Target.InvalidState", "Target is in the " + state_name(state) + " state");
  } else if (balancer &&
             std::none_of(balancer->description.availability_zones.begin(), balancer->description.availability_zones.end(),
                          [&](const wire::AvailabilityZone& zone) { return zone.zone_name == instance->availability_zone; })) {
    running->set_unusable(target.id, port, "Target.NotInUse",
                          "Target is in an Availability Zone that is not enabled for the load balancer");
  } else {
    running->set_unusable(target.id, port, "", "");
  }
}

void Groups::refresh_instances() {
  std::vector<TargetRecord> targets;  // copies: deregistering changes the table
  for (const auto& [key, target] : state_.targets.rows()) targets.push_back(target);
  for (const TargetRecord& target : targets) {
    const TargetGroupRecord* group = state_.target_groups.find(target.target_group_arn);
    if (!group || !find(target.target_group_arn)) continue;
    auto balancer_arn = state_.load_balancer_of(target.target_group_arn);
    refresh_target(*group, balancer_arn ? state_.load_balancers.find(*balancer_arn) : nullptr, target);
  }
}

void Groups::deregister(const TargetRecord& target) {
  std::shared_ptr<proxy::TargetGroup> running = find(target.target_group_arn);
  if (!running) return;
  std::string key = target_key(target.target_group_arn, target.id, target.port);
  std::string id = target.id;
  auto port = static_cast<uint16_t>(target.port);
  // Nothing was ever sent to targets of a group that is not in use: they leave at once.
  Duration delay = running->in_use() ? running->settings().deregistration_delay : Duration{0};
  Timestamp until = core_.clock.now() + delay;
  state_.targets.update(key, [&](TargetRecord& t) { t.drain_until = until; });
  running->drain(id, port, until);
}

}  // namespace pds::cloud::elbv2
