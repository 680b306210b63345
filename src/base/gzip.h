// gzip of whole texts: bodies that say so, log files.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pds {

// The content of one gzip member. E_BAD_MESSAGE when it is not one, E_TOO_LARGE above bytes_max: what is inflated is bounded, not what
// arrives.
Result<std::string> inflate_gzip(std::string_view compressed, size_t bytes_max);
// One gzip member.
std::string deflate_gzip(std::string_view bytes);

}  // namespace pds
