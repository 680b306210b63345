// For tests: a collector in memory, on a loop whose time is turned by hand. It answers as it is told, and keeps what it was sent.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/gzip.h"
#include "http/server.h"
#include "podinfo/trace/exporter.h"
#include "podinfo/trace/grpc_frame.h"

namespace pds::podinfo::trace {

class TestCollector {
 public:
  struct Answer {
    int status = 200;
    std::string grpc_status = "0";  // empty: it says none
    std::string retry_after, body;
    bool silent = false;  // it never comes
    bool in_trailers = false;  // says its gRPC status after a body, as servers do that have one
  };
  struct Call {
    MonoTime at;
    http::RequestHead head;
    std::string message;
  };

  explicit TestCollector(io::Loop& loop) : loop_(loop), began_(loop.exact_now()), server_(loop, service_, {.http2_prior_knowledge = true}) {}

  EndpointSettings endpoint(Protocol protocol) {
    EndpointSettings settings{.protocol = protocol, .url = *http::parse_url("http://collector/v1/traces")};
    settings.connector = std::make_shared<Connector>(*this);
    return settings;
  }
  std::vector<int64_t> milliseconds() const {  // of each call, since the collector began
    std::vector<int64_t> out;
    for (const Call& call : calls) out.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(call.at - began_).count());
    return out;
  }

  std::deque<Answer> answers;  // to the calls that come; when there is none left, it takes what comes
  bool away = false;           // nobody can connect
  std::vector<Call> calls;

 private:
  struct Connector final : io::Connector {
    explicit Connector(TestCollector& c) : collector(c) {}
    io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline) override {
      if (collector.away) co_return fail_world("E_CONNECT", "nobody is there");
      io::StreamPair pair = io::make_stream_pair(collector.loop_);
      collector.server_.serve(std::move(pair.b));
      co_return std::move(pair.a);
    }
    std::string destination() const override { return "memory"; }
    TestCollector& collector;
  };
  struct Service final : http::Service {
    explicit Service(TestCollector& c) : collector(c) {}
    io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
      Result<std::string> body = co_await http::read_all(request.body, 1 << 20);
      if (!body) co_return;
      Answer answer = collector.take({collector.loop_.exact_now(), request.head, *std::move(body)});
      io::Event never;
      if (answer.silent) co_await never.wait();
      http::ResponseHead head{.status = answer.status};
      http::Headers trailers;
      if (!answer.grpc_status.empty()) (answer.in_trailers ? trailers : head.headers).add("grpc-status", answer.grpc_status);
      if (!answer.retry_after.empty()) head.headers.add("Retry-After", answer.retry_after);
      if (answer.in_trailers) {
        [[maybe_unused]] Result<void> started = co_await responder.start(head, grpc_frame("", false));
        [[maybe_unused]] Result<void> finished = co_await responder.finish(&trailers);
      } else {
        [[maybe_unused]] Result<void> sent = co_await responder.send(head, answer.body);
      }
    }
    TestCollector& collector;
  };

  Answer take(Call call) {
    calls.push_back(std::move(call));
    if (answers.empty()) return {};
    Answer answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }

  io::Loop& loop_;
  MonoTime began_;
  Service service_{*this};
  http::Server server_;
};

// Everything that can happen without time passing.
inline void settle(io::Loop& loop) {
  while (loop.run_once(0us)) {
  }
}

// And what happens in that time.
inline void pass(io::Loop& loop, Duration time) {
  bool over = false;
  io::Timer end(loop, [&over] { over = true; });
  end.start(loop.exact_now() + time);
  while (!over) loop.run_once(time);
  settle(loop);
}

}  // namespace pds::podinfo::trace
