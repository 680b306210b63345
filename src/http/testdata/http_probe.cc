// What tests and benchmarks talk to from outside: our server alone.
//
//   http_probe <port>          0 picks one; the first line printed says which
//
//   /static                    always the same two bytes
//   /ws                        WebSocket: every message comes back
//   /events                    an event, and another when somebody has asked for /next
//   anything else              how the request was read: method, target and size of its body, as JSON, and in X-Parsed
//
// On SIGHUP it replaces itself, and its port goes on answering.
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "http/server.h"
#include "http/websocket.h"
#include "io/handover.h"

namespace pds::http {
namespace {

class Probe final : public Service {
 public:
  Probe() { fixed_.headers.add("Content-Type", "text/plain"); }

  io::Task<void> serve(ServerRequest& request, Responder& responder) override {
    std::string_view path = request.head.path();
    if (path == "/static") {
      [[maybe_unused]] auto sent = co_await responder.send(fixed_, "ok");
    } else if (path == "/ws") {
      [[maybe_unused]] auto ended = co_await echo(request, responder);
    } else if (path == "/events") {
      [[maybe_unused]] auto ended = co_await send_events(responder);
    } else {
      if (path == "/next") next_.set();
      co_await describe(request, responder);
    }
  }

 private:
  static io::Task<Result<void>> echo(ServerRequest& request, Responder& responder) {
    CO_TRY(std::unique_ptr<WebSocket> socket, co_await accept_websocket(request, responder));
    while (true) {
      CO_TRY(std::optional<WebSocket::Message> message, co_await socket->read());
      if (!message) co_return Result<void>();
      CO_CHECK(co_await socket->send(message->kind, message->data));
    }
  }

  io::Task<Result<void>> send_events(Responder& responder) {
    ResponseHead head;
    head.headers.add("Content-Type", "text/event-stream");
    CO_CHECK(co_await responder.start(head, "data: 1\n\n"));
    co_await next_.wait();
    CO_CHECK(co_await responder.write("data: 2\n\n"));
    co_return co_await responder.finish();
  }

  // Targets hold no quotes that would end a JSON string but `"` and `\\`, which are percent-encoded here.
  static io::Task<void> describe(ServerRequest& request, Responder& responder) {
    size_t bytes = 0;
    while (true) {
      Result<std::string_view> piece = co_await request.body.read();
      if (!piece) co_return;  // the server answers
      if (piece->empty()) break;
      bytes += piece->size();
    }
    std::string target;
    for (char c : request.head.target) c == '"' ? target += "%22" : c == '\\' ? target += "%5C" : target += c;
    Response response = Response::json(
        200, "{\"method\":\"" + request.head.method + "\",\"target\":\"" + target + "\",\"body\":" + std::to_string(bytes) + "}\n");
    response.head.headers.add("X-Parsed", request.head.method + " " + request.head.target + " " + std::to_string(bytes));
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }

  ResponseHead fixed_;
  io::Event next_;
};

io::Loop* running = nullptr;

io::Task<void> drain(io::Loop& loop, Server& server) { co_await server.drain(loop.exact_now() + 10s); }

int run(const char* program, uint16_t port) {
  io::Loop loop;
  Probe probe;
  Server server(loop, probe, {.header_timeout = 2s, .body_timeout = 2s, .connections_max = 100'000});
  auto listener = io::listen_tcp(loop, "127.0.0.1", port, {.backlog = 4096});
  io::Handover handover;
  if (!listener || !handover.keep(**listener)) {
    std::fprintf(stderr, "%s\n", listener ? "the listener cannot be kept" : listener.error().message.c_str());
    return 1;
  }
  port = (*listener)->port();
  server.listen(std::move(*listener));
  running = &loop;
  std::signal(SIGHUP, [](int) { running->stop(); });
  std::printf("%u\n", port);
  std::fflush(stdout);
  loop.run();
  io::run_until_done(loop, drain(loop, server));
  auto failed = handover.replace_process("/proc/self/exe", {program, std::to_string(port)});
  std::fprintf(stderr, "%s\n", failed.error().message.c_str());
  return 1;
}

}  // namespace
}  // namespace pds::http

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: http_probe <port>\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  return pds::http::run(argv[0], static_cast<uint16_t>(std::atoi(argv[1])));
}
