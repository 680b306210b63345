// Targets that do the same work: which of them gets the next request, whether they are well, and how they leave.
//
// A request is given to a healthy target. When too few are healthy (none, unless settings say otherwise), all that are registered
// get requests (fail-open): checks can be wrong about everything at once, and an answer from a doubtful target beats none. A target
// that leaves is drained: it gets no new requests, those in flight finish, and it is gone when the last one has, at the latest
// after the deregistration delay.
//
// A target that becomes healthy beside one that has its full share starts slowly, where that is asked for: its share rises in a
// straight line from almost nothing.
//
// Without cross-zone balancing a request stays in the zone by which it came in. One process stands for the balancer's nodes of all
// zones, so requests come in by the zones in turns, as DNS would hand out the nodes' addresses; nodes of zones with too few healthy
// targets are not in DNS, unless that holds for all of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/loop.h"
#include "proxy/balancing.h"
#include "proxy/stickiness.h"
#include "proxy/target.h"

namespace pds::proxy {

struct TargetGroupSettings {
  std::string name;  // the ARN: in events for functions and in access logs
  HealthSettings health;
  TargetProtocol protocol = TargetProtocol::http1;   // of health checks, too
  Algorithm algorithm = Algorithm::round_robin;
  bool anomaly_mitigation = false;  // weighted_random only
  Duration slow_start{0};           // of the control plane's time; 0: none. round_robin only
  bool cross_zone = true;
  std::vector<std::string> zones;        // the balancer's: without cross_zone
  HealthMinimum routing_minimum;         // of healthy targets, below which all get requests
  HealthMinimum dns_minimum;             // below which a zone's node is not in DNS: without cross_zone
  Duration deregistration_delay = 300s;  // of the control plane's time
  Duration idle_timeout = 60s;           // real time without a byte from the target: 504
  int stickiness_seconds = 0;            // 0: none
  std::string app_cookie;                // the application's cookie that stickiness follows; empty: every client is kept
  bool multi_value_headers = false;      // functions
  bool secure = false;                   // requests go to the targets over TLS
  // What TLS to targets is spoken with, in requests and in checks; null: it is not spoken.
  std::shared_ptr<const http::TlsClientContext> tls = nullptr;
};

inline constexpr size_t target_connections_idle_max = 512;
inline constexpr Duration target_connect_timeout = 10s;  // as application load balancers have it
inline constexpr Duration slow_start_step = 1s;          // of the control plane's time, between two shares
inline constexpr double slow_start_share_min = 0.01;

class TargetGroup {
 public:
  // `seed` is a secret: it makes the cookies of this group unguessable and the same after a restart.
  TargetGroup(io::Loop& loop, const Clock& clock, std::string seed, TargetGroupSettings settings);
  ~TargetGroup();
  TargetGroup(const TargetGroup&) = delete;

  // Told when the verdict on a target changed, and when a drained target is gone. May not call back into the group.
  std::function<void(const Target&, TargetState)> on_health;
  std::function<void(const std::string& id, uint16_t port)> on_gone;

  const TargetGroupSettings& settings() const { return settings_; }
  void configure(TargetGroupSettings settings);
  // Whether some listener forwards here. Until then targets are `unused` and not checked.
  void set_in_use(bool in_use);
  bool in_use() const { return in_use_; }

  // Registers a target; one that is draining comes back as new, one that is there stays. `known` is the verdict of an earlier
  // process.
  void add(TargetSpec spec, TargetState known = TargetState::initial);
  // Begins (or, after a restart, goes on with) a drain that ends at `until` of the control plane's clock.
  void drain(std::string_view id, uint16_t port, Timestamp until);
  // Why a target cannot be asked at all: reason "Target.InvalidState" (static text) and its description. Empty: it can again.
  void set_unusable(std::string_view id, uint16_t port, std::string_view reason, const std::string& description);

  // The target for the next request; null when there is none.
  std::shared_ptr<Target> pick();
  // The target that a stickiness cookie of this group names. `found` is null when that may not get requests; it was not this
  // group's, or its time had passed, when `valid` is false too. `now` is real time.
  struct Sticky {
    std::shared_ptr<Target> found;
    bool valid = false;
  };
  Sticky pick_sticky(std::string_view cookie, Timestamp now) const;
  // A value for such a cookie. Valid until the next call.
  const std::string& cookie_for(Target& target, Timestamp now);
  // Seals the cookies that name this group or its targets.
  const CookieSeal& seal() const { return seal_; }

  struct Status {
    std::string id;
    uint16_t port;
    std::string zone;
    HealthReport health;
    size_t in_flight;
    bool anomalous, mitigated;  // anomaly.h
    double share;
  };
  std::vector<Status> statuses() const;  // in order of registration
  HealthReport report(const Target& target) const;
  bool contains(std::string_view id, uint16_t port) const { return find(id, port) != nullptr; }

  bool is_draining(std::string_view id, uint16_t port) const;

  // Counters by zone; entries stay when their targets go.
  const std::map<std::string, std::shared_ptr<TargetCounters>>& counters() const { return counters_; }

 private:
  std::shared_ptr<Target> find(std::string_view id, uint16_t port) const;
  std::shared_ptr<TargetCounters> counters_of(const std::string& zone);
  void make_client(Target& target);
  std::shared_ptr<io::Connector> connector_to(const Target& target, uint16_t port, bool secure) const;
  void rebuild();  // who is eligible
  Pool make_pool(std::string zone) const;
  Pool& enter();
  void restart_checks(Target& target);
  io::Task<void> check(Target& target);
  io::Task<ProbeResult> ask(Target& target);
  void begin_slow_start(Target& target);
  io::Task<void> raise_shares();
  void start_judging();
  io::Task<void> judge();
  void update_share(Target& target);
  void arm_drain(Target& target);
  void end_drain(Target& target);

  io::Loop& loop_;
  const Clock& clock_;
  CookieSeal seal_;
  TargetGroupSettings settings_;
  bool in_use_ = false;
  std::vector<std::shared_ptr<Target>> targets_;
  std::vector<Pool> pools_;  // one, or one for each zone; never empty
  size_t next_zone_ = 0;
  FastRandom random_;
  bool raising_ = false, judging_ = false;  // those tasks run
  io::TaskSet tending_;
  std::map<std::string, std::shared_ptr<TargetCounters>> counters_;
};

}  // namespace pds::proxy
