// Attributes: which values are taken, which go together, and that those which are taken act.
#include <gmock/gmock.h>

#include "cloud/services/elbv2/test_world.h"

namespace pds::cloud::elbv2::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AttributesTest : public Elbv2Test {
 protected:
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  static std::vector<wire::Attribute> wired(const Pairs& pairs) {
    std::vector<wire::Attribute> all;
    for (const auto& [key, value] : pairs) all.push_back({key, value});
    return all;
  }
  template <class Result>
  static std::string outcome(const Result& result) {
    return result ? "ok" : result.error().code;
  }
  std::string of_group(const std::string& arn, const Pairs& pairs) {
    return outcome(service_->modify_target_group_attributes(core_.call(), {arn, wired(pairs)}));
  }
  std::string of_balancer(const std::string& arn, const Pairs& pairs) {
    aws::elbv2::ModifyLoadBalancerAttributesRequest request{arn, wired(pairs)};
    return outcome(io::run_until_done(core_.loop(), service_->modify_load_balancer_attributes(core_.call(), request)));
  }
  std::string of_listener(const std::string& arn, const Pairs& pairs) {
    return outcome(service_->modify_listener_attributes(core_.call(), {arn, wired(pairs)}));
  }
  http::Response fetch(http::Headers headers = {}) {
    auto answer = io::run_until_done(
        core_.loop(), http::fetch(core_.loop(), "GET", "http://127.0.0.1:" + std::to_string(port_) + "/", std::move(headers)));
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *answer : http::Response{};
  }
  // Health, and what is said of anomalies.
  std::string anomaly(const std::string& group, const std::string& include) {
    auto reply = service_->describe_target_health(core_.call(), {.target_group_arn = group, .include = {include}});
    if (!reply) return reply.error().code;
    const auto& found = reply->target_health_descriptions.at(0).anomaly_detection;
    return found ? found->result + " " + found->mitigation_in_effect : "none";
  }
  static constexpr const char* bad = "InvalidConfigurationRequest";
};

TEST_F(AttributesTest, OfTargetGroupsAreCheckedAloneAndTogether) {
  struct Row {
    Pairs pairs;
    std::string outcome;
  };
  std::string algorithm = "load_balancing.algorithm.type", mitigation = "load_balancing.algorithm.anomaly_mitigation";
  std::string slow = "slow_start.duration_seconds", cookie = "stickiness.app_cookie.cookie_name";
  std::string dns = "target_group_health.dns_failover.minimum_healthy_targets.";
  std::string routing = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.";
  for (const Row& row : {
           Row{{{algorithm, "weighted_random"}}, "ok"},
           Row{{{algorithm, "random"}}, bad},
           Row{{{mitigation, "on"}}, bad},
           Row{{{algorithm, "weighted_random"}, {mitigation, "on"}}, "ok"},
           Row{{{slow, "30"}}, "ok"},
           Row{{{slow, "900"}}, "ok"},
           Row{{{slow, "0"}}, "ok"},
           Row{{{slow, "29"}}, bad},
           Row{{{slow, "901"}}, bad},
           Row{{{slow, "30"}, {algorithm, "least_outstanding_requests"}}, bad},
           Row{{{slow, "30"}, {algorithm, "weighted_random"}}, bad},
           Row{{{"stickiness.lb_cookie.duration_seconds", "1"}}, "ok"},
           Row{{{"stickiness.lb_cookie.duration_seconds", "604800"}}, "ok"},
           Row{{{"stickiness.lb_cookie.duration_seconds", "604801"}}, bad},
           Row{{{"stickiness.app_cookie.duration_seconds", "0"}}, bad},
           Row{{{"stickiness.enabled", "true"}, {"stickiness.type", "app_cookie"}}, bad},  // without a name
           Row{{{"stickiness.enabled", "true"}, {"stickiness.type", "app_cookie"}, {cookie, "session"}}, "ok"},
           Row{{{"stickiness.type", "source_ip"}}, bad},
           Row{{{cookie, "AWSALB"}}, bad},
           Row{{{cookie, "AWSALBTGX"}}, bad},
           Row{{{cookie, "a b"}}, bad},
           Row{{{cookie, "a=b"}}, bad},
           Row{{{"load_balancing.cross_zone.enabled", "false"}}, "ok"},
           Row{{{"load_balancing.cross_zone.enabled", "maybe"}}, bad},
           Row{{{"load_balancing.cross_zone.enabled", "false"}, {"stickiness.enabled", "true"}}, bad},
           Row{{{dns + "count", "off"}}, "ok"},
           Row{{{dns + "percentage", "101"}}, bad},
           Row{{{routing + "count", "off"}}, bad},
           Row{{{routing + "count", "2"}}, bad},  // above that for DNS
           Row{{{routing + "count", "2"}, {dns + "count", "2"}}, "ok"},
           Row{{{routing + "count", "2"}, {dns + "count", "off"}}, "ok"},
           Row{{{routing + "percentage", "50"}, {dns + "percentage", "50"}}, "ok"},
           Row{{{routing + "percentage", "50"}, {dns + "percentage", "49"}}, bad},
           Row{{{"deregistration_delay.timeout_seconds", "3601"}}, bad},
       }) {
    std::string group = make_group("tg", {});
    EXPECT_EQ(of_group(group, row.pairs), row.outcome) << row.pairs[0].first << "=" << row.pairs[0].second;
    ASSERT_TRUE(service_->delete_target_group(core_.call(), {group}));
  }
}

