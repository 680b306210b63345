// The table of retry.h as a client meets it: what happens to a request whose target fails it on a kept connection.
#include <map>

#include "proxy/test_exchange.h"

namespace pds::proxy {
namespace {

using ::testing::HasSubstr;

class Retries : public Exchanges {
 protected:
  enum class Then : uint8_t { close_while_idle, close_on_request, close_within_answer, stall };

  // Answers the first request of the first connection, does this on the second, and serves whatever comes on other connections.
  io::Task<void> serve(std::unique_ptr<io::Stream> stream, Then then) {
    bool is_first = connections_++ == 0;
    std::string buffer;
    for (int i = 0;; ++i) {
      if (is_first && i == 1 && then == Then::close_while_idle) co_return;
      std::string request = co_await read_request(*stream, buffer);
      if (request.empty()) co_return;
      ++seen_by_method_[request.substr(0, request.find(' '))];
      last_ = request;
      if (is_first && i == 1) {
        if (then == Then::stall) co_await loop_.sleep_until(io::never);
        if (then == Then::close_within_answer) {
          [[maybe_unused]] auto sent = co_await io::write_all(*stream, "HTTP/1.1 200 OK\r\nConte", io::never);
        }
        co_return;
      }
      [[maybe_unused]] auto sent = co_await io::write_all(*stream, fine, io::never);
    }
  }
  // Head and body of a whole request, or what there was of it when the connection ended.
  static io::Task<std::string> read_request(io::Stream& stream, std::string& buffer) {
    for (;;) {
      size_t head_end = buffer.find("\r\n\r\n");
      bool chunked = buffer.find("chunked") < head_end;
      size_t length_at = buffer.find("Content-Length: ");
      size_t body = length_at < head_end ? static_cast<size_t>(std::atoi(buffer.c_str() + length_at + 16)) : 0;
      size_t whole = head_end + 4 + body;
      if (chunked) whole = buffer.find("0\r\n\r\n", head_end + 4) == std::string::npos ? std::string::npos : buffer.size();
      if (head_end != std::string::npos && whole <= buffer.size()) {
        std::string request = buffer.substr(0, whole);
        buffer.erase(0, whole);
        co_return request;
      }
      char piece[4096];
      auto got = co_await io::read_some(stream, piece, io::never);
      if (!got || *got == 0) co_return std::exchange(buffer, "");
      buffer.append(piece, *got);
    }
  }
  // Status that the second request gets.
  std::string second(Then then, const std::string& request) {
    connections_ = 0;
    auto group = make_group();
    group->add(
        spec_of("t", std::make_shared<FakeTarget>(loop_, [this, then](auto stream) { return serve(std::move(stream), then); })));
    route_to(group);
    EXPECT_THAT(get(), HasSubstr("200 OK"));
    seen_by_method_.clear();
    run_turns(loop_, 5);
    std::string answer = ask(request);
    return answer.substr(9, 3);
  }
  static std::string plain(const std::string& method) { return method + " / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"; }
  static std::string with_body(const std::string& method) {
    return method + " / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
  }
  static std::string streamed(const std::string& method) {
    return method + " / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  }

  int connections_ = 0;
  std::map<std::string, int> seen_by_method_;
  std::string last_;
};

TEST_F(Retries, FollowTheTable) {
  struct Row {
    Then then;
    std::string request;
    const char* status;
    int seen;  // by the target, how often
    int connections;
  };
  for (const Row& row : {
           // The connection ended while nothing was on it: that is found out before anything is sent, so any method may go on.
           Row{Then::close_while_idle, plain("GET"), "200", 1, 2},
           Row{Then::close_while_idle, with_body("POST"), "200", 1, 2},
           Row{Then::close_while_idle, streamed("POST"), "200", 1, 2},
           // It ended when the request had been sent: acting twice must be the same as acting once.
           Row{Then::close_on_request, plain("GET"), "200", 2, 2},
           Row{Then::close_on_request, plain("OPTIONS"), "200", 2, 2},
           Row{Then::close_on_request, plain("DELETE"), "200", 2, 2},
           Row{Then::close_on_request, with_body("PUT"), "200", 2, 2},
           Row{Then::close_on_request, streamed("PUT"), "502", 1, 1},  // its body is gone
           Row{Then::close_on_request, with_body("POST"), "502", 1, 1},
           Row{Then::close_on_request, with_body("PATCH"), "502", 1, 1},
           Row{Then::close_on_request, plain("PURGE"), "502", 1, 1},
           // It had begun to answer: this was no stale connection.
           Row{Then::close_within_answer, plain("GET"), "502", 1, 1},
           // It had its time, and may be at work still.
           Row{Then::stall, plain("GET"), "504", 1, 1},
           Row{Then::stall, with_body("PUT"), "504", 1, 1},
       }) {
    group_settings_.idle_timeout = row.then == Then::stall ? Duration(40ms) : Duration(60s);
    std::string method = row.request.substr(0, row.request.find(' '));
    EXPECT_EQ(second(row.then, row.request), row.status) << row.request;
    EXPECT_EQ(seen_by_method_[method], row.seen) << row.request;
    EXPECT_EQ(connections_, row.connections) << row.request;
  }
}

TEST_F(Retries, ABodyThatIsSentAgainIsTheSame) {
  EXPECT_EQ(second(Then::close_on_request, with_body("PUT")), "200");
  EXPECT_THAT(last_, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(last_, ::testing::EndsWith("\r\n\r\nhello"));
}

}  // namespace
}  // namespace pds::proxy
