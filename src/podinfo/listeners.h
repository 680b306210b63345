// Where podinfo listens.
#pragma once

#include <memory>
#include <optional>

#include "http/tls_acceptor.h"
#include "io/stream.h"
#include "podinfo/grpc_port.h"
#include "podinfo/options.h"

namespace pds::podinfo {

struct Listeners {
  // Null: not asked for.
  std::unique_ptr<io::Listener> http, https, metrics;
  std::shared_ptr<http::TlsAcceptor> tls;  // of https
  std::unique_ptr<GrpcPort> grpc;
};

// Opens what the options ask for. Nothing: a port or a certificate cannot be had, and the log says which and why. For metrics alone
// nobody is turned away: without their port they are null. Blocking: reads the certificate, loads the gRPC server.
std::optional<Listeners> open_listeners(App& app);

}  // namespace pds::podinfo
