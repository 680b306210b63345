// The server's side of handshakes, for one listener or several: with which certificates, how many at once, how long.
//
// set_context() is how certificates are reloaded: from the next connection on the new context is used, and none under way notices.
#pragma once

#include <memory>

#include "http/tls_context.h"
#include "io/stream.h"

namespace pds::http {

struct TlsAcceptorOptions {
  Duration handshake_timeout = 10s;
  size_t handshakes_max = 1024;   // under way at once; above: the connection is closed
};

struct TlsAcceptorCounters {
  uint64_t handshakes = 0;        // that were made
  uint64_t resumed = 0;           // of these
  uint64_t failed = 0;            // not agreed, cut, or not TLS at all
  uint64_t timed_out = 0;
  uint64_t turned_away = 0;       // above handshakes_max
};

class TlsAcceptor {
 public:
  explicit TlsAcceptor(std::shared_ptr<const TlsServerContext> context, TlsAcceptorOptions options = {})
      : context_(std::move(context)), options_(options) {}

  void set_context(std::shared_ptr<const TlsServerContext> context) { context_ = std::move(context); }
  const TlsAcceptorCounters& counters() const { return counters_; }
  size_t handshakes_under_way() const { return under_way_; }

  // A stream over which all that is said is protected. A peer that speaks HTTP without TLS is told so, with a 400 in the clear. Errors:
  // those of TlsStream::handshake, E_TOO_MANY. The acceptor must outlive the task.
  io::Task<Result<std::unique_ptr<io::Stream>>> accept(std::unique_ptr<io::Stream> stream);

 private:
  std::shared_ptr<const TlsServerContext> context_;
  TlsAcceptorOptions options_;
  TlsAcceptorCounters counters_;
  size_t under_way_ = 0;
};

}  // namespace pds::http
