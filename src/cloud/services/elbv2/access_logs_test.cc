#include "cloud/services/elbv2/access_logs.h"

#include <gmock/gmock.h>

#include "base/gzip.h"
#include "cloud/services/elbv2/test_world.h"

namespace pds::cloud::elbv2::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class BalancerLogs : public Elbv2Test {
 protected:
  void SetUp() override {
    Elbv2Test::SetUp();
    balancer_ = make_balancer();
    ASSERT_TRUE(make_listener(balancer_, {.type = "fixed-response", .fixed_response_config = wire::FixedResponseActionConfig{.status_code = "200"}}));
  }
  std::string enable(const std::string& bucket = "logs", const std::string& prefix = "web") {
    return set_attribute(balancer_, {{"access_logs.s3.enabled", "true"}, {"access_logs.s3.bucket", bucket}, {"access_logs.s3.prefix", prefix}});
  }
  std::map<std::string, std::string> log_files() const {
    std::map<std::string, std::string> files;
    for (const auto& [key, body] : buckets_.objects) {
      if (key.ends_with(".log.gz")) files[key] = *inflate_gzip(body, 1 << 20);
    }
    return files;
  }
  std::string page() const {
    Exposition exposition;
    service_->expose(exposition);
    return exposition.text();
  }
  std::string balancer_;
};

TEST_F(BalancerLogs, AreDeliveredEveryFiveMinutesUnderAwsNames) {
  ASSERT_EQ(enable(), "ok");
  EXPECT_THAT(buckets_.objects.at("web/AWSLogs/000000000000/ELBAccessLogTestFile"), HasSubstr("Enable AccessLog for ELB: app/web/"));
  get("/one"), get("/two");
  EXPECT_TRUE(log_files().empty());
  core_.clock().advance(5min);
  ASSERT_TRUE(proxy::run_until(core_.loop(), [&] { return log_files().size() == 1; }));
  auto [key, lines] = *log_files().begin();
  EXPECT_THAT(key, MatchesRegex("web/AWSLogs/000000000000/elasticloadbalancing/us-east-1/2026/11/23/"
                                "000000000000_elasticloadbalancing_us-east-1_app\\.web\\.[0-9a-f]{16}_20261123T1905Z_127\\.0\\.0\\.1_[a-z0-9]{8}\\.log\\.gz"));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
  EXPECT_THAT(lines, HasSubstr("/one HTTP/1.1\""));
  EXPECT_THAT(lines, HasSubstr("/two HTTP/1.1\""));
  EXPECT_EQ(buckets_.last.service_principal, "logdelivery.elasticloadbalancing.amazonaws.com");
  EXPECT_EQ(buckets_.last.account, "127311923021");
  EXPECT_EQ(buckets_.last.source_arn, balancer_);
  core_.clock().advance(5min);  // nothing was asked: nothing is delivered
  proxy::run_turns(core_.loop(), 50);
  EXPECT_EQ(log_files().size(), 1u);
}

TEST_F(BalancerLogs, AnOrderlyEndDeliversWhatHasGatheredAndARestartGoesOn) {
  ASSERT_EQ(enable(), "ok");
  get("/before");
  restart();
  EXPECT_EQ(log_files().size(), 1u);
  get("/after");
  stop();
  EXPECT_EQ(log_files().size(), 2u);
}

TEST_F(BalancerLogs, AreNotPromisedWhereTheyCannotGo) {
  EXPECT_EQ(enable("nowhere"), "InvalidConfigurationRequest");
  EXPECT_EQ(enable(""), "InvalidConfigurationRequest");
  EXPECT_EQ(enable("logs", "/web"), "InvalidConfigurationRequest");
  EXPECT_EQ(enable("logs", "my/AWSLogs"), "InvalidConfigurationRequest");
  buckets_.allows = false;
  EXPECT_EQ(enable(), "InvalidConfigurationRequest");
  auto attributes = service_->describe_load_balancer_attributes(core_.call(), {balancer_});
  for (const auto& one : attributes->attributes) {
    if (one.key == "access_logs.s3.enabled") EXPECT_EQ(one.value, "false");
  }
  get();
  stop();
  EXPECT_TRUE(buckets_.objects.empty());
}

TEST_F(BalancerLogs, WhatABucketNoLongerTakesIsLostAndTheNextIsTriedAgain) {
  ASSERT_EQ(enable(), "ok");
  buckets_.allows = false;
  get("/lost");
  core_.clock().advance(5min);
  ASSERT_TRUE(proxy::run_until(core_.loop(), [&] { return page().find("log_lines_dropped_total{region=\"us-east-1\",balancer=\"web\"} 1\n") != std::string::npos; }));
  buckets_.allows = true;
  get("/kept");
  stop();
  auto files = log_files();
  ASSERT_EQ(files.size(), 1u);
  EXPECT_THAT(files.begin()->second, HasSubstr("/kept"));
}

TEST_F(BalancerLogs, SwitchedOffTheyStopAndWhatWasLoggedStillArrives) {
  ASSERT_EQ(enable(), "ok");
  get("/on");
  ASSERT_EQ(set_attribute(balancer_, {{"access_logs.s3.enabled", "false"}}), "ok");
  get("/off");
  stop();
  auto files = log_files();
  ASSERT_EQ(files.size(), 1u);
  EXPECT_THAT(files.begin()->second, HasSubstr("/on"));
}

// Buckets that never answer: what is on its way is bounded, and what goes beyond is dropped and counted.
TEST(AccessLogs, KeepABoundedNumberOfPieces) {
  TestCore core;
  class Stuck final : public ObjectSink {
   public:
    explicit Stuck(io::Loop& loop) : loop_(loop) {}
    Result<void> check_delivery(const Delivery&) const override { return {}; }
    io::Task<Result<void>> deliver(Delivery, std::string) override {
      ++started;
      co_await loop_.sleep_until(io::never);
      co_return Result<void>{};
    }
    int started = 0;

   private:
    io::Loop& loop_;
  } stuck(core.loop());
  AccessLogs logs(core.core(), &stuck);
  LoadBalancerRecord balancer;
  balancer.description.load_balancer_arn = "arn:lb";
  balancer.attributes = {{"access_logs.s3.enabled", "true"}, {"access_logs.s3.bucket", "b"}};
  auto sink = logs.sink_for(balancer);
  std::string line(1 << 20, 'x');
  size_t room = log_pieces_max * log_piece_bytes_max / line.size();
  for (size_t i = 0; i < room; ++i) sink(line);
  EXPECT_EQ(logs.dropped_lines("arn:lb"), 0u);
  for (int i = 0; i < 5; ++i) sink(line);
  EXPECT_EQ(logs.dropped_lines("arn:lb"), 5u);
  ASSERT_TRUE(proxy::run_until(core.loop(), [&] { return stuck.started == static_cast<int>(log_pieces_max) - 1; }));
}

}  // namespace
}  // namespace pds::cloud::elbv2::testing
