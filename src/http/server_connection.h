// One connection of the server: reads requests, one after the other, and lends itself to the service as body and responder.
#pragma once

#include <array>

#include "http/connection.h"
#include "http/h2_upgrade.h"
#include "http/incoming_body.h"
#include "http/parser.h"

namespace pds::http {

class ServerConnection final : public Connection, public Responder, private BodyOwner {
 public:
  ServerConnection(ServerShared& shared, std::unique_ptr<io::Stream> stream, uint16_t local_port);
  // The stream again, unread, when the peer speaks HTTP/2 and may; null otherwise.
  io::Task<std::unique_ptr<io::Stream>> run();
  // After run() has given the stream: the request by which the peer asked for HTTP/2, if that is how it began.
  std::optional<H2Upgrade> take_upgrade() { return std::exchange(upgrade_, std::nullopt); }
  // Answers 503 without reading anything.
  io::Task<void> turn_away(std::string_view reason);
  void finish_up() override;

  io::Task<Result<void>> send(const ResponseHead& head, std::string_view body) override;
  using Responder::start;
  io::Task<Result<void>> start(const ResponseHead& head, std::string_view first_piece) override;
  io::Task<Result<void>> write(std::string_view piece) override;
  io::Task<Result<void>> finish(const Headers* trailers) override;
  io::Task<Result<void>> send_with_next(const ResponseHead& head, std::string_view body) override;
  io::Task<Result<void>> release() override;
  bool holds_back() const override { return !held_.empty(); }
  io::Task<Result<void>> interim(const ResponseHead& head) override;
  io::Task<Result<std::unique_ptr<io::Stream>>> upgrade(const ResponseHead& head) override;
  bool started() const override { return started_; }
  void close_after() override { keep_alive_ = false; }
  void tell_that_it_stays() override { tells_that_it_stays_ = true; }
  void drop() override { started_ = failed_ = true; }
  uint64_t bytes_sent() const override { return sent_bytes_; }

 private:
  enum class Next { request, refused, http2, end };
  void say_goodbye();
  io::Task<Next> read_head();
  bool begins_http2() const;
  io::Task<bool> upgrades_to_http2();
  void wake_idle() override { stream_->nudge(); }
  io::Task<bool> exchange();
  io::Task<void> answer_for_service();
  io::Task<void> refuse(int status, std::string_view reason, bool too_many_connections = false);
  io::Task<bool> discard_body();
  io::Task<void> linger();
  io::Task<Result<void>> before_body() override;
  void body_ended() override {}

  bool answers_without_body(const ResponseHead& head) const;
  void append_head(std::string& out, const ResponseHead& head, const OutgoingFraming& framing);
  bool append_answer(std::string& out, const ResponseHead& head, std::string_view body);
  OutgoingFraming streamed_framing(const ResponseHead& head);
  std::string& fresh_scratch();
  io::Task<Result<void>> write_piece(std::string& before, std::string_view piece);
  io::Task<Result<void>> write_out();  // the scratch
  // Writes what the system takes at once and leaves the rest in `parts`.
  Result<void> try_parts(std::span<iovec>& parts);
  io::Task<Result<void>> write_rest(std::span<iovec> parts);
  io::Task<Result<void>> write_rest_of(std::array<iovec, 2> pieces);
  io::Task<Result<void>> send_failure();
  std::unexpected<Error> cut(std::string_view why);

  std::unique_ptr<io::Stream> stream_;
  InputBuffer buffer_;
  RequestParser parser_;
  IncomingBody body_;
  std::string out_;   // of the answer: what the peer was too slow for
  std::string held_;  // an answer that goes with the next one
  uint16_t local_port_;
  std::optional<H2Upgrade> upgrade_;
  size_t requests_ = 0;
  int unbroken_requests_ = 0;  // served since it last waited

  // Of the exchange at hand.
  uint64_t head_bytes_ = 0, sent_bytes_ = 0;
  OutgoingFraming outgoing_;
  uint64_t outgoing_left_ = 0;
  bool keep_alive_ = true;
  bool tells_that_it_stays_ = false;
  bool started_ = false;
  bool finished_ = false;
  bool bodyless_ = false;
  bool failed_ = false;             // nothing more can be written
  bool continue_expected_ = false;  // and not sent yet
};

}  // namespace pds::http
