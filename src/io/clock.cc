#include "io/clock.h"

#include <chrono>

namespace pds::io {
namespace {

Timestamp real_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

}  // namespace

Timestamp SystemClock::now() const { return real_now(); }

ScaledClock::ScaledClock(double scale, Timestamp clock_origin, Timestamp real_origin)
    : scale_(scale), clock_origin_(clock_origin), real_origin_(real_origin) {
  ASSERT(scale > 0);
}

Timestamp ScaledClock::now() const {
  double real_passed = static_cast<double>((real_now() - real_origin_).count());
  return clock_origin_ + Duration(static_cast<int64_t>(real_passed * scale_));
}

Duration ScaledClock::to_real(Duration d) const {
  // Rounded up: a wait may end late, never before the clock has reached the moment waited for.
  return Duration(static_cast<int64_t>(static_cast<double>(d.count()) / scale_) + (d.count() > 0 ? 1 : 0));
}

}  // namespace pds::io
