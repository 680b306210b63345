#include "proxy/retry.h"

namespace pds::proxy {

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" || method == "DELETE" || method == "TRACE";
}

bool may_send_again(const FailedAttempt& attempt, std::string_view method) {
  if (!attempt.reused_connection || attempt.timed_out || attempt.answer_began || !attempt.body_can_be_repeated) return false;
  return !attempt.request_was_sent || is_idempotent(method);
}

int status_of_failure(const Error& error) { return error.code == "E_TIMEOUT" || error.code == "E_CONNECT_TIMEOUT" ? 504 : 502; }

bool is_connection_error(const Error& error) {
  return error.code == "E_CONNECT" || error.code == "E_CONNECT_TIMEOUT" || error.code == "E_CONNECTION_REFUSED" ||
         error.code == "E_SANDBOX_GONE" || error.code == "E_SANDBOX_FROZEN" || error.code == "E_RESOLVE";
}

}  // namespace pds::proxy
