// What a server under test answers, by path.
#pragma once

#include "http/service.h"

namespace pds::http {

class H2TestService final : public Service {
 public:
  io::Event release;  // "/wait" answers when it is set
  int served = 0;     // begun
  int under_way = 0;  // and not ended, however they end
  int under_way_max = 0;
  int cancelled = 0;  // "/wait" that ended without its answer
  std::string error;  // of the last body or answer that failed

  io::Task<void> serve(ServerRequest& request, Responder& responder) override {
    struct UnderWay {
      H2TestService& service;
      explicit UnderWay(H2TestService& s) : service(s) {
        service.under_way_max = std::max(service.under_way_max, ++service.under_way);
      }
      ~UnderWay() { --service.under_way; }
    } under_way_here(*this);
    ++served;
    std::string_view path = request.head.path();
    if (path == "/head") {
      co_await describe(request, responder);
    } else if (path == "/echo") {
      co_await echo(request, responder);
    } else if (path == "/relay") {
      co_await relay(request, responder);
    } else if (path == "/wait") {
      co_await wait(responder);
    } else if (path == "/big") {
      co_await big(request, responder);
    } else if (path == "/half") {
      [[maybe_unused]] auto started = co_await responder.start(ResponseHead{}, "12345");
    } else if (path == "/silent") {
      co_return;
    } else if (path == "/drop") {
      responder.drop();
    } else if (path == "/status") {
      Response response = Response::text(std::stoi(std::string(request.head.query())), "body");
      [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
    } else if (path == "/split") {
      Response response = Response::text(200, "x");
      response.head.headers.add("X-Bad", "a\r\nb: c");
      [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
    } else {
      Response response = Response::text(200, "hello");
      response.head.headers.add("Connection", "close");
      [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
    }
  }

 private:
  static io::Task<void> describe(ServerRequest& request, Responder& responder) {
    const RequestHead& head = request.head;
    std::string text = head.method + " " + head.target + " " + std::to_string(head.version_major) + "." +
                       std::to_string(head.version_minor) + " host=" + std::string(head.host());
    for (auto [name, value] : head.headers) {
      if (name != "host") text.append(" ").append(name).append("=").append(value);
    }
    Response response = Response::text(200, text);
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
  io::Task<void> echo(ServerRequest& request, Responder& responder) {
    Result<std::string> body = co_await read_all(request.body, 1 << 24);
    if (!body) {
      error = body.error().code;
      co_return;
    }
    for (auto [name, value] : request.body.trailers()) body->append(" ").append(name).append("=").append(value);
    Response response = Response::text(200, *body);
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
  io::Task<void> relay(ServerRequest& request, Responder& responder) {
    auto going = co_await responder.start(ResponseHead{});
    while (going) {
      auto piece = co_await request.body.read();
      if (!piece) {
        error = piece.error().code;
        co_return;
      }
      if (piece->empty()) break;
      going = co_await responder.write(*piece);
    }
    if (!going) co_return;
    Headers trailers;
    trailers.add("Grpc-Status", "0");
    [[maybe_unused]] auto finished = co_await responder.finish(&trailers);
  }
  io::Task<void> wait(Responder& responder) {
    struct Cancelled {
      int* count;
      ~Cancelled() {
        if (count) ++*count;
      }
    } counts{&cancelled};
    co_await release.wait();
    counts.count = nullptr;
    Response response = Response::text(200, "waited");
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
  io::Task<void> big(ServerRequest& request, Responder& responder) {
    std::string body(std::stoul(std::string(request.head.query())), 'b');
    auto sent = co_await responder.send(ResponseHead{}, body);
    if (!sent) error = sent.error().code;
  }
};

}  // namespace pds::http
