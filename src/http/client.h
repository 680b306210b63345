// The HTTP client. Over HTTP/1.1 a connection has one exchange at a time, and a Client keeps a pool of them per destination; over HTTP/2
// exchanges share few connections.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/service.h"
#include "io/stream.h"

namespace pds::http {

class TlsClientContext;

// What is spoken. by_alpn: what the connection's handshake agreed on, HTTP/1.1 where it agreed on nothing.
enum class Protocol : uint8_t { http1, http2, by_alpn };

struct ClientOptions {
  Limits limits{.body_bytes_max = 1u << 30};
  Duration connect_timeout = 5s;
  Duration response_timeout = 60s;     // request sent to head received, and between two pieces of the body
  Duration idle_timeout = 60s;         // a pooled connection older than this is not used again
  size_t idle_connections_max = 64;    // kept per client
  Protocol protocol = Protocol::http1;
  size_t http2_streams_max = 100;      // exchanges at once on one connection, where the peer takes more
  size_t http2_connections_max = 64;   // when all are full: E_OVERLOADED
};

// One exchange in progress. The response body is read from it; when it has been read to its end the connection goes back to the pool.
class ClientExchange {
 public:
  virtual ~ClientExchange() = default;         // before the end of the body: the connection is cut
  // Streaming a request body: pieces, then finish. Only when the exchange was begun with a body. Trailers go with one without Content-Length.
  virtual io::Task<Result<void>> write(std::string_view piece) = 0;
  virtual io::Task<Result<void>> finish(const Headers* trailers = nullptr) = 0;
  // The final response head (1xx are skipped, but 101 is final). Valid while the exchange lives.
  virtual io::Task<Result<const ResponseHead*>> response() = 0;
  virtual Body& body() = 0;
  // After 101: the raw connection, with what was already read. Null over HTTP/2.
  virtual std::unique_ptr<io::Stream> take_stream() = 0;
  // True when the peer may have acted on the request: then only safe or idempotent requests may be sent again. Over HTTP/2 a peer can say
  // that it did nothing with it (REFUSED_STREAM, GOAWAY).
  virtual bool request_was_sent() const = 0;
  // True when a byte of an answer has come, whatever it was.
  virtual bool response_began() const { return false; }
  // True when this exchange reused a pooled connection, which the peer may have closed meanwhile.
  virtual bool reused_connection() const = 0;
  // Closes the connection now: whoever waits on this exchange sees E_CLOSED. From outside the task that waits; nothing is destroyed.
  virtual void cut() = 0;
};

enum class RequestBody { none, sized, chunked };   // sized: the caller set Content-Length

class Client {
 public:
  Client(io::Loop& loop, std::shared_ptr<io::Connector> connector, ClientOptions options = {});
  ~Client();

  // Sends the head. Content-Length and Transfer-Encoding follow from `body`; Host must be set by the caller.
  io::Task<Result<std::unique_ptr<ClientExchange>>> begin(const RequestHead& head, RequestBody body);

  // A whole exchange. A request on a stale pooled connection is sent once more on a fresh one when that is safe.
  io::Task<Result<Response>> send(const Request& request);

  // Two requests in one packet, the second before the first is answered (RFC 9112 9.3.2): `second` must be idempotent and without a body.
  // Over HTTP/1.1 only. Neither is sent again.
  struct Pair {
    Result<Response> first;
    std::unique_ptr<ClientExchange> second;   // its answer is still to come; null where the connection ended with the first one
  };
  io::Task<Pair> send_pair(const Request& first, const Request& second);

  size_t idle_connections() const;
  void close_idle();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

struct Url {
  std::string scheme;     // "http", "https"
  std::string host;
  uint16_t port = 80;
  std::string target;     // path and query; at least "/"
};
Result<Url> parse_url(std::string_view text);
// "example.com", "example.com:8080", "[::1]:8443": the Host field of a request to it.
std::string host_field(const Url& url);
// One request over a connection of its own: for the CLI and for tests. `tls`: for https; null: the system's authorities are trusted.
io::Task<Result<Response>> fetch(io::Loop& loop, const std::string& method, const std::string& url, Headers headers = {}, std::string body = "",
                                 ClientOptions options = {}, std::shared_ptr<const TlsClientContext> tls = nullptr);

}  // namespace pds::http
