// Every limit of the server and its named answer. Time is turned by hand: nothing here waits.
#include <gtest/gtest.h>

#include <deque>

#include "http/server.h"

namespace pds::http {
namespace {

// "/echo" answers with the body's size, "/large" with a megabyte, "/wait" when released, anything else "hello".
class LimitedService final : public Service {
 public:
  io::Event release;
  int served = 0;

  io::Task<void> serve(ServerRequest& request, Responder& responder) override {
    ++served;
    Response response = Response::text(200, "hello");
    if (request.head.path() == "/echo") {
      Result<std::string> body = co_await read_all(request.body, 1 << 20);
      if (!body) co_return;
      response.body = std::to_string(body->size());
    } else if (request.head.path() == "/large") {
      response.body.assign(1 << 20, 'x');
    } else if (request.head.path() == "/wait") {
      co_await release.wait();
    }
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
};

class ServerLimits : public testing::Test {
 protected:
  struct Peer {
    std::unique_ptr<io::Stream> stream;
    std::string received;
    bool ended = false;
  };

  ~ServerLimits() override {
    server_.reset();
    tasks_.cancel_all();
  }
  void serve(ServerOptions options) { server_ = std::make_unique<Server>(loop_, service_, options); }
  Peer& connect(size_t capacity = 65536) {
    io::StreamPair pair = io::make_stream_pair(loop_, capacity);
    server_->serve(std::move(pair.b));
    Peer& peer = peers_.emplace_back(std::move(pair.a));
    settle();
    return peer;
  }
  // Everything that can happen without time passing.
  void settle() {
    while (loop_.run_once(0us)) {
    }
  }
  // Sends, and leaves the answer where it is.
  void send(Peer& peer, std::string_view bytes) {
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    ASSERT_EQ(peer.stream->try_write({&part, 1}).bytes, bytes.size());
    settle();
  }
  void say(Peer& peer, std::string_view bytes) {
    send(peer, bytes);
    listen(peer);
  }
  // Reads at most so many bytes.
  void listen(Peer& peer, size_t bytes_max = SIZE_MAX) {
    std::string room(std::min<size_t>(bytes_max, 65536), 0);
    for (size_t left = bytes_max; left > 0;) {
      io::IoResult got = peer.stream->try_read({room.data(), std::min(left, room.size())});
      if (got.status == io::IoResult::ok) {
        peer.received.append(room.data(), got.bytes);
        left -= got.bytes;
        settle();
        continue;
      }
      peer.ended = got.status != io::IoResult::would_block;
      return;
    }
  }
  void pass(Duration time) {
    time_.advance(time);
    settle();
  }
  std::string answer_of(Peer& peer) {
    listen(peer);
    return peer.received.substr(0, 12);
  }

