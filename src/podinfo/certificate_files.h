// The certificate of the HTTPS port: <cert-path>/tls.crt and tls.key, loaded anew when they change.
#pragma once

#include "http/tls_acceptor.h"
#include "podinfo/app.h"

namespace pds::podinfo {

inline constexpr size_t certificate_bytes_max = 1u << 20;

// HTTP/2 and HTTP/1.1, TLS 1.2 and up. Blocking. Errors: those of reading, E_CERTIFICATE.
Result<std::shared_ptr<const http::TlsServerContext>> load_certificate(const std::string& path);

// Gives the acceptor what is loaded after each change, for ever; what cannot be loaded changes nothing. Ends where the folder
// cannot be watched.
io::Task<void> follow_certificate(App& app, std::shared_ptr<http::TlsAcceptor> acceptor);

}  // namespace pds::podinfo
