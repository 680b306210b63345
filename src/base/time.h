// Points in time and their texts. Two kinds that never mix: Timestamp (calendar time, UTC) and MonoTime (for deadlines).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pds {

using namespace std::chrono_literals;

using Duration = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<Duration>;
using MonoTime = std::chrono::steady_clock::time_point;

// What time it is for the control plane. Request latencies and SigV4 use the real clock, never a scaled one.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  // How long `d` of this clock's time lasts in real time: d / scale. Timers are set with this.
  virtual Duration to_real(Duration d) const = 0;
};

std::string to_iso8601(Timestamp t);              // 2026-11-23T19:04:43Z
std::string to_iso8601_millis(Timestamp t);       // 2026-11-23T19:04:43.123Z
std::string to_iso8601_basic(Timestamp t);        // 20261123T190443Z (SigV4)
std::string to_http_date(Timestamp t);            // Mon, 23 Nov 2026 19:04:43 GMT
double to_epoch_seconds(Timestamp t);             // 1795460683.123
Timestamp from_epoch_seconds(double seconds);
Result<Timestamp> parse_iso8601(std::string_view text);        // with or without fraction; Z or +hh:mm
Result<Timestamp> parse_iso8601_basic(std::string_view text);  // 20261123T190443Z
Result<Timestamp> parse_http_date(std::string_view text);

// "350 ms", "4.2 s", "3m10s": for people.
std::string human_duration(Duration d);

}  // namespace pds
