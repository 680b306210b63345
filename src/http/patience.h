// How long a peer is waited for while it moves a body. Single bytes now and then buy no more time: only when so many bytes have moved
// does the wait begin anew. Time in which nobody waits for the peer does not count against it.
#pragma once

#include <algorithm>

#include "io/loop.h"

namespace pds::http {

class Patience {
 public:
  Patience() = default;
  Patience(Duration timeout, size_t bytes_min) : timeout_(timeout), left_(timeout), bytes_min_(bytes_min) {}

  // Until when a wait that begins now may last.
  io::Deadline deadline(MonoTime now) const { return now + left_; }
  void waited(Duration time) { left_ = std::clamp(left_ - time, Duration{0}, left_); }
  void moved(size_t bytes) {
    bytes_ += bytes;
    if (bytes_ < bytes_min_) return;
    bytes_ = 0;
    left_ = timeout_;
  }

 private:
  Duration timeout_{}, left_{};
  size_t bytes_min_ = 1, bytes_ = 0;
};

}  // namespace pds::http
