// Targets that do the same work: which of them gets the next request, whether they are well, and how they leave.
//
// A request is given to a healthy target. When no target is healthy, all that are registered get requests (fail-open): checks can
// be wrong about everything at once, and an answer from a doubtful target beats none. A target that leaves is drained: it gets no
// new requests, those in flight finish, and it is gone when the last one has, at the latest after the deregistration delay.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/loop.h"
#include "proxy/target.h"
#include "proxy/weighted_draw.h"

namespace pds::proxy {

enum class Algorithm : uint8_t { round_robin, least_outstanding_requests };

struct TargetGroupSettings {
  std::string name;  // the ARN: in events for functions and in access logs
  HealthSettings health;
  Algorithm algorithm = Algorithm::round_robin;
  Duration deregistration_delay = 300s;  // of the control plane's time
  Duration idle_timeout = 60s;           // real time without a byte from the target: 504
  int stickiness_seconds = 0;            // balancer cookie; 0: none
  bool multi_value_headers = false;      // functions
  bool secure = false;                   // requests go to the targets over TLS
  // What TLS to targets is spoken with, in requests and in checks; null: it is not spoken.
  std::shared_ptr<const http::TlsClientContext> tls = nullptr;
};

inline constexpr size_t target_connections_idle_max = 512;
inline constexpr Duration target_connect_timeout = 10s;  // as application load balancers have it

class TargetGroup {
 public:
  // `seed` makes the cookies of this group unguessable and the same after a restart.
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

  // The target for the next request; null when there is none at all. A valid sticky token wins.
  std::shared_ptr<Target> pick(std::string_view sticky_token = {});
  const std::string& sticky_token(const Target& target) const { return target.sticky_token_; }

  struct Status {
    std::string id;
    uint16_t port;
    std::string zone;
    HealthReport health;
    size_t in_flight;
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
  void restart_checks(Target& target);
  io::Task<void> check(Target& target);
  void arm_drain(Target& target);
  void end_drain(Target& target);
  size_t choose();  // an index into eligible_, which is not empty

  io::Loop& loop_;
  const Clock& clock_;
  std::string seed_;
  TargetGroupSettings settings_;
  bool in_use_ = false;
  std::vector<std::shared_ptr<Target>> targets_;
  std::vector<std::shared_ptr<Target>> eligible_;
  size_t next_ = 0;
  std::map<std::string, std::shared_ptr<TargetCounters>> counters_;
};

}  // namespace pds::proxy
