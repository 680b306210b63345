// What a load test saw. Latencies are microseconds from the moment a request was due, not from when it could be sent: a server that
// stalls is charged for every request that was due meanwhile.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/histogram.h"
#include "base/json.h"
#include "base/time.h"

namespace pds::loadtest {

// One second of one target, by the time of completion.
struct Second {
  int64_t offset = 0;  // whole seconds since the start
  uint64_t succeeded = 0, failed = 0;
  std::map<std::string, uint64_t> versions;  // who answered
  double p50 = 0, p99 = 0, max = 0;          // microseconds
};

// A named stretch of the test, such as "before", "shifting", "after".
struct Phase {
  std::string name;
  Duration begin{};  // since the start
  uint64_t succeeded = 0, failed = 0;
  std::map<std::string, uint64_t> versions;
  Histogram latency;
};

struct TargetReport {
  std::string name, url;
  uint64_t sent = 0, succeeded = 0, failed = 0;
  std::map<std::string, uint64_t> errors;  // by kind: "status 500", "E_CLOSED", "E_TIMEOUT", "E_SATURATED"
  std::map<std::string, uint64_t> versions;
  Duration first_failure{-1}, last_failure{-1};  // since the start; -1: none
  Histogram latency;
  std::vector<Phase> phases;
  std::vector<Second> seconds;
};

struct LoadReport {
  Timestamp started{};
  Duration duration{};
  double rate = 0;  // per target and second, as planned
  std::vector<TargetReport> targets;

  uint64_t sent() const;
  uint64_t failed() const;
  json::object to_json() const;
};

}  // namespace pds::loadtest
