// Byte streams: TCP, unix, TLS, sockets made inside a sandbox, and pairs in memory for tests, all behind one narrow interface.
//
// Reading and writing never block: they say would_block, and the caller waits for readiness with a deadline. A stream closes itself
// when destroyed. One task may wait for reading and one for writing at a time.
#pragma once

#include <sys/uio.h>

#include <coroutine>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/loop.h"

namespace pds::io {

struct IoResult {
  enum Status : uint8_t { ok, would_block, end, failed };   // end: the peer will send no more
  Status status = ok;
  size_t bytes = 0;
  int error = 0;   // errno, when failed
};

enum class Wake : uint8_t { ready, timed_out };

// What two ends agreed on below what is said over a stream.
struct SecureSession {
  std::string version;             // "TLSv1.3"
  std::string cipher;              // "TLS_AES_128_GCM_SHA256"
  std::string protocol;            // ALPN: "h2", "http/1.1"; empty: none was agreed on
  std::string server_name;         // SNI; empty: none was sent
  std::string certificate;         // a server's: the name its owner gave to the one that was shown, such as an ARN
  std::string peer_certificate;    // a server's: PEM of the client's, verified; empty: none was asked for
  bool resumed = false;            // by a session ticket
};

class Stream {
 public:
  explicit Stream(Loop& loop) : loop_(loop), timer_(loop, [this] { on_timer(); }) {}
  virtual ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // would_block means that no edge is known: one may be on its way for bytes that the system holds already.
  virtual IoResult try_read(std::span<char> into) = 0;
  // Asks the system instead: bytes, an end or an error wait to be read.
  virtual bool has_input() = 0;
  virtual IoResult try_write(std::span<const iovec> parts) = 0;
  virtual void shutdown_write() = 0;   // half close: the peer sees the end
  virtual void close() = 0;            // both directions; waiters are woken and see `failed`
  // "127.0.0.1:51234", "[::1]:80", "unix", "memory": for logs and X-Forwarded-For.
  virtual std::string peer_address() const = 0;
  virtual int fd() const { return -1; }
  // Null for plain streams. Valid as long as the stream.
  virtual const SecureSession* secure_session() const { return nullptr; }
  // Puts bytes back in front of what is still to be read: for whoever hands a stream on having read too far.
  void unread(std::string_view bytes) { unread_.insert(0, bytes); }
  // Wakes who waits, as an edge would, to look at other things than the stream. Not from inside this call.
  void nudge() { wake_soon(); }

  class Readiness {
   public:
    Readiness(Stream& stream, bool write, Deadline deadline) : stream_(stream), write_(write), deadline_(deadline) {}
    ~Readiness();
    Readiness(const Readiness&) = delete;
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> handle);   // false: an edge came already, go on
    Wake await_resume() const { return wake_; }

   private:
    friend class Stream;
    Stream& stream_;
    bool write_;
    bool woken_ = false;      // will be resumed by the timer, though not for its deadline
    Wake wake_ = Wake::ready;
    Deadline deadline_;
    std::coroutine_handle<> handle_;
  };
  // Waits for the next edge after a would_block.
  Readiness readable(Deadline deadline) { return Readiness(*this, false, deadline); }
  Readiness writable(Deadline deadline) { return Readiness(*this, true, deadline); }

  Loop& loop() { return loop_; }

 protected:
  // Implementations call this when edges arrive. The woken task may destroy the stream: touch nothing afterwards.
  void wake(bool reader, bool writer);
  // The same in the loop's next turn: for those that are not called by the loop, whose caller goes on using the stream.
  void wake_soon();
  // For a stream that is built on another, which it owns: edges down there come to it, instead of waking who waits down there.
  void take_edges_of(Stream& below) { below.above_ = this; }
  virtual void on_edge_below(bool reader, bool writer) { wake(reader, writer); }
  // Implementations ask this first when reading: 0 when nothing was put back.
  size_t read_again(std::span<char> into);

 private:
  void release(Readiness*& waiter, bool& edge);
  void wake_by(Deadline deadline);
  void on_timer();
  // Runs what may destroy this stream; false when it did.
  template <class F>
  bool survives(F&& f);
  Loop& loop_;
  Timer timer_;
  Stream* above_ = nullptr;
  Readiness* reader_ = nullptr;
  Readiness* writer_ = nullptr;
  bool* destroyed_ = nullptr;
  std::string unread_;
  bool read_edge_ = false;    // an edge that came while nobody waited
  bool write_edge_ = false;
};

// At least one byte, or 0 at the end of the stream. Errors: E_TIMEOUT, E_CLOSED, E_SYSTEM.
Task<Result<size_t>> read_some(Stream& stream, std::span<char> into, Deadline deadline);
Task<Result<void>> write_all(Stream& stream, std::string_view bytes, Deadline deadline);
// Exactly into.size() bytes; the end before that is E_CLOSED.
Task<Result<void>> read_exactly(Stream& stream, std::span<char> into, Deadline deadline);

// Takes ownership of a connected, non-blocking socket (any family).
std::unique_ptr<Stream> adopt_socket(Loop& loop, int fd);

// Two ends of one connection in memory; each direction holds at most `capacity` bytes. For tests and in-process services.
struct StreamPair {
  std::unique_ptr<Stream> a, b;
};
StreamPair make_stream_pair(Loop& loop, size_t capacity = 65536);

// How a client reaches a peer. One connector per destination; it may be used many times and at once.
class Connector {
 public:
  virtual ~Connector() = default;
  virtual Task<Result<std::unique_ptr<Stream>>> connect(Deadline deadline) = 0;
  virtual std::string destination() const = 0;   // for errors: "127.0.0.1:4566"
};
// `host` is a name or an address; names ending in ".localhost", and "localhost", are loopback without asking a resolver (RFC 6761).
std::unique_ptr<Connector> tcp_connector(Loop& loop, std::string host, uint16_t port);
std::unique_ptr<Connector> unix_connector(Loop& loop, std::string path);

// Accepts connections until destroyed.
class Listener {
 public:
  virtual ~Listener() = default;
  // Waits for the next connection. E_CLOSED after close().
  virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
  virtual void close() = 0;
  virtual uint16_t port() const = 0;        // the bound TCP port; 0 for others
  virtual int fd() const { return -1; }     // for a successor, see handover.h; stays the listener's
};
struct ListenOptions {
  int backlog = 1024;
  // Several listeners, each of a loop of its own, share the port, and the system spreads connections over them. All must ask for it.
  bool share_port = false;
};
Result<std::unique_ptr<Listener>> listen_tcp(Loop& loop, const std::string& address, uint16_t port, ListenOptions options = {});
Result<std::unique_ptr<Listener>> listen_unix(Loop& loop, const std::string& path);   // mode 0600; a stale socket file is replaced
// Takes ownership of a listening, non-blocking socket, for example one made inside a sandbox.
Result<std::unique_ptr<Listener>> adopt_listener(Loop& loop, int fd);

}  // namespace pds::io