  io::ManualTime time_;
  io::Loop loop_{time_};
  LimitedService service_;
  std::unique_ptr<Server> server_;
  std::deque<Peer> peers_;
  io::TaskSet tasks_;
};

constexpr const char* get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr const char* get_and_wait = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr const char* get_large = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr const char* upload = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";

TEST_F(ServerLimits, AHeadThatTricklesIs408AtItsDeadlineHoweverOftenItMoves) {
  serve({.header_timeout = 10s});
  Peer& peer = connect();
  for (int i = 0; i < 9; ++i) {
    say(peer, "G");
    pass(1s);
  }
  EXPECT_EQ(answer_of(peer), "");
  pass(1s);
  EXPECT_EQ(answer_of(peer), "HTTP/1.1 408");
  EXPECT_EQ(service_.served, 0);
}

TEST_F(ServerLimits, ABodyThatStopsIs408) {
  serve({.body_timeout = 30s});
  Peer& peer = connect();
  say(peer, upload + std::string("abc"));
  pass(29s);
  EXPECT_EQ(answer_of(peer), "");
  pass(1s);
  EXPECT_EQ(answer_of(peer), "HTTP/1.1 408");
}

TEST_F(ServerLimits, ABodyThatTricklesIs408ThoughItNeverStops) {
  serve({.body_timeout = 30s, .bytes_per_timeout_min = 1000});
  Peer& peer = connect();
  say(peer, upload);
  for (int i = 0; i < 3; ++i) {
    pass(9s);
    say(peer, std::string(300, 'x'));
  }
  EXPECT_EQ(answer_of(peer), "");
  pass(3s);
  EXPECT_EQ(answer_of(peer), "HTTP/1.1 408");
}

TEST_F(ServerLimits, ABodyThatKeepsTheRateMayTakeItsTime) {
  serve({.body_timeout = 30s, .bytes_per_timeout_min = 1000});
  Peer& peer = connect();
  say(peer, upload);
  for (int i = 0; i < 100; ++i) {
    pass(20s);
    say(peer, std::string(1000, 'x'));
  }
  EXPECT_EQ(answer_of(peer), "HTTP/1.1 200");
  EXPECT_TRUE(peer.received.ends_with("100000"));
}

TEST_F(ServerLimits, APeerThatReadsNothingIsCut) {
  serve({.write_timeout = 30s});
  Peer& peer = connect(1000);
  send(peer, get_large);
  pass(29s);
  EXPECT_EQ(server_->connections(), 1u);
  pass(1s);
  EXPECT_EQ(server_->connections(), 0u);
  listen(peer);
  EXPECT_TRUE(peer.ended);
  EXPECT_EQ(peer.received.size(), 1000u);
}

TEST_F(ServerLimits, APeerThatReadsSingleBytesIsCut) {
  serve({.write_timeout = 30s, .bytes_per_timeout_min = 1000});
  Peer& peer = connect(1000);
  send(peer, get_large);
  for (int i = 0; i < 3; ++i) {
    pass(9s);
    listen(peer, 10);
  }
  EXPECT_EQ(server_->connections(), 1u);
  pass(3s);
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(ServerLimits, APeerThatReadsSlowlyButSteadilyGetsAll) {
  serve({.write_timeout = 30s, .bytes_per_timeout_min = 1000});
  Peer& peer = connect(4000);
  send(peer, get_large);
  while (peer.received.size() < 1 << 20 && !peer.ended) {
    pass(20s);
    listen(peer, 4000);
  }
  EXPECT_FALSE(peer.ended);
  EXPECT_TRUE(peer.received.ends_with("xxx"));
}

TEST_F(ServerLimits, AnIdleConnectionIsClosedWithoutAWord) {
  serve({.idle_timeout = 75s});
  Peer& fresh = connect();
  Peer& used = connect();
  pass(74s);
  say(used, get);
  EXPECT_EQ(answer_of(used), "HTTP/1.1 200");
  pass(1s);
  listen(fresh);
  EXPECT_TRUE(fresh.ended);
  EXPECT_EQ(fresh.received, "");
  EXPECT_FALSE(used.ended);
  pass(74s);
  size_t before = used.received.size();
  listen(used);
  EXPECT_TRUE(used.ended);
  EXPECT_EQ(used.received.size(), before);
}

TEST_F(ServerLimits, AboveTheMaximumTheOneThatIdledLongestMakesRoom) {
  serve({.connections_max = 2});
  Peer& first = connect();
  pass(1s);
  Peer& second = connect();
  pass(1s);
  say(first, get);  // from now on the second has idled longer
  Peer& third = connect();
  say(third, get);
  EXPECT_EQ(answer_of(third), "HTTP/1.1 200");
  listen(first), listen(second);
  EXPECT_FALSE(first.ended);
  EXPECT_TRUE(second.ended);
  EXPECT_EQ(second.received, "");
  EXPECT_EQ(server_->connections(), 2u);
}

TEST_F(ServerLimits, WhereNoneIdlesTheNewOneIsTold503) {
  serve({.connections_max = 1});
  Peer& busy = connect();
  say(busy, get_and_wait);
  for (int i = 0; i < 3; ++i) {
    Peer& more = connect();
    EXPECT_EQ(answer_of(more), "HTTP/1.1 503");
    EXPECT_NE(more.received.find("Connection: close"), std::string::npos);
    EXPECT_NE(more.received.find("too many connections\n"), std::string::npos);
  }
  EXPECT_EQ(service_.served, 1);
  service_.release.set();
  settle();
  EXPECT_EQ(answer_of(busy), "HTTP/1.1 200");
}

// A connection that was told to go takes nobody's place while it lingers.
TEST_F(ServerLimits, ThoseThatWereTurnedAwayTakeNoPlace) {
  serve({.connections_max = 1});
  Peer& busy = connect();
  say(busy, get_and_wait);
  connect();
  EXPECT_EQ(server_->connections(), 2u);
  busy.stream.reset();
  service_.release.set();
  settle();
  EXPECT_EQ(server_->connections(), 1u);
  Peer& next = connect();
  say(next, get);
  EXPECT_EQ(answer_of(next), "HTTP/1.1 200");
}

TEST_F(ServerLimits, ARequestThatCrossesItsConnectionsEvictionIsAnsweredStill) {
  serve({.connections_max = 1});
  Peer& first = connect();
  io::StreamPair pair = io::make_stream_pair(loop_);
  server_->serve(std::move(pair.b));  // evicts the first, whose request is on its way
  send(first, get);
  EXPECT_EQ(answer_of(first), "HTTP/1.1 200");
  EXPECT_NE(first.received.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(first.ended);
}

TEST_F(ServerLimits, OneAddressHasItsShareOfConnections) {
  serve({.connections_per_address_max = 2});
  Peer& first = connect();  // all of this test come from the address "memory"
  connect();
  Peer& third = connect();
  EXPECT_EQ(answer_of(third), "HTTP/1.1 503");
  EXPECT_NE(third.received.find("from this address"), std::string::npos);
  first.stream.reset();
  settle();
  Peer& next = connect();
  say(next, get);
  EXPECT_EQ(answer_of(next), "HTTP/1.1 200");
}

TEST_F(ServerLimits, PipelinedRequestsAreAnsweredInOrderAndReadNoFaster) {
  serve({});
  Peer& peer = connect(1 << 20);
  std::string many = get_and_wait;
  while (many.size() < 500'000) many += get;
  say(peer, many);
  EXPECT_EQ(peer.received, "");
  EXPECT_EQ(service_.served, 1);
  service_.release.set();
  settle();
  listen(peer);
  size_t answers = 0;
  for (size_t at = 0; (at = peer.received.find("HTTP/1.1 200", at)) != std::string::npos; ++at) ++answers;
  EXPECT_EQ(answers, static_cast<size_t>(service_.served));
  EXPECT_EQ(answers, 1 + (many.size() - std::string_view(get_and_wait).size()) / std::string_view(get).size());
}

// One readiness event does not keep everybody else waiting for as long as there are requests.
TEST_F(ServerLimits, APeerThatSendsManyRequestsLetsOthersHaveTheirTurn) {
  serve({});
  io::StreamPair greedy = io::make_stream_pair(loop_, 1 << 20), modest = io::make_stream_pair(loop_);
  server_->serve(std::move(greedy.b));
  server_->serve(std::move(modest.b));
  settle();
  std::string many;
  for (int i = 0; i < 5000; ++i) many += get;
  iovec part{many.data(), many.size()}, one{const_cast<char*>(get), std::string_view(get).size()};
  greedy.a->try_write({&part, 1});
  modest.a->try_write({&one, 1});
  loop_.run_once(0us);
  EXPECT_LT(service_.served, 100);
  char room[4096];
  EXPECT_EQ(modest.a->try_read(room).status, io::IoResult::ok);
}

io::Task<void> drain_into(Server& server, io::Deadline deadline, std::optional<bool>& drained) {
  drained = co_await server.drain(deadline);
}

TEST_F(ServerLimits, ADrainLetsAFreshConnectionHaveItsRequest) {
  serve({});
  Peer& used = connect();
  say(used, get);
  Peer& fresh = connect();
  Peer& silent = connect();
  std::optional<bool> drained;
  tasks_.spawn(drain_into(*server_, time_.now() + 10s, drained));
  settle();
  listen(used);
  EXPECT_TRUE(used.ended);
  say(fresh, get);
  EXPECT_EQ(answer_of(fresh), "HTTP/1.1 200");
  EXPECT_NE(fresh.received.find("Connection: close"), std::string::npos);
  EXPECT_FALSE(drained);
  pass(1s);
  listen(silent);
  EXPECT_TRUE(silent.ended);
  EXPECT_EQ(drained, true);
}

}  // namespace
}  // namespace pds::http
