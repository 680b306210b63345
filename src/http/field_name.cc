#include "http/field_name.h"

#include <cstring>

namespace pds::http {
namespace {

template <class Word>
bool same_word(const char* name, const char* lower, Word case_bits) {
  Word a, b;
  memcpy(&a, name, sizeof a);
  memcpy(&b, lower, sizeof b);
  return (a | case_bits) == b;
}

// Of equal length. The bit that makes a letter small is set already in a token's digits and hyphens.
template <size_t size_with_end>
bool is(const char* name, const char (&lower)[size_with_end]) {
  constexpr size_t size = size_with_end - 1;
  constexpr uint64_t case_bits = 0x2020202020202020;
  if constexpr (size >= 8) {
    for (size_t at = 0; at + 8 < size; at += 8) {
      if (!same_word(name + at, lower + at, case_bits)) return false;
    }
    return same_word(name + size - 8, lower + size - 8, case_bits);
  } else if constexpr (size >= 4) {
    auto bits = static_cast<uint32_t>(case_bits);
    return same_word(name, lower, bits) && same_word(name + size - 4, lower + size - 4, bits);
  } else {
    static_assert(size == 2);
    return same_word(name, lower, static_cast<uint16_t>(case_bits));
  }
}

}  // namespace

FieldName field_name(std::string_view text) {
  const char* name = text.data();
  switch (text.size()) {
    case 2:
      if (is(name, "te")) return FieldName::te;
      break;
    case 4:
      if (is(name, "host")) return FieldName::host;
      if (is(name, "date")) return FieldName::date;
      break;
    case 6:
      if (is(name, "server")) return FieldName::server;
      if (is(name, "cookie")) return FieldName::cookie;
      if (is(name, "expect")) return FieldName::expect;
      break;
    case 7:
      if (is(name, "upgrade")) return FieldName::upgrade;
      if (is(name, "trailer")) return FieldName::trailer;
      break;
    case 10:
      if (is(name, "connection")) return FieldName::connection;
      if (is(name, "user-agent")) return FieldName::user_agent;
      if (is(name, "keep-alive")) return FieldName::keep_alive;
      if (is(name, "set-cookie")) return FieldName::set_cookie;
      break;
    case 12:
      if (is(name, "content-type")) return FieldName::content_type;
      break;
    case 14:
      if (is(name, "content-length")) return FieldName::content_length;
      break;
    case 15:
      if (is(name, "x-forwarded-for")) return FieldName::x_forwarded_for;
      if (is(name, "x-amzn-trace-id")) return FieldName::x_amzn_trace_id;
      break;
    case 16:
      if (is(name, "x-forwarded-port")) return FieldName::x_forwarded_port;
      if (is(name, "proxy-connection")) return FieldName::proxy_connection;
      break;
    case 17:
      if (is(name, "transfer-encoding")) return FieldName::transfer_encoding;
      if (is(name, "x-forwarded-proto")) return FieldName::x_forwarded_proto;
      break;
    case 18:
      if (is(name, "x-amzn-tls-version")) return FieldName::x_amzn_tls_version;
      break;
    case 23:
      if (is(name, "x-amzn-tls-cipher-suite")) return FieldName::x_amzn_tls_cipher_suite;
      break;
    default:
      break;
  }
  return FieldName::other;
}

}  // namespace pds::http
