// One connection of the server: reads requests, one after the other, and lends itself to the service as body and responder.
#pragma once

#include <unordered_map>

#include "http/incoming_body.h"
#include "http/parser.h"
#include "http/serialize.h"
#include "http/server.h"

namespace pds::http {

class ServerConnection;

// What the connections of one server share.
struct ServerShared {
  io::Loop& loop;
  Service& service;
  ServerOptions options;
  BufferPool pool;
  DateLine date;
  std::string scratch;  // an answer being put together; what cannot be sent at once moves to its connection
  ServerConnection* first = nullptr;
  // Those that wait for a next request, the one that has waited longest first.
  ServerConnection* idle_first = nullptr;
  ServerConnection* idle_last = nullptr;
  size_t connections = 0;
  size_t leaving = 0;  // of these: told to end, or only told that there are too many
  std::unordered_map<std::string, size_t> per_address;  // counted where there is a limit
  size_t requests_in_flight = 0;
  bool draining = false;
  io::Event emptied;  // the last connection has gone, or waiting for that is over
  // Set by a timer, not by the last connection: who is woken may destroy the server, and with it a connection that is still ending.
  io::Timer emptied_timer{loop, [this] { emptied.set(); }};
};

class ServerConnection final : public Responder, private BodyOwner {
 public:
  ServerConnection(ServerShared& shared, std::unique_ptr<io::Stream> stream, uint16_t local_port);
  ~ServerConnection() override;
  io::Task<void> run();
  // Answers 503 without reading anything.
  io::Task<void> turn_away(std::string_view reason);
  // Ends it where it waits for a next request; otherwise it ends after the answer it is at.
  void finish_up();
  // Makes room for another: an idle connection ends. A request that comes at this very moment is still answered.
  void make_room();
  // Counts it among those of its address; false when those are too many.
  bool count_address();
  ServerConnection* next() const { return next_; }

  io::Task<Result<void>> send(const ResponseHead& head, std::string_view body) override;
  using Responder::start;
  io::Task<Result<void>> start(const ResponseHead& head, std::string_view first_piece) override;
  io::Task<Result<void>> write(std::string_view piece) override;
  io::Task<Result<void>> finish(const Headers* trailers) override;
  io::Task<Result<void>> interim(const ResponseHead& head) override;
  io::Task<Result<std::unique_ptr<io::Stream>>> upgrade(const ResponseHead& head) override;
  bool started() const override { return started_; }
  void close_after() override { keep_alive_ = false; }
  uint64_t bytes_sent() const override { return sent_bytes_; }

 private:
  enum class Next { request, refused, end };
  void say_goodbye();
  io::Task<Next> read_head();
  void enter_idle();
  void leave_idle();
  io::Task<bool> exchange();
  io::Task<void> answer_for_service();
  io::Task<void> refuse(int status, std::string_view reason, bool too_many_connections = false);
  io::Task<bool> discard_body();
  io::Task<void> linger();
  io::Task<Result<void>> before_body() override;
  void body_ended() override {}

  bool answers_without_body(const ResponseHead& head) const;
  void append_head(std::string& out, const ResponseHead& head, const OutgoingFraming& framing);
  OutgoingFraming streamed_framing(const ResponseHead& head);
  std::string& fresh_scratch();
  io::Task<Result<void>> write_piece(std::string& before, std::string_view piece);
  io::Task<Result<void>> write_out();  // the scratch
  // Writes what the system takes at once and leaves the rest in `parts`.
  Result<void> try_parts(std::span<iovec>& parts);
  io::Task<Result<void>> write_rest(std::span<iovec> parts);
  std::unexpected<Error> cut(std::string_view why);

  ServerShared& shared_;
  std::unique_ptr<io::Stream> stream_;
  InputBuffer buffer_;
  RequestParser parser_;
  IncomingBody body_;
  std::string out_;  // of the answer: what the peer was too slow for
  std::string peer_;
  MonoTime connected_;
  uint16_t local_port_;
  const uint64_t number_;
  size_t requests_ = 0;
  int unbroken_requests_ = 0;  // served since it last waited
  bool idle_ = false;
  bool leaving_ = false;
  bool address_counted_ = false;

  // Of the exchange at hand.
  uint64_t head_bytes_ = 0, sent_bytes_ = 0;
  OutgoingFraming outgoing_;
  uint64_t outgoing_left_ = 0;
  bool keep_alive_ = true;
  bool started_ = false;
  bool finished_ = false;
  bool bodyless_ = false;
  bool failed_ = false;             // nothing more can be written
  bool continue_expected_ = false;  // and not sent yet

  ServerConnection* previous_ = nullptr;
  ServerConnection* next_ = nullptr;
  ServerConnection* idle_previous_ = nullptr;
  ServerConnection* idle_next_ = nullptr;
};

}  // namespace pds::http
