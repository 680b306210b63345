// Request bodies that SDKs compress by themselves once they are large (PutMetricData above 10 KiB), and log files.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pds::cloud {

// The content of one gzip member. SerializationException when it is not one, RequestEntityTooLargeException (413) above bytes_max:
// what is inflated is bounded, not what arrives.
Result<std::string> inflate_gzip(std::string_view compressed, size_t bytes_max);
// One gzip member.
std::string deflate_gzip(std::string_view bytes);

}  // namespace pds::cloud
