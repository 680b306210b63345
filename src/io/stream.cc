#include "io/stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pds::io {

Stream::~Stream() {
  ASSERT(!reader_ && !writer_);
  if (destroyed_) *destroyed_ = true;
}

bool Stream::Readiness::await_suspend(std::coroutine_handle<> handle) {
  bool& edge = write_ ? stream_.write_edge_ : stream_.read_edge_;
  if (edge) {
    edge = false;
    return false;
  }
  Readiness*& place = write_ ? stream_.writer_ : stream_.reader_;
  ASSERT(!place);
  place = this;
  handle_ = handle;
  stream_.wake_by(deadline_);
  return true;
}

Stream::Readiness::~Readiness() {
  Readiness*& place = write_ ? stream_.writer_ : stream_.reader_;
  if (place == this) place = nullptr;
}

template <class F>
bool Stream::survives(F&& f) {
  bool destroyed = false;
  bool* outer = std::exchange(destroyed_, &destroyed);
  f();
  if (!destroyed) {
    destroyed_ = outer;
  } else if (outer) {
    *outer = true;
  }
  return !destroyed;
}

// The timer stays armed when a wait ends before its deadline, as nearly all do, and finds out later that it was not needed: a wait that is
// like the one before it costs the heap of timers nothing.
void Stream::wake_by(Deadline deadline) {
  if (deadline != never && (!timer_.armed() || deadline < timer_.when())) timer_.start(deadline);
}

void Stream::on_timer() {
  auto expire = [this](Readiness*& place) {
    Readiness* waiter = place;
    if (!waiter || waiter->deadline_ > loop_.now()) return;
    place = nullptr;
    if (!waiter->woken_) waiter->wake_ = Wake::timed_out;
    waiter->handle_.resume();
  };
  if (!survives([&] { expire(reader_); })) return;
  if (!survives([&] { expire(writer_); })) return;
  for (Readiness* waiter : {reader_, writer_}) {
    if (waiter) wake_by(waiter->deadline_);
  }
}

void Stream::release(Readiness*& waiter, bool& edge) {
  if (Readiness* woken = std::exchange(waiter, nullptr)) {
    woken->handle_.resume();
  } else {
    edge = true;
  }
}

void Stream::wake(bool reader, bool writer) {
  if (above_) return above_->on_edge_below(reader, writer);
  if (reader && !survives([&] { release(reader_, read_edge_); })) return;
  if (writer) release(writer_, write_edge_);
}

void Stream::wake_soon() {
  if (above_) return above_->wake_soon();
  auto soon = [this](Readiness* waiter, bool& edge) {
    if (!waiter) {
      edge = true;
      return;
    }
    waiter->woken_ = true;
    waiter->deadline_ = MonoTime{};
    wake_by(waiter->deadline_);
  };
  soon(reader_, read_edge_);
  soon(writer_, write_edge_);
}

size_t Stream::read_again(std::span<char> into) {
  size_t count = std::min(into.size(), unread_.size());
  if (count == 0) return 0;
  memcpy(into.data(), unread_.data(), count);
  unread_.erase(0, count);
  return count;
}

namespace {

std::unexpected<Error> transfer_failed(const Stream& stream, std::string_view what, int error) {
  if (error == ECONNRESET || error == EPIPE || error == EBADF || error == ENOTCONN) {
    return fail_world("E_CLOSED", std::string(what) + " " + stream.peer_address() + ": the connection is closed");
  }
  return fail_errno(std::string(what) + " " + stream.peer_address(), error);
}

std::unexpected<Error> timed_out(const Stream& stream, std::string_view what) {
  return fail_world("E_TIMEOUT", std::string(what) + " " + stream.peer_address() + ": timed out");
}

}  // namespace

Task<Result<size_t>> read_some(Stream& stream, std::span<char> into, Deadline deadline) {
  while (true) {
    IoResult got = stream.try_read(into);
    if (got.status == IoResult::ok) co_return got.bytes;
    if (got.status == IoResult::end) co_return size_t{0};
    if (got.status == IoResult::failed) co_return transfer_failed(stream, "read from", got.error);
    Wake wake = co_await stream.readable(deadline);
    if (wake == Wake::timed_out) co_return timed_out(stream, "read from");
  }
}

Task<Result<void>> write_all(Stream& stream, std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    IoResult put = stream.try_write({&part, 1});
    if (put.status == IoResult::ok) {
      bytes.remove_prefix(put.bytes);
      continue;
    }
    if (put.status != IoResult::would_block) co_return transfer_failed(stream, "write to", put.error);
    Wake wake = co_await stream.writable(deadline);
    if (wake == Wake::timed_out) co_return timed_out(stream, "write to");
  }
  co_return Result<void>();
}

Task<Result<void>> read_exactly(Stream& stream, std::span<char> into, Deadline deadline) {
  while (!into.empty()) {
    CO_TRY(size_t got, co_await read_some(stream, into, deadline));
    if (got == 0) {
      co_return fail_world("E_CLOSED",
                           "read from " + stream.peer_address() + ": ended " + std::to_string(into.size()) + " bytes early");
    }
    into = into.subspan(got);
  }
  co_return Result<void>();
}

}  // namespace pds::io
