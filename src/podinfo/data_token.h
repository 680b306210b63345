// What a write's answer gives to its client, so that later reads show that write: how far the primary's log had come after the commit.
//
// X-Data-Token: 16 lower-case hexadecimal digits, a log sequence number. A client that made one up reaches the primary, and nothing else:
// nobody else's reads rely on it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pds::podinfo {

inline constexpr const char* data_token_field = "X-Data-Token";

struct LogPosition {
  uint64_t value = 0;  // 0: any
  auto operator<=>(const LogPosition&) const = default;
};

std::string to_token(LogPosition position);
std::optional<LogPosition> parse_token(std::string_view text);
// As PostgreSQL writes them: "16/B374D848".
std::string to_lsn(LogPosition position);
std::optional<LogPosition> parse_lsn(std::string_view text);

}  // namespace pds::podinfo
