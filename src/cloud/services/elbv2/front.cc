#include "cloud/services/elbv2/front.h"

#include <algorithm>
#include <chrono>

#include "aws/codec.h"
#include "base/text.h"
#include "cloud/services/elbv2/action.h"
#include "cloud/services/elbv2/attributes.h"
#include "cloud/services/elbv2/condition.h"
#include "io/clock.h"
#include "proxy/condition.h"

namespace pds::cloud::elbv2 {
namespace {

// How often the world is looked at for what no call announces: instances that stop, ports that become free.
constexpr Duration watch_interval = 5s;
// Longer than any request that was let in under the longest idle timeout is likely to need; real time.
constexpr Duration close_grace = 30s;

const Clock& real_clock() {
  static const io::SystemClock clock;
  return clock;
}

Duration idle_timeout_of(const LoadBalancerRecord& balancer) {
  return std::chrono::seconds(number_attribute(load_balancer_attributes(), balancer.attributes, "idle_timeout.timeout_seconds"));
}

proxy::FrontSettings front_settings(const ListenerRecord& listener, const LoadBalancerRecord& balancer) {
  auto rules = load_balancer_attributes();
  proxy::FrontSettings settings;
  settings.load_balancer_id = "app/" + balancer.description.load_balancer_name + "/" + balancer.id;
  settings.dns_name = balancer.description.dns_name;
  settings.port = static_cast<uint16_t>(listener.description.port);
  settings.secure = is_https(listener);
  settings.drop_invalid_header_fields =
      flag_attribute(rules, balancer.attributes, "routing.http.drop_invalid_header_fields.enabled");
  settings.forwarded_client_port = flag_attribute(rules, balancer.attributes, "routing.http.xff_client_port.enabled");
  std::string mode = attribute(rules, balancer.attributes, "routing.http.xff_header_processing.mode");
  settings.forwarded_for = mode == "preserve" ? proxy::ForwardedFor::preserve
                           : mode == "remove" ? proxy::ForwardedFor::remove
                                              : proxy::ForwardedFor::append;
  settings.idle_timeout = idle_timeout_of(balancer);
  settings.client_keep_alive = std::chrono::seconds(number_attribute(rules, balancer.attributes, "client_keep_alive.seconds"));
  settings.preserve_host_header = flag_attribute(rules, balancer.attributes, "routing.http.preserve_host_header.enabled");
  settings.tls_headers = flag_attribute(rules, balancer.attributes, "routing.http.x_amzn_tls_version_and_cipher_suite.enabled");
  settings.server_header = flag_attribute(listener_attributes(), listener.attributes, "routing.http.response.server.enabled");
  settings.response_headers = response_headers(listener.attributes);
  return settings;
}

}  // namespace

Front::Front(Core& core, State& state, InstanceReach& instances, FunctionInvoker* functions, MetricSink& metrics,
             CertificateSource* certificates, const ObservationOptions& observation)
    : core_(core),
      state_(state),
      instances_(instances),
      groups_(core, state, instances, functions),
      meter_(core, state, groups_, metrics),
      access_logs_(core, observation.objects),
      slow_log_(core.log, observation.slow_request) {
  if (certificates) tls_ = std::make_unique<PortTls>(core, *certificates);
}

Front::~Front() = default;

void Front::start() {
  started_ = true;
  reconcile();
  tasks_.spawn(watch());
  tasks_.spawn(report());
  tasks_.spawn(access_logs_.deliver_every_interval());
}

io::Task<void> Front::stop() {
  started_ = false;
  tasks_.cancel_all();
  for (auto& [number, port] : ports_) close_port(std::move(port));
  ports_.clear();
  co_await closing_.wait_empty();
  co_await access_logs_.finish();
}

// A port that was claimed and has no certificate to serve with is nobody's yet.
Meter::Connections Front::connections() const {
  Meter::Connections open;
  for (const auto& [number, port] : ports_) {
    if (!port->members().empty()) open[port->members().front().load_balancer_arn] += port->connections();
  }
  return open;
}

void Front::expose(Exposition& page) {
  for (auto& [number, port] : ports_) port->count_failed_handshakes();
  meter_.expose(page, connections());
  for (const auto& [arn, balancer] : state_.load_balancers.rows()) {
    page.counter("pds_balancer_access_log_lines_dropped_total", "Access log lines that did not reach their bucket.",
                 {{"region", core_.region}, {"balancer", balancer.description.load_balancer_name}},
                 static_cast<double>(access_logs_.dropped_lines(arn)));
  }
}

void Front::reconcile() {
  groups_.reconcile();
  meter_.forget_deleted();
  std::erase_if(running_, [&](const auto& entry) { return !state_.listeners.contains(entry.first); });
  for (const auto& [arn, listener] : state_.listeners.rows()) {
    if (const auto* balancer = state_.load_balancers.find(listener.description.load_balancer_arn))
      reconcile_listener(listener, *balancer);
  }
  if (started_) reconcile_ports();
}

// Routes are made anew only when something in them has changed: a new snapshot starts its draws of weighted groups from the
// beginning.
void Front::reconcile_listener(const ListenerRecord& listener, const LoadBalancerRecord& balancer) {
  std::string definition = aws::to_json_text(listener) + aws::to_json_text(balancer);
  for (const RuleRecord* rule : state_.rules_of(listener.description.listener_arn)) definition += aws::to_json_text(*rule);
  Running& running = running_[listener.description.listener_arn];
  if (!running.frontend) {
    uint64_t seed = 0;
    core_.random.fill(reinterpret_cast<char*>(&seed), sizeof seed);
    running.frontend =
        std::make_shared<proxy::Frontend>(core_.loop, real_clock(), seed, meter_.counters_of(balancer.description.load_balancer_arn));
    slow_log_.attach(*running.frontend);
  }
  if (running.definition == definition) return;
  running.definition = std::move(definition);
  running.frontend->set_routes(make_routes(listener, balancer));
  running.frontend->set_access_log(access_logs_.sink_for(balancer));
}

std::shared_ptr<const proxy::Routes> Front::make_routes(const ListenerRecord& listener, const LoadBalancerRecord& balancer) const {
  auto find_group = [this](const std::string& arn) { return groups_.find(arn); };
  auto routes = std::make_shared<proxy::Routes>(proxy::Routes{
      front_settings(listener, balancer), {}, make_action(listener.description.default_actions, find_group, balancer.id)});
  for (const RuleRecord* rule : state_.rules_of(listener.description.listener_arn)) {
    routes->rules.push_back(
        {rule->priority, make_conditions(rule->conditions), make_action(rule->actions, find_group, balancer.id)});
  }
  return routes;
}

void Front::reconcile_ports() {
  std::map<uint16_t, std::vector<const ListenerRecord*>> wanted;
  for (const auto& [arn, listener] : state_.listeners.rows()) {
    if (running_.contains(arn)) wanted[static_cast<uint16_t>(listener.description.port)].push_back(&listener);
  }
  for (auto it = ports_.begin(); it != ports_.end();) {
    if (wanted.contains(it->first)) {
      ++it;
    } else {
      close_port(std::move(it->second));
      if (tls_) tls_->forget(it->first);
      it = ports_.erase(it);
    }
  }
  port_problems_.clear();
  for (auto& [number, listeners] : wanted) reconcile_port(number, std::move(listeners));
}

bool Front::speaks_http2(const ListenerRecord& listener) const {
  const LoadBalancerRecord* balancer = state_.load_balancers.find(listener.description.load_balancer_arn);
  return flag_attribute(load_balancer_attributes(), balancer->attributes, "routing.http2.enabled");
}

void Front::reconcile_port(uint16_t number, std::vector<const ListenerRecord*> listeners) {
  if (Result<void> claimed = claim_port(number); !claimed) {
    port_problems_[number] = claimed.error().message;
    return;
  }
  auto age = [this](const ListenerRecord* l) {
    return std::pair(state_.load_balancers.find(l->description.load_balancer_arn)->description.created_time,
                     l->description.listener_arn);
  };
  std::sort(listeners.begin(), listeners.end(), [&](auto* a, auto* b) { return age(a) < age(b); });
  std::shared_ptr<http::TlsAcceptor> acceptor;
  if (is_https(*listeners.front())) {
    Result<std::shared_ptr<http::TlsAcceptor>> made = tls_->acceptor(number, listeners, speaks_http2(*listeners.front()));
    if (!made) {
      port_problems_[number] = "Port " + std::to_string(number) + ": " + made.error().message;
      return;
    }
    acceptor = *std::move(made);
  }
  std::vector<ListenPort::Member> members;
  Duration idle_timeout{0};
  for (const ListenerRecord* listener : listeners) {
    const LoadBalancerRecord& balancer = *state_.load_balancers.find(listener->description.load_balancer_arn);
    idle_timeout = std::max(idle_timeout, idle_timeout_of(balancer));
    members.push_back({balancer.description.dns_name, running_.at(listener->description.listener_arn).frontend,
                       balancer.description.security_groups, meter_.counters_of(balancer.description.load_balancer_arn),
                       balancer.description.load_balancer_arn});
  }
  ports_.at(number)->set_members(std::move(members), idle_timeout, std::move(acceptor));
}

void Front::certificate_changed(const std::string& arn) {
  tls_->certificate_changed(arn);
  if (started_) reconcile_ports();
}

Result<void> Front::claim_port(uint16_t port) {
  if (ports_.contains(port)) return {};
  Result<std::unique_ptr<ListenPort>> bound = ListenPort::bind(core_, instances_, port);
  if (!bound) {
    return fail("InvalidConfigurationRequest", "Port " + std::to_string(port) + " cannot be listened on at 127.0.0.1: " +
                                                   bound.error().message + ". Stop what uses it, or choose another port");
  }
  ports_[port] = std::move(*bound);
  return {};
}

namespace {

io::Task<void> drain_and_close(io::Loop& loop, std::unique_ptr<ListenPort> port) {
  co_await port->drain(std::chrono::steady_clock::now() + close_grace);
  co_await loop.yield();
}

}  // namespace

void Front::close_port(std::unique_ptr<ListenPort> port) { closing_.spawn(drain_and_close(core_.loop, std::move(port))); }

std::string Front::impairment(std::string_view load_balancer_arn) const {
  for (const ListenerRecord* listener : state_.listeners_of(load_balancer_arn)) {
    auto problem = port_problems_.find(static_cast<uint16_t>(listener->description.port));
    if (problem != port_problems_.end()) return problem->second;
  }
  return "";
}

bool Front::claims(std::string_view host) const {
  std::string_view name = proxy::without_port(host);
  return std::any_of(state_.load_balancers.rows().begin(), state_.load_balancers.rows().end(),
                     [&](const auto& row) { return iequals(row.second.description.dns_name, name); });
}

// By name on the endpoint port: the listener on 80, or the one with the lowest port. It is spoken to in the clear, so HTTPS listeners
// are not reached there.
io::Task<void> Front::serve(http::ServerRequest& request, http::Responder& responder) {
  std::string_view name = proxy::without_port(request.head.host());
  std::shared_ptr<proxy::Frontend> frontend;
  for (const auto& [arn, balancer] : state_.load_balancers.rows()) {
    if (!iequals(balancer.description.dns_name, name)) continue;
    for (const ListenerRecord* listener : state_.listeners_of(arn)) {
      auto running = running_.find(listener->description.listener_arn);
      if (running == running_.end() || is_https(*listener)) continue;
      if (!frontend || listener->description.port == 80) frontend = running->second.frontend;
    }
  }
  if (!frontend) {
    co_await responder.send(http::Response::text(503, "").head, "this load balancer has no HTTP listener\n");
    co_return;
  }
  co_await frontend->serve(request, responder);
}

std::vector<ObservedShare> Front::observed_shares(const std::string& listener_arn) const {
  std::vector<ObservedShare> all;
  auto running = running_.find(listener_arn);
  if (running == running_.end() || !running->second.frontend->routes()) return all;
  const proxy::Routes& routes = *running->second.frontend->routes();
  auto add = [&](int priority, const proxy::Action& action) {
    const auto* forward = std::get_if<proxy::Forward>(&action);
    if (!forward) return;
    proxy::ForwardCounts counts = forward->counts();
    for (size_t i = 0; i < forward->choices.size(); ++i) {
      const proxy::Forward::Choice& choice = forward->choices[i];
      all.push_back({priority, choice.group->settings().name, choice.weight, counts.requests[i], counts.share(i)});
    }
  };
  for (const proxy::Rule& rule : routes.rules) add(rule.priority, rule.action);
  add(0, routes.default_action);
  return all;
}

void Front::activate() {
  std::vector<std::string> ready;
  for (const auto& [arn, balancer] : state_.load_balancers.rows()) {
    if (balancer.description.state.code == "provisioning") ready.push_back(arn);
  }
  for (const std::string& arn : ready) {
    state_.load_balancers.update(arn, [](LoadBalancerRecord& b) { b.description.state.code = "active"; });
  }
}

io::Task<void> Front::watch() {
  for (;;) {
    Timestamp next = core_.clock.now() + watch_interval;
    activate();
    groups_.refresh_instances();
    meter_.look();
    if (!port_problems_.empty()) reconcile_ports();
    for (Timestamp now = core_.clock.now(); now < next; now = core_.clock.now())
      co_await io::sleep_on(core_.loop, core_.clock, next - now);
  }
}

io::Task<void> Front::report() {
  constexpr auto minute = std::chrono::minutes(1);
  for (;;) {
    Timestamp began = std::chrono::floor<std::chrono::minutes>(core_.clock.now());
    for (Timestamp now = core_.clock.now(); now < began + minute; now = core_.clock.now()) {
      co_await io::sleep_on(core_.loop, core_.clock, began + minute - now);
    }
    for (auto& [number, port] : ports_) port->count_failed_handshakes();
    meter_.flush(began, connections());
  }
}

}  // namespace pds::cloud::elbv2