TEST_F(AttributesTest, OfBalancersAreCheckedAndWhatDoesNotActIsRefused) {
  std::string balancer = make_balancer();
  EXPECT_EQ(of_balancer(balancer, {{"client_keep_alive.seconds", "60"}}), "ok");
  EXPECT_EQ(of_balancer(balancer, {{"client_keep_alive.seconds", "59"}}), bad);
  EXPECT_EQ(of_balancer(balancer, {{"client_keep_alive.seconds", "604801"}}), bad);
  EXPECT_EQ(of_balancer(balancer, {{"routing.http.desync_mitigation_mode", "strictest"}}), "ok");
  EXPECT_EQ(of_balancer(balancer, {{"routing.http.desync_mitigation_mode", "monitor"}}), "NotImplemented");
  EXPECT_EQ(of_balancer(balancer, {{"routing.http.desync_mitigation_mode", "none"}}), bad);
  EXPECT_EQ(of_balancer(balancer, {{"waf.fail_open.enabled", "true"}}), "NotImplemented");
  EXPECT_EQ(of_balancer(balancer, {{"load_balancing.cross_zone.enabled", "false"}}), bad);  // AWS: it cannot be changed
}

TEST_F(AttributesTest, TheHostFieldIsKeptWhenAsked) {
  std::string group = make_group("tg", {"i-1"}), balancer = make_balancer();
  ASSERT_TRUE(make_listener(balancer, {.type = "forward", .target_group_arn = group}));
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}}));
  http::Headers headers;
  headers.add("Host", "a.example");
  fetch(headers);
  EXPECT_THAT(reach_.heads.back(), HasSubstr("Host: a.example:" + std::to_string(port_) + "\r\n"));
  EXPECT_EQ(of_balancer(balancer, {{"routing.http.preserve_host_header.enabled", "true"}}), "ok");
  fetch(headers);
  EXPECT_THAT(reach_.heads.back(), HasSubstr("Host: a.example\r\n"));
}

TEST_F(AttributesTest, OfListenersSetFieldsOfAnswers) {
  std::string group = make_group("tg", {"i-1"}), balancer = make_balancer();
  auto listener = make_listener(balancer, {.type = "forward", .target_group_arn = group});
  ASSERT_TRUE(listener && becomes(group, {{"i-1", "healthy"}}));
  std::string arn = listener->listeners[0].listener_arn;
  std::string start = "routing.http.response.";
  EXPECT_EQ(of_listener(arn, {{start + "strict_transport_security.header_value", "max-age=600; preload"},
                              {start + "access_control_allow_origin.header_value", "*"},
                              {start + "x_frame_options.header_value", "DENY"},
                              {start + "server.enabled", "false"}}),
            "ok");
  http::Headers fields = fetch().head.headers;
  EXPECT_EQ(fields.get("strict-transport-security"), "max-age=600; preload");
  EXPECT_EQ(fields.get("access-control-allow-origin"), "*");
  EXPECT_EQ(fields.get("x-frame-options"), "DENY");
  restart();
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}}));
  EXPECT_EQ(fetch().head.headers.get("x-frame-options"), "DENY");
  EXPECT_EQ(of_listener(arn, {{start + "x_frame_options.header_value", ""}}), "ok");
  EXPECT_FALSE(fetch().head.headers.find("x-frame-options"));
  EXPECT_EQ(of_listener(arn, {{start + "x_frame_options.header_value", "NEVER"}}), bad);
  EXPECT_EQ(of_listener(arn, {{start + "access_control_max_age.header_value", "86401"}}), bad);
  EXPECT_EQ(of_listener(arn, {{start + "content_security_policy.header_value", "a\r\nb: c"}}), bad);
  EXPECT_EQ(of_listener(arn, {{start + "content_security_policy.header_value", " "}}), bad);
  EXPECT_EQ(of_listener(arn, {{"routing.http.request.x_amzn_tls_version.header_name", "X-Tls"}}), "NotImplemented");
  EXPECT_EQ(of_listener(arn, {{"tcp.idle_timeout.seconds", "60"}}), bad);
  auto described = service_->describe_listener_attributes(core_.call(), {arn});
  EXPECT_EQ(described->attributes.size(), 19u);
}

