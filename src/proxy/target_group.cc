#include "proxy/target_group.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/crypto.h"
#include "base/text.h"
#include "http/tls_connector.h"
#include "io/clock.h"
#include "proxy/condition.h"
#include "proxy/probe.h"
#include "proxy/probe_http2.h"

namespace pds::proxy {
namespace {

bool same_checks(const HealthSettings& a, const HealthSettings& b) {
  return a.enabled == b.enabled && a.protocol == b.protocol && a.port == b.port && a.path == b.path && a.interval == b.interval;
}

}  // namespace

TargetGroup::TargetGroup(io::Loop& loop, const Clock& clock, std::string seed, TargetGroupSettings settings)
    : loop_(loop),
      clock_(clock),
      seal_(std::move(seed)),
      settings_(std::move(settings)),
      pools_(1),
      random_(std::hash<std::string>{}(seal_.token("order"))) {}

TargetGroup::~TargetGroup() {
  // Exchanges may outlive the group; their targets then have nobody to tell.
  for (auto& target : targets_) {
    target->checking_.cancel_all();
    target->on_idle_ = nullptr;
    target->drain_timer.cancel();
  }
}

void TargetGroup::configure(TargetGroupSettings settings) {
  bool recheck = !same_checks(settings.health, settings_.health);
  bool reconnect = settings.idle_timeout != settings_.idle_timeout;
  settings_ = std::move(settings);
  for (auto& target : targets_) {
    if (reconnect) make_client(*target);
    if (recheck) restart_checks(*target);
    if (settings_.slow_start == Duration{0}) target->slow_since_.reset();
    update_share(*target);
  }
  rebuild();
}

void TargetGroup::set_in_use(bool in_use) {
  if (in_use == in_use_) return;
  in_use_ = in_use;
  for (auto& target : targets_) {
    // What was known before is too old once nobody looked; a target of a group that comes into use again is checked first.
    if (!in_use) target->health_.reset();
    restart_checks(*target);
  }
  start_judging();
  rebuild();
}

std::shared_ptr<Target> TargetGroup::find(std::string_view id, uint16_t port) const {
  for (const auto& target : targets_) {
    if (target->spec.port == port && target->spec.id == id) return target;
  }
  return nullptr;
}

bool TargetGroup::is_draining(std::string_view id, uint16_t port) const {
  std::shared_ptr<Target> target = find(id, port);
  return target && target->draining_;
}

std::shared_ptr<TargetCounters> TargetGroup::counters_of(const std::string& zone) {
  auto& counters = counters_[zone];
  if (!counters) counters = std::make_shared<TargetCounters>();
  return counters;
}

std::shared_ptr<io::Connector> TargetGroup::connector_to(const Target& target, uint16_t port, bool secure) const {
  std::shared_ptr<io::Connector> plain = target.spec.reach(port);
  if (!secure) return plain;
  return http::tls_connector(std::move(plain), settings_.tls, std::string(without_port(target.spec.authority)));
}

void TargetGroup::make_client(Target& target) {
  if (!target.spec.reach) return;
  http::ClientOptions options;
  options.limits.body_bytes_max = SIZE_MAX;  // streamed, never gathered
  options.connect_timeout = target_connect_timeout;
  options.response_timeout = settings_.idle_timeout;
  options.idle_timeout = settings_.idle_timeout;
  options.idle_connections_max = target_connections_idle_max;
  if (settings_.protocol != TargetProtocol::http1) options.protocol = http::Protocol::http2;
  target.client = std::make_shared<http::Client>(loop_, connector_to(target, target.spec.port, settings_.secure), options);
}

void TargetGroup::add(TargetSpec spec, TargetState known) {
  if (std::shared_ptr<Target> there = find(spec.id, spec.port)) {
    if (!there->draining_) return;
    std::erase(targets_, there);  // what is in flight finishes on the old object
    there->on_idle_ = nullptr;
    there->drain_timer.cancel();
  }
  std::string token = seal_.token(spec.id + ":" + std::to_string(spec.port));
  std::shared_ptr<TargetCounters> counters = counters_of(spec.zone);
  auto target = std::make_shared<Target>(loop_, std::move(spec), std::move(counters), std::move(token));
  if (known == TargetState::healthy || known == TargetState::unhealthy) target->health_.restore(known);
  make_client(*target);
  targets_.push_back(target);
  restart_checks(*target);
  start_judging();
  rebuild();
}

void TargetGroup::set_unusable(std::string_view id, uint16_t port, std::string_view reason, const std::string& description) {
  std::shared_ptr<Target> target = find(id, port);
  if (!target) return;
  target->unusable_description_ = description;
  bool changes = target->unusable_reason_.empty() != reason.empty();
  target->unusable_reason_ = reason;
  if (!changes) return;
  target->health_.reset();
  restart_checks(*target);
  rebuild();
}

// ---- who gets the next request ----

void TargetGroup::rebuild() {
  std::vector<Pool> made;
  if (settings_.cross_zone) {
    made.push_back(make_pool(""));
  } else {
    for (const std::string& zone : settings_.zones) made.push_back(make_pool(zone));
    if (made.empty()) made.emplace_back();
  }
  for (Pool& pool : made) {  // a change does not begin the turns anew: whoever stands first would get more than its part
    auto was = std::find_if(pools_.begin(), pools_.end(), [&](const Pool& other) { return other.zone == pool.zone; });
    if (was != pools_.end()) pool.next = was->next;
  }
  pools_ = std::move(made);
}

Pool TargetGroup::make_pool(std::string zone) const {
  Pool pool{.zone = std::move(zone)};
  std::vector<std::shared_ptr<Target>> registered;
  for (const auto& target : targets_) {
    if (!pool.zone.empty() && target->spec.zone != pool.zone) continue;
    TargetState state = report(*target).state;
    if (state == TargetState::unused || state == TargetState::draining) continue;
    registered.push_back(target);
    if (state == TargetState::healthy || state == TargetState::unavailable) pool.targets.push_back(target);
  }
  size_t healthy = pool.targets.size();
  pool.in_dns = settings_.dns_minimum.met(healthy, registered.size());
  if (healthy == 0 || !settings_.routing_minimum.met(healthy, registered.size())) pool.targets = std::move(registered);
  pool.uneven = std::any_of(pool.targets.begin(), pool.targets.end(), [](const auto& target) { return target->share() < 1; });
  return pool;
}

// The zone by which the next request comes in.
Pool& TargetGroup::enter() {
  if (pools_.size() == 1) return pools_[0];
  for (size_t i = 0; i < pools_.size(); ++i) {
    Pool& pool = pools_[next_zone_++ % pools_.size()];
    if (pool.in_dns) return pool;
  }
  return pools_[next_zone_++ % pools_.size()];
}

std::shared_ptr<Target> TargetGroup::pick() {
  Pool& pool = enter();
  return pool.targets.empty() ? nullptr : choose(pool, settings_.algorithm, random_);
}

TargetGroup::Sticky TargetGroup::pick_sticky(std::string_view cookie, Timestamp now) const {
  if (settings_.stickiness_seconds == 0 || cookie.empty()) return {};
  std::string_view token = seal_.open(cookie, now);
  if (token.empty()) return {};
  for (const Pool& pool : pools_) {
    for (const auto& target : pool.targets) {
      if (target->cookie_.token() == token) return {target, true};
    }
  }
  return {nullptr, true};
}

const std::string& TargetGroup::cookie_for(Target& target, Timestamp now) {
  return target.cookie_.value(seal_, now + std::chrono::seconds(settings_.stickiness_seconds));
}

// ---- shares ----

void TargetGroup::update_share(Target& target) {
  double share = 1;
  if (target.slow_since_ && settings_.slow_start > Duration{0}) {
    share = std::chrono::duration<double>(clock_.now() - *target.slow_since_) / settings_.slow_start;
    share = std::max(share, slow_start_share_min);
    if (share >= 1) target.slow_since_.reset();
  }
  if (settings_.algorithm == Algorithm::weighted_random) share *= target.anomaly_.share();
  target.share_ = std::min(share, 1.0);
}

// Only beside a healthy target that has its full share: otherwise there is nobody to take what the new one is spared.
void TargetGroup::begin_slow_start(Target& target) {
  if (settings_.slow_start == Duration{0}) return;
  bool has_peer = std::any_of(targets_.begin(), targets_.end(), [&](const auto& other) {
    return other.get() != &target && report(*other).state == TargetState::healthy && !other->slow_since_;
  });
  if (!has_peer) return;
  target.slow_since_ = clock_.now();
  update_share(target);
  if (!std::exchange(raising_, true)) tending_.spawn(raise_shares());
}

io::Task<void> TargetGroup::raise_shares() {
  auto is_slow = [](const auto& target) { return target->slow_since_.has_value(); };
  while (std::any_of(targets_.begin(), targets_.end(), is_slow)) {
    Timestamp next = clock_.now() + slow_start_step;
    for (Timestamp now = clock_.now(); now < next; now = clock_.now()) co_await io::sleep_on(loop_, clock_, next - now);
    for (auto& target : targets_) update_share(*target);
    rebuild();
  }
  raising_ = false;
}

void TargetGroup::start_judging() {
  if (!in_use_ || targets_.size() < anomaly_healthy_min) return;
  if (!std::exchange(judging_, true)) tending_.spawn(judge());
}

io::Task<void> TargetGroup::judge() {
  while (in_use_ && targets_.size() >= anomaly_healthy_min) {
    Timestamp next = clock_.now() + anomaly_window;
    for (Timestamp now = clock_.now(); now < next; now = clock_.now()) co_await io::sleep_on(loop_, clock_, next - now);
    std::vector<AnomalyState*> healthy;
    for (auto& target : targets_) {
      if (report(*target).state == TargetState::healthy) {
        healthy.push_back(&target->anomaly_);
      } else {
        target->anomaly_ = {};
      }
    }
    judge_targets(healthy, settings_.algorithm == Algorithm::weighted_random && settings_.anomaly_mitigation);
    for (auto& target : targets_) update_share(*target);
    rebuild();
  }
  judging_ = false;
}

// ---- health ----

HealthReport TargetGroup::report(const Target& target) const {
  if (target.draining_) return {TargetState::draining, "Target.DeregistrationInProgress", "Target deregistration is in progress"};
  if (!target.unusable_reason_.empty()) return {TargetState::unused, target.unusable_reason_, target.unusable_description_};
  if (!in_use_)
    return {TargetState::unused, "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"};
  if (!settings_.health.enabled) {
    return {TargetState::unavailable, "Target.HealthCheckDisabled", "Health checks are disabled for this target"};
  }
  return target.health_.report();
}

std::vector<TargetGroup::Status> TargetGroup::statuses() const {
  std::vector<Status> all;
  for (const auto& target : targets_) {
    all.push_back({target->spec.id, target->spec.port, target->spec.zone, report(*target), target->in_flight(),
                   target->anomaly_.is_anomalous(), target->anomaly_.is_mitigated(), target->share()});
  }
  return all;
}

void TargetGroup::restart_checks(Target& target) {
  target.checking_.cancel_all();
  if (!in_use_ || !settings_.health.enabled || target.draining_ || !target.unusable_reason_.empty()) return;
  bool secure = settings_.health.protocol == HealthSettings::Protocol::https;
  if (target.spec.reach)
    target.check_connector_ = connector_to(target, settings_.health.port ? settings_.health.port : target.spec.port, secure);
  target.checking_.spawn(check(target));
}

// Level-triggered: whatever changes settings that matter here starts it anew.
io::Task<void> TargetGroup::check(Target& target) {
  for (;;) {
    Timestamp next = clock_.now() + settings_.health.interval;
    ProbeResult result = co_await ask(target);
    if (target.health_.record(result, settings_.health)) {
      target.slow_since_.reset();
      target.anomaly_ = {};
      update_share(target);
      if (target.health_.state() == TargetState::healthy) begin_slow_start(target);
      rebuild();
      if (on_health) on_health(target, target.health_.state());
    }
    for (Timestamp now = clock_.now(); now < next; now = clock_.now()) co_await io::sleep_on(loop_, clock_, next - now);
  }
}

io::Task<ProbeResult> TargetGroup::ask(Target& target) {
  HealthSettings asked = settings_.health;  // may change while it is asked
  if (target.spec.function) {
    std::string event = to_health_check_event(asked.path, settings_.name, settings_.multi_value_headers);
    co_return co_await probe_function(loop_, *target.spec.function, asked, std::move(event));
  }
  asked.version = settings_.protocol;
  if (asked.protocol != HealthSettings::Protocol::tcp && asked.version != TargetProtocol::http1)
    co_return co_await probe_http2(loop_, target.check_connector_, asked, target.spec.authority);
  co_return co_await probe(*target.check_connector_, asked, target.spec.authority);
}

void TargetGroup::drain(std::string_view id, uint16_t port, Timestamp until) {
  std::shared_ptr<Target> target = find(id, port);
  if (!target || target->draining_) return;
  target->draining_ = true;
  target->drain_until_ = until;
  restart_checks(*target);  // which ends them
  rebuild();
  Target* raw = target.get();
  target->on_drain_timer = [this, raw] { arm_drain(*raw); };
  target->on_idle_ = [this, raw] { end_drain(*raw); };
  // Even when nothing is in flight the end comes from the timer: who asked may be in the middle of writing down what it asked for.
  if (target->in_flight() == 0) target->drain_until_ = clock_.now();
  arm_drain(*target);
}

void TargetGroup::arm_drain(Target& target) {
  Timestamp now = clock_.now();
  if (now >= target.drain_until_ && target.drain_timer_fired_) return end_drain(target);
  target.drain_timer_fired_ = true;
  Duration left = now < target.drain_until_ ? clock_.to_real(target.drain_until_ - now) : Duration{0};
  target.drain_timer.start(std::chrono::steady_clock::now() + left);
}

void TargetGroup::end_drain(Target& target) {
  std::shared_ptr<Target> gone = find(target.spec.id, target.spec.port);
  ASSERT(gone.get() == &target);
  gone->on_idle_ = nullptr;
  gone->drain_timer.cancel();
  std::erase(targets_, gone);
  if (gone->in_flight() > 0) gone->cut_flights();
  if (on_gone) on_gone(gone->spec.id, gone->spec.port);
  loop_.post([gone] {});  // this may run in a callback of the target's own timer: it is not destroyed under it
}

}  // namespace pds::proxy
