// Where services send what they measure and log. CloudWatch and CloudWatch Logs implement these; emitters know no more than this.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace pds::cloud {

using Dimensions = std::vector<std::pair<std::string, std::string>>;   // name, value; in any order

// Many observations at once. Count, sum and bounds are exact; of sizes, as much is known as `values` says.
struct Distribution {
  double count = 0, sum = 0, least = 0, most = 0;
  std::vector<std::pair<double, double>> values;   // a value and how often it was seen
};

class MetricSink {
 public:
  virtual ~MetricSink() = default;
  // One observation, or `count` equal ones, at the control plane's `at`. Unit as CloudWatch names it: "Count", "Milliseconds", "Percent".
  virtual void record(std::string_view metric_namespace, std::string_view name, const Dimensions& dimensions, Timestamp at, double value,
                      std::string_view unit, double count = 1) = 0;
  virtual void record_distribution(std::string_view metric_namespace, std::string_view name, const Dimensions& dimensions, Timestamp at,
                                   const Distribution& distribution, std::string_view unit) {
    for (const auto& [value, count] : distribution.values) record(metric_namespace, name, dimensions, at, value, unit, count);
  }
};

class LogSink {
 public:
  virtual ~LogSink() = default;
  // Makes group and stream when they do not exist (as Lambda and the agents do). Messages are cut at 256 KiB.
  virtual void append(std::string_view group, std::string_view stream, Timestamp at, std::string_view message) = 0;
  // Several at once, in their order: for those who gather lines before they write.
  struct Line {
    Timestamp at;
    std::string text;
  };
  virtual void append_all(std::string_view group, std::string_view stream, const std::vector<Line>& lines) {
    for (const Line& line : lines) append(group, stream, line.at, line.text);
  }
};

}  // namespace pds::cloud
