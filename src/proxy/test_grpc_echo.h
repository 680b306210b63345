// For tests: a gRPC service, and a way to it in memory.
#pragma once

#include <memory>

#include "http/server.h"
#include "io/loop.h"

namespace pds::proxy {

// What a gRPC service looks like from below: the answer's head first, each message back, and a status in the trailers.
class GrpcEcho final : public http::Service {
 public:
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
    seen = request.head;
    http::ResponseHead head;
    head.headers.add("Content-Type", "application/grpc");
    if (request.head.path() == "/unimplemented") {
      head.headers.add("grpc-status", "12");
      [[maybe_unused]] auto sent = co_await responder.send(head, "");
      co_return;
    }
    if (request.head.path() == "/silent") co_await never.wait();
    auto going = co_await responder.start(head);
    while (going) {
      auto piece = co_await request.body.read();
      if (!piece) co_return;
      if (piece->empty()) break;
      going = co_await responder.write(*piece);
    }
    http::Headers trailers;
    trailers.add("grpc-status", "0");
    if (going) [[maybe_unused]]
      auto finished = co_await responder.finish(&trailers);
  }
  http::RequestHead seen;
  io::Event never;
};

// What a FakeTarget does with a connection: a server has it.
inline io::Task<void> hand_over(http::Server& server, std::unique_ptr<io::Stream> stream) {
  server.serve(std::move(stream));
  co_return;
}

}  // namespace pds::proxy
