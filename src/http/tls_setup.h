// What server and client contexts are made of alike. Only for this folder's tls_* sources.
#pragma once

#include <string>
#include <vector>

#include "http/openssl_handles.h"
#include "http/tls_context.h"

namespace pds::http {

std::unexpected<Error> bad_certificate(std::string why);
std::unexpected<Error> bad_options(std::string why);

// With what holds on both sides: no renegotiation, no compression, buffers only while something is in them.
Result<SslCtxPtr> new_tls_context(const SSL_METHOD* method, TlsVersion min, TlsVersion max);
Result<void> use_identity(SSL_CTX* context, const TlsIdentity& identity);
// Certificates of a PEM text, to be trusted.
Result<X509StorePtr> new_trust_store(std::string_view authorities_pem);
// ALPN's form: each name behind its length. Names are 1 to 255 bytes.
Result<std::string> pack_protocols(const std::vector<std::string>& protocols);

}  // namespace pds::http
