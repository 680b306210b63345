// An open-loop load generator: requests are due at a constant rate, whether earlier ones were answered or not.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "http/client.h"
#include "loadtest/report.h"

namespace pds::loadtest {

struct Target {
  std::string name;  // in the report: "fleet", "function"
  std::string url;   // "http://127.0.0.1:8080/version"
  std::string host;  // the Host to ask for; empty: the URL's
};

struct LoadPlan {
  std::vector<Target> targets;
  double rate = 50;               // requests per second, to each target
  Duration duration{};            // zero: until stop()
  Duration timeout = 10s;         // from the moment a request is due
  size_t connections_max = 1024;  // in flight per target; what is due beyond that fails as E_SATURATED, so that memory is bounded
  std::string version_header = "X-Podinfo-Version";  // who answered; where it is absent, the JSON field "version" of the answer
};
inline constexpr double rate_max = 100'000;
inline constexpr size_t series_seconds_max = 24 * 3600;  // beyond a day, only totals go on

class LoadTest {
 public:
  // Errors: a URL that is none, a rate out of range, no target.
  static Result<std::unique_ptr<LoadTest>> create(io::Loop& loop, const Clock& clock, LoadPlan plan);
  ~LoadTest();

  // Runs to the end of the plan, or to stop(), and until the last request has its answer. Once.
  io::Task<LoadReport> run();
  // No more requests; run() returns when those in flight are done. Not from a task that run() is waited for in.
  void stop();
  // What completes from now on counts as this phase, too. Before the first call there is none.
  void begin_phase(std::string name);
  // So far.
  LoadReport snapshot() const;

 private:
  struct Impl;
  explicit LoadTest(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pds::loadtest
