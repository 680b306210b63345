#include "proxy/target_group.h"

#include <algorithm>

#include "base/check.h"
#include "base/crypto.h"
#include "base/text.h"
#include "http/tls_connector.h"
#include "io/clock.h"
#include "proxy/condition.h"
#include "proxy/probe.h"

namespace pds::proxy {
namespace {

bool same_checks(const HealthSettings& a, const HealthSettings& b) {
  return a.enabled == b.enabled && a.protocol == b.protocol && a.port == b.port && a.path == b.path && a.interval == b.interval;
}

}  // namespace

TargetGroup::TargetGroup(io::Loop& loop, const Clock& clock, std::string seed, TargetGroupSettings settings)
    : loop_(loop), clock_(clock), seed_(std::move(seed)), settings_(std::move(settings)) {}

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
  target.client = std::make_shared<http::Client>(loop_, connector_to(target, target.spec.port, settings_.secure), options);
}

void TargetGroup::add(TargetSpec spec, TargetState known) {
  if (std::shared_ptr<Target> there = find(spec.id, spec.port)) {
    if (!there->draining_) return;
    std::erase(targets_, there);  // what is in flight finishes on the old object
    there->on_idle_ = nullptr;
    there->drain_timer.cancel();
  }
  auto target = std::make_shared<Target>(loop_, std::move(spec), counters_of(spec.zone));
  target->sticky_token_ = to_hex(hmac_sha256(seed_, target->spec.id + ":" + std::to_string(target->spec.port)).substr(0, 16));
  if (known == TargetState::healthy || known == TargetState::unhealthy) target->health_.restore(known);
  make_client(*target);
  targets_.push_back(target);
  restart_checks(*target);
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

void TargetGroup::rebuild() {
  eligible_.clear();
  for (const auto& target : targets_) {
    TargetState state = report(*target).state;
    if (state == TargetState::healthy || state == TargetState::unavailable) eligible_.push_back(target);
  }
  if (!eligible_.empty()) return;
  for (const auto& target : targets_) {
    TargetState state = report(*target).state;
    if (state == TargetState::initial || state == TargetState::unhealthy) eligible_.push_back(target);
  }
}

size_t TargetGroup::choose() {
  size_t size = eligible_.size();
  size_t first = next_++ % size;
  if (settings_.algorithm == Algorithm::round_robin) return first;
  size_t best = first;
  for (size_t i = 1; i < size && eligible_[best]->in_flight() > 0; ++i) {
    size_t other = (first + i) % size;
    if (eligible_[other]->in_flight() < eligible_[best]->in_flight()) best = other;
  }
  return best;
}

std::shared_ptr<Target> TargetGroup::pick(std::string_view sticky_token) {
  if (eligible_.empty()) return nullptr;
  if (!sticky_token.empty() && settings_.stickiness_seconds > 0) {
    for (const auto& target : eligible_) {
      if (target->sticky_token_ == sticky_token) return target;
    }
  }
  return eligible_[choose()];
}

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
    all.push_back({target->spec.id, target->spec.port, target->spec.zone, report(*target), target->in_flight()});
  }
  return all;
}

void TargetGroup::restart_checks(Target& target) {
  target.checking_.cancel_all();
  if (!in_use_ || !settings_.health.enabled || target.draining_ || !target.unusable_reason_.empty() || !target.spec.reach) return;
  bool secure = settings_.health.protocol == HealthSettings::Protocol::https;
  target.check_connector_ = connector_to(target, settings_.health.port ? settings_.health.port : target.spec.port, secure);
  target.checking_.spawn(check(target));
}

// Level-triggered: whatever changes settings that matter here starts it anew.
io::Task<void> TargetGroup::check(Target& target) {
  for (;;) {
    Timestamp next = clock_.now() + settings_.health.interval;
    HealthSettings asked = settings_.health;
    ProbeResult result = co_await probe(*target.check_connector_, asked, target.spec.authority);
    if (target.health_.record(result, settings_.health)) {
      rebuild();
      if (on_health) on_health(target, target.health_.state());
    }
    for (Timestamp now = clock_.now(); now < next; now = clock_.now()) co_await io::sleep_on(loop_, clock_, next - now);
  }
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
