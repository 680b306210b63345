#include "cloud/services/elbv2/metrics.h"

#include <gmock/gmock.h>

#include "cloud/services/elbv2/test_world.h"

namespace pds::cloud::elbv2::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* lb = " LoadBalancer=app/web";
const std::string lb_tg = " LoadBalancer=app/web TargetGroup=targetgroup/tg";
const std::string lb_zone = " LoadBalancer=app/web AvailabilityZone=us-east-1a";
const std::string lb_tg_zone = lb_tg + " AvailabilityZone=us-east-1a";

class Metrics : public Elbv2Test {
 protected:
  void serve(std::vector<std::string> targets) {
    group_ = make_group("tg", targets);
    balancer_ = make_balancer();
    ASSERT_TRUE(make_listener(balancer_, {.type = "forward", .target_group_arn = group_}));
    std::map<std::string, std::string> healthy;
    for (const std::string& id : targets) healthy[id] = "healthy";
    ASSERT_TRUE(becomes(group_, healthy));
  }
  double sum(const std::string& key) { return metrics_.sums.contains(key) ? metrics_.sums[key] : -1; }
  std::string group_, balancer_;
};

TEST_F(Metrics, HaveAwsNamesDimensionsAndUnits) {
  serve({"i-1", "i-2"});
  for (int i = 0; i < 10; ++i) get();
  Timestamp minute = std::chrono::floor<std::chrono::minutes>(core_.clock().now());
  end_minute();
  EXPECT_EQ(metrics_.last_at, minute);
  for (const std::string& dimensions : {std::string(lb), lb_tg}) {
    EXPECT_EQ(sum("RequestCount" + dimensions), 10);
    EXPECT_EQ(sum("HTTPCode_Target_2XX_Count" + dimensions), 10);
    EXPECT_EQ(metrics_.samples["TargetResponseTime" + dimensions], 10);
  }
  for (const std::string& dimensions : {lb_zone, lb_tg_zone}) {
    EXPECT_EQ(sum("RequestCount" + dimensions), 5);
    EXPECT_EQ(metrics_.samples["TargetResponseTime" + dimensions], 5);
  }
  for (const char* dimensions : {" TargetGroup=targetgroup/tg", " TargetGroup=targetgroup/tg AvailabilityZone=us-east-1a",
                                 " TargetGroup=targetgroup/tg LoadBalancer=app/web",
                                 " TargetGroup=targetgroup/tg AvailabilityZone=us-east-1a LoadBalancer=app/web"}) {
    EXPECT_EQ(sum(std::string("RequestCountPerTarget") + dimensions), 5) << dimensions;
  }
  EXPECT_EQ(sum(std::string("NewConnectionCount") + lb), 12);  // ten clients, and one connection to each target
  EXPECT_GT(sum(std::string("ProcessedBytes") + lb), 1000);
  EXPECT_GT(sum(std::string("ConsumedLCUs") + lb), 0);
  EXPECT_EQ(metrics_.units[std::string("ProcessedBytes") + lb], "Bytes");
  EXPECT_EQ(metrics_.units[std::string("TargetResponseTime") + lb], "Seconds");
  EXPECT_EQ(metrics_.units[std::string("RequestCount") + lb], "Count");
  EXPECT_GT(sum("PDS/ApplicationELB/RequestRate" + lb_tg), 0);
  EXPECT_EQ(sum("PDS/ApplicationELB/InFlightRequests" + lb_tg + " Target=i-1:9898"), 0);
  // Minimum, Maximum and Average of a count are 1.
  EXPECT_EQ(metrics_.least[std::string("HTTPCode_Target_2XX_Count") + lb], 1);
  EXPECT_EQ(metrics_.most[std::string("RequestCount") + lb], 1);
}

TEST_F(Metrics, AreReportedWithoutTrafficOnlyWhereAwsDoes) {
  serve({"i-1"});
  get();
  end_minute();
  end_minute();
  for (const std::string& name : {"RequestCount" + std::string(lb), "RequestCount" + lb_tg, "RequestCount" + lb_tg_zone,
                                  std::string("RequestCountPerTarget TargetGroup=targetgroup/tg"), "ConsumedLCUs" + std::string(lb)}) {
    EXPECT_EQ(sum(name), 0) << name;
  }
  EXPECT_EQ(sum("HealthyHostCount" + lb_tg), metrics_.samples["HealthyHostCount" + lb_tg]);
  EXPECT_EQ(sum("UnHealthyHostCount" + lb_tg), 0);
  EXPECT_EQ(sum("AnomalousHostCount" + lb_tg), 0);
  EXPECT_EQ(metrics_.samples["MitigatedHostCount" + lb_tg], metrics_.samples["HealthyHostCount" + lb_tg]);
  for (const char* name : {"HTTPCode_Target_2XX_Count", "HTTPCode_ELB_5XX_Count", "TargetResponseTime", "NewConnectionCount",
                           "ProcessedBytes", "RuleEvaluations", "TargetConnectionErrorCount", "NonStickyRequestCount"}) {
    EXPECT_EQ(sum(name + std::string(lb)), -1) << name;
  }
}

