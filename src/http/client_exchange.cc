#include "http/client_exchange.h"

#include "base/text.h"
#include "http/parts.h"

namespace pds::http {
namespace {

// A peer may announce interim answers without end; nobody sends more than a few.
constexpr int interim_answers_max = 16;
// As many as exchanges are usually under way at once.
constexpr size_t spare_parsers_max = 64;

// A good idle connection has nothing to say. End, failure and stray bytes all disqualify it.
bool is_quiet(ClientConnection& connection, bool ask_system) {
  char byte;
  if (ask_system && connection.stream->has_input()) return false;
  return connection.buffer.empty() && connection.stream->try_read({&byte, 1}).status == io::IoResult::would_block;
}

}  // namespace

// ---- the pool ----

std::unique_ptr<ClientConnection> ClientShared::take_idle(bool cannot_repeat) {
  while (!idle.empty()) {
    std::unique_ptr<ClientConnection> connection = std::move(idle.back());
    idle.pop_back();
    if (loop.now() - connection->idle_since < options.idle_timeout && is_quiet(*connection, cannot_repeat)) return connection;
  }
  return nullptr;
}

void ClientShared::keep(std::unique_ptr<ClientConnection> connection) {
  if (closed || idle.size() >= options.idle_connections_max || !connection->buffer.empty()) return;
  connection->buffer.release_if_empty();
  connection->idle_since = loop.now();
  idle.push_back(std::move(connection));
  if (!sweep.armed()) sweep.start(loop.now() + options.idle_timeout);
}

void ClientShared::close_expired() {
  // The oldest are at the front.
  size_t expired = 0;
  while (expired < idle.size() && loop.now() - idle[expired]->idle_since >= options.idle_timeout) ++expired;
  idle.erase(idle.begin(), idle.begin() + static_cast<ptrdiff_t>(expired));
  if (!idle.empty()) sweep.start(idle.front()->idle_since + options.idle_timeout);
}

// ---- one exchange ----

Exchange::Exchange(std::shared_ptr<ClientShared> shared, std::unique_ptr<ClientConnection> connection, bool reused)
    : shared_(std::move(shared)),
      connection_(std::move(connection)),
      body_(*this, shared_->options.limits),
      reused_(reused) {
  if (shared_->spare_parsers.empty()) {
    parser_ = std::make_unique<ResponseParser>(shared_->options.limits);
  } else {
    parser_ = std::move(shared_->spare_parsers.back());
    shared_->spare_parsers.pop_back();
  }
}

Exchange::~Exchange() {
  if (shared_->spare_parsers.size() < spare_parsers_max) shared_->spare_parsers.push_back(std::move(parser_));
}

std::unexpected<Error> Exchange::lost(std::string_view why) const {
  return fail_world("E_CLOSED", "request to " + shared_->connector->destination() + ": " + std::string(why));
}

Result<void> Exchange::begin(const RequestHead& head, const OutgoingFraming& outgoing, const std::string_view* whole_body) {
  asks_head_ = head.method == "HEAD";
  asks_connect_ = head.method == "CONNECT";
  keep_alive_wanted_ = !head.headers.has_token(FieldName::connection, "close");
  outgoing_ = outgoing;
  outgoing_left_ = outgoing.length;
  parser_->reset(asks_head_, asks_connect_);
  std::string& out = connection_->out;
  out.clear();
  append_request_head(out, head, outgoing);
  if (outgoing.kind == OutgoingFraming::none || whole_body) {
    request_complete_ = body_begun_ = true;
    pieces_[0] = part_of(out);
    if (whole_body) pieces_[1] = part_of(*whole_body);
    unsent_ = std::span<iovec>(pieces_, whole_body && !whole_body->empty() ? 2u : 1u);
    CHECK(try_parts(unsent_));
    if (unsent_.empty()) out.clear();
    return {};
  }
  if (outgoing.kind == OutgoingFraming::sized && outgoing.length == 0) request_complete_ = true;
  return {};  // the head goes with the first piece
}

Result<void> Exchange::begin_pair(const RequestHead& head, const OutgoingFraming& outgoing, std::string_view whole_body,
                                  const RequestHead& follower) {
  keep_alive_wanted_ = true;
  outgoing_ = outgoing;
  request_complete_ = body_begun_ = true;
  parser_->reset(false, false);
  std::string& out = connection_->out;
  out.clear();
  append_request_head(out, head, outgoing);
  append_request_head(follower_, follower, {});
  pieces_[0] = part_of(out);
  pieces_[1] = part_of(whole_body);
  pieces_[2] = part_of(follower_);
  unsent_ = std::span<iovec>(pieces_, 3u);
  CHECK(try_parts(unsent_));
  if (unsent_.empty()) out.clear();
  return {};
}

std::unique_ptr<Exchange> Exchange::take_follower() {
  if (!followed_by_) return nullptr;
  auto follower = std::make_unique<Exchange>(shared_, std::move(followed_by_), false);
  follower->request_complete_ = follower->request_was_sent_ = true;
  follower->parser_->reset(false, false);
  return follower;
}

Result<void> Exchange::try_parts(std::span<iovec>& parts) {
  if (!connection_) return lost("the exchange is over");
  writing_ = true;
  while (!parts.empty()) {
    io::IoResult put = connection_->stream->try_write(parts);
    if (put.status == io::IoResult::would_block) return {};
    if (put.status != io::IoResult::ok) return lost("the connection broke while it was sent");
    request_was_sent_ |= put.bytes > 0;
    parts = without_front(parts, put.bytes);
  }
  writing_ = false;
  return {};
}

io::Task<Result<void>> Exchange::write_rest(std::span<iovec> parts) {
  io::Loop& loop = shared_->loop;
  while (!parts.empty()) {
    if (!connection_) co_return lost("the exchange is over");
    io::Wake wake = co_await connection_->stream->writable(loop.exact_now() + shared_->options.response_timeout);
    if (wake == io::Wake::timed_out)
      co_return fail_world("E_TIMEOUT", "request to " + shared_->connector->destination() + ": the peer reads nothing");
    CO_CHECK(try_parts(parts));
  }
  if (connection_) connection_->out.clear();
  co_return Result<void>();
}

io::Task<Result<void>> Exchange::write(std::string_view piece) {
  ASSERT(!request_complete_ && outgoing_.kind != OutgoingFraming::none);
  if (!connection_) co_return lost("the exchange is over");
  if (piece.empty()) co_return Result<void>();
  body_begun_ = true;
  std::string& out = connection_->out;
  bool chunked = outgoing_.kind == OutgoingFraming::chunked;
  if (!chunked) {
    if (piece.size() > outgoing_left_) co_return fail("E_BAD_MESSAGE", "the request body is longer than its Content-Length");
    outgoing_left_ -= piece.size();
    request_complete_ = outgoing_left_ == 0;
  }
  if (chunked) append_chunk_size(out, piece.size());
  iovec parts[3];
  size_t count = 0;
  if (!out.empty()) parts[count++] = part_of(out);
  parts[count++] = part_of(piece);
  if (chunked) parts[count++] = part_of("\r\n");
  std::span<iovec> unsent(parts, count);
  CO_CHECK(try_parts(unsent));
  if (!unsent.empty()) co_return co_await write_rest(unsent);
  out.clear();
  co_return Result<void>();
}

io::Task<Result<void>> Exchange::finish(const Headers* trailers) {
  if (!connection_) co_return lost("the exchange is over");
  body_begun_ = true;
  if (outgoing_.kind == OutgoingFraming::sized && outgoing_left_ > 0)
    co_return fail("E_BAD_MESSAGE", "the request body is shorter than its Content-Length");
  std::string& out = connection_->out;
  if (outgoing_.kind == OutgoingFraming::chunked && !request_complete_) {
    if (trailers && !trailers->can_be_sent()) co_return fail("E_BAD_MESSAGE", "the request's trailers cannot be sent");
    out += "0\r\n";
    if (trailers) append_fields(out, *trailers);
    out += "\r\n";
  }
  request_complete_ = true;
  if (out.empty()) co_return Result<void>();
  co_return co_await write_out();
}

io::Task<Result<void>> Exchange::write_out() {
  iovec part = part_of(connection_->out);
  std::span<iovec> unsent(&part, 1);
  CO_CHECK(try_parts(unsent));
  if (!unsent.empty()) co_return co_await write_rest(unsent);
  connection_->out.clear();
  co_return Result<void>();
}

Result<bool> Exchange::take_buffered_head() {
  InputBuffer& buffer = connection_->buffer;
  while (!buffer.empty()) {
    response_began_ = true;
    size_t consumed = 0;
    Progress progress = parser_->feed(buffer.bytes(), consumed);
    buffer.consume(consumed);
    if (progress == Progress::need_more) return false;
    if (progress == Progress::failed) {
      return fail_world("E_BAD_MESSAGE",
                        "answer of " + shared_->connector->destination() + ": " + std::string(parser_->failure().reason), false);
    }
    if (parser_->head.status / 100 != 1 || parser_->head.status == 101) return true;
    if (++interim_answers_ > interim_answers_max)
      return fail_world("E_BAD_MESSAGE", "the peer sends interim answers without end", false);
    parser_->reset(asks_head_, asks_connect_);
  }
  return false;
}

io::Task<Result<const ResponseHead*>> Exchange::response() {
  if (head_ready_) co_return &parser_->head;
  if (!connection_) co_return lost("the exchange is over");
  if (!unsent_.empty()) {
    Result<void> sent = co_await write_rest(std::exchange(unsent_, {}));
    // A peer may answer (413, 401) and stop reading before all is sent: the answer counts more than the failure to send.
    if (!sent && sent.error().code == "E_TIMEOUT") co_return std::unexpected(std::move(sent).error());
    if (!connection_) co_return lost("the exchange is over");
  }
  // A head whose body is still to come: an Expect waits for this answer.
  if (!connection_->out.empty() && !body_begun_) CO_CHECK(co_await write_out());
  MonoTime deadline;
  while (true) {
    CO_TRY(bool complete, take_buffered_head());
    if (complete) break;
    io::IoResult got = connection_->stream->try_read(connection_->buffer.room());
    if (got.status == io::IoResult::ok) {
      connection_->buffer.filled(got.bytes);
    } else if (got.status == io::IoResult::would_block) {
      if (deadline == MonoTime{}) deadline = shared_->loop.now() + shared_->options.response_timeout;
      io::Wake wake = co_await connection_->stream->readable(deadline);
      if (wake == io::Wake::timed_out)
        co_return fail_world("E_TIMEOUT", shared_->connector->destination() + " did not answer in time");
    } else {
      co_return lost(response_began_ ? "the connection ended within the answer's head" : "the connection ended before an answer");
    }
  }
  head_ready_ = true;
  bool tunnel = parser_->head.status == 101 || (asks_connect_ && parser_->head.status / 100 == 2);
  if (!tunnel) body_.begin(*connection_->stream, connection_->buffer, parser_->framing(), Patience(shared_->options.response_timeout, 1));
  co_return &parser_->head;
}

void Exchange::body_ended() {
  // An answer may come before its request is sent: then somebody still writes to this connection, and it ends with the exchange.
  if (writing_ || !request_complete_) return;
  std::unique_ptr<ClientConnection> connection = std::move(connection_);
  if (!request_complete_ || !parser_->keep_alive() || !keep_alive_wanted_) return;
  if (follower_.empty()) {
    shared_->keep(std::move(connection));
  } else {
    followed_by_ = std::move(connection);
  }
}

std::unique_ptr<io::Stream> Exchange::take_stream() {
  if (!connection_) return nullptr;
  connection_->stream->unread(connection_->buffer.bytes());
  std::unique_ptr<io::Stream> stream = std::move(connection_->stream);
  connection_.reset();
  return stream;
}

}  // namespace pds::http
