#include "http/h2_body.h"

#include "http/h2_session.h"

namespace pds::http {
namespace {

// What a stream's buffers keep for the next request that uses them.
constexpr size_t kept_bytes_max = 64 * 1024;

void empty(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kept_bytes_max) buffer.shrink_to_fit();
}

}  // namespace

void H2Body::begin(std::optional<uint64_t> length, const Patience& patience) {
  length_ = length;
  patience_ = patience;
  ended_ = touched_ = false;
  failure_ = error_code_ = {};
  trailers_.clear();
}

void H2Body::fail(std::string_view code) {
  if (!ended_ && failure_.empty()) failure_ = code;
}

void H2Body::drop() {
  stream_.give_window(lent_.size() + arrived_.size());
  empty(lent_);
  empty(arrived_);
}

io::Task<Result<std::string_view>> H2Body::read() {
  if (!lent_.empty()) {
    stream_.give_window(lent_.size());
    lent_.clear();
  }
  if (!error_code_.empty()) co_return fail_world(std::string(error_code_), "this body has failed already");
  if (!std::exchange(touched_, true) && !ended_ && arrived_.empty()) CO_CHECK(co_await stream_.before_body());
  while (arrived_.empty()) {
    if (ended_) co_return std::string_view();
    if (!failure_.empty()) {
      error_code_ = failure_;
      co_return fail_world(std::string(error_code_), "the stream ended within a message body");
    }
    MonoTime began = stream_.loop().exact_now();
    io::Wake wake = co_await gate_.wait(stream_.loop(), patience_.deadline(began));
    patience_.waited(std::chrono::duration_cast<Duration>(stream_.loop().now() - began));
    if (wake == io::Wake::timed_out) fail("E_TIMEOUT");
  }
  lent_.swap(arrived_);
  patience_.moved(lent_.size());
  co_return std::string_view(lent_);
}

}  // namespace pds::http
