// The client's side: connects through another connector, then makes the handshake. Sessions are resumed where the server allows it.
#pragma once

#include <memory>
#include <string>

#include "http/client.h"
#include "http/tls_context.h"
#include "io/stream.h"

namespace pds::http {

// `server_name`: what the certificate must be for, and SNI unless it is an address. Errors of connect(): those of the inner connector and
// of TlsStream::handshake; the deadline is for both together.
std::shared_ptr<io::Connector> tls_connector(std::shared_ptr<io::Connector> inner, std::shared_ptr<const TlsClientContext> context,
                                             std::string server_name);

// TCP to the host of a URL, and TLS when its scheme is https. `context` is asked for then only; null: one with the system's authorities.
Result<std::shared_ptr<io::Connector>> url_connector(io::Loop& loop, const Url& url, std::shared_ptr<const TlsClientContext> context);

}  // namespace pds::http
