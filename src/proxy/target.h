// One target of a group: where it is, whether it is well, and what is on its way to it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/client.h"
#include "io/stream.h"
#include "proxy/anomaly.h"
#include "proxy/function_target.h"
#include "proxy/health.h"
#include "proxy/metrics.h"
#include "proxy/stickiness.h"

namespace pds::proxy {

class TargetGroup;

// What a target is made of. Either `reach` or `function` is set.
struct TargetSpec {
  std::string id;         // "i-0abc", "10.0.1.17", a function's ARN
  uint16_t port = 0;      // 0 for functions
  std::string zone;       // "us-east-1a"; empty for functions
  std::string authority;  // Host of health checks, "10.0.1.17:9898"; also what the access log says
  // A connector to any port of the target: traffic and health checks may use different ones.
  std::function<std::shared_ptr<io::Connector>(uint16_t port)> reach;
  std::shared_ptr<FunctionTarget> function;
};

class Target {
 public:
  Target(io::Loop& loop, TargetSpec target_spec, std::shared_ptr<TargetCounters> target_counters, std::string sticky_token)
      : spec(std::move(target_spec)),
        counters(std::move(target_counters)),
        cookie_(std::move(sticky_token)),
        drain_timer(loop, [this] { on_drain_timer(); }) {}
  Target(const Target&) = delete;

  const TargetSpec spec;
  std::shared_ptr<http::Client> client;      // connections to it; replaced, never changed, when timeouts change
  std::shared_ptr<TargetCounters> counters;  // of its group and zone
  size_t in_flight() const { return in_flight_; }
  // How a request that was sent here ended: an answer, or none.
  void count_outcome(bool failed) {
    ++anomaly_.seen.requests;
    anomaly_.seen.errors += failed;
  }
  // Its part of the traffic beside that of a target with its full share: above 0, at most 1.
  double share() const { return share_; }
  // In turns: whether it takes this one. Of n turns in a row it takes n times its share.
  bool takes_turn() {
    credit_ += share_;
    if (credit_ < 1) return false;
    credit_ -= 1;
    return true;
  }
  // The drain has ended with exchanges still in flight: they are to be cut.
  bool is_cut() const { return cut_; }

  // An exchange (or tunnel) under way. Keeps the target alive; the last one to end finishes a drain. A link in the target's list,
  // so that it costs no memory of its own.
  class Flight {
   public:
    explicit Flight(std::shared_ptr<Target> target);
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;
    ~Flight();
    // Called when the drain ends first: it must see to it that the exchange ends soon, but not at once.
    void on_cut(void (*cut)(void* context), void* context) { cut_ = cut, context_ = context; }

   private:
    friend class Target;
    std::shared_ptr<Target> target_;
    Flight *before_ = nullptr, *after_ = nullptr;
    void (*cut_)(void*) = nullptr;
    void* context_ = nullptr;
  };

 private:
  friend class TargetGroup;
  void cut_flights();

  double share_ = 1, credit_ = 0;
  AnomalyState anomaly_;
  size_t in_flight_ = 0;
  Flight* flights_ = nullptr;
  bool cut_ = false;

  // Kept by the group.
  HealthState health_;
  std::string_view unusable_reason_;  // it cannot be asked at all; empty: it can
  std::string unusable_description_;
  bool draining_ = false;
  Timestamp drain_until_{};
  bool drain_timer_fired_ = false;       // armed at least once: an end is never announced from within drain()
  std::optional<Timestamp> slow_since_;  // it starts slowly
  StickyCookie cookie_;
  std::shared_ptr<io::Connector> check_connector_;
  io::TaskSet checking_;
  std::function<void()> on_drain_timer;
  std::function<void()> on_idle_;  // while draining: nothing is in flight any more
  io::Timer drain_timer;
};

}  // namespace pds::proxy
