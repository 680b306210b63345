// One metric's history: a summary per minute, from which any statistic over any whole number of minutes follows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/shape.h"
#include "base/result.h"
#include "base/time.h"
#include "cloud/services/cloudwatch/steps.h"
#include "cloud/telemetry.h"

namespace pds::cloud::cloudwatch {

inline constexpr size_t minutes_per_series_max = 3 * 24 * 60;     // three days; older minutes are forgotten

struct Summary {
  double count = 0, sum = 0, least = 0, most = 0;
  Steps steps;    // without what came as statistic sets, but for sets of equal observations

  void add(double value, double times);
  void add_set(double sample_count, double total, double minimum, double maximum);
  void add(const Distribution& distribution);
  void merge(const Summary& other);
};

// As a table row has it.
struct StoredSummary {
  double count = 0, sum = 0, least = 0, most = 0;
  std::string steps;
};
PDS_SHAPE(StoredSummary, FIELD(count, "n"), FIELD(sum, "s"), FIELD(least, "lo"), FIELD(most, "hi"), FIELD(steps, "h"))
StoredSummary to_stored(const Summary& summary);
Summary from_stored(const StoredSummary& stored);    // steps that cannot be read are left out

// "Average", "Sum", "Minimum", "Maximum", "SampleCount", "p99", "p99.9". An unknown one is InvalidParameterValue; trimmed means and the
// like are refused by name (501). Nothing for a percentile of data that came as statistic sets only.
Result<void> check_statistic(std::string_view statistic);
std::optional<double> statistic_of(const Summary& summary, std::string_view statistic);

class Series {
 public:
  void record(Timestamp at, double value, double times);
  void record_set(Timestamp at, double sample_count, double sum, double minimum, double maximum);
  void record(Timestamp at, const Distribution& distribution);
  // Summaries of consecutive periods that have data, each named by its beginning; start is rounded down to the period.
  std::vector<std::pair<Timestamp, Summary>> summarize(Timestamp start, Timestamp end, std::chrono::seconds period) const;

  std::map<int64_t, Summary>& minutes() { return minutes_; }      // minute number since 1970
  const std::map<int64_t, Summary>& minutes() const { return minutes_; }

 private:
  Summary& minute_at(Timestamp at);
  std::map<int64_t, Summary> minutes_;
};

}  // namespace pds::cloud::cloudwatch
