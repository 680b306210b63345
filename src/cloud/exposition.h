// A page for Prometheus, in its text format 0.0.4: metric families with HELP and TYPE, each family's samples together, whoever added
// them and when.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/histogram.h"

namespace pds::cloud {

class Exposition {
 public:
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";
  using Labels = std::vector<std::pair<std::string, std::string>>;  // values may hold any bytes

  // The name ends in _total, and the value never falls while the process lives.
  void counter(std::string_view name, std::string_view help, const Labels& labels, double value);
  void gauge(std::string_view name, std::string_view help, const Labels& labels, double value);
  // Of microseconds, shown in seconds with buckets at seconds_bounds. An observation counts where the middle of its log-linear bucket
  // lies, which is within 0.8 % of it.
  void histogram(std::string_view name, std::string_view help, const Labels& labels, const Histogram& micros);

  std::string text() const;

 private:
  struct Family {
    std::string type, help, samples;
  };
  Family& family(std::string_view name, std::string_view type, std::string_view help);
  std::map<std::string, Family, std::less<>> families_;
};

inline constexpr double seconds_bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

}  // namespace pds::cloud
