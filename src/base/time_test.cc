#include "base/time.h"

#include <gtest/gtest.h>

namespace pds {
namespace {

TEST(Time, every_form_reads_back) {
  for (int64_t second : {0LL, 951'782'399LL /* 29 February 2000, 23:59:59 */, 1'795'473'092LL, 4'102'444'800LL}) {
    Timestamp t{std::chrono::seconds{second}};
    EXPECT_EQ(parse_iso8601_basic(to_iso8601_basic(t)).value_or(Timestamp{}), t) << to_iso8601_basic(t);
    EXPECT_EQ(parse_http_date(to_http_date(t)).value_or(Timestamp{}), t) << to_http_date(t);
  }
}

TEST(Time, the_basic_form_is_padded) {
  EXPECT_EQ(to_iso8601_basic(Timestamp{std::chrono::seconds{951'868'861}}), "20000301T000101Z");
  EXPECT_EQ(to_iso8601_basic(Timestamp{std::chrono::seconds{1'795'473'092}}), "20261123T223132Z");
}

}  // namespace
}  // namespace pds
