#include "proxy/test_exchange.h"

namespace pds::proxy {
namespace {

using ::testing::HasSubstr;

TEST_F(Exchanges, AnAnswerComesBackWithoutItsHopByHopFields) {
  auto group = make_group();
  add(*group, {"HTTP/1.1 201 Made\r\nContent-Length: 5\r\nX-A: 1\r\nKeep-Alive: timeout=3\r\nConnection: keep-alive\r\n\r\nhello"});
  route_to(group);
  std::string answer = get("X-Correlation-ID: c-9\r\n");
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 201 Made\r\n"));
  EXPECT_THAT(answer, HasSubstr("X-A: 1\r\n"));
  EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\nhello"));
  EXPECT_THAT(answer, ::testing::Not(HasSubstr("Keep-Alive")));
  EXPECT_THAT(seen_.at(0), HasSubstr("GET /x HTTP/1.1\r\n"));
  EXPECT_THAT(seen_.at(0), HasSubstr("X-Correlation-ID: c-9\r\n"));
  EXPECT_THAT(seen_.at(0), HasSubstr("X-Amzn-Trace-Id: Root=1-"));
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_THAT(log_[0], HasSubstr(" t:80 "));
  EXPECT_THAT(log_[0], HasSubstr(" 201 201 70 " + std::to_string(answer.size()) + " \"GET http://h:80/x HTTP/1.1\""));
  EXPECT_EQ(group->counters().at("us-east-1a")->status_classes[2], 1u);
  EXPECT_EQ(group->counters().at("us-east-1a")->response_time_us.count(), 1u);
}

TEST_F(Exchanges, ConnectionsToTargetsAreUsedAgain) {
  auto group = make_group();
  auto target = add(*group, std::vector<std::string>(10, fine));
  route_to(group);
  for (int i = 0; i < 5; ++i) EXPECT_THAT(get(), HasSubstr("200 OK"));
  EXPECT_EQ(target->connections, 1);
  EXPECT_EQ(counters_->requests, 5u);
}

TEST_F(Exchanges, HeadKeepsTheLengthAndHasNoBody) {
  auto group = make_group();
  add(*group, {"HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n"});
  route_to(group);
  std::string answer = ask("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 77\r\n"));
  EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\n"));
}

TEST_F(Exchanges, ChunkedAnswersStreamPieceByPiece) {
  auto group = make_group();
  add(*group, {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"});  // and no more: the second answer never comes
  route_to(group);
  Conversation& conversation = connect();
  send(conversation, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(run_until(loop_, [&] { return conversation.received.find("3\r\nabc\r\n") != std::string::npos; }))
      << conversation.received;
}

// what the target does                          what the client gets
TEST_F(Exchanges, FailuresOfTargetsAreToldApart) {
  struct Row {
    const char* name;
    std::vector<std::string> answers;
    bool refuse;
    int status;
  };
  for (const Row& row : {
           Row{"refuses the connection", {}, true, 502},
           Row{"closes without an answer", {""}, false, 502},
           Row{"answers garbage", {"SSH-2.0-OpenSSH\r\n\r\n"}, false, 502},
           Row{"ends within its head", {"HTTP/1.1 200 OK\r\nContent-"}, false, 502},
           Row{"ends within a short body", {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}, false, 200},
           Row{"sends two lengths", {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"}, false, 502},
       }) {
    auto group = make_group();
    add(*group, row.answers)->refuse = row.refuse;
    route_to(group);
    std::string answer = get();
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 " + std::to_string(row.status))) << row.name;
    if (row.refuse) EXPECT_EQ(group->counters().at("us-east-1a")->connection_errors, 1u);
  }
  EXPECT_EQ(counters_->elb_502, 5u);
}

TEST_F(Exchanges, ATargetThatStallsIs504) {
  group_settings_.idle_timeout = 40ms;
  auto group = make_group();
  auto target = std::make_shared<FakeTarget>(loop_, [this](auto stream) { return stall(loop_, std::move(stream)); });
  group->add(spec_of("t", target));
  route_to(group);
  EXPECT_THAT(get(), HasSubstr("HTTP/1.1 504 "));
  EXPECT_EQ(counters_->elb_504, 1u);
  EXPECT_EQ(target->connections, 1);  // it had its time: not again
}

TEST_F(Exchanges, AConnectionThatIsOldEndsWithItsNextAnswer) {
  auto group = make_group();
  add(*group, std::vector<std::string>(10, fine));
  auto routes = std::make_shared<Routes>(Routes{{}, {}, Forward({{group, 1, ""}}, 0)});
  frontend_.set_routes(routes);
  Conversation& conversation = connect();
  send(conversation, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(run_until(loop_, [&] { return conversation.received.find("\r\n\r\nok") != std::string::npos; }));
  EXPECT_FALSE(conversation.ended);
  auto changed = std::make_shared<Routes>(*routes);
  changed->settings.client_keep_alive = 1us;  // which has passed
  frontend_.set_routes(changed);
  run_turns(loop_, 5);
  EXPECT_FALSE(conversation.ended);  // not in between
  conversation.received.clear();
  send(conversation, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(run_until(loop_, [&] { return conversation.ended; }));
  EXPECT_THAT(conversation.received, HasSubstr("200 OK"));
  EXPECT_THAT(conversation.received, HasSubstr("Connection: close\r\n"));
}

TEST_F(Exchanges, ListenersSetFieldsOfEveryAnswer) {
  auto group = make_group();
  add(*group, {"HTTP/1.1 200 OK\r\nServer: app\r\nX-Frame-Options: SAMEORIGIN\r\nContent-Length: 2\r\n\r\nok"});
  auto routes = std::make_shared<Routes>(Routes{{}, {}, Forward({{group, 1, ""}}, 0)});
  routes->settings.server_header = false;
  routes->settings.response_headers = {{"X-Frame-Options", "DENY"}};
  frontend_.set_routes(routes);
  std::string answer = get();
  EXPECT_THAT(answer, HasSubstr("X-Frame-Options: DENY\r\n"));
  EXPECT_THAT(answer, ::testing::Not(HasSubstr("SAMEORIGIN")));
  EXPECT_THAT(answer, ::testing::Not(HasSubstr("Server:")));
  auto fixed = std::make_shared<Routes>(Routes{routes->settings, {}, FixedResponse{200, "text/plain", "own"}});
  frontend_.set_routes(fixed);
  EXPECT_THAT(get(), HasSubstr("X-Frame-Options: DENY\r\n"));
  EXPECT_THAT(get(), ::testing::Not(HasSubstr("Server:")));
}

TEST_F(Exchanges, NoTargetAtAllIs503) {
  auto group = make_group();
  route_to(group);
  EXPECT_THAT(get(), HasSubstr("HTTP/1.1 503 "));
  route_to({{group, 0, ""}});
  EXPECT_THAT(get(), HasSubstr("HTTP/1.1 503 "));
  EXPECT_EQ(counters_->elb_503, 2u);
  EXPECT_THAT(log_[0], HasSubstr(" - -1 -1 -1 503 - "));
}

TEST_F(Exchanges, TraceAndConnectAreRefused) {
  route_to(make_group());
  EXPECT_THAT(ask("TRACE / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), HasSubstr("HTTP/1.1 405 "));
}

// A target that serves one request per connection and closes as the next one arrives.
class StaleConnections : public Exchanges {
 protected:
  static io::Task<void> once_then_close(std::unique_ptr<io::Stream> stream, int* requests, int* closed_on) {
    for (int i = 0; i < 2; ++i) {
      std::string head;
      char piece[4096];
      while (head.find("\r\n\r\n") == std::string::npos) {
        auto got = co_await io::read_some(*stream, piece, io::never);
        if (!got || *got == 0) co_return;
        head.append(piece, *got);
      }
      if (i == 1) {
        ++*closed_on;
        co_return;  // read, and closed without an answer
      }
      ++*requests;
      [[maybe_unused]] auto sent = co_await io::write_all(*stream, fine, io::never);
    }
  }
  void SetUp() override {
    Exchanges::SetUp();
    group_ = make_group();
    target_ = std::make_shared<FakeTarget>(
        loop_, [this](auto stream) { return once_then_close(std::move(stream), &requests_, &closed_on_); });
    group_->add(spec_of("t", target_));
    route_to(group_);
    EXPECT_THAT(get(), HasSubstr("200 OK"));
  }
  std::shared_ptr<TargetGroup> group_;
  std::shared_ptr<FakeTarget> target_;
  int requests_ = 0, closed_on_ = 0;
};

TEST_F(StaleConnections, IdempotentRequestsGoOutOnceMoreOnAFreshConnection) {
  EXPECT_THAT(get(), HasSubstr("200 OK"));
  EXPECT_EQ(closed_on_, 1);
  EXPECT_EQ(target_->connections, 2);
  EXPECT_EQ(requests_, 2);
}

TEST_F(StaleConnections, APostThatMayHaveBeenSeenIsNotRepeated) {
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), HasSubstr("HTTP/1.1 502 "));
  EXPECT_EQ(closed_on_, 1);
  EXPECT_EQ(requests_, 1);
}

TEST_F(Exchanges, AFreshConnectionThatFailsIsAnAnswer) {
  auto group = make_group();
  auto target = add(*group, {""});
  route_to(group);
  EXPECT_THAT(get(), HasSubstr("HTTP/1.1 502 "));
  EXPECT_EQ(target->connections, 1);
}

// Reads a whole request with its body through our own server, and tells how much came.
TEST_F(Exchanges, WeightsMoveWithoutAFailedRequestAndSharesFollowExactly) {
  auto blue = make_group("blue"), green = make_group("green");
  add(*blue, std::vector<std::string>(2000, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nblue"));
  add(*green, std::vector<std::string>(2000, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ngreen"));
  for (uint32_t share : {0u, 10u, 25u, 50u, 100u}) {
    route_to({{blue, 100 - share, ""}, {green, share, ""}});
    Conversation& conversation = connect();
    std::string burst;
    for (int i = 0; i < 200; ++i) burst += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    send(conversation, burst);
    auto count = [&](std::string_view body) {
      size_t found = 0;
      for (size_t at = 0; (at = conversation.received.find(body, at)) != std::string::npos; ++at) ++found;
      return found;
    };
    ASSERT_TRUE(run_until(loop_, [&] { return count("200 OK") == 200; }));
    EXPECT_EQ(count("\r\n\r\ngreen"), share * 2);
    EXPECT_EQ(count("\r\n\r\nblue"), 200 - share * 2);
  }
}

TEST_F(Exchanges, AnExchangeFinishesOnTheRoutesItBeganWith) {
  auto old_group = make_group("old"), new_group = make_group("new");
  auto slow = std::make_shared<FakeTarget>(loop_, [this](auto stream) { return stall(loop_, std::move(stream)); });
  old_group->add(spec_of("slow", slow));
  add(*new_group, {fine});
  route_to(old_group);
  Conversation& waiting = connect();
  send(waiting, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(run_until(loop_, [&] { return old_group->statuses()[0].in_flight == 1; }));
  route_to(new_group);
  old_group.reset();  // nobody but the exchange holds on to it now
  EXPECT_THAT(get(), HasSubstr("200 OK"));
  EXPECT_FALSE(waiting.ended);
  slow->reset();  // its target dies
  EXPECT_TRUE(run_until(loop_, [&] { return waiting.received.find("HTTP/1.1 502 ") != std::string::npos; }));
}

TEST_F(Exchanges, ADrainThatIsOverCutsTheExchange) {
  auto group = make_group();
  auto slow = std::make_shared<FakeTarget>(loop_, [this](auto stream) { return stall(loop_, std::move(stream)); });
  group->add(spec_of("slow", slow));
  route_to(group);
  Conversation& waiting = connect();
  send(waiting, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(run_until(loop_, [&] { return group->statuses()[0].in_flight == 1; }));
  group->drain("slow", 80, clock_.now() + 60s);
  run_turns(loop_, 10);
  EXPECT_TRUE(waiting.received.empty());
  clock_.advance(60s);
  EXPECT_TRUE(run_until(loop_, [&] { return waiting.received.find("HTTP/1.1 502 ") != std::string::npos; }));
  EXPECT_TRUE(group->statuses().empty());
}

TEST_F(Exchanges, AnUpgradeBecomesATunnelUntilBothSidesHaveEnded) {
  auto group = make_group();
  auto target = std::make_shared<FakeTarget>(loop_, [this](auto stream) {
    return say(
        std::move(stream),
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: k\r\n\r\nhi",
         "pong"},
        &seen_);
  });
  group->add(spec_of("t", target));
  route_to(group);
  Conversation& conversation = connect();
  send(conversation, "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nping\r\n\r\n");
  ASSERT_TRUE(run_until(loop_, [&] { return conversation.ended; })) << conversation.received;
  EXPECT_THAT(conversation.received, HasSubstr("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_THAT(conversation.received, HasSubstr("Sec-WebSocket-Accept: k\r\n"));
  EXPECT_THAT(conversation.received, HasSubstr("Connection: Upgrade\r\n"));
  EXPECT_THAT(conversation.received, ::testing::EndsWith("hipong"));
  EXPECT_THAT(seen_.at(0), HasSubstr("Upgrade: websocket\r\n"));
  EXPECT_THAT(seen_.at(0), HasSubstr("onnection: upgrade\r\n"));
  EXPECT_EQ(seen_.at(1), "ping\r\n\r\n");
  conversation.stream->close();
  EXPECT_TRUE(run_until(loop_, [&] { return group->statuses()[0].in_flight == 0; }));
  EXPECT_THAT(log_.at(0), ::testing::StartsWith("ws "));
}

class FixedFunction final : public FunctionTarget {
 public:
  io::Task<Result<std::string>> invoke(std::string event) override {
    events.push_back(std::move(event));
    if (fails) co_return fail("E_FUNCTION", "it threw");
    co_return answer;
  }
  std::vector<std::string> events;
  std::string answer =
      R"({"statusCode":202,"headers":{"Content-Type":"text/plain","Content-Length":"999"},"body":"from a function"})";
  bool fails = false;
};

TEST_F(Exchanges, FunctionsAnswerThroughEvents) {
  auto function = std::make_shared<FixedFunction>();
  auto group = make_group("arn:tg");
  group->add({.id = "arn:fn", .authority = "arn:fn", .function = function});
  route_to(group);
  std::string answer = ask("POST /f?a=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 202 "));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 15\r\n"));
  EXPECT_THAT(answer, ::testing::EndsWith("from a function"));
  ASSERT_EQ(function->events.size(), 1u);
  EXPECT_THAT(function->events[0], HasSubstr(R"("httpMethod":"POST","path":"/f")"));
  EXPECT_THAT(function->events[0], HasSubstr(R"("body":"hi")"));
  EXPECT_THAT(function->events[0], HasSubstr("x-forwarded-for"));
  function->answer = "nonsense";
  EXPECT_THAT(get(), HasSubstr("HTTP/1.1 502 "));
  function->fails = true;
  EXPECT_THAT(get(), HasSubstr("HTTP/1.1 502 "));
  EXPECT_THAT(log_.at(1), HasSubstr("\"LambdaInvalidResponse\""));
  EXPECT_THAT(log_.at(2), HasSubstr("\"LambdaUnhandled\""));
}

TEST_F(Exchanges, AClientThatLeavesIsCountedAndLetsGoOfTheTarget) {
  auto group = make_group();
  auto slow = std::make_shared<FakeTarget>(loop_, [this](auto stream) { return stall(loop_, std::move(stream)); });
  group->add(spec_of("slow", slow));
  route_to(group);
  send(connect(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(run_until(loop_, [&] { return group->statuses()[0].in_flight == 1; }));
  server_.reset();  // which cancels the exchange, as a client's end does
  EXPECT_EQ(group->statuses()[0].in_flight, 0u);
  EXPECT_THAT(log_.at(0), HasSubstr(" 460 - "));
  EXPECT_EQ(counters_->elb_status_classes[4], 1u);
}

}  // namespace
}  // namespace pds::proxy
