// Integers as Go reads them where it takes any base, which podinfo's users know from its flags.
#pragma once

#include <string_view>

#include "base/result.h"

namespace pds::podinfo {

// "42", "+42", "-0x1F", "0b1", "0o17" and "017", "1_000". Errors: E_USAGE, in Go's words: "invalid syntax", "value out of range".
Result<int64_t> parse_go_integer(std::string_view text);

}  // namespace pds::podinfo
