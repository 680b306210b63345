#include "http/h2_client.h"

#include "base/text.h"

namespace pds::http {
namespace {

constexpr int interim_answers_max = 16;

H2Settings settings_of(const ClientOptions& options) {
  return {.server = false, .limits = options.limits, .write_timeout = options.response_timeout};
}

}  // namespace

// ---- connections ----

std::shared_ptr<H2ClientConnection> H2ClientConnection::make(io::Loop& loop, std::unique_ptr<io::Stream> stream,
                                                             std::shared_ptr<H2Memory> memory, const ClientOptions& options,
                                                             std::string destination) {
  auto* made = new H2ClientConnection(loop, std::move(stream), std::move(memory), options, std::move(destination));
  // Who lets go last may be running inside the connection.
  std::shared_ptr<H2ClientConnection> connection(
      made, [&loop](H2ClientConnection* gone) { loop.post([owned = std::unique_ptr<H2ClientConnection>(gone)] {}); });
  made->living_.spawn(made->live());
  return connection;
}

H2ClientConnection::H2ClientConnection(io::Loop& loop, std::unique_ptr<io::Stream> stream, std::shared_ptr<H2Memory> memory,
                                       const ClientOptions& options, std::string destination)
    : H2Session(loop, std::move(stream), std::move(memory), settings_of(options)),
      options_(options),
      destination_(std::move(destination)),
      secure_(this->stream().secure_session() != nullptr),
      quiet_since_(loop.now()) {}

H2ClientConnection::~H2ClientConnection() {
  stop();
  living_.cancel_all();
}

io::Task<void> H2ClientConnection::live() {
  co_await H2Session::run();
  over_ = true;
  stop();
  stream().close();
  // Who is told may end its exchange, and others.
  for (H2Exchange* exchange = first_; exchange; exchange = exchange->next_) exchange->connection_ended();
  greeting_.open();
}

io::Task<Result<void>> H2ClientConnection::greeting(io::Deadline deadline) {
  while (!greeted_) {
    if (over_)
      co_return fail_world(broken() ? "E_BAD_MESSAGE" : "E_CLOSED",
                           destination_ + (broken() ? " does not speak HTTP/2" : " ended the connection before it spoke"), false);
    io::Wake wake = co_await greeting_.wait(loop(), deadline);
    if (wake == io::Wake::timed_out) co_return fail_world("E_TIMEOUT", destination_ + " did not begin to speak HTTP/2 in time");
  }
  co_return Result<void>();
}

bool H2ClientConnection::is_usable() const { return !retired_ && !over_ && !ended() && !broken(); }

size_t H2ClientConnection::room() const {
  if (!is_usable()) return 0;
  size_t most = std::min<size_t>(
      nghttp2_session_get_remote_settings(const_cast<H2ClientConnection*>(this)->raw(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
      options_.http2_streams_max);
  return exchanges_ < most ? most - exchanges_ : 0;
}

void H2ClientConnection::retire() {
  if (std::exchange(retired_, true) || over_) return;
  nghttp2_submit_goaway(raw(), NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
  push();
}

H2Stream* H2ClientConnection::stream_for(int32_t id, bool) {
  return static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(raw(), id));
}

io::Deadline H2ClientConnection::next_deadline() {
  MonoTime from = exchanges_ > 0 ? loop().now() : quiet_since_;
  return from + options_.idle_timeout;
}

bool H2ClientConnection::at_deadline() {
  if (exchanges_ == 0 && loop().exact_now() >= quiet_since_ + options_.idle_timeout) retire();
  return true;
}

// ---- exchanges ----

H2Exchange::H2Exchange(std::shared_ptr<H2ClientConnection> connection)
    : connection_(std::move(connection)),
      next_(connection_->first_),
      trailer_reader_(body_.trailers()),
      reused_(std::exchange(connection_->used_, true)) {
  if (next_) next_->previous_ = this;
  connection_->first_ = this;
  ++connection_->exchanges_;
}

H2Exchange::~H2Exchange() {
  if (destroyed_) *destroyed_ = true;
  if (!closed_ && framed_ && !connection_->over_) reset(NGHTTP2_CANCEL);
  detach();
  (previous_ ? previous_->next_ : connection_->first_) = next_;
  if (next_) next_->previous_ = previous_;
  if (--connection_->exchanges_ > 0) return;
  connection_->quiet_since_ = connection_->loop().now();
  if (connection_->retired_ && !connection_->over_) connection_->push();
}

std::unexpected<Error> H2Exchange::lost(std::string_view why) const {
  return fail_world("E_CLOSED", "request to " + connection_->destination_ + ": " + std::string(why));
}

Result<void> H2Exchange::begin(const RequestHead& head, const OutgoingFraming& outgoing) {
  if (!head.target.starts_with('/') && head.target != "*")
    return fail("E_BAD_MESSAGE", "over HTTP/2 a target is asked for by its path");
  if (!connection_->is_usable()) return lost("the connection is going away");
  asks_head_ = head.method == "HEAD";
  outgoing_ = outgoing;
  outgoing_left_ = outgoing.length;
  bool sized = outgoing.kind == OutgoingFraming::sized;
  request_complete_ = outgoing.kind == OutgoingFraming::none || (sized && outgoing.length == 0);
  H2HeadWriter writer(connection_->scratch());
  writer.request(head, sized ? std::optional<uint64_t>(outgoing.length) : std::nullopt, connection_->secure_);
  nghttp2_data_provider provider = outgoing_body();
  int32_t id = nghttp2_submit_request(connection_->raw(), nullptr, writer.data(), writer.size(),
                                      request_complete_ ? nullptr : &provider, static_cast<H2Stream*>(this));
  if (id < 0) return lost(nghttp2_strerror(id));
  attach(*connection_, id);
  output_done_ = request_complete_;
  body_.begin(std::nullopt, Patience(connection_->options_.response_timeout, 1));
  framed_ = true;
  connection_->push();
  return {};
}

io::Task<Result<void>> H2Exchange::put_checked(std::string_view piece, bool last, const Headers* trailers) {
  Result<void> sent = co_await put(piece, last, trailers);
  if (sent) co_return sent;
  co_return lost(sent.error().message);
}

io::Task<Result<void>> H2Exchange::write(std::string_view piece) {
  ASSERT(!request_complete_ && outgoing_.kind != OutgoingFraming::none);
  if (piece.empty()) co_return Result<void>();
  if (outgoing_.kind == OutgoingFraming::sized) {
    if (piece.size() > outgoing_left_) co_return fail("E_BAD_MESSAGE", "the request body is longer than its Content-Length");
    outgoing_left_ -= piece.size();
    request_complete_ = outgoing_left_ == 0;
  }
  co_return co_await put_checked(piece, request_complete_);
}

io::Task<Result<void>> H2Exchange::finish(const Headers* trailers) {
  if (std::exchange(request_complete_, true)) co_return Result<void>();
  if (outgoing_.kind == OutgoingFraming::sized && outgoing_left_ > 0)
    co_return fail("E_BAD_MESSAGE", "the request body is shorter than its Content-Length");
  if (trailers && !trailers->can_be_sent()) co_return fail("E_BAD_MESSAGE", "the request's trailers cannot be sent");
  co_return co_await put_checked({}, true, trailers);
}

io::Task<Result<const ResponseHead*>> H2Exchange::response() {
  MonoTime deadline = loop().exact_now() + connection_->options_.response_timeout;
  while (!head_ready_) {
    if (reader_.failure().status != 0) {
      reset(NGHTTP2_PROTOCOL_ERROR);
      co_return fail_world("E_BAD_MESSAGE", "answer of " + connection_->destination_ + ": " + std::string(reader_.failure().reason),
                           false);
    }
    if (!is_open()) {
      bool malformed = close_code_ == NGHTTP2_PROTOCOL_ERROR && framed_ && !reset_here_;
      if (malformed)
        co_return fail_world("E_BAD_MESSAGE", "answer of " + connection_->destination_ + ": it breaks the protocol", false);
      co_return lost(untouched_ ? "the peer refused it unread" : "the stream ended before an answer");
    }
    io::Wake wake = co_await answered_.wait(loop(), deadline);
    if (wake == io::Wake::timed_out) co_return fail_world("E_TIMEOUT", connection_->destination_ + " did not answer in time");
  }
  co_return &head_;
}

void H2Exchange::cut() {
  if (!is_open()) return;
  reset(NGHTTP2_CANCEL);
  body_.fail("E_CLOSED");
  closed_ = true;
  nghttp2_session_set_stream_user_data(connection_->raw(), id_, nullptr);
  queue();
}

// ---- what arrives ----

void H2Exchange::fields_begin() {
  if (head_ready_) return trailer_reader_.begin(connection_->options_.limits);
  if (reader_.failure().status != 0) return;
  head_.clear();
  reader_.begin(connection_->options_.limits);
}

void H2Exchange::field(std::string_view name, std::string_view value) {
  if (head_ready_) {
    trailer_reader_.field(name, value);
  } else {
    reader_.field(name, value);
  }
}

void H2Exchange::bad_field() {
  if (head_ready_) {
    trailer_reader_.refuse(502, "");
  } else {
    reader_.refuse(502, "a header field is malformed");
  }
}

void H2Exchange::fields_end(bool last) {
  if (head_ready_) {
    if (trailer_reader_.failure().status == 0) return body_.end();
    body_.trailers().clear();
    return body_.fail("E_BAD_MESSAGE");
  }
  if (reader_.failure().status != 0) return;
  if (head_.status / 100 == 1) {
    if (++interim_answers_ > interim_answers_max) reader_.refuse(502, "the peer sends interim answers without end");
    return;
  }
  head_ready_ = true;
  bool bodyless = last || asks_head_ || head_.status == 204 || head_.status == 304;
  body_.begin(bodyless ? std::optional<uint64_t>(0) : reader_.content_length(), Patience(connection_->options_.response_timeout, 1));
  if (last) body_.end();
}

void H2Exchange::closed(uint32_t code) {
  close_code_ = code;
  untouched_ = code == NGHTTP2_REFUSED_STREAM;  // nghttp2 closes streams above a GOAWAY's last one with this, too
  body_.fail("E_CLOSED");
}

// Each step may end the exchange.
void H2Exchange::settle() {
  bool destroyed = false;
  destroyed_ = &destroyed;
  answered_.open();
  if (!destroyed) body_.wake();
  if (!destroyed) wake_writer();
  if (!destroyed) destroyed_ = nullptr;
}

void H2Exchange::connection_ended() {
  if (closed_) return;
  closed_ = true;
  close_code_ = NGHTTP2_INTERNAL_ERROR;
  body_.fail("E_CLOSED");
  queue();
}

// ---- the pool ----

std::shared_ptr<H2ClientConnection> H2Pool::take() {
  std::erase_if(connections_, [](const auto& connection) { return !connection->is_usable(); });
  std::shared_ptr<H2ClientConnection> fullest;
  for (const auto& connection : connections_) {
    size_t room = connection->room();
    if (room > 0 && (!fullest || room < fullest->room())) fullest = connection;
  }
  return fullest;
}

size_t H2Pool::idle() const {
  return static_cast<size_t>(
      std::count_if(connections_.begin(), connections_.end(), [](const auto& c) { return c->is_usable() && c->is_idle(); }));
}

void H2Pool::close_idle() {
  std::erase_if(connections_, [](const auto& connection) {
    if (connection->is_idle()) connection->retire();
    return connection->is_idle();
  });
}

void H2Pool::retire_all() {
  for (const auto& connection : connections_) connection->retire();
  connections_.clear();
}

}  // namespace pds::http
