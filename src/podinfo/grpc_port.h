// podinfo's gRPC port. Its server is a module (grpc/module.h) that is loaded from beside the program when there is such a port.
#pragma once

#include <memory>

#include "podinfo/app.h"
#include "podinfo/grpc/module.h"

namespace pds::podinfo {

class GrpcPort {
 public:
  // Listens, and is not serving yet. Nothing: it cannot be had, and the log says why. `app` must outlive it.
  static std::unique_ptr<GrpcPort> open(App& app);
  ~GrpcPort();
  // Takes no more calls; those in flight are cut at the deadline.
  io::Task<void> stop(MonoTime deadline);

 private:
  class Answers;
  GrpcPort(App& app, std::unique_ptr<Answers> answers, rpc::Server* server);
  App& app_;
  std::unique_ptr<Answers> answers_;
  std::shared_ptr<rpc::Server> server_;
};

}  // namespace pds::podinfo