TEST_F(AttributesTest, WithoutCrossZoneEachZoneTakesItsPart) {
  reach_.add("i-3", "us-east-1b");
  std::string group = make_group("tg", {"i-1", "i-2", "i-3"}), balancer = make_balancer();
  ASSERT_EQ(of_group(group, {{"load_balancing.cross_zone.enabled", "false"}}), "ok");
  ASSERT_TRUE(make_listener(balancer, {.type = "forward", .target_group_arn = group}));
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}, {"i-2", "healthy"}, {"i-3", "healthy"}}));
  std::map<std::string, int> taken;
  for (int i = 0; i < 40; ++i) ++taken[get()];
  EXPECT_EQ(taken, (std::map<std::string, int>{{"200 i-1", 20}, {"200 i-2", 10}, {"200 i-3", 10}}));
}

TEST_F(AttributesTest, AnomaliesAreDescribedWhenAsked) {
  reach_.add("i-3", "us-east-1b");
  std::string group = make_group("tg", {"i-1", "i-2", "i-3"});
  ASSERT_EQ(of_group(group,
                     {{"load_balancing.algorithm.type", "weighted_random"}, {"load_balancing.algorithm.anomaly_mitigation", "on"}}),
            "ok");
  ASSERT_TRUE(make_listener(make_balancer(), {.type = "forward", .target_group_arn = group}));
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}, {"i-2", "healthy"}, {"i-3", "healthy"}}));
  EXPECT_EQ(anomaly(group, "AnomalyDetection"), "normal no");
  EXPECT_EQ(anomaly(group, "Everything"), "ValidationError");
  reach_.machines["i-1"].status = 500;
  for (int i = 0; i < 120; ++i) get();
  core_.clock().advance(proxy::anomaly_window);
  EXPECT_TRUE(proxy::run_until(core_.loop(), [&] { return anomaly(group, "All") == "anomalous yes"; })) << anomaly(group, "All");
}

TEST_F(AttributesTest, WhatWeightsCameToCanBeRead) {
  std::string blue = make_group("blue", {"i-1"}), green = make_group("green", {"i-2"});
  auto listener = make_listener(make_balancer(), forward({{blue, 80}, {green, 20}}));
  ASSERT_TRUE(becomes(blue, {{"i-1", "healthy"}}) && becomes(green, {{"i-2", "healthy"}}));
  for (int i = 0; i < 50; ++i) get();
  auto shares = service_->observed_shares(listener->listeners[0].listener_arn);
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_EQ(shares[1].target_group_arn, green);
  EXPECT_EQ(shares[1].weight, 20u);
  EXPECT_EQ(shares[1].requests, 10u);
  EXPECT_DOUBLE_EQ(shares[1].share, 0.2);
  EXPECT_TRUE(service_->observed_shares("nope").empty());
}

TEST_F(AttributesTest, AnAddressOfABalancersNodeIsUnusable) {
  std::string balancer = make_balancer();
  auto made = service_->create_target_group(
      core_.call(), {.name = "ips", .protocol = "HTTP", .port = 9898, .vpc_id = "vpc-1", .target_type = "ip"});
  std::string group = made->target_groups[0].target_group_arn;
  ASSERT_TRUE(service_->register_targets(core_.call(), {group, {{.id = "10.0.1.254"}, {.id = "10.0.1.10"}}}));
  ASSERT_TRUE(make_listener(balancer, {.type = "forward", .target_group_arn = group}));
  EXPECT_TRUE(becomes(group, {{"10.0.1.254", "unused Target.IpUnusable"}, {"10.0.1.10", "healthy"}}));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(get(), "200 i-1");
}

}  // namespace
}  // namespace pds::cloud::elbv2::testing
