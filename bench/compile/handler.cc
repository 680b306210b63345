// A handler on this repository's server, as a service would write it: what compiling one costs (bench/compile.py).
#include "http/server.h"
#include "io/loop.h"

namespace {

class Greeter final : public pds::http::Service {
 public:
  pds::io::Task<void> serve(pds::http::ServerRequest& request, pds::http::Responder& responder) override {
    pds::http::ResponseHead head;
    head.headers.add("Content-Type", "text/plain");
    if (request.head.path() != "/greeting") {
      head.status = 404;
      [[maybe_unused]] auto sent = co_await responder.send(head, "there is no such page\n");
      co_return;
    }
    [[maybe_unused]] auto sent = co_await responder.send(head, "good morning\n");
  }
};

}  // namespace

int main() {
  pds::io::Loop loop;
  Greeter greeter;
  pds::http::Server server(loop, greeter, {});
  auto listener = pds::io::listen_tcp(loop, "127.0.0.1", 8080);
  if (!listener) return 1;
  server.listen(std::move(*listener));
  loop.run();
}
