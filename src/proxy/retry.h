// When a request that got no answer may be sent again, and what the client is told otherwise. Pure.
#pragma once

#include <string_view>

#include "base/result.h"

namespace pds::proxy {

// A connection that was kept open may be closed by the target at the very moment we use it. That race is the target's right, and no
// failure: the request goes out once more, on a fresh connection to the same target, but only when it cannot have been acted upon,
// or when acting twice is the same as acting once. Anything else is the client's to decide.
struct FailedAttempt {
  bool reused_connection = false;    // it had served a request before
  bool request_was_sent = false;     // a byte of it may have reached the target
  bool body_can_be_repeated = true;  // none, or all of it is still here
  bool timed_out = false;            // the target had its time; it may still be at work
  bool answer_began = false;         // it had begun to answer: this was no stale connection
};
bool may_send_again(const FailedAttempt& attempt, std::string_view method);

// GET, HEAD, OPTIONS, PUT, DELETE, TRACE (RFC 9110, 9.2.2).
bool is_idempotent(std::string_view method);

// 504 when the target took too long to connect or answer, 502 for everything else that goes wrong with it.
int status_of_failure(const Error& error);
// Whether the connection itself could not be made.
bool is_connection_error(const Error& error);

}  // namespace pds::proxy
