// Times as Go writes them, in the zone of this process.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace pds::podinfo {

// "2026-11-23T19:04:43Z", "2026-11-23T21:04:43+02:00".
std::string to_local_text(int64_t unix_seconds);
// "2026-11-23 15:19:09 +0000 UTC", "2026-11-23 17:19:09 +0200 EET".
std::string to_local_go_text(int64_t unix_seconds);
// As the first, with a fraction that has no zeros at its end: "2026-11-23T19:04:43.5Z"; none where it is zero.
std::string to_local_nano_text(Timestamp time);
// A line of the log with its time in this zone, as podinfo's are: "2026-11-23T19:04:43.123Z", "2026-11-23T21:04:43.123+0200".
std::string with_local_time(std::string_view log_line);

}  // namespace pds::podinfo
