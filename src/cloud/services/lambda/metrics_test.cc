#include "cloud/services/lambda/metrics.h"

#include <gtest/gtest.h>

#include "io/clock.h"

namespace pds::cloud::lambda {
namespace {

class Sums final : public MetricSink {
 public:
  void record(std::string_view, std::string_view name, const Dimensions& dimensions, Timestamp, double value, std::string_view,
              double count) override {
    sums[std::string(name) + "/" + std::to_string(dimensions.size())] += value * count;
  }
  std::map<std::string, double> sums;
};

TEST(InvocationMetrics, url_answers_are_counted_by_class_for_the_function_and_what_was_named) {
  io::ManualClock clock{from_epoch_seconds(1'700'000'000)};
  Sums sink;
  InvocationMetrics metrics(clock, sink);
  for (int status : {200, 200, 404, 500, 502}) metrics.url_answered("podinfo", "podinfo:live", status, 2ms);
  metrics.flush();
  for (const char* dimensions : {"/1", "/2"}) {
    EXPECT_EQ(sink.sums[std::string("UrlRequestCount") + dimensions], 5) << dimensions;
    EXPECT_EQ(sink.sums[std::string("Url4xxCount") + dimensions], 1);
    EXPECT_EQ(sink.sums[std::string("Url5xxCount") + dimensions], 2);
    EXPECT_EQ(sink.sums[std::string("UrlRequestLatency") + dimensions], 10);
  }
  sink.sums.clear();
  metrics.flush();
  EXPECT_TRUE(sink.sums.empty()) << "handed over once";
}

}  // namespace
}  // namespace pds::cloud::lambda
