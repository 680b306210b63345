#include "podinfo/metrics_page.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(MetricsPage, IsWrittenAsPrometheusReadsIt) {
  MetricsPage page;
  page.family("a_total", "Things.", "counter");
  page.line("zone=\"x\"", 3);
  page.line("zone=\"y\"", 0.5);
  page.single("b", "One.", "gauge", 7u);
  page.family("c", "Sums.", "summary");
  page.line("", 2, "_sum");
  EXPECT_EQ(page.take(),
            "# HELP a_total Things.\n# TYPE a_total counter\na_total{zone=\"x\"} 3\na_total{zone=\"y\"} 0.5\n"
            "# HELP b One.\n# TYPE b gauge\nb 7\n# HELP c Sums.\n# TYPE c summary\nc_sum 2\n");
}

TEST(MetricsPage, HasItsFamiliesByNameAndNoneWithoutAValue) {
  EXPECT_EQ(in_name_order("# HELP b B.\n# TYPE b gauge\nb{l=\"1\"} 1\nb{l=\"2\"} 2\n# HELP none N.\n# TYPE none counter\n"
                          "# HELP a_b AB.\n# TYPE a_b gauge\na_b 1\n# HELP a A.\n# TYPE a gauge\na 1\n"),
            "# HELP a A.\n# TYPE a gauge\na 1\n# HELP a_b AB.\n# TYPE a_b gauge\na_b 1\n# HELP b B.\n# TYPE b gauge\nb{l=\"1\"} 1\nb{l=\"2\"} 2\n");
  EXPECT_EQ(in_name_order("# HELP none N.\n# TYPE none counter\n"), "");
  EXPECT_EQ(in_name_order(""), "");
}

}  // namespace
}  // namespace pds::podinfo
