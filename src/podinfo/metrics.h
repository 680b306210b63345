// What podinfo counts about itself, in Prometheus's text format.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "base/time.h"

namespace pds::podinfo {

class Metrics {
 public:
  void count(std::string_view method, std::string_view path_label, int status, Duration took);
  std::string text(Timestamp started) const;

  static constexpr std::array<double, 11> bucket_seconds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

 private:
  struct Series {
    std::array<uint64_t, bucket_seconds.size() + 1> buckets{};
    uint64_t count = 0;
    double sum_seconds = 0;
  };
  std::map<std::tuple<std::string, std::string, int>, Series, std::less<>> durations_;
  std::map<int, uint64_t> requests_;
};

}  // namespace pds::podinfo
