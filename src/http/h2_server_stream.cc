// One request over HTTP/2, and its answer.

#include "http/h2_server.h"

namespace pds::http {
namespace {

// "Date: ...\r\n" without name and end.
std::string_view date_value(std::string_view line) { return line.substr(6, line.size() - 8); }

}  // namespace

void H2ServerStream::open(H2ServerConnection& connection, int32_t id) {
  connection_ = &connection;
  attach(connection, id);
  outgoing_left_.reset();
  head_read_ = trailers_broken_ = begun_ = served_ = broken_off_ = false;
  started_ = finished_ = bodyless_ = continue_expected_ = false;
  ++connection.shared_.requests_in_flight;
}

void H2ServerStream::take(RequestHead head) {
  reader_.begin(connection_->limits());
  head_ = std::move(head);
  head_read_ = true;
  body_.begin(0, Patience(connection_->shared_.options.body_timeout, connection_->shared_.options.bytes_per_timeout_min));
  body_.end();
  queue();
}

void H2ServerStream::close() {
  task_.cancel_all();
  detach();
  --connection_->shared_.requests_in_flight;
}

// ---- what arrives ----

void H2ServerStream::fields_begin() {
  if (!head_read_) return reader_.begin(connection_->limits());
  trailer_reader_.begin(connection_->limits());
}

void H2ServerStream::field(std::string_view name, std::string_view value) {
  if (head_read_) {
    trailer_reader_.field(name, value);
  } else {
    reader_.field(name, value);
  }
}

void H2ServerStream::bad_field() {
  if (head_read_) {
    trailer_reader_.refuse(400, "");
  } else {
    reader_.refuse(400, "a header field is malformed");
  }
}

void H2ServerStream::fields_end(bool last) {
  if (head_read_) {
    if (trailer_reader_.failure().status == 0) return body_.end();
    body_.trailers().clear();
    return body_.fail("E_BAD_MESSAGE");
  }
  head_read_ = true;
  reader_.finish();
  continue_expected_ = reader_.expects_continue() && !last;
  body_.begin(last ? std::optional<uint64_t>(0) : reader_.content_length(), 
              Patience(connection_->shared_.options.body_timeout, connection_->shared_.options.bytes_per_timeout_min));
  if (last) body_.end();
}

void H2ServerStream::closed(uint32_t) {
  body_.fail("E_CLOSED");
  broken_off_ = !output_done_ && !reset_here_ && !served_;
}

void H2ServerStream::settle() {
  if (head_read_ && !begun_ && !closed_) {
    begun_ = true;
    task_.spawn(serve());
  } else if (broken_off_) {
    task_.cancel_all();
  } else if (begun_ && !served_) {
    body_.wake();
    if (!served_) wake_writer();
  }
  bool idle = served_ || broken_off_ || !begun_;
  if (closed_ && idle) connection_->forget(*this);
}

io::Task<Result<void>> H2ServerStream::before_body() {
  if (!std::exchange(continue_expected_, false) || started_) co_return Result<void>();
  ResponseHead head;
  head.status = 100;
  co_return co_await interim(head);
}

// ---- the task ----

io::Task<void> H2ServerStream::serve() {
  connection_->count_request();
  if (int status = reader_.failure().status) {
    co_await refuse(status, reader_.failure().reason);
    connection_->shared_.service.on_refused(
        {status, reader_.failure().reason, connection_->peer_, head_bytes_, sent_bytes_, connection_->number_});
  } else {
    const io::SecureSession* session = connection_->stream().secure_session();
    ServerRequest request{head_, body_, connection_->peer_, connection_->local_port_, session != nullptr};
    request.session = session;
    request.connected = connection_->connected_;
    request.head_bytes = head_bytes_;
    request.connection = connection_->number_;
    co_await connection_->shared_.service.serve(request, *this);
    if (!started_) co_await answer_for_service();
  }
  served_ = true;
  // Half an answer is never passed off as a whole one; and a peer that still sends need not (RFC 9113 8.1).
  if (!finished_ || !output_done_) {
    reset(NGHTTP2_INTERNAL_ERROR);
  } else if (!body_.ended()) {
    reset(NGHTTP2_NO_ERROR);
  }
  queue();
}

// The service has ended without an answer: the body's failure explains it, or it is the service's own.
io::Task<void> H2ServerStream::answer_for_service() {
  std::string_view code = body_.error_code();
  if (code == "E_CLOSED") co_return;
  int status = code == "E_TIMEOUT" ? 408 : code == "E_BAD_MESSAGE" ? 400 : code == "E_TOO_LARGE" ? 413 : 500;
  co_await refuse(status, "");
}

io::Task<void> H2ServerStream::refuse(int status, std::string_view reason) {
  Response response = Response::text(status, explain(status, reason));
  connection_->shared_.service.mark_own_answer(head_, response.head);
  [[maybe_unused]] Result<void> sent = co_await send(response.head, response.body);
}

// ---- answering ----

void H2ServerStream::close_after() {
  if (body_.ended()) connection_->finish_up();
}

bool H2ServerStream::answers_without_body(const ResponseHead& head) const {
  return head_.method == "HEAD" || head.status / 100 == 1 || head.status == 204 || head.status == 304;
}

std::unexpected<Error> H2ServerStream::cut(std::string_view why) {
  reset(NGHTTP2_INTERNAL_ERROR);
  return fail_world("E_CLOSED", "answer to " + connection_->peer_ + ": " + std::string(why), false);
}

void H2ServerStream::submit_head(const ResponseHead& head, std::optional<uint64_t> length, bool last) {
  if (!is_open()) return;
  H2HeadWriter writer(connection_->scratch());
  writer.response(head, length, date_value(connection_->shared_.date.at(loop().now())));
  nghttp2_data_provider provider = outgoing_body();
  nghttp2_submit_response(connection_->raw(), id_, writer.data(), writer.size(), last ? nullptr : &provider);
  output_done_ = last;
}

io::Task<Result<void>> H2ServerStream::send(const ResponseHead& head, std::string_view body) {
  ASSERT(!started_);
  if (!can_be_sent(head.headers)) {
    Response replacement = Response::text(500, explain(500, ""));
    co_return co_await send(replacement.head, replacement.body);
  }
  started_ = finished_ = true;
  bodyless_ = answers_without_body(head);
  bool last = bodyless_ || body.empty();
  std::optional<uint64_t> length = given_length(head);
  if (!bodyless_ && (!body.empty() || length)) length = body.size();
  if (bodyless_ && !length && head_.method == "HEAD" && head.status / 100 != 1 && head.status != 204 && head.status != 304)
    length = body.size();
  if (head.status / 100 == 1 || head.status == 204) length.reset();
  submit_head(head, length, last);
  co_return co_await put(bodyless_ ? std::string_view() : body, !last, nullptr);
}

io::Task<Result<void>> H2ServerStream::start(const ResponseHead& head, std::string_view first_piece) {
  ASSERT(!started_);
  if (!can_be_sent(head.headers)) co_return fail("E_BAD_MESSAGE", "a header field cannot be sent", 500);
  started_ = true;
  bodyless_ = answers_without_body(head);
  std::optional<uint64_t> length = given_length(head);
  if (!bodyless_) outgoing_left_ = length;
  submit_head(head, head.status == 204 ? std::nullopt : length, bodyless_);
  co_return co_await write(first_piece);
}

io::Task<Result<void>> H2ServerStream::write(std::string_view piece) {
  ASSERT(started_ && !finished_);
  if (bodyless_) piece = {};
  if (outgoing_left_) {
    if (piece.size() > *outgoing_left_) co_return cut("the body is longer than its Content-Length");
    *outgoing_left_ -= piece.size();
  }
  co_return co_await put(piece, false, nullptr);
}

io::Task<Result<void>> H2ServerStream::finish(const Headers* trailers) {
  ASSERT(started_ && !finished_);
  if (outgoing_left_.value_or(0) > 0) co_return cut("the body is shorter than its Content-Length");
  finished_ = true;
  if (bodyless_) co_return Result<void>();
  if (trailers && !can_be_sent(*trailers)) trailers = nullptr;
  co_return co_await put({}, true, trailers);
}

io::Task<Result<void>> H2ServerStream::interim(const ResponseHead& head) {
  ASSERT(!started_ && head.status / 100 == 1);
  if (!can_be_sent(head.headers) || head.status == 101 || !is_open()) co_return Result<void>();
  if (head.status == 100) continue_expected_ = false;
  H2HeadWriter writer(connection_->scratch());
  writer.response(head, std::nullopt, "");
  nghttp2_submit_headers(connection_->raw(), NGHTTP2_FLAG_NONE, id_, nullptr, writer.data(), writer.size(), nullptr);
  connection_->push();
  co_return Result<void>();
}

io::Task<Result<std::unique_ptr<io::Stream>>> H2ServerStream::upgrade(const ResponseHead&) {
  co_return fail("E_UNSUPPORTED", "a stream of HTTP/2 does not become a connection of its own", 501);
}

}  // namespace pds::http
