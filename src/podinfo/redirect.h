// Answers that send a client elsewhere.
#pragma once

#include <string_view>

#include "http/client.h"

namespace pds::podinfo {

bool is_redirect(int status);
// Where a Location leads to, which may be a part of an address (RFC 3986 5.2).
Result<http::Url> follow_location(const http::Url& from, std::string_view location);

}  // namespace pds::podinfo
