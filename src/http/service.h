// What answers a request. A service is handed the head and a body to read, and answers through a responder. Small answers are one call;
// long ones stream with back-pressure. The server, the balancer and in-process clients all speak to this interface.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"
#include "io/stream.h"

namespace pds::http {

// An incoming body.
class Body {
 public:
  virtual ~Body() = default;
  // The next piece, valid until the next call; empty at the end. Errors: E_TIMEOUT, E_CLOSED (cut short), E_BAD_MESSAGE, E_TOO_LARGE.
  virtual io::Task<Result<std::string_view>> read() = 0;
  // The declared length, when there is one; 0 when there is no body.
  virtual std::optional<uint64_t> length() const = 0;
  // After the end: trailer fields of a chunked body.
  virtual const Headers& trailers() const = 0;
};

// The whole body, at most bytes_max (E_TOO_LARGE otherwise).
io::Task<Result<std::string>> read_all(Body& body, size_t bytes_max);

// Answers one request, once. Date (where the head has none), Content-Length, Transfer-Encoding and Connection are added by the
// implementation; a body given for HEAD, 204 or 304 is not sent. Of the framing fields in a given head two are heeded: Content-Length
// says how long a body is that is streamed, or that a HEAD answer does not have; "Connection: close" ends the connection.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual io::Task<Result<void>> send(const ResponseHead& head, std::string_view body) = 0;       // a complete answer
  // Then write()* and finish(). A body without Content-Length is chunked. With `first_piece` the head travels in the same packet.
  virtual io::Task<Result<void>> start(const ResponseHead& head, std::string_view first_piece) = 0;
  io::Task<Result<void>> start(const ResponseHead& head) { return start(head, {}); }
  virtual io::Task<Result<void>> write(std::string_view piece) = 0;                               // flushed before it returns
  virtual io::Task<Result<void>> finish(const Headers* trailers = nullptr) = 0;
  // A complete answer that may wait for the next one of this connection, where the peer has sent its next request already: both travel in
  // one packet, or release() sends it. Where nothing follows it goes at once.
  virtual io::Task<Result<void>> send_with_next(const ResponseHead& head, std::string_view body) { return send(head, body); }
  virtual io::Task<Result<void>> release() { co_return Result<void>(); }
  // An earlier answer waits for this one.
  virtual bool holds_back() const { return false; }
  // 1xx, before the answer.
  virtual io::Task<Result<void>> interim(const ResponseHead& head) = 0;
  // Sends the head (101, or 200 to CONNECT) and hands over the raw connection; bytes already read come out of it first.
  virtual io::Task<Result<std::unique_ptr<io::Stream>>> upgrade(const ResponseHead& head) = 0;
  virtual bool started() const = 0;
  // The connection ends after this answer.
  virtual void close_after() = 0;
  // The answer's head says so where the connection stays: HTTP/1.1 takes that as read, but not all who read it do. Over HTTP/2, or
  // where there is no connection, nothing is said. Not a field of the head: a backend's, passed on, would speak of another connection.
  virtual void tell_that_it_stays() {}
  // No answer: the connection closes, or the stream is reset, without a word. Not once an answer has begun.
  virtual void drop() { close_after(); }
  // What of this answer has gone to the peer, head and framing included; an upgraded connection counts itself. 0: not known.
  virtual uint64_t bytes_sent() const { return 0; }
};

struct ServerRequest {
  const RequestHead& head;
  Body& body;
  std::string_view peer;      // "127.0.0.1:51234"
  uint16_t local_port = 0;    // which listener
  bool secure = false;        // came over TLS
  MonoTime connected{};       // when the connection began
  const io::SecureSession* session = nullptr;   // what was agreed on then
  uint64_t head_bytes = 0;    // of the head, as it came
  uint64_t connection = 0;    // a number that no other connection of this process has; 0: there is none
};

// A request that the server answered by itself: its head could not be read or did not come in time, or there were too many connections.
struct RefusedRequest {
  int status = 0;
  std::string_view reason;            // for people; static text
  std::string_view peer;
  uint64_t received_bytes = 0, sent_bytes = 0;
  uint64_t connection = 0;
  bool too_many_connections = false;
};

class Service {
 public:
  virtual ~Service() = default;
  // An exchange that ends without an answer is answered 500 (or cut, when it had started).
  virtual io::Task<void> serve(ServerRequest& request, Responder& responder) = 0;
  // What all its answers have, for one that the server gives in its place. Of the request there is what could be read.
  virtual void mark_own_answer(const RequestHead&, ResponseHead&) {}
  // Told of what it was not asked: for those who count and log.
  virtual void on_refused(const RefusedRequest&) {}
};

// A service made of a function from whole request to whole response; bodies over body_bytes_max are answered 413.
class BufferedService final : public Service {
 public:
  using Handler = std::function<io::Task<Response>(Request request)>;
  explicit BufferedService(Handler handler, size_t body_bytes_max = Limits{}.body_bytes_max)
      : handler_(std::move(handler)), body_bytes_max_(body_bytes_max) {}
  io::Task<void> serve(ServerRequest& request, Responder& responder) override;

 private:
  Handler handler_;
  size_t body_bytes_max_;
};

}  // namespace pds::http
