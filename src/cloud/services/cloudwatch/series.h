// One metric's history: a summary per minute, from which any statistic over any whole number of minutes follows. Percentiles come from
// log-linear counts (sixteen steps per doubling: within 3.1 % of the true value), so summaries can be merged.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/shape.h"
#include "base/result.h"
#include "base/time.h"

namespace pds::cloud::cloudwatch {

inline constexpr size_t minutes_per_series_max = 3 * 24 * 60;     // three days; older minutes are forgotten

struct Summary {
  double count = 0, sum = 0, least = 0, most = 0;
  std::map<std::string, double> steps;    // log-linear step, as decimal text (a table row is JSON) -> count; empty for statistic sets

  void add(double value, double times);
  void add_set(double sample_count, double total, double minimum, double maximum);
  void merge(const Summary& other);
};
PDS_SHAPE(Summary, FIELD(count, "n"), FIELD(sum, "s"), FIELD(least, "lo"), FIELD(most, "hi"), FIELD(steps, "p").omit_empty())

// "Average", "Sum", "Minimum", "Maximum", "SampleCount", "p99", "p99.9". An unknown one is InvalidParameterValue; trimmed means and the
// like are refused by name (501). Nothing for a percentile of data that came as statistic sets only.
Result<void> check_statistic(std::string_view statistic);
std::optional<double> statistic_of(const Summary& summary, std::string_view statistic);

class Series {
 public:
  void record(Timestamp at, double value, double times);
  void record_set(Timestamp at, double sample_count, double sum, double minimum, double maximum);
  // Summaries of consecutive periods that have data, each named by its beginning; start is rounded down to the period.
  std::vector<std::pair<Timestamp, Summary>> summarize(Timestamp start, Timestamp end, std::chrono::seconds period) const;

  std::map<int64_t, Summary>& minutes() { return minutes_; }      // minute number since 1970
  const std::map<int64_t, Summary>& minutes() const { return minutes_; }

 private:
  Summary& minute_at(Timestamp at);
  std::map<int64_t, Summary> minutes_;
};

}  // namespace pds::cloud::cloudwatch