TEST_F(Metrics, OfHostsHaveTheMinutesMinimumAndMaximum) {
  serve({"i-1", "i-2"});
  core_.clock().advance(5s);  // a look
  ASSERT_TRUE(proxy::run_until(core_.loop(), [&] { return health(group_).size() == 2; }));
  proxy::run_turns(core_.loop(), 20);
  reach_.machines["i-2"].instance.state = InstanceState::stopped;
  for (int i = 0; i < 4; ++i) {
    core_.clock().advance(5s);
    proxy::run_turns(core_.loop(), 20);
  }
  ASSERT_TRUE(becomes(group_, {{"i-1", "healthy"}, {"i-2", "unused Target.InvalidState"}}));
  end_minute();
  EXPECT_EQ(metrics_.least["HealthyHostCount" + lb_tg], 1);
  EXPECT_EQ(metrics_.most["HealthyHostCount" + lb_tg], 2);
  EXPECT_EQ(metrics_.least["HealthyHostCount" + lb_tg + " AvailabilityZone=us-east-1b"], 0);
  EXPECT_EQ(sum("HealthyStateRouting" + lb_tg), 1);
  EXPECT_EQ(sum("UnhealthyStateRouting" + lb_tg), 1);
  EXPECT_EQ(sum("HealthyStateDNS" + lb_tg + " AvailabilityZone=us-east-1b"), 0);
}

TEST_F(Metrics, ARequestWithoutATargetIsNoRequestOfRequestCount) {
  std::string empty = make_group("tg", {});
  ASSERT_TRUE(make_listener(make_balancer(), {.type = "forward", .target_group_arn = empty}));
  EXPECT_THAT(get(), HasSubstr("503"));
  end_minute();
  EXPECT_EQ(sum(std::string("HTTPCode_ELB_503_Count") + lb), 1);
  EXPECT_EQ(sum(std::string("HTTPCode_ELB_5XX_Count") + lb), 1);
  EXPECT_EQ(sum(std::string("RequestCount") + lb), -1);  // nor reported, without a registered target
  EXPECT_EQ(sum("RequestCountPerTarget TargetGroup=targetgroup/tg"), -1);
}

TEST_F(Metrics, ThePageGoesOnCountingOverMinutes) {
  serve({"i-1"});
  auto page = [&] {
    Exposition exposition;
    service_->expose(exposition);
    return exposition.text();
  };
  get(), get();
  EXPECT_THAT(page(), HasSubstr("pds_balancer_requests_total{region=\"us-east-1\",balancer=\"web\"} 2\n"));
  end_minute();
  get();
  std::string text = page();
  std::string labels = "{region=\"us-east-1\",balancer=\"web\",target_group=\"tg\",zone=\"us-east-1a\"";
  EXPECT_THAT(text, HasSubstr("pds_balancer_requests_total{region=\"us-east-1\",balancer=\"web\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("pds_balancer_target_responses_total" + labels + ",code=\"2xx\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("pds_balancer_target_response_seconds_count" + labels + "} 3\n"));
  EXPECT_THAT(text, HasSubstr("pds_balancer_targets" + labels + ",state=\"healthy\"} 1\n"));
}

TEST(CapacityUnits, AreTheLargestShare) {
  constexpr uint64_t gib = 1ull << 30;
  EXPECT_EQ(capacity_units({}), 0);
  EXPECT_DOUBLE_EQ(capacity_units({.new_connections = 25 * 60}), 1);
  EXPECT_DOUBLE_EQ(capacity_units({.active_connections = 6000}), 2);
  EXPECT_DOUBLE_EQ(capacity_units({.bytes = gib / 60 * 60 / 60}), static_cast<double>(gib / 60) * 60 / static_cast<double>(gib));
  EXPECT_DOUBLE_EQ(capacity_units({.bytes = 4 * gib, .function_bytes = 4 * gib}), 4 * 60 / 0.4);
  EXPECT_DOUBLE_EQ(capacity_units({.rule_evaluations = 180'000}), 3);
  EXPECT_DOUBLE_EQ(capacity_units({.new_connections = 25 * 60, .active_connections = 6000, .rule_evaluations = 180'000}), 3);
}

}  // namespace
}  // namespace pds::cloud::elbv2::testing
