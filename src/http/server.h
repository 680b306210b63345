// The HTTP server: connections from any listener to one service, in HTTP/1.1 and in HTTP/2. Strict (RFC 9112, RFC 9113): what could be
// read two ways is refused.
#pragma once

#include <memory>
#include <string>

#include "http/service.h"
#include "http/tls_acceptor.h"
#include "io/stream.h"

namespace pds::http {

struct ServerOptions {
  Limits limits;
  Duration header_timeout = 10s;     // first byte of a request to the end of its head: 408
  Duration body_timeout = 30s;       // waited in all for a body that does not move: 408
  Duration write_timeout = 30s;      // waited in all for a peer that reads nothing: cut
  // What counts as moving, in either direction: single bytes now and then do not keep a connection.
  size_t bytes_per_timeout_min = 4096;
  Duration idle_timeout = 75s;       // between requests: closed silently
  // Above: the connection that has idled longest is closed; where none idles, the new one is accepted, answered 503, closed.
  size_t connections_max = 16384;
  size_t connections_per_address_max = 0;   // above: 503, closed; 0: no limit
  size_t requests_per_connection_max = 0;   // the last one's answer says close; 0: no limit
  // HTTP/2 on plain connections that begin with its preface, or ask for it ("Upgrade: h2c"); over TLS, ALPN decides.
  bool http2_prior_knowledge = false;
  // "HTTP/1.0 200 OK" to a request in HTTP/1.0, as Go's servers say; otherwise the server's own version (RFC 9112 2.6).
  bool answers_1_0_in_kind = false;
};

class Server {
 public:
  Server(io::Loop& loop, Service& service, ServerOptions options = {});
  ~Server();   // cuts what is left

  // Serves every connection of the listener from now on.
  // With `tls`: once the handshake is made.
  void listen(std::unique_ptr<io::Listener> listener, std::shared_ptr<TlsAcceptor> tls = nullptr);
  // Serves one connection that somebody else accepted.
  void serve(std::unique_ptr<io::Stream> stream, uint16_t local_port = 0, std::shared_ptr<TlsAcceptor> tls = nullptr);

  // Graceful end: listeners close, idle connections close, busy ones finish with "Connection: close", and those that have made no request
  // yet have a second for it. True when all were done in time.
  io::Task<bool> drain(io::Deadline deadline);

  size_t connections() const;
  size_t requests_in_flight() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pds::http
