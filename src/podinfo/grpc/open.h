// The server without gRPC's headers, for the module's main.
#pragma once

#include <memory>

#include "podinfo/grpc/module.h"

namespace pds::podinfo::rpc {

// Null: nobody can listen there.
std::unique_ptr<Server> open_server(const Setup& setup, const Podinfo& podinfo);

}  // namespace pds::podinfo::rpc
