// One exchange of the client, the connections it runs over, and what they share.
#pragma once

#include <vector>

#include "http/client.h"
#include "http/h2_client.h"
#include "http/incoming_body.h"
#include "http/parser.h"
#include "http/serialize.h"

namespace pds::http {

struct ClientConnection {
  std::unique_ptr<io::Stream> stream;
  InputBuffer buffer;
  std::string out;  // a head that waits for its first piece of body
  MonoTime idle_since{};
  ClientConnection(std::unique_ptr<io::Stream> s, BufferPool& pool) : stream(std::move(s)), buffer(pool) {}
};

// Lives as long as the client or any exchange of it.
struct ClientShared {
  io::Loop& loop;
  std::shared_ptr<io::Connector> connector;
  ClientOptions options;
  BufferPool buffers;
  std::vector<std::unique_ptr<ClientConnection>> idle{};  // the most recently used last
  bool closed = false;                                    // the client is gone: nothing is kept any more
  // Of exchanges that are over, with the memory that their heads have grown.
  std::vector<std::unique_ptr<ResponseParser>> spare_parsers{};
  io::Timer sweep{loop, [this] { close_expired(); }};
  H2Pool http2{};
  std::shared_ptr<H2Memory> http2_memory{};
  std::shared_ptr<io::Event> http2_connecting{};   // set when the connection that is being made is there, or failed

  // A pooled connection that is still good, or null.
  // For a request that cannot be repeated the system is asked whether the peer has closed, at the price of a call.
  std::unique_ptr<ClientConnection> take_idle(bool cannot_repeat);
  void keep(std::unique_ptr<ClientConnection> connection);
  void close_expired();
};

class Exchange final : public ClientExchange, private BodyOwner {
 public:
  Exchange(std::shared_ptr<ClientShared> shared, std::unique_ptr<ClientConnection> connection, bool reused);
  ~Exchange() override;
  // Recycled like coroutine frames, so that a steady state allocates nothing.
  static void* operator new(size_t size) { return io::detail::allocate_frame(size); }
  static void operator delete(void* memory, size_t size) noexcept { io::detail::free_frame(memory, size); }

  // Sends the head, with the whole body when `outgoing` says sized and the body is given: as much as the system takes at once. response()
  // sends the rest, so the body lives until then.
  Result<void> begin(const RequestHead& head, const OutgoingFraming& outgoing, const std::string_view* whole_body);
  // The same with a second request behind it, without a body, whose exchange take_follower() is.
  Result<void> begin_pair(const RequestHead& head, const OutgoingFraming& outgoing, std::string_view whole_body, const RequestHead& follower);
  // When the first answer was read to its end; null where the connection ended with it.
  std::unique_ptr<Exchange> take_follower();
  io::Task<Result<void>> write(std::string_view piece) override;
  io::Task<Result<void>> finish(const Headers* trailers = nullptr) override;
  io::Task<Result<const ResponseHead*>> response() override;
  Body& body() override { return body_; }
  std::unique_ptr<io::Stream> take_stream() override;
  bool request_was_sent() const override { return request_was_sent_; }
  bool reused_connection() const override { return reused_; }
  void cut() override {
    if (connection_) connection_->stream->close();
  }
  bool response_began() const override { return response_began_; }
  ResponseHead take_head() { return std::move(parser_->head); }

 private:
  // Writes what the system takes at once and leaves the rest in `parts`.
  Result<void> try_parts(std::span<iovec>& parts);
  io::Task<Result<void>> write_rest(std::span<iovec> parts);
  io::Task<Result<void>> write_out();  // the head that waits in the connection
  // True when the final head is complete.
  Result<bool> take_buffered_head();
  io::Task<Result<void>> before_body() override { co_return Result<void>(); }
  void body_ended() override;
  std::unexpected<Error> lost(std::string_view why) const;

  std::shared_ptr<ClientShared> shared_;
  std::unique_ptr<ClientConnection> connection_;
  std::unique_ptr<ResponseParser> parser_;
  IncomingBody body_;
  OutgoingFraming outgoing_;
  uint64_t outgoing_left_ = 0;
  iovec pieces_[3];          // head, whole body, head of a follower
  std::span<iovec> unsent_;  // of these
  int interim_answers_ = 0;
  std::string follower_;     // its head
  std::unique_ptr<ClientConnection> followed_by_;
  bool asks_head_ = false;
  bool asks_connect_ = false;
  bool reused_;
  bool request_was_sent_ = false;
  bool body_begun_ = false;  // somebody sends it, and the head with it, perhaps while somebody else waits for the answer
  bool writing_ = false;  // a write has not come to its end, or has failed
  bool request_complete_ = false;
  bool keep_alive_wanted_ = true;
  bool response_began_ = false;
  bool head_ready_ = false;
};

}  // namespace pds::http
