// The path that an event asks for: as the sender's own client wrote it, less what belongs to the sender, and fit to stand in a request.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace pds::podinfo {

// What of `path` is the API's own. API Gateway may put two things before that: the stage, in events of an HTTP API (payload 2.0, and 1.0,
// which says so in `version`; a REST API's `path` comes without it), and the base path under which a custom domain has the API. The route
// tells them where it is greedy ("/{proxy+}"): the API's own path is then known. Where it is not, only the stage can be known; and where the
// path is the route itself there is none, for behind a custom domain paths come without it.
std::string_view own_path(const json::object& event, std::string_view path);

// As it stands in a request: what cannot is percent-encoded, and all else stays as it came. HTTP APIs hand on paths decoded, all others as they
// came; so an escape stays an escape.
void append_path(std::string& target, std::string_view path);
void append_query(std::string& target, std::string_view query);

}  // namespace pds::podinfo
