// For tests: a target in memory, and turns of the loop until something holds.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/server.h"
#include "io/loop.h"
#include "io/stream.h"
#include "proxy/target.h"

namespace pds::proxy {

// Turns the loop until `done` holds; false when it does not within five real seconds.
inline bool run_until(io::Loop& loop, const std::function<bool()>& done) {
  MonoTime give_up = std::chrono::steady_clock::now() + 5s;
  while (!done()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    loop.run_once(1ms);
  }
  return true;
}
inline void run_turns(io::Loop& loop, int turns) {
  for (int i = 0; i < turns; ++i) loop.run_once(0us);
}

// Accepts connections in memory and does with each what `behave` says.
class FakeTarget final : public io::Connector {
 public:
  using Behaviour = std::function<io::Task<void>(std::unique_ptr<io::Stream>)>;
  FakeTarget(io::Loop& loop, Behaviour behave) : loop_(loop), behave_(std::move(behave)) {}

  io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline deadline) override {
    ++connections;
    if (refuse) co_return fail_world("E_CONNECT", "connect to memory: Connection refused");
    if (hang) {
      co_await loop_.sleep_until(deadline);
      co_return fail_world("E_TIMEOUT", "connect to memory: timed out");
    }
    io::StreamPair pair = io::make_stream_pair(loop_);
    served_.spawn(behave_(std::move(pair.b)));
    co_return std::move(pair.a);
  }
  std::string destination() const override { return "memory"; }
  // Ends every connection where it stands.
  void reset() { served_.cancel_all(); }

  bool refuse = false, hang = false;
  int connections = 0;

 private:
  io::Loop& loop_;
  Behaviour behave_;
  io::TaskSet served_;
};

// Reads one request (without a body), then says these bytes, and again for the next request of the connection when there are more.
inline io::Task<void> say(std::unique_ptr<io::Stream> stream, std::vector<std::string> answers, std::vector<std::string>* seen) {
  for (const std::string& answer : answers) {
    std::string head;
    char piece[4096];
    while (head.find("\r\n\r\n") == std::string::npos) {
      auto got = co_await io::read_some(*stream, piece, io::never);
      if (!got || *got == 0) co_return;
      head.append(piece, *got);
    }
    if (seen) seen->push_back(head);
    auto sent = co_await io::write_all(*stream, answer, io::never);
    if (!sent) co_return;
  }
}

// Keeps the connection open and says nothing.
inline io::Task<void> stall(io::Loop& loop, std::unique_ptr<io::Stream> stream) {
  co_await loop.sleep_until(io::never);
  stream->close();
}

inline TargetSpec spec_of(std::string id, std::shared_ptr<io::Connector> connector, uint16_t port = 80) {
  TargetSpec spec;
  spec.id = std::move(id);
  spec.port = port;
  spec.zone = "us-east-1a";
  spec.authority = spec.id + ":" + std::to_string(port);
  spec.reach = [connector](uint16_t) { return connector; };
  return spec;
}

inline constexpr const char* fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

}  // namespace pds::proxy
