// What a function says while it is still speaking: the Runtime API writes pieces, a caller reads them, and one piece is between the two. Both
// hold it by shared pointer, on one loop.
#pragma once

#include <string>
#include <string_view>

#include "io/task.h"

namespace pds::cloud::lambda {

// Lambda's limit for a streamed answer.
inline constexpr uint64_t streamed_bytes_max = 200ull << 20;

class ResponseStream {
 public:
  std::string content_type;  // of what the runtime sends; known with the first piece

  // Waits until the piece has been taken, or nobody will take any more.
  io::Task<void> write(std::string_view piece) {
    if (piece.empty() || is_over()) co_return;
    piece_ = piece;
    offered_.set();
    while (!piece_.empty() && !is_over()) {
      taken_.reset();
      co_await taken_.wait();
    }
  }
  // The next piece; empty at the end.
  io::Task<std::string> read() {
    while (piece_.empty() && !ended_) {
      offered_.reset();
      co_await offered_.wait();
    }
    std::string piece = std::exchange(piece_, {});
    taken_.set();
    co_return piece;
  }
  // There is no more to come. A piece that nobody has taken is lost: who writes to the end has waited for it.
  void end() {
    ended_ = true;
    piece_.clear();
    taken_.set();
    offered_.set();
  }
  // The reader has gone; the function may speak on.
  void leave() {
    left_ = true;
    taken_.set();
  }

 private:
  bool is_over() const { return ended_ || left_; }
  std::string piece_;
  bool ended_ = false, left_ = false;
  io::Event offered_, taken_;
};

}  // namespace pds::cloud::lambda
