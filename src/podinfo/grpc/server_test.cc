#include "podinfo/grpc/server.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <thread>

#include "podinfo/grpc/messages.h"
#include "podinfo/grpc/test_podinfo.h"

namespace pds::podinfo::rpc {
namespace {

using ::grpc::ByteBuffer;

ByteBuffer buffer_of(const google::protobuf::Message& message) {
  ::grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

// A call of a client.
struct Asked {
  ::grpc::ClientContext context;
  ByteBuffer request, response;
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<::grpc::Status> status;

  ::grpc::Status wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return status.has_value(); });
    return *status;
  }
};

// A client that watches the health until the server ends it.
struct Watching final : ::grpc::ClientBidiReactor<ByteBuffer, ByteBuffer> {
  ::grpc::ClientContext context;
  ByteBuffer request, response;
  std::mutex mutex;
  std::condition_variable changed;
  int told = 0;
  std::optional<::grpc::Status> status;

  explicit Watching(::grpc::GenericStub& stub) : request(buffer_of(::grpc::health::v1::HealthCheckRequest())) {
    stub.PrepareBidiStreamingCall(&context, "/grpc.health.v1.Health/Watch", {}, this);
    StartWriteLast(&request, {});
    StartRead(&response);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    std::lock_guard lock(mutex);
    ++told;
    changed.notify_all();
    StartRead(&response);
  }
  void OnDone(const ::grpc::Status& s) override {
    std::lock_guard lock(mutex);
    status = s;
    changed.notify_all();
  }
  void wait_until_told() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return told > 0; });
  }
  ::grpc::Status wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return status.has_value(); });
    return *status;
  }
};

struct ServerTest : testing::Test {
  TestPodinfo podinfo;
  GrpcServer server{{.port = 0, .service_name = "podinfo", .delay_max = std::chrono::hours(24)}, podinfo};
  std::unique_ptr<::grpc::GenericStub> stub;

  void SetUp() override {
    ASSERT_TRUE(server.open());
    stub = std::make_unique<::grpc::GenericStub>(
        ::grpc::CreateChannel("127.0.0.1:" + std::to_string(server.port()), ::grpc::InsecureChannelCredentials()));
  }
  std::unique_ptr<Asked> ask(const std::string& method, const google::protobuf::Message& message) {
    auto asked = std::make_unique<Asked>();
    asked->request = buffer_of(message);
    Asked* its = asked.get();
    stub->UnaryCall(&its->context, method, {}, &its->request, &its->response, [its](::grpc::Status status) {
      std::lock_guard lock(its->mutex);
      its->status = std::move(status);
      its->changed.notify_all();
    });
    return asked;
  }
  std::unique_ptr<Asked> echo() {
    ::echo::Message message;
    message.set_body("hello");
    return ask("/echo.EchoService/Echo", message);
  }
  std::unique_ptr<Asked> delay(int64_t seconds) {
    ::delay::DelayRequest message;
    message.set_seconds(seconds);
    return ask("/delay.DelayService/Delay", message);
  }
};

constexpr int64_t long_seconds = 3600;

TEST_F(ServerTest, calls_watches_and_changes_meet_and_all_of_it_ends) {
  constexpr int callers = 3, calls = 100;
  std::vector<std::unique_ptr<Watching>> watches;
  for (int i = 0; i < 4; ++i) watches.push_back(std::make_unique<Watching>(*stub));
  std::vector<std::unique_ptr<Asked>> delays;
  for (int i = 0; i < 40; ++i) delays.push_back(delay(long_seconds));
  std::vector<std::thread> threads;
  std::atomic<int> answered = 0;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < calls; ++call) answered += echo()->wait().ok();
    });
  }
  for (int i = 0; i < 100; ++i) {
    server.set_serving(i % 2 == 0);
    if (i < 20) delays[static_cast<size_t>(i)]->context.TryCancel();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, callers * calls);
  for (auto& watch : watches) watch->wait_until_told();
  server.stop(std::chrono::steady_clock::now() + std::chrono::milliseconds(100));
  for (auto& watch : watches) EXPECT_EQ(watch->wait().error_code(), ::grpc::StatusCode::UNAVAILABLE);
  for (auto& delayed : delays) EXPECT_FALSE(delayed->wait().ok());
}

TEST_F(ServerTest, a_call_in_flight_is_answered_at_the_end) {
  auto delayed = delay(1);
  EXPECT_TRUE(echo()->wait().ok());  // behind it on the same connection
  server.stop(std::chrono::steady_clock::now() + std::chrono::hours(1));
  EXPECT_TRUE(delayed->wait().ok());
  EXPECT_FALSE(echo()->wait().ok());
}

TEST(Server, does_not_take_the_port_of_another_one) {
  TestPodinfo podinfo;
  GrpcServer first({}, podinfo);
  ASSERT_TRUE(first.open());
  GrpcServer second({.port = static_cast<uint16_t>(first.port())}, podinfo);
  EXPECT_FALSE(second.open());
}

TEST(Calls, are_as_many_as_there_may_be) {
  Calls calls;
  for (size_t i = 0; i < calls_max; ++i) ASSERT_TRUE(calls.admit());
  EXPECT_FALSE(calls.admit());
  calls.discharge();
  EXPECT_TRUE(calls.admit());
}

}  // namespace
}  // namespace pds::podinfo::rpc
