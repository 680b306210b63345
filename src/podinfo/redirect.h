// Answers that send a client elsewhere.
#pragma once

#include <string_view>

#include "http/client.h"

namespace pds::podinfo {

bool is_redirect(int status);
// Where a Location leads to: a whole address, or a path on the same server.
Result<http::Url> follow_location(const http::Url& from, std::string_view location);

}  // namespace pds::podinfo
