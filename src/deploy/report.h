// The report of a rehearsal: promises kept or broken, each act's traffic by version, latency and errors over time, and what was measured
// beside what the roadmap aims at. Pure: documents in, one self-contained HTML page out.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace pds::deploy {

struct ReportAct {
  std::string title;
  json::object load;        // a load test's report (loadtest/report.h)
  json::object release;     // the release during it; empty when there was none
};

struct ReportPromise {
  bool held = false;
  std::string text, detail;
};

struct ReportMeasure {
  std::string name;         // "Lambda cold start"
  std::string target;       // what the roadmap aims at: "200-500 ms"
  double value_ms = -1;     // -1: nothing was measured
  std::string how;
};

struct Report {
  std::string title, machine;
  std::vector<ReportPromise> promises;
  std::vector<ReportMeasure> measures;
  std::vector<ReportAct> acts;
};

// One stretch of an act: before, during and after its release.
struct Stretch {
  std::string name;
  double seconds = 0;
  uint64_t succeeded = 0, failed = 0;
  double p50_ms = 0, p99_ms = 0;        // of each second's p50 the median, of each second's p99 the largest
};
std::vector<Stretch> stretches_of(const json::object& target, const std::string& load_started, const json::object& release);

json::object to_json(const Report& report);
std::string to_html(const Report& report);

}  // namespace pds::deploy
