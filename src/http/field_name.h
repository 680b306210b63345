// The names of header fields that the stack and the balancer act on. A field's name is told apart once, when the field is added to a message;
// whoever asks later compares a number.
#pragma once

#include <cstdint>
#include <string_view>

namespace pds::http {

enum class FieldName : uint8_t {
  other,
  connection,
  content_length,
  content_type,
  cookie,
  date,
  expect,
  host,
  keep_alive,
  proxy_connection,
  server,
  set_cookie,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  user_agent,
  x_amzn_tls_cipher_suite,
  x_amzn_tls_version,
  x_amzn_trace_id,
  x_forwarded_for,
  x_forwarded_port,
  x_forwarded_proto,
};

// In any case of letters; `name` is a token.
FieldName field_name(std::string_view name);

}  // namespace pds::http
