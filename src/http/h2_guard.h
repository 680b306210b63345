// How much a peer may ask for that costs us and brings it nothing. Frames are cheap to send, so floods of each kind have a name of
// their own: rapid reset (CVE-2023-44487), settings, ping, empty DATA, priority and window-update floods. All are bounded alike: a
// connection has an allowance, which time and useful work fill again. Who has spent it is told ENHANCE_YOUR_CALM.
#pragma once

#include <algorithm>
#include <cstdint>

#include "io/loop.h"

namespace pds::http {

class Allowance {
 public:
  Allowance(double burst, double per_second) : burst_(burst), per_second_(per_second), left_(burst) {}
  // False when there is nothing left.
  bool spend(MonoTime now) {
    if (left_ < 1) refill(now);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }
  void earn(double count) { left_ = std::min(burst_, left_ + count); }

 private:
  void refill(MonoTime now) {
    if (filled_ == MonoTime{}) filled_ = now;
    earn(std::chrono::duration<double>(now - filled_).count() * per_second_);
    filled_ = now;
  }
  double burst_, per_second_, left_;
  MonoTime filled_{};
};

// Frames that carry neither a request nor a body. A busy peer sends about two of them (window updates) for each piece of body.
inline constexpr double h2_idle_frames_burst = 1024;
inline constexpr double h2_idle_frames_per_second = 128;
inline constexpr double h2_frames_earned_by_request = 4;
inline constexpr double h2_frames_earned_by_piece = 3;
// Requests that were given up before their answer was complete, by the peer or because it broke the protocol. A browser that leaves
// a page gives up all that it had asked for at once.
inline constexpr double h2_resets_burst = 256;
inline constexpr double h2_resets_per_second = 64;
// Of one block of fields, beyond its first frame.
inline constexpr size_t h2_continuations_max = 8;

struct H2Guard {
  Allowance frames{h2_idle_frames_burst, h2_idle_frames_per_second};
  Allowance resets{h2_resets_burst, h2_resets_per_second};
};

}  // namespace pds::http
