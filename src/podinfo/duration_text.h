// Durations as Go writes and reads them, which podinfo's users know.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace pds::podinfo {

// "15s", "500ms", "2m0s", "1.5h", "-1s", "0"; no number but that has no unit. Thirty years at most. Errors: E_USAGE, in Go's words.
Result<Duration> parse_duration(std::string_view text);

// "1h0m5.25s", "1.5s", "12.5ms", "3µs", "0s".
std::string to_go_text(Duration duration);

}  // namespace pds::podinfo
