#include "podinfo/grpc/open.h"

using namespace pds::podinfo::rpc;

// rpc::start_symbol.
extern "C" __attribute__((visibility("default"))) Server* pds_podinfo_grpc_start(const Setup& setup, const Podinfo& podinfo,
                                                                                 std::string& problem) {
  std::unique_ptr<Server> server = open_server(setup, podinfo);
  if (!server) problem = "the port is in use, or not ours to take";
  return server.release();
}
