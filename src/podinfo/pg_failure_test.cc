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

TEST(PgFailure, TellsWhoIsNotLetInFromWhatCannotBeReached) {
  std::string refused =
      "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password authentication failed for user \"u\"\n"
      "LOCATION:  auth_failed, auth.c:326\n";
  ConnectRefusal wrong = read_connect_refusal(refused);
  EXPECT_TRUE(wrong.is_about_credentials);
  EXPECT_EQ(wrong.message, refused.substr(0, refused.find('\n')));
  EXPECT_TRUE(read_connect_refusal("x: FATAL:  28000: role \"u\" does not exist\nORT:  InitPostgres, postinit.c:1").is_about_credentials);
  for (const char* other : {"connection to server at \"::1\", port 1 failed: Connection refused\n\tIs the server running on that host?",
                            "FATAL:  57P03: the database system is starting up", "FATAL:  3D000: database \"28P01: x\" does not exist", "", ":  "})
    EXPECT_FALSE(read_connect_refusal(other).is_about_credentials) << other;
}

}  // namespace
}  // namespace pds::podinfo
