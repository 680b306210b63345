// Clocks: real, scaled, and turned by hand.
#pragma once

#include "base/time.h"
#include "io/loop.h"

namespace pds::io {

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  Duration to_real(Duration d) const override { return d; }
};

// Runs `scale` times faster than real time from the moment it was made (or from a given origin, so that a restart goes on where it was).
class ScaledClock final : public Clock {
 public:
  ScaledClock(double scale, Timestamp clock_origin, Timestamp real_origin);
  Timestamp now() const override;
  Duration to_real(Duration d) const override;
  double scale() const { return scale_; }

 private:
  double scale_;
  Timestamp clock_origin_, real_origin_;
};

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_(start) {}
  Timestamp now() const override { return now_; }
  Duration to_real(Duration) const override { return Duration{0}; }   // whoever waits, waits for the hand that turns the clock
  void advance(Duration d) { now_ += d; }

 private:
  Timestamp now_;
};

// Sleeps for a span of the given clock's time.
inline Loop::Sleep sleep_on(Loop& loop, const Clock& clock, Duration d) { return loop.sleep_for(clock.to_real(d)); }

}  // namespace pds::io
