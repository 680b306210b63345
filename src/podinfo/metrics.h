// What podinfo counts about itself, in Prometheus's text format.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "base/time.h"

namespace pds::podinfo {

class MetricsPage;

class Metrics {
 public:
  // `path_label` must outlive this object: series are found without making a text.
  void count(std::string_view method, std::string_view path_label, int status, Duration took);
  // Counts itself as a scrape, from the next one on.
  std::string text(Timestamp started);

  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";
  static constexpr std::array<double, 11> bucket_seconds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

 private:
  struct Series {
    std::array<uint64_t, bucket_seconds.size() + 1> buckets{};
    uint64_t count = 0;
    double sum_seconds = 0;
  };
  void append_requests(MetricsPage& page) const;

  using Key = std::tuple<std::string_view, std::string_view, int>;  // method, path, status
  std::map<Key, Series> durations_;
  std::map<int, uint64_t> requests_;
  uint64_t scrapes_ = 0;
};

}  // namespace pds::podinfo
