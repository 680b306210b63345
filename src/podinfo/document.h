// Answers the way podinfo writes them: JSON indented by two, nosniff, errors as {"code","message"}.
#pragma once

#include "base/json.h"
#include "http/message.h"

namespace pds::podinfo {

http::Response document(int status, const json::value& value);
// Status 200 whatever the code is: podinfo's clients read `code`.
http::Response error_document(int code, std::string_view message);
http::Response empty(int status);

}  // namespace pds::podinfo
