// Whether a server is worth asking: one that failed is left alone for pauses that grow, and a success ends them. And which server a read goes
// to. Pure: time is passed in.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "base/time.h"

namespace pds::podinfo {

class ServerHealth {
 public:
  // Pauses begin at pause_min and double up to `pause_max`.
  static constexpr Duration pause_min = 100ms;
  explicit ServerHealth(Duration pause_max) : pause_max_(pause_max) {}

  void succeeded() { failing_since_.reset(); }
  void failed(MonoTime now) {
    pause_ = failing_since_ ? std::min(pause_ * 2, pause_max_) : std::min(pause_min, pause_max_);
    if (!failing_since_) failing_since_ = now;
    retry_at_ = now + pause_;
  }
  // One caller tries; the others find the server resting until it is known how that went.
  void trying(MonoTime now) {
    if (failing_since_) retry_at_ = now + pause_;
  }
  bool may_try(MonoTime now) const { return !failing_since_ || now >= retry_at_; }
  bool is_failing() const { return failing_since_.has_value(); }
  std::optional<MonoTime> failing_since() const { return failing_since_; }

 private:
  Duration pause_max_;
  Duration pause_{};
  std::optional<MonoTime> failing_since_;
  MonoTime retry_at_{};
};

// The replicas that a read tries, in this order, before it goes to the primary: those that may be tried, each read beginning with the next one.
inline std::vector<size_t> read_order(const std::vector<bool>& usable, size_t turn) {
  std::vector<size_t> order;
  for (size_t i = 0; i < usable.size(); ++i) {
    size_t index = (turn + i) % usable.size();
    if (usable[index]) order.push_back(index);
  }
  return order;
}

}  // namespace pds::podinfo
