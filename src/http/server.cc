#include "http/server.h"

#include <vector>

#include "http/h2_server.h"
#include "http/server_connection.h"

namespace pds::http {
namespace {

// Above connections_max: how many more may be told 503. Beyond those, connections are closed without a word.
constexpr size_t turned_away_max = 1024;
constexpr std::string_view too_many_from_address = "too many connections from this address";

}  // namespace

struct Server::Impl {
  ServerShared shared;
  std::vector<std::unique_ptr<io::Listener>> listeners;
  // Tasks go before what they use.
  io::TaskSet connections;
  io::TaskSet accepting;

  Impl(io::Loop& loop, Service& service, ServerOptions options) : shared{loop, service, options} {}

  // Why a connection more is too much; empty when it is not. Makes room where it can.
  std::string_view make_room() {
    if (shared.connections - shared.leaving < shared.options.connections_max) return {};
    if (!shared.idle_first) return "too many connections";
    shared.idle_first->make_room();
    return {};
  }

  static io::Task<void> serve(ServerShared& shared, std::unique_ptr<io::Stream> stream, uint16_t local_port,
                              std::shared_ptr<TlsAcceptor> tls, std::string_view refusal) {
    if (tls) {
      Result<std::unique_ptr<io::Stream>> secured = co_await tls->accept(std::move(stream));
      if (!secured) co_return;  // counted by the acceptor
      stream = *std::move(secured);
    }
    std::optional<ServerConnection> connection;
    if (const io::SecureSession* secure = stream->secure_session(); secure && secure->protocol == "h2")
      co_return co_await serve_http2(shared, std::move(stream), local_port, refusal, connection);
    connection.emplace(shared, std::move(stream), local_port);
    if (refusal.empty() && !connection->count_address()) refusal = too_many_from_address;
    if (!refusal.empty()) co_return co_await connection->turn_away(refusal);
    std::unique_ptr<io::Stream> other = co_await connection->run();
    if (other) co_await serve_http2(shared, std::move(other), local_port, refusal, connection);
  }

  // `before` goes when its successor is there, so that the count never says that all connections have gone.
  static io::Task<void> serve_http2(ServerShared& shared, std::unique_ptr<io::Stream> stream, uint16_t local_port,
                                    std::string_view refusal, std::optional<ServerConnection>& before) {
    H2ServerConnection connection(shared, std::move(stream), local_port);
    std::optional<H2Upgrade> upgrade = before ? before->take_upgrade() : std::nullopt;
    before.reset();
    if (refusal.empty() && !connection.count_address()) refusal = too_many_from_address;
    if (refusal.empty()) {
      co_await connection.run(std::move(upgrade));
    } else {
      co_await connection.turn_away(refusal);
    }
  }

  io::Task<void> accept_from(io::Listener& listener, std::shared_ptr<TlsAcceptor> tls) {
    uint16_t port = listener.port();
    while (true) {
      Result<std::unique_ptr<io::Stream>> stream = co_await listener.accept();
      if (!stream) co_return;
      take(std::move(*stream), port, tls);
    }
  }

  void take(std::unique_ptr<io::Stream> stream, uint16_t port, std::shared_ptr<TlsAcceptor> tls) {
    if (shared.connections >= shared.options.connections_max + turned_away_max) return;
    connections.spawn(serve(shared, std::move(stream), port, std::move(tls), make_room()));
  }
};

Server::Server(io::Loop& loop, Service& service, ServerOptions options) : impl_(std::make_unique<Impl>(loop, service, options)) {}

Server::~Server() {
  impl_->accepting.cancel_all();
  impl_->shared.draining = false;
  impl_->connections.cancel_all();
}

void Server::listen(std::unique_ptr<io::Listener> listener, std::shared_ptr<TlsAcceptor> tls) {
  impl_->listeners.push_back(std::move(listener));
  impl_->accepting.spawn(impl_->accept_from(*impl_->listeners.back(), std::move(tls)));
}

void Server::serve(std::unique_ptr<io::Stream> stream, uint16_t local_port, std::shared_ptr<TlsAcceptor> tls) {
  impl_->take(std::move(stream), local_port, std::move(tls));
}

io::Task<bool> Server::drain(io::Deadline deadline) {
  ServerShared& shared = impl_->shared;
  shared.draining = true;
  impl_->accepting.cancel_all();
  impl_->listeners.clear();
  for (Connection* connection = shared.first; connection; connection = connection->next()) connection->finish_up();
  if (shared.connections > 0) {
    shared.emptied_timer.start(deadline);
    co_await shared.emptied.wait();
  }
  co_return shared.connections == 0;
}

size_t Server::connections() const { return impl_->shared.connections; }
size_t Server::requests_in_flight() const { return impl_->shared.requests_in_flight; }

// ---- buffered services ----

io::Task<void> BufferedService::serve(ServerRequest& request, Responder& responder) {
  Request whole;
  Result<std::string> body = co_await read_all(request.body, body_bytes_max_);
  if (!body && body.error().code == "E_TOO_LARGE") {
    responder.close_after();
    Response refusal = Response::text(413, body.error().message + "\n");
    [[maybe_unused]] Result<void> sent = co_await responder.send(refusal.head, refusal.body);
    co_return;
  }
  if (!body) co_return;  // the server knows why, and answers
  whole.head = request.head;
  whole.body = *std::move(body);
  Response response = co_await handler_(std::move(whole));
  // A peer that is gone before its answer is nothing that the handler could do anything about.
  [[maybe_unused]] Result<void> sent = co_await responder.send(response.head, response.body);
}

}  // namespace pds::http
