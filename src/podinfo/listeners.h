// Where podinfo listens.
#pragma once

#include <memory>
#include <optional>

#include "http/tls_acceptor.h"
#include "io/stream.h"
#include "podinfo/options.h"

namespace pds::podinfo {

struct Listeners {
  // Null: not asked for.
  std::unique_ptr<io::Listener> http, https, metrics;
  std::shared_ptr<http::TlsAcceptor> tls;  // of https
};

// Opens what the options ask for. Nothing: a port or a certificate cannot be had, and the log says which and why. For metrics alone
// nobody is turned away: without their port they are null. Blocking: reads the certificate.
std::optional<Listeners> open_listeners(io::Loop& loop, const Options& options, const Logger& logger);

}  // namespace pds::podinfo
