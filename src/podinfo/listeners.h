// Where podinfo listens.
#pragma once

#include <memory>

#include "http/tls_acceptor.h"
#include "io/stream.h"
#include "podinfo/options.h"

namespace pds::podinfo {

struct Listeners {
  // Null: not asked for.
  std::unique_ptr<io::Listener> http, https, metrics;
  std::shared_ptr<http::TlsAcceptor> tls;  // of https
  std::string metrics_problem;             // why there are no metrics though they were asked for: not worth failing for
};

// Opens what the options ask for. Blocking: reads the certificate. Errors name the port or the file: E_ADDRESS_IN_USE,
// E_BAD_ADDRESS, E_CERTIFICATE, those of reading.
Result<Listeners> open_listeners(io::Loop& loop, const Options& options);

}  // namespace pds::podinfo
