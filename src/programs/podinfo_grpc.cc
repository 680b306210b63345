#include "podinfo/grpc/server.h"

using namespace pds::podinfo::rpc;

// rpc::start_symbol.
extern "C" __attribute__((visibility("default"))) Server* pds_podinfo_grpc_start(const Setup& setup, const Podinfo& podinfo,
                                                                                 std::string& problem) {
  auto server = std::make_unique<GrpcServer>(setup, podinfo);
  if (server->open()) return server.release();
  problem = "the port is in use, or not ours to take";
  return nullptr;
}
