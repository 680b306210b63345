#include "podinfo/grpc/health.h"

#include <gtest/gtest.h>

#include <thread>

#include "podinfo/grpc/messages.h"

namespace pds::podinfo::rpc {
namespace {

using ::grpc::health::v1::HealthCheckResponse;

std::string request_for(const std::string& service) {
  ::grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  return request.SerializeAsString();
}

HealthCheckResponse::ServingStatus status_in(const std::string& bytes) {
  HealthCheckResponse response;
  EXPECT_TRUE(response.ParseFromString(bytes));
  return response.status();
}

struct Listener final : Health::Watcher {
  std::vector<HealthCheckResponse::ServingStatus> told;
  void tell(std::string status) override { told.push_back(status_in(status)); }
};

TEST(Health, is_that_of_the_server_and_of_one_service) {
  Health health("podinfo");
  for (const char* service : {"", "podinfo"}) {
    health.set_serving(false);
    EXPECT_EQ(status_in(health.check(request_for(service)).bytes), HealthCheckResponse::NOT_SERVING);
    health.set_serving(true);
    EXPECT_EQ(status_in(health.check(request_for(service)).bytes), HealthCheckResponse::SERVING);
  }
  Answer other = health.check(request_for("other"));
  EXPECT_EQ(other.status.error_code(), ::grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(other.status.error_message(), "unknown service");
  EXPECT_EQ(health.check("\xff").status.error_code(), ::grpc::StatusCode::INTERNAL);
}

TEST(Health, is_listed) {
  Health health("podinfo");
  health.set_serving(true);
  ::grpc::health::v1::HealthListResponse response;
  ASSERT_TRUE(response.ParseFromString(health.list("").bytes));
  ASSERT_EQ(response.statuses_size(), 2);
  EXPECT_EQ(response.statuses().at("").status(), HealthCheckResponse::SERVING);
  EXPECT_EQ(response.statuses().at("podinfo").status(), HealthCheckResponse::SERVING);
  EXPECT_EQ(health.list("\xff").status.error_code(), ::grpc::StatusCode::INTERNAL);
}

TEST(Health, is_told_at_once_and_when_it_changes) {
  Health health("podinfo");
  Listener server, service, stranger;
  EXPECT_TRUE(health.watch(request_for(""), server));
  EXPECT_TRUE(health.watch(request_for("other"), stranger));
  health.set_serving(true);
  EXPECT_TRUE(health.watch(request_for("podinfo"), service));
  health.set_serving(true);
  health.set_serving(false);
  health.remove(server);
  health.set_serving(true);
  auto SERVING = HealthCheckResponse::SERVING, NOT_SERVING = HealthCheckResponse::NOT_SERVING;
  EXPECT_EQ(server.told, (std::vector{NOT_SERVING, SERVING, NOT_SERVING}));
  EXPECT_EQ(service.told, (std::vector{SERVING, NOT_SERVING, SERVING}));
  EXPECT_EQ(stranger.told, std::vector{HealthCheckResponse::SERVICE_UNKNOWN});
  EXPECT_FALSE(health.watch("\xff", stranger));
}

TEST(Health, may_change_while_others_come_and_go) {
  Health health("podinfo");
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        Listener listener;
        health.watch(request_for(""), listener);
        EXPECT_TRUE(health.check(request_for("")).status.ok());
        health.remove(listener);
        EXPECT_FALSE(listener.told.empty());
      }
    });
  }
  for (int round = 0; round < 200; ++round) health.set_serving(round % 2 == 0);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace pds::podinfo::rpc
