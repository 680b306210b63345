#include "http/server_connection.h"

#include "base/text.h"

namespace pds::http {
namespace {

// What is read and thrown away so that a connection can be used again.
constexpr size_t discarded_bytes_max = 256 * 1024;
// And so that a peer sees the answer that ends the connection, rather than a reset: many clients look for an answer only when they
// have sent all of a body. An image's layer is let come to its end, by a peer that sends it without a pause.
constexpr size_t lingered_bytes_max = 64 * 1024 * 1024;
constexpr Duration linger_time = 2s;

std::string explain(int status, std::string_view reason) {
  std::string text = std::to_string(status) + " " + std::string(standard_reason(status));
  if (!reason.empty()) text.append(": ").append(reason);
  return text + "\n";
}

std::optional<uint64_t> given_length(const ResponseHead& head) {
  auto text = head.headers.find("content-length");
  std::optional<int64_t> length = text ? parse_int(*text) : std::nullopt;
  return length && *length >= 0 ? std::optional<uint64_t>(static_cast<uint64_t>(*length)) : std::nullopt;
}

}  // namespace

ServerConnection::ServerConnection(ServerShared& shared, std::unique_ptr<io::Stream> stream, uint16_t local_port)
    : shared_(shared),
      stream_(std::move(stream)),
      buffer_(shared.pool),
      parser_(shared.options.limits),
      body_(*this, shared.options.limits),
      peer_(stream_->peer_address()),
      local_port_(local_port),
      next_(shared.first) {
  if (next_) next_->previous_ = this;
  shared_.first = this;
  ++shared_.connections;
}

ServerConnection::~ServerConnection() {
  (previous_ ? previous_->next_ : shared_.first) = next_;
  if (next_) next_->previous_ = previous_;
  --shared_.connections;
  if (shared_.draining && shared_.connections == 0) shared_.emptied_timer.start(MonoTime{});
}

void ServerConnection::finish_up() {
  if (idle_) stream_->nudge();
}

io::Task<void> ServerConnection::run() {
  while (true) {
    Next next = co_await read_head();
    if (next == Next::end) co_return say_goodbye();
    if (next == Next::refused) {
      co_await refuse(parser_.failure().status, parser_.failure().reason);
      co_return;
    }
    bool again = co_await exchange();
    if (!again) {
      if (stream_ && finished_ && !failed_) say_goodbye();
      co_return;
    }
  }
}

// Where the end is part of what is said, only an orderly end says so: half an answer is not taken for a whole one.
void ServerConnection::say_goodbye() {
  if (stream_->secure_session()) stream_->shutdown_write();
}

io::Task<void> ServerConnection::turn_away() { co_await refuse(503, "too many connections"); }

io::Task<ServerConnection::Next> ServerConnection::read_head() {
  parser_.reset();
  bool begun = false;
  MonoTime head_deadline;
  while (true) {
    if (!buffer_.empty()) {
      if (!std::exchange(begun, true)) head_deadline = shared_.loop.now() + shared_.options.header_timeout;
      size_t consumed = 0;
      Progress progress = parser_.feed(buffer_.bytes(), consumed);
      buffer_.consume(consumed);
      if (progress == Progress::done) co_return Next::request;
      if (progress == Progress::failed) co_return Next::refused;
    }
    std::span<char> room = buffer_.room();
    io::IoResult got = stream_->try_read(room);
    if (got.status == io::IoResult::ok) {
      buffer_.filled(got.bytes);
      continue;
    }
    if (got.status != io::IoResult::would_block) co_return Next::end;
    if (begun) {
      io::Wake wake = co_await stream_->readable(head_deadline);
      if (wake == io::Wake::ready) continue;
      co_await refuse(408, "the request head did not arrive in time");
      co_return Next::end;
    }
    if (shared_.draining) co_return Next::end;
    buffer_.release_if_empty();
    idle_ = true;
    io::Wake wake = co_await stream_->readable(shared_.loop.now() + shared_.options.idle_timeout);
    idle_ = false;
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
  keep_alive_ = parser_.keep_alive() && (requests_max == 0 || ++requests_ < requests_max);
  started_ = finished_ = bodyless_ = failed_ = false;
  body_.begin(*stream_, buffer_, parser_.framing(), shared_.options.body_timeout);
  continue_expected_ = parser_.fields().expects_continue && parser_.head.version_minor > 0 && !body_.ended();

  const io::SecureSession* session = stream_->secure_session();
  ServerRequest request{parser_.head, body_, peer_, local_port_, session != nullptr};
  request.session = session;
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
  [[maybe_unused]] Result<void> sent = co_await send(response.head, response.body);
}

io::Task<void> ServerConnection::refuse(int status, std::string_view reason) {
  keep_alive_ = false;
  started_ = bodyless_ = failed_ = false;
  parser_.head.method.clear();  // whatever it was, this answer has a body
  Response response = Response::text(status, explain(status, reason));
  Result<void> sent = co_await send(response.head, response.body);
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
  MonoTime deadline = shared_.loop.now() + linger_time;
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
  std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
  co_return co_await io::write_all(*stream_, line, shared_.loop.now() + shared_.options.write_timeout);
}

// ---- answering ----

bool ServerConnection::answers_without_body(const ResponseHead& head) const {
  return parser_.head.method == "HEAD" || head.status / 100 == 1 || head.status == 204 || head.status == 304;
}

void ServerConnection::append_head(const ResponseHead& head, const OutgoingFraming& framing) {
  if (shared_.draining || head.headers.has_token("connection", "close")) keep_alive_ = false;
  // A body that will not be read to its end here ends the connection, and the peer should know with the answer.
  if (!body_.ended() && (continue_expected_ || body_.length().value_or(0) > discarded_bytes_max)) keep_alive_ = false;
  std::string_view connection = !keep_alive_ ? "close" : parser_.head.version_minor == 0 ? "keep-alive" : "";
  append_response_head(out_, head, framing, connection, shared_.date.at(shared_.loop.now()));
}

std::unexpected<Error> ServerConnection::cut(std::string_view why) {
  failed_ = true;
  return fail_world("E_CLOSED", "answer to " + peer_ + ": " + std::string(why), false);
}

io::Task<Result<void>> ServerConnection::write_parts(std::span<iovec> parts) {
  if (failed_) co_return cut("the connection has failed already");
  while (true) {
    io::IoResult put = stream_->try_write(parts);
    if (put.status == io::IoResult::would_block) {
      io::Wake wake = co_await stream_->writable(std::chrono::steady_clock::now() + shared_.options.write_timeout);
      if (wake == io::Wake::timed_out) co_return cut("the peer reads nothing");
      continue;
    }
    if (put.status != io::IoResult::ok) co_return cut("the peer is gone");
    size_t written = put.bytes;
    while (!parts.empty() && written >= parts[0].iov_len) {
      written -= parts[0].iov_len;
      parts = parts.subspan(1);
    }
    if (parts.empty()) co_return Result<void>();
    parts[0].iov_base = static_cast<char*>(parts[0].iov_base) + written;
    parts[0].iov_len -= written;
  }
}

namespace {
iovec part_of(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }
}  // namespace

io::Task<Result<void>> ServerConnection::send(const ResponseHead& head, std::string_view body) {
  ASSERT(!started_);
  if (!can_be_sent(head.headers)) {
    Response replacement = Response::text(500, explain(500, ""));
    co_return co_await send(replacement.head, replacement.body);
  }
  started_ = finished_ = true;
  bodyless_ = answers_without_body(head);
  OutgoingFraming framing{OutgoingFraming::sized, body.size()};
  if (bodyless_) {
    std::optional<uint64_t> length = given_length(head);
    if (length) framing.length = *length;
    bool no_length = head.status == 204 || head.status / 100 == 1 || (head.status == 304 && !length);
    if (no_length) framing.kind = OutgoingFraming::none;
  }
  out_.clear();
  append_head(head, framing);
  iovec parts[] = {part_of(out_), part_of(body)};
  co_return co_await write_parts(std::span(parts, bodyless_ || body.empty() ? 1 : 2));
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
  out_.clear();
  append_head(head, outgoing_);
  if (!first_piece.empty()) co_return co_await write(first_piece);
  iovec part = part_of(out_);
  Result<void> written = co_await write_parts({&part, 1});
  out_.clear();
  co_return written;
}

io::Task<Result<void>> ServerConnection::write(std::string_view piece) {
  ASSERT(started_ && !finished_);
  if (piece.empty()) co_return Result<void>();
  iovec parts[3];
  size_t count = 0;
  bool chunked = outgoing_.kind == OutgoingFraming::chunked;
  if (!bodyless_ && outgoing_.kind == OutgoingFraming::sized) {
    if (piece.size() > outgoing_left_) co_return cut("the body is longer than its Content-Length");
    outgoing_left_ -= piece.size();
  }
  if (!bodyless_ && chunked) append_chunk_size(out_, piece.size());  // behind the head, when that has not gone yet
  if (!out_.empty()) parts[count++] = part_of(out_);
  if (!bodyless_) parts[count++] = part_of(piece);
  if (!bodyless_ && chunked) parts[count++] = part_of("\r\n");
  if (count == 0) co_return Result<void>();
  Result<void> written = co_await write_parts({parts, count});
  out_.clear();
  co_return written;
}

io::Task<Result<void>> ServerConnection::finish(const Headers* trailers) {
  ASSERT(started_ && !finished_);
  finished_ = true;
  if (bodyless_) co_return Result<void>();
  if (outgoing_.kind == OutgoingFraming::sized && outgoing_left_ > 0) co_return cut("the body is shorter than its Content-Length");
  if (outgoing_.kind != OutgoingFraming::chunked) co_return Result<void>();
  out_ = "0\r\n";
  if (trailers && can_be_sent(*trailers)) append_fields(out_, *trailers);
  out_ += "\r\n";
  iovec part = part_of(out_);
  co_return co_await write_parts({&part, 1});
}

io::Task<Result<void>> ServerConnection::interim(const ResponseHead& head) {
  ASSERT(!started_ && head.status / 100 == 1);
  if (parser_.head.version_minor == 0 || !can_be_sent(head.headers)) co_return Result<void>();
  if (head.status == 100) continue_expected_ = false;
  std::string text;
  append_response_head(text, head, {}, "", "");
  co_return co_await io::write_all(*stream_, text, shared_.loop.now() + shared_.options.write_timeout);
}

io::Task<Result<std::unique_ptr<io::Stream>>> ServerConnection::upgrade(const ResponseHead& head) {
  ASSERT(!started_);
  if (!can_be_sent(head.headers)) co_return fail("E_BAD_MESSAGE", "a header field cannot be sent", 500);
  started_ = finished_ = true;
  out_.clear();
  append_response_head(out_, head, {}, head.status == 101 ? "Upgrade" : "", shared_.date.at(shared_.loop.now()));
  iovec part = part_of(out_);
  CO_CHECK(co_await write_parts({&part, 1}));
  stream_->unread(buffer_.bytes());
  co_return std::move(stream_);
}

}  // namespace pds::http
