// TLS over any stream, as a stream. Edges, half close and deadlines are those of io::Stream; what differs:
//
// * The end is the peer's close_notify. A connection that ends without it was cut, perhaps by somebody in between: it has failed
//   (ECONNRESET), so that what was cut short is never taken for whole. Other breaches of the protocol are EPROTO.
// * After a would_block (or a part that was taken), the same bytes must be offered again, more behind them at will: they are encrypted
//   already. Whoever does not want to send them any more closes the stream.
// * shutdown_write() says close_notify. A server's stream that is destroyed without it cuts the connection, as a reset would.
//
// What is written at once goes into one record of up to 16 KiB: head and body of a small answer are one send.
#pragma once

#include <memory>
#include <string>

#include "http/tls_sessions.h"
#include "io/stream.h"

namespace pds::http {

class TlsStream final : public io::Stream {
 public:
  // `context` is whatever the session's callbacks use; `sessions` gets those a server offers for resumption, may be null.
  TlsStream(std::unique_ptr<io::Stream> below, ssl_st* owned_session, std::shared_ptr<const void> context,
            std::shared_ptr<TlsSessions> sessions = nullptr);
  ~TlsStream() override;

  // To be awaited before anything else is done. Errors: E_TIMEOUT, E_CLOSED (the peer went away), E_TLS_PLAIN (it speaks HTTP without
  // TLS), E_TLS_CERTIFICATE (the peer's is not accepted), E_TLS (anything else that the two do not agree on).
  io::Task<Result<void>> handshake(io::Deadline deadline);
  // PEM of what the peer has shown, verified or not; empty: nothing. After the handshake.
  std::string shown_certificate() const;
  // The stream it stands on: to say something in the clear where there was no handshake.
  io::Stream& below() { return *below_; }

  io::IoResult try_read(std::span<char> into) override;
  bool has_input() override;
  io::IoResult try_write(std::span<const iovec> parts) override;
  void shutdown_write() override;
  void close() override;
  std::string peer_address() const override { return below_->peer_address(); }
  int fd() const override { return below_->fd(); }
  const io::SecureSession* secure_session() const override { return open_ ? &agreed_ : nullptr; }

 private:
  friend struct StreamBio;
  void on_edge_below(bool reader, bool writer) override;
  io::IoResult failure(int returned);
  std::unexpected<Error> handshake_failure();
  void note_agreed();
  void say_goodbye();

  std::unique_ptr<io::Stream> below_;
  ssl_st* session_;
  std::shared_ptr<const void> context_;
  std::shared_ptr<TlsSessions> sessions_;
  io::SecureSession agreed_;
  int transport_error_ = 0;        // of the stream below, which OpenSSL does not pass on
  int broken_ = 0;                 // errno; nothing works any more
  bool open_ = false;              // the handshake is over
  bool said_goodbye_ = false;
  bool below_ended_ = false;
  bool read_waits_to_write_ = false;
  bool write_waits_to_read_ = false;
};

}  // namespace pds::http
