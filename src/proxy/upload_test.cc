#include "proxy/test_exchange.h"

namespace pds::proxy {
namespace {

class Echo final : public http::Service {
 public:
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
    for (;;) {
      auto piece = co_await request.body.read();
      if (!piece) {
        ++cut_short;
        co_return;
      }
      if (piece->empty()) break;
      bytes += piece->size();
    }
    http::Response response = http::Response::text(200, std::to_string(bytes));
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
  size_t bytes = 0;
  int cut_short = 0;
};

class Uploads : public Exchanges {
 protected:
  void SetUp() override {
    Exchanges::SetUp();
    backend_ = std::make_unique<http::Server>(loop_, echo_, http::ServerOptions{.limits = {.body_bytes_max = 1u << 30}});
    group_ = make_group();
    target_ = std::make_shared<FakeTarget>(
        loop_, [this](std::unique_ptr<io::Stream> stream) { return hand_over(*backend_, std::move(stream)); });
    group_->add(spec_of("t", target_));
    route_to(group_);
    server_ = std::make_unique<http::Server>(loop_, frontend_, http::ServerOptions{.limits = {.body_bytes_max = 1u << 30}});
  }
  static io::Task<void> hand_over(http::Server& server, std::unique_ptr<io::Stream> stream) {
    server.serve(std::move(stream));
    co_return;
  }
  Echo echo_;
  std::unique_ptr<http::Server> backend_;
  std::shared_ptr<TargetGroup> group_;
  std::shared_ptr<FakeTarget> target_;
};

TEST_F(Uploads, OfAnySizeStreamThrough) {
  for (size_t size : {size_t{1}, size_t{5000}, size_t{200'000}, size_t{3'000'000}}) {
    echo_.bytes = 0;
    std::string answer = ask("PUT / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " + std::to_string(size) +
                             "\r\n\r\n" + std::string(size, 'x'));
    EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\n" + std::to_string(size)));
  }
}

TEST_F(Uploads, ChunkedBodiesStayChunked) {
  std::string chunk(1000, 'y'), body;
  for (int i = 0; i < 300; ++i) body += "3e8\r\n" + chunk + "\r\n";
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + body + "0\r\n\r\n"),
              ::testing::EndsWith("\r\n\r\n300000"));
}

TEST_F(Uploads, ThatTheClientBreaksOffAreCutAtTheTargetToo) {
  Conversation& conversation = connect();
  send(conversation, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + std::string(300'000, 'x'));
  ASSERT_TRUE(run_until(loop_, [&] { return echo_.bytes >= 300'000; }));
  conversation.stream->close();
  EXPECT_TRUE(run_until(loop_, [&] { return echo_.cut_short == 1 && backend_->connections() == 0; }));
  EXPECT_EQ(server_->requests_in_flight(), 0u);
}

TEST_F(Exchanges, AnEarlyAnswerToALongUploadGetsThrough) {
  auto group = make_group();
  auto target = std::make_shared<FakeTarget>(loop_, [this](auto stream) {
    return say(std::move(stream), {"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig"}, &seen_);
  });
  group->add(spec_of("t", target));
  route_to(group);
  server_ = std::make_unique<http::Server>(loop_, frontend_, http::ServerOptions{.limits = {.body_bytes_max = 1u << 30}});
  Conversation& conversation = connect();
  send(conversation, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n" + std::string(500'000, 'x'));
  EXPECT_TRUE(run_until(loop_, [&] { return conversation.received.find("HTTP/1.1 413 Too Large") != std::string::npos; }))
      << conversation.received;
}

}  // namespace
}  // namespace pds::proxy
