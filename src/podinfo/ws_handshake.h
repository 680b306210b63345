// How a WebSocket begins, judged in podinfo's order.
#pragma once

#include "http/message.h"

namespace pds::podinfo {

// The head that accepts (101). Errors: E_BAD_MESSAGE with 400, 403 (a page of another origin) or 405.
Result<http::ResponseHead> check_handshake(const http::RequestHead& head);

}  // namespace pds::podinfo
