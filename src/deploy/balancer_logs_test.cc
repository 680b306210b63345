#include "deploy/balancer_logs.h"

#include <gtest/gtest.h>

#include "oci/compression.h"

namespace pds::deploy {
namespace {

std::string gzip(std::string_view text) {
  std::string out;
  oci::GzipWriter writer([&](std::string_view bytes) -> Result<void> {
    out += bytes;
    return {};
  });
  EXPECT_TRUE(writer.write(text));
  EXPECT_TRUE(writer.finish());
  return out;
}

TEST(BalancerLogs, lines_come_out_of_gzip_and_of_plain_files) {
  std::vector<std::string> expected{"http a", "http b"};
  EXPECT_EQ(*lines_of_log_file(gzip("http a\nhttp b\n")), expected);
  EXPECT_EQ(*lines_of_log_file("http a\nhttp b\n"), expected);
  EXPECT_TRUE(lines_of_log_file("")->empty());
}

TEST(BalancerLogs, a_damaged_or_overlarge_file_is_an_error) {
  std::string cut = gzip("http a\nhttp b\n");
  cut.resize(cut.size() - 5);
  EXPECT_FALSE(lines_of_log_file(cut));
  EXPECT_EQ(lines_of_log_file(gzip(std::string(log_file_bytes_max + 1, 'x'))).error().code, "E_TOO_LARGE");
}

}  // namespace
}  // namespace pds::deploy
