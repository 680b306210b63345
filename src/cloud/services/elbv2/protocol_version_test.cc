// Target groups that speak HTTP/2 or gRPC.
#include <gmock/gmock.h>

#include "cloud/services/elbv2/test_world.h"

namespace pds::cloud::elbv2::testing {
namespace {

class ProtocolVersions : public Elbv2Test {
 protected:
  Result<wire::TargetGroup> make(const std::string& version, std::optional<wire::Matcher> matcher = std::nullopt) {
    auto made = service_->create_target_group(core_.call(), {.name = "tg-" + std::to_string(++made_),
                                                             .protocol = "HTTP",
                                                             .protocol_version = version,
                                                             .port = 9898,
                                                             .vpc_id = "vpc-1",
                                                             .matcher = std::move(matcher)});
    if (!made) return std::unexpected(made.error());
    return made->target_groups[0];
  }
  std::string code(const std::string& version, wire::Matcher matcher) {
    auto made = make(version, std::move(matcher));
    return made ? "made" : made.error().code;
  }
  int made_ = 0;
};

TEST_F(ProtocolVersions, HaveTheirOwnHealthChecks) {
  auto grpc = make("GRPC"), http2 = make("HTTP2");
  ASSERT_TRUE(grpc && http2);
  EXPECT_EQ(grpc->protocol_version, "GRPC");
  EXPECT_EQ(grpc->health_check_path, "/AWS.ALB/healthcheck");
  EXPECT_EQ(grpc->matcher->grpc_code, "12");
  EXPECT_EQ(grpc->matcher->http_code, std::nullopt);
  EXPECT_EQ(http2->protocol_version, "HTTP2");
  EXPECT_EQ(http2->health_check_path, "/");
  EXPECT_EQ(http2->matcher->http_code, "200");
  EXPECT_EQ(make("HTTP3").error().code, "ValidationError");
  EXPECT_EQ(code("GRPC", {std::nullopt, "0-99"}), "made");
  EXPECT_EQ(code("GRPC", {std::nullopt, "100"}), "ValidationError");
  EXPECT_EQ(code("GRPC", {"200", std::nullopt}), "ValidationError");
  EXPECT_EQ(code("HTTP2", {std::nullopt, "0"}), "ValidationError");
  EXPECT_EQ(code("HTTP2", {"200-299", std::nullopt}), "made");
}

TEST_F(ProtocolVersions, AGroupThatSpeaksGrpcNeedsAListenerThatCan) {
  auto grpc = make("GRPC");
  ASSERT_TRUE(grpc);
  auto listener = make_listener(make_balancer(), {.type = "forward", .target_group_arn = grpc->target_group_arn});
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code, "InvalidLoadBalancerAction");
}

TEST_F(ProtocolVersions, Http1DoesNotSuitAGroupThatSpeaksHttp2) {
  auto http2 = make("HTTP2");
  ASSERT_TRUE(http2);
  ASSERT_TRUE(service_->register_targets(core_.call(), {http2->target_group_arn, {{.id = "i-1"}}}));
  ASSERT_TRUE(make_listener(make_balancer(), {.type = "forward", .target_group_arn = http2->target_group_arn}));
  // The instance speaks HTTP/1.1 only, and is checked in what the group speaks.
  EXPECT_TRUE(becomes(http2->target_group_arn, {{"i-1", "initial Elb.InitialHealthChecking"}}));
  EXPECT_THAT(get(), ::testing::StartsWith("464 "));
}

}  // namespace
}  // namespace pds::cloud::elbv2::testing
