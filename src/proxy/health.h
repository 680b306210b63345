// Whether a target is well: what is checked, what counts as an answer, and the state that follows. Pure; probe.h does the asking.
//
//   initial ──1 success──> healthy ──unhealthy_threshold failures in a row──> unhealthy
//      └──unhealthy_threshold failures in a row──> unhealthy ──healthy_threshold successes in a row──> healthy
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace pds::proxy {

// What is spoken with targets.
enum class TargetProtocol : uint8_t { http1, http2, grpc };

// "200", "200,202", "200-299": codes that count as healthy.
class StatusMatcher {
 public:
  StatusMatcher() = default;                                  // 200
  static Result<StatusMatcher> parse(std::string_view text);  // each within 200..499, as for application load balancers
  static Result<StatusMatcher> parse_grpc(std::string_view text);  // gRPC's codes, each within 0..99
  bool matches(int status) const;

 private:
  static Result<StatusMatcher> parse_within(std::string_view text, int least, int most, const char* what);
  struct Range {
    int from, to;
  };
  std::vector<Range> ranges_{{200, 200}};
};

struct HealthSettings {
  enum class Protocol : uint8_t { http, tcp, https };
  bool enabled = true;
  Protocol protocol = Protocol::http;
  TargetProtocol version = TargetProtocol::http1;  // unless tcp: the group's
  uint16_t port = 0;  // 0: the port the target receives traffic on
  std::string path = "/";
  StatusMatcher matcher;
  Duration interval = 30s;  // between the starts of two checks, of the control plane's time
  Duration timeout = 5s;    // real time: it bounds a real answer
  int healthy_threshold = 5;
  int unhealthy_threshold = 2;
};

// What one check found.
struct ProbeResult {
  enum Kind : uint8_t { answered, timed_out, refused, own_failure } kind = refused;
  int status = 0;  // answered over HTTP; gRPC's own, of a group that speaks it
};

enum class TargetState : uint8_t { initial, healthy, unhealthy, unused, draining, unavailable };
std::string_view to_string(TargetState state);

// As DescribeTargetHealth says it. Views of static text, but for the description.
struct HealthReport {
  TargetState state = TargetState::initial;
  std::string_view reason;  // "Target.Timeout"; empty when healthy
  std::string description;
};

class HealthState {
 public:
  // Takes one result into account; true when the state changed.
  bool record(const ProbeResult& result, const HealthSettings& settings);
  // Goes on where an earlier process was.
  void restore(TargetState state) { state_ = state; }
  void reset() { *this = HealthState{}; }
  TargetState state() const { return state_; }  // initial, healthy or unhealthy
  HealthReport report() const;

 private:
  bool enter(TargetState state);
  TargetState state_ = TargetState::initial;
  int successes_ = 0, failures_ = 0;  // in a row
  bool checked_ = false;
  ProbeResult last_failure_;
};

}  // namespace pds::proxy
