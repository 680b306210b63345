#include "http/incoming_body.h"

#include <algorithm>

namespace pds::http {

void IncomingBody::begin(io::Stream& stream, InputBuffer& buffer, const Framing& framing, const Patience& patience,
                         bool ask_owner_first) {
  stream_ = &stream;
  buffer_ = &buffer;
  framing_ = framing;
  left_ = framing.length;
  patience_ = patience;
  ask_owner_first_ = ask_owner_first;
  source_ended_ = false;
  error_code_.clear();
  if (framing.kind == Framing::chunked) decoder_.reset();
  ended_ = false;
  if (framing.kind == Framing::none || (framing.kind == Framing::sized && left_ == 0)) end();
}

std::optional<uint64_t> IncomingBody::length() const {
  if (framing_.kind == Framing::none) return 0;
  if (framing_.kind == Framing::sized) return framing_.length;
  return std::nullopt;
}

void IncomingBody::end() {
  ended_ = true;
  owner_.body_ended();
}

std::string_view IncomingBody::take_sized() {
  std::string_view piece = buffer_->bytes().substr(0, static_cast<size_t>(std::min<uint64_t>(left_, buffer_->bytes().size())));
  buffer_->consume(piece.size());
  left_ -= piece.size();
  return piece;
}

Result<std::string_view> IncomingBody::take_chunked() {
  while (!buffer_->empty()) {
    ChunkedDecoder::Step step = decoder_.feed(buffer_->bytes());
    buffer_->consume(step.consumed);
    if (step.progress == Progress::failed)
      return fail("E_BAD_MESSAGE", std::string(decoder_.failure().reason), decoder_.failure().status);
    if (!step.data.empty()) return step.data;
    if (step.progress == Progress::done) {
      left_ = 0;
      source_ended_ = true;
      break;
    }
  }
  return std::string_view();
}

Result<std::string_view> IncomingBody::take_buffered() {
  if (framing_.kind == Framing::sized) return take_sized();
  if (framing_.kind == Framing::chunked) return take_chunked();
  std::string_view piece = buffer_->bytes();
  buffer_->consume(piece.size());
  return piece;
}

Result<bool> IncomingBody::try_fill() {
  bool short_body = framing_.kind == Framing::sized && left_ <= head_buffer_bytes;
  io::IoResult got = stream_->try_read(buffer_->room(short_body ? head_buffer_bytes : body_buffer_bytes));
  if (got.status == io::IoResult::would_block) return false;
  if (got.status == io::IoResult::failed) return fail_world("E_CLOSED", "the connection broke within a message body");
  source_ended_ = got.status == io::IoResult::end;
  if (source_ended_ && framing_.kind != Framing::until_close)
    return fail_world("E_CLOSED", "the connection ended within a message body");
  buffer_->filled(got.bytes);
  patience_.moved(got.bytes);
  return true;
}

io::Task<Result<void>> IncomingBody::wait_for_more() {
  io::Loop& loop = stream_->loop();
  MonoTime began = loop.exact_now();
  io::Wake wake = co_await stream_->readable(patience_.deadline(began));
  patience_.waited(std::chrono::duration_cast<Duration>(loop.now() - began));
  if (wake == io::Wake::timed_out) co_return fail_world("E_TIMEOUT", "a message body did not come in time");
  co_return Result<void>();
}

io::Task<Result<std::string_view>> IncomingBody::read() {
  using Read = io::Task<Result<std::string_view>>;
  if (ended_) return Read::ready(std::string_view());
  if (!error_code_.empty()) return Read::ready(fail(error_code_, "this body has failed already"));
  if (!ask_owner_first_) {
    if (auto now = read_now()) return Read::ready(*std::move(now));
  }
  return read_later();
}

std::optional<Result<std::string_view>> IncomingBody::read_now() {
  Result<std::string_view> piece = take_buffered();
  if (!piece) error_code_ = piece.error().code;
  if (!piece || !piece->empty()) return piece;
  bool complete = source_ended_ || (framing_.kind == Framing::sized && left_ == 0);
  if (!complete) return std::nullopt;
  end();
  return std::string_view();
}

io::Task<Result<std::string_view>> IncomingBody::read_later() {
  Result<void> ready;
  if (std::exchange(ask_owner_first_, false)) ready = co_await owner_.before_body();
  while (ready) {
    if (auto now = read_now()) co_return *std::move(now);
    Result<bool> filled = try_fill();
    if (!filled) {
      ready = std::unexpected(std::move(filled).error());
    } else if (!*filled) {
      ready = co_await wait_for_more();
    }
  }
  error_code_ = ready.error().code;
  co_return std::unexpected(std::move(ready).error());
}

io::Task<Result<std::string>> read_all(Body& body, size_t bytes_max) {
  std::string whole;
  std::optional<uint64_t> length = body.length();
  if (length && *length > bytes_max)
    co_return fail("E_TOO_LARGE", "the body is larger than " + std::to_string(bytes_max) + " bytes", 413);
  // Not more at once than a peer could make us waste with a header line alone.
  if (length) whole.reserve(static_cast<size_t>(std::min<uint64_t>(*length, 1u << 20)));
  while (true) {
    CO_TRY(std::string_view piece, co_await body.read());
    if (piece.empty()) co_return whole;
    if (whole.size() + piece.size() > bytes_max)
      co_return fail("E_TOO_LARGE", "the body is larger than " + std::to_string(bytes_max) + " bytes", 413);
    whole += piece;
  }
}

}  // namespace pds::http
