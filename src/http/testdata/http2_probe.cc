// What tests and benchmarks talk to in HTTP/2, by prior knowledge: our server alone. HTTP/1.1 is answered on the same port.
//
//   http2_probe <port>         0 picks one; the first line printed says which
//
//   /          the same two bytes, always
//   /bytes?N   N bytes, streamed
//   /echo      the body as it comes, then its trailers, with its size as x-bytes. So does any path that ends in /Echo: to a gRPC client
//              that is a service which answers each message with itself
//   /status?N  that status
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "http/server.h"

namespace pds::http {
namespace {

class Answers final : public Service {
 public:
  io::Task<void> serve(ServerRequest& request, Responder& responder) override {
    std::string_view path = request.head.path();
    if (path == "/echo" || path.ends_with("/Echo")) {
      co_await echo(request, responder);
    } else if (path == "/bytes") {
      co_await stream(parse_int(request.head.query()).value_or(0), responder);
    } else if (path == "/status") {
      Response response = Response::text(static_cast<int>(parse_int(request.head.query()).value_or(200)), "status\n");
      [[maybe_unused]] Result<void> sent = co_await responder.send(response.head, response.body);
    } else {
      [[maybe_unused]] Result<void> sent = co_await responder.send(short_answer_, "ok");
    }
  }

 private:
  // To a gRPC client this is a service whose every method answers each message with itself.
  static io::Task<void> echo(ServerRequest& request, Responder& responder) {
    bool grpc = request.head.headers.get("content-type").starts_with("application/grpc");
    ResponseHead head;
    head.headers.add("Content-Type", request.head.headers.get("content-type", "application/octet-stream"));
    Result<void> going = co_await responder.start(head);
    uint64_t bytes = 0;
    while (going) {
      Result<std::string_view> piece = co_await request.body.read();
      if (!piece) co_return;
      if (piece->empty()) break;
      bytes += piece->size();
      going = co_await responder.write(*piece);
    }
    if (!going) co_return;
    Headers trailers;
    for (auto [name, value] : request.body.trailers()) trailers.add(name, value);
    if (grpc) {
      trailers.add("grpc-status", "0");
    } else {
      trailers.add("x-bytes", std::to_string(bytes));
    }
    [[maybe_unused]] Result<void> finished = co_await responder.finish(&trailers);
  }

  static io::Task<void> stream(int64_t size, Responder& responder) {
    static const std::string piece(64 * 1024, 'x');
    ResponseHead head;
    head.headers.add("Content-Length", std::to_string(size));
    Result<void> going = co_await responder.start(head);
    while (going && size > 0) {
      auto count = std::min<int64_t>(size, static_cast<int64_t>(piece.size()));
      going = co_await responder.write(std::string_view(piece).substr(0, static_cast<size_t>(count)));
      size -= count;
    }
    if (going) going = co_await responder.finish();
  }

  ResponseHead short_answer_ = [] {
    ResponseHead head;
    head.headers.add("Server", "probe");
    head.headers.add("Content-Type", "text/plain");
    return head;
  }();
};

io::Loop* main_loop = nullptr;

int run(uint16_t port) {
  io::Loop loop;
  // Ends in an orderly way, so that what is written at exit (a profile, see scripts/profile) is written.
  main_loop = &loop;
  std::signal(SIGTERM, [](int) { main_loop->stop(); });
  Answers answers;
  Server server(loop, answers, {.http2_prior_knowledge = true});
  auto listener = io::listen_tcp(loop, "127.0.0.1", port);
  if (!listener) {
    std::fprintf(stderr, "%s\n", listener.error().message.c_str());
    return 1;
  }
  std::printf("%u\n", (*listener)->port());
  std::fflush(stdout);
  server.listen(std::move(*listener));
  loop.run();
  return 0;
}

}  // namespace
}  // namespace pds::http

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: http2_probe <port>   0: a free one; it is printed\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  return pds::http::run(static_cast<uint16_t>(std::atoi(argv[1])));
}
