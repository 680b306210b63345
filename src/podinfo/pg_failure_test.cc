#include "podinfo/pg_failure.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(PgFailure, SaysWhereToGoNext) {
  struct {
    const char* code;
    PgBlame blame;
  } cases[] = {
      {"E_CONNECT", PgBlame::server},    {"E_LOST", PgBlame::unknown}, {"E_TIMEOUT", PgBlame::late}, {"E_OVERLOADED", PgBlame::crowd},
      {"57P01", PgBlame::server},        {"57P03", PgBlame::server},   {"08006", PgBlame::server},   {"08P01", PgBlame::server},
      {"53300", PgBlame::server},        {"25006", PgBlame::server},   {"40001", PgBlame::server},   {"23505", PgBlame::query},
      {"42P01", PgBlame::query},         {"42501", PgBlame::query},    {"57014", PgBlame::query},    {"22021", PgBlame::query},
      {"53100", PgBlame::query},
  };
  for (auto& c : cases) EXPECT_EQ(blame_of(Error{c.code, ""}), c.blame) << c.code;
  EXPECT_TRUE(is_read_only(Error{"25006", ""}));
  EXPECT_TRUE(is_missing_table(Error{"42P01", ""}));
}

}  // namespace
}  // namespace pds::podinfo
