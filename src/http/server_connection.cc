#include "http/server_connection.h"

#include "http/parts.h"

namespace pds::http {
namespace {

// What is read and thrown away so that a connection can be used again.
constexpr size_t discarded_bytes_max = 256 * 1024;
// And so that a peer sees the answer that ends the connection, rather than a reset: many clients look for an answer only when they
// have sent all of a body. An image's layer is let come to its end, by a peer that sends it without a pause.
constexpr size_t lingered_bytes_max = 64 * 1024 * 1024;
constexpr Duration linger_time = 2s;
// A drain lets a connection that has only just been accepted send the request that it was made for.
constexpr Duration first_request_grace = 1s;
// A peer that has sent many requests at once lets others have their turn in between.
constexpr int unbroken_requests_max = 32;
// Copying so many bytes behind the head costs less than giving them to the system apart.
constexpr size_t copied_body_bytes_max = 2048;

}  // namespace

ServerConnection::ServerConnection(ServerShared& shared, std::unique_ptr<io::Stream> stream, uint16_t local_port)
    : Connection(shared, stream->peer_address()),
      stream_(std::move(stream)),
      buffer_(shared.pool),
      parser_(shared.options.limits),
      body_(*this, shared.options.limits),
      local_port_(local_port) {}

void ServerConnection::finish_up() {
  if (idle_) stream_->nudge();
}

io::Task<std::unique_ptr<io::Stream>> ServerConnection::run() {
  while (true) {
    Next next = co_await read_head();
    if (next == Next::end) {
      say_goodbye();
      co_return nullptr;
    }
    if (next == Next::http2) {
      stream_->unread(buffer_.bytes());
      co_return std::move(stream_);
    }
    if (next == Next::refused) {
      co_await refuse(parser_.failure().status, parser_.failure().reason);
      co_return nullptr;
    }
    if (shared_.options.http2_prior_knowledge && co_await upgrades_to_http2()) co_return std::move(stream_);
    bool again = co_await exchange();
    if (!again) {
      if (stream_ && finished_ && !failed_) say_goodbye();
      co_return nullptr;
    }
    if (++unbroken_requests_ < unbroken_requests_max) continue;
    unbroken_requests_ = 0;
    co_await shared_.loop.yield();
  }
}

// To HTTP/1 the preface of HTTP/2 is a request of another major version: until the parser refuses it, nothing is spent on the question.
bool ServerConnection::begins_http2() const {
  return requests_ == 0 && shared_.options.http2_prior_knowledge && buffer_.bytes().starts_with("PRI * HTTP/2.0\r\n");
}

// A request with a body is not upgraded: the body would have to be kept, or read while HTTP/2 waits behind it.
io::Task<bool> ServerConnection::upgrades_to_http2() {
  if (stream_->secure_session() || parser_.framing().kind != Framing::none) co_return false;
  std::optional<std::string> settings = h2_settings_of(parser_.head);
  if (!settings) co_return false;
  fresh_scratch() += "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
  if (!co_await write_out()) co_return false;
  upgrade_ = make_h2_upgrade(std::move(parser_.head), *std::move(settings));
  stream_->unread(buffer_.bytes());
  co_return true;
}

// Where the end is part of what is said, only an orderly end says so: half an answer is not taken for a whole one.
void ServerConnection::say_goodbye() {
  if (stream_->secure_session()) stream_->shutdown_write();
}

io::Task<void> ServerConnection::turn_away(std::string_view reason) {
  leave();
  co_await refuse(503, reason, true);
}

io::Task<ServerConnection::Next> ServerConnection::read_head() {
  parser_.reset();
  head_bytes_ = 0;
  bool begun = false;
  MonoTime head_deadline;
  while (true) {
    if (!buffer_.empty()) {
      begun = true;
      size_t consumed = 0;
      Progress progress = parser_.feed(buffer_.bytes(), consumed);
      if (progress == Progress::failed && begins_http2()) co_return Next::http2;
      buffer_.consume(consumed);
      head_bytes_ += consumed;
      if (progress == Progress::done) co_return Next::request;
      if (progress == Progress::failed) co_return Next::refused;
    }
    if (holds_back() && !co_await release()) co_return Next::end;
    io::IoResult got = stream_->try_read(buffer_.room());
    if (got.status == io::IoResult::ok) {
      buffer_.filled(got.bytes);
      continue;
    }
    if (got.status != io::IoResult::would_block) co_return Next::end;
    unbroken_requests_ = 0;
    if (begun) {
      if (head_deadline == MonoTime{}) head_deadline = shared_.loop.exact_now() + shared_.options.header_timeout;
      io::Wake wake = co_await stream_->readable(head_deadline);
      if (wake == io::Wake::ready) continue;
      co_await refuse(408, "the request head did not arrive in time");
      co_return Next::end;
    }
    if (leaving_ || (shared_.draining && requests_ > 0)) co_return Next::end;
    buffer_.release_if_empty();
    parser_.head.headers.shrink_if_large();
    enter_idle();
    Duration patience = shared_.draining ? first_request_grace : shared_.options.idle_timeout;
    io::Wake wake = co_await stream_->readable(shared_.loop.now() + patience);
    leave_idle();
    if (wake == io::Wake::timed_out) co_return Next::end;
  }
}

// True when another request may follow.
io::Task<bool> ServerConnection::exchange() {
  struct InFlight {
    size_t& count;
    explicit InFlight(size_t& c) : count(++c) {}
    ~InFlight() { --count; }
  } in_flight(shared_.requests_in_flight);

  size_t requests_max = shared_.options.requests_per_connection_max;
  ++requests_;
  keep_alive_ = parser_.keep_alive() && !leaving_ && (requests_max == 0 || requests_ < requests_max);
  started_ = finished_ = bodyless_ = failed_ = tells_that_it_stays_ = false;
  sent_bytes_ = 0;
  continue_expected_ = parser_.fields().expects_continue && parser_.head.version_minor > 0;
  Patience patience(shared_.options.body_timeout, shared_.options.bytes_per_timeout_min);
  body_.begin(*stream_, buffer_, parser_.framing(), patience, continue_expected_);
  continue_expected_ = continue_expected_ && !body_.ended();

  const io::SecureSession* session = stream_->secure_session();
  ServerRequest request{parser_.head, body_, peer_, local_port_, session != nullptr};
  request.session = session;
  request.connected = connected_;
  request.head_bytes = head_bytes_;
  request.connection = number_;
  co_await shared_.service.serve(request, *this);
  if (!stream_) co_return false;  // upgraded: somebody else has it now
  if (!started_) co_await answer_for_service();
  if (!finished_ || failed_) co_return false;
  bool reusable = keep_alive_;
  if (!body_.ended()) reusable = reusable && co_await discard_body();
  if (!reusable && (!body_.ended() || !buffer_.empty())) co_await linger();
  co_return reusable;
}

// The service has ended without an answer: the body's failure explains it, or it is the service's own.
io::Task<void> ServerConnection::answer_for_service() {
  keep_alive_ = false;
  const std::string& code = body_.error_code();
  int status = code == "E_TIMEOUT" ? 408 : code == "E_BAD_MESSAGE" ? 400 : code == "E_TOO_LARGE" ? 413 : 500;
  if (code == "E_CLOSED") co_return;
  Response response = Response::text(status, explain(status, ""));
  shared_.service.mark_own_answer(parser_.head, response.head);
  [[maybe_unused]] Result<void> sent = co_await send(response.head, response.body);
}

io::Task<void> ServerConnection::refuse(int status, std::string_view reason, bool too_many_connections) {
  keep_alive_ = false;
  started_ = bodyless_ = failed_ = false;
  sent_bytes_ = 0;
  parser_.head.method.clear();  // whatever it was, this answer has a body
  Response response = Response::text(status, explain(status, reason));
  shared_.service.mark_own_answer(parser_.head, response.head);
  Result<void> sent = co_await send(response.head, response.body);
  shared_.service.on_refused({status, reason, peer_, head_bytes_, sent_bytes_, number_, too_many_connections});
  if (sent) co_await linger();
}

io::Task<bool> ServerConnection::discard_body() {
  if (continue_expected_) co_return false;  // the peer may send its body or not: there is no telling where the next request begins
  size_t discarded = 0;
  while (discarded <= discarded_bytes_max) {
    Result<std::string_view> piece = co_await body_.read();
    if (!piece) co_return false;
    if (piece->empty()) co_return true;
    discarded += piece->size();
  }
  co_return false;
}

// Closing with unread input would reset the connection and could take the answer with it.
io::Task<void> ServerConnection::linger() {
  stream_->shutdown_write();
  MonoTime deadline = shared_.loop.exact_now() + linger_time;
  for (size_t discarded = 0; discarded <= lingered_bytes_max;) {
    buffer_.consume(buffer_.bytes().size());
    std::span<char> room = buffer_.room(body_buffer_bytes);
    Result<size_t> got = co_await io::read_some(*stream_, room, deadline);
    if (!got || *got == 0) co_return;
    discarded += *got;
    co_await shared_.loop.yield();  // a peer that is as fast as we are does not keep the others waiting
  }
}

io::Task<Result<void>> ServerConnection::before_body() {
  if (!std::exchange(continue_expected_, false) || started_) co_return Result<void>();
  fresh_scratch() += "HTTP/1.1 100 Continue\r\n\r\n";
  co_return co_await write_out();
}

// ---- answering ----

bool ServerConnection::answers_without_body(const ResponseHead& head) const {
  return parser_.head.method == "HEAD" || head.status / 100 == 1 || head.status == 204 || head.status == 304;
}

void ServerConnection::append_head(std::string& out, const ResponseHead& head, const OutgoingFraming& framing) {
  if (shared_.draining || leaving_ || head.headers.has_token(FieldName::connection, "close")) keep_alive_ = false;
  if (!body_.error_code().empty()) keep_alive_ = false;  // nobody knows where the next request would begin
  // A body that will not be read to its end here ends the connection, and the peer should know with the answer.
  if (!body_.ended() && (continue_expected_ || body_.length().value_or(0) > discarded_bytes_max)) keep_alive_ = false;
  std::string_view connection = !keep_alive_                      ? "close"
                                : tells_that_it_stays_            ? "Keep-Alive"
                                : parser_.head.version_minor == 0 ? "keep-alive"
                                                                  : "";
  bool is_1_0 = parser_.head.version_minor == 0 && shared_.options.answers_1_0_in_kind;
  append_response_head(out, head, framing, connection, shared_.date.at(shared_.loop.now()),
                       is_1_0 ? StatusLineVersion::http_1_0 : StatusLineVersion::http_1_1);
}

std::unexpected<Error> ServerConnection::cut(std::string_view why) {
  failed_ = true;
  return fail_world("E_CLOSED", "answer to " + peer_ + ": " + std::string(why), false);
}

// With what waited for this.
std::string& ServerConnection::fresh_scratch() {
  shared_.scratch.assign(held_);
  held_.clear();
  return shared_.scratch;
}

Result<void> ServerConnection::try_parts(std::span<iovec>& parts) {
  if (failed_) return cut("the connection has failed already");
  while (!parts.empty()) {
    io::IoResult put = stream_->try_write(parts);
    if (put.status == io::IoResult::would_block) return {};
    if (put.status != io::IoResult::ok) return cut("the peer is gone");
    sent_bytes_ += put.bytes;
    parts = without_front(parts, put.bytes);
  }
  return {};
}

io::Task<Result<void>> ServerConnection::write_rest(std::span<iovec> parts) {
  // The scratch is everybody's: what is left of it waits here.
  const std::string& scratch = shared_.scratch;
  const char* first = static_cast<const char*>(parts[0].iov_base);
  if (std::less_equal<const char*>()(scratch.data(), first) && std::less<const char*>()(first, scratch.data() + scratch.size())) {
    out_.assign(first, parts[0].iov_len);
    parts[0] = part_of(out_);
  }
  Patience patience(shared_.options.write_timeout, shared_.options.bytes_per_timeout_min);
  while (!parts.empty()) {
    MonoTime began = shared_.loop.exact_now();
    io::Wake wake = co_await stream_->writable(patience.deadline(began));
    if (wake == io::Wake::timed_out) co_return cut("the peer reads nothing");
    patience.waited(std::chrono::duration_cast<Duration>(shared_.loop.now() - began));
    io::IoResult put = stream_->try_write(parts);
    if (put.status == io::IoResult::would_block) continue;
    if (put.status != io::IoResult::ok) co_return cut("the peer is gone");
    patience.moved(put.bytes);
    sent_bytes_ += put.bytes;
    parts = without_front(parts, put.bytes);
  }
  if (out_.capacity() > copied_body_bytes_max) out_ = {};
  co_return Result<void>();
}

io::Task<Result<void>> ServerConnection::send(const ResponseHead& head, std::string_view body) {
  ASSERT(!started_);
  if (!can_be_sent(head.headers)) return send_failure();
  std::string& out = fresh_scratch();
  bool has_body = append_answer(out, head, body);
  std::array<iovec, 2> pieces{part_of(out), has_body ? part_of(body) : iovec{}};
  std::span<iovec> parts(pieces.data(), has_body ? 2 : 1);
  Result<void> written = try_parts(parts);
  if (!written || parts.empty()) return io::Task<Result<void>>::ready(std::move(written));
  return write_rest_of({parts[0], parts.size() > 1 ? parts[1] : iovec{}});
}

io::Task<Result<void>> ServerConnection::send_failure() {
  Response replacement = Response::text(500, explain(500, ""));
  co_return co_await send(replacement.head, replacement.body);
}

io::Task<Result<void>> ServerConnection::write_rest_of(std::array<iovec, 2> pieces) { co_return co_await write_rest(pieces); }

// The whole answer, but for a body that is better not copied: then true.
bool ServerConnection::append_answer(std::string& out, const ResponseHead& head, std::string_view body) {
  started_ = finished_ = true;
  bodyless_ = answers_without_body(head);
  OutgoingFraming framing{OutgoingFraming::sized, body.size()};
  if (bodyless_) {
    std::optional<uint64_t> length = given_length(head);
    if (length) framing.length = *length;
    bool no_length = head.status == 204 || head.status / 100 == 1 || (head.status == 304 && !length);
    if (no_length) framing.kind = OutgoingFraming::none;
  }
  append_head(out, head, framing);
  if (bodyless_ || body.empty()) return false;
  if (body.size() > copied_body_bytes_max) return true;
  out += body;
  return false;
}

io::Task<Result<void>> ServerConnection::send_with_next(const ResponseHead& head, std::string_view body) {
  bool follows = !buffer_.empty() && body_.ended() && body.size() <= copied_body_bytes_max && can_be_sent(head.headers);
  if (!follows || holds_back()) co_return co_await send(head, body);
  ASSERT(!started_);
  append_answer(held_, head, body);
  co_return Result<void>();
}

io::Task<Result<void>> ServerConnection::release() {
  if (!holds_back()) co_return Result<void>();
  fresh_scratch();
  co_return co_await write_out();
}

OutgoingFraming ServerConnection::streamed_framing(const ResponseHead& head) {
  if (std::optional<uint64_t> length = given_length(head)) return {OutgoingFraming::sized, *length};
  if (bodyless_)
    return {parser_.head.method == "HEAD" && parser_.head.version_minor > 0 && head.status != 204 && head.status != 304
                ? OutgoingFraming::chunked
                : OutgoingFraming::none,
            0};
  if (parser_.head.version_minor > 0) return {OutgoingFraming::chunked, 0};
  keep_alive_ = false;
  return {OutgoingFraming::until_close, 0};
}

io::Task<Result<void>> ServerConnection::start(const ResponseHead& head, std::string_view first_piece) {
  ASSERT(!started_);
  if (!can_be_sent(head.headers)) co_return fail("E_BAD_MESSAGE", "a header field cannot be sent", 500);
  started_ = true;
  bodyless_ = answers_without_body(head);
  outgoing_ = streamed_framing(head);
  outgoing_left_ = outgoing_.length;
  std::string& out = fresh_scratch();
  append_head(out, head, outgoing_);
  co_return co_await write_piece(out, first_piece);
}

io::Task<Result<void>> ServerConnection::write(std::string_view piece) {
  ASSERT(started_ && !finished_);
  if (piece.empty()) co_return Result<void>();
  co_return co_await write_piece(fresh_scratch(), piece);
}

// `before` is the scratch, with the head when that has not gone yet.
io::Task<Result<void>> ServerConnection::write_piece(std::string& before, std::string_view piece) {
  bool sent = !bodyless_ && !piece.empty();
  bool chunked = sent && outgoing_.kind == OutgoingFraming::chunked;
  if (sent && outgoing_.kind == OutgoingFraming::sized) {
    if (piece.size() > outgoing_left_) co_return cut("the body is longer than its Content-Length");
    outgoing_left_ -= piece.size();
  }
  if (chunked) append_chunk_size(before, piece.size());
  iovec pieces[3];
  size_t count = 0;
  if (!before.empty()) pieces[count++] = part_of(before);
  if (sent) pieces[count++] = part_of(piece);
  if (chunked) pieces[count++] = part_of("\r\n");
  std::span<iovec> parts(pieces, count);
  CO_CHECK(try_parts(parts));
  if (!parts.empty()) co_return co_await write_rest(parts);
  co_return Result<void>();
}

io::Task<Result<void>> ServerConnection::finish(const Headers* trailers) {
  ASSERT(started_ && !finished_);
  finished_ = true;
  if (bodyless_) co_return Result<void>();
  if (outgoing_.kind == OutgoingFraming::sized && outgoing_left_ > 0) co_return cut("the body is shorter than its Content-Length");
  if (outgoing_.kind != OutgoingFraming::chunked) co_return Result<void>();
  std::string& out = fresh_scratch();
  out += "0\r\n";
  if (trailers && can_be_sent(*trailers)) append_fields(out, *trailers);
  out += "\r\n";
  co_return co_await write_out();
}

io::Task<Result<void>> ServerConnection::write_out() {
  iovec part = part_of(shared_.scratch);
  std::span<iovec> parts(&part, 1);
  CO_CHECK(try_parts(parts));
  if (!parts.empty()) co_return co_await write_rest(parts);
  co_return Result<void>();
}

io::Task<Result<void>> ServerConnection::interim(const ResponseHead& head) {
  ASSERT(!started_ && head.status / 100 == 1);
  if (parser_.head.version_minor == 0 || !can_be_sent(head.headers)) co_return Result<void>();
  if (head.status == 100) continue_expected_ = false;
  append_response_head(fresh_scratch(), head, {}, "", "");
  co_return co_await write_out();
}

io::Task<Result<std::unique_ptr<io::Stream>>> ServerConnection::upgrade(const ResponseHead& head) {
  ASSERT(!started_);
  if (!can_be_sent(head.headers)) co_return fail("E_BAD_MESSAGE", "a header field cannot be sent", 500);
  started_ = finished_ = true;
  append_response_head(fresh_scratch(), head, {}, head.status == 101 ? "Upgrade" : "", shared_.date.at(shared_.loop.now()));
  CO_CHECK(co_await write_out());
  stream_->unread(buffer_.bytes());
  co_return std::move(stream_);
}

}  // namespace pds::http
