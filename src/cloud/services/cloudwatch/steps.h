// Observations by size: log-linear counts, sixty-four steps to each doubling, so that a value is known to within 0.8 % of itself.
// Adding two of them is exact: percentiles of hours, zones and groups are those of all their observations, never means of percentiles.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pds::cloud::cloudwatch {

class Steps {
 public:
  void add(double value, double times);
  void merge(const Steps& other);
  bool empty() const { return counts_.empty(); }
  // The middle of the step that the observation of that rank lies in; percent in [0, 100], not of empty steps.
  double percentile(double percent) const;

  // "1064000 1 3 12 ...": the first step, its count, the distance to the next one, its count. Empty text for no steps.
  std::string text() const;
  static Result<Steps> parse(std::string_view text);  // E_STORE_CORRUPT

 private:
  struct Count {
    int32_t step;
    double times;
  };
  std::vector<Count> counts_;  // by rising step
};

}  // namespace pds::cloud::cloudwatch
