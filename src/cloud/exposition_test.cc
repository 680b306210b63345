#include "cloud/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pds::cloud {
namespace {

using ::testing::HasSubstr;

TEST(Exposition, samples_of_a_family_stand_together) {
  Exposition page;
  page.counter("b_total", "Things.", {{"zone", "a"}}, 3);
  page.gauge("a", "Other things.", {}, 0.5);
  page.counter("b_total", "Things.", {{"zone", "b"}}, 12'345'678'901.0);
  EXPECT_EQ(page.text(),
            "# HELP a Other things.\n# TYPE a gauge\na 0.5\n"
            "# HELP b_total Things.\n# TYPE b_total counter\nb_total{zone=\"a\"} 3\nb_total{zone=\"b\"} 12345678901\n");
}

TEST(Exposition, label_values_and_help_are_escaped) {
  Exposition page;
  page.gauge("a", "One\nline \\ \"x\".", {{"l", "q\"b\\n\n"}}, 1);
  EXPECT_EQ(page.text(), "# HELP a One\\nline \\\\ \"x\".\n# TYPE a gauge\na{l=\"q\\\"b\\\\n\\n\"} 1\n");
}

TEST(Exposition, buckets_add_up_and_the_last_holds_everything) {
  Histogram micros;
  for (uint64_t value : {100u, 900u, 2'000u, 30'000u, 20'000'000u}) micros.record(value);
  Exposition page;
  page.histogram("t_seconds", "Time.", {{"g", "x"}}, micros);
  std::string text = page.text();
  EXPECT_THAT(text, HasSubstr("# TYPE t_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{g=\"x\",le=\"0.0005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{g=\"x\",le=\"0.001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{g=\"x\",le=\"0.05\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{g=\"x\",le=\"10\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_bucket{g=\"x\",le=\"+Inf\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_sum{g=\"x\"} 20.033\n"));
  EXPECT_THAT(text, HasSubstr("t_seconds_count{g=\"x\"} 5\n"));
}

}  // namespace
}  // namespace pds::cloud
