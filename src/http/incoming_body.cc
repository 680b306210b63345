#include "http/incoming_body.h"

#include <algorithm>

namespace pds::http {

void IncomingBody::begin(io::Stream& stream, InputBuffer& buffer, const Framing& framing, Duration timeout) {
  stream_ = &stream;
  buffer_ = &buffer;
  framing_ = framing;
  left_ = framing.length;
  timeout_ = timeout;
  touched_ = source_ended_ = false;
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

io::Task<Result<void>> IncomingBody::fill() {
  std::span<char> room =
      buffer_->room(framing_.kind == Framing::sized && left_ <= head_buffer_bytes ? head_buffer_bytes : body_buffer_bytes);
  CO_TRY(size_t got, co_await io::read_some(*stream_, room, std::chrono::steady_clock::now() + timeout_));
  if (got == 0 && framing_.kind != Framing::until_close)
    co_return fail_world("E_CLOSED", "the connection ended within a message body");
  source_ended_ = got == 0;
  buffer_->filled(got);
  co_return Result<void>();
}

io::Task<Result<std::string_view>> IncomingBody::read() {
  if (ended_) co_return std::string_view();
  if (!error_code_.empty()) co_return fail(error_code_, "this body has failed already");
  Result<void> ready;
  if (!std::exchange(touched_, true)) ready = co_await owner_.before_body();
  while (ready) {
    Result<std::string_view> piece = take_buffered();
    if (!piece) {
      error_code_ = piece.error().code;
      co_return piece;
    }
    if (!piece->empty()) co_return piece;
    if (source_ended_ || (framing_.kind == Framing::sized && left_ == 0)) {
      end();
      co_return std::string_view();
    }
    ready = co_await fill();
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
