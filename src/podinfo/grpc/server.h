// podinfo's gRPC server. Methods are not registered one by one: all calls come in at one place as bytes, so that what nobody serves, or
// what cannot be read, is answered in the words of podinfo's clients.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server.h>

#include <memory>
#include <string>

#include "podinfo/grpc/call.h"
#include "podinfo/grpc/health.h"
#include "podinfo/grpc/module.h"

namespace pds::podinfo::rpc {

inline constexpr int message_bytes_max = 4 << 20;
inline constexpr int metadata_bytes_max = 64 << 10;
inline constexpr int connection_streams_max = 1000;
// What the connections hold of messages that are coming or going; beyond it gRPC reads less, then cuts calls off.
inline constexpr size_t memory_bytes_max = 256u << 20;

class GrpcServer final : public Server, private ::grpc::CallbackGenericService {
 public:
  GrpcServer(const Setup& setup, const Podinfo& podinfo);
  ~GrpcServer() override;
  // False: nobody can listen there.
  bool open();
  int port() const { return port_; }
  void set_serving(bool serving) override { health_.set_serving(serving); }
  void stop(std::chrono::steady_clock::time_point deadline) override;

 private:
  ::grpc::ServerGenericBidiReactor* CreateReactor(::grpc::GenericCallbackServerContext* context) override;
  std::function<Answer(const std::string&)> find(const ::grpc::GenericCallbackServerContext& context);

  const Setup setup_;
  const Podinfo& podinfo_;
  Health health_;
  Calls calls_;
  int port_ = 0;
  std::unique_ptr<::grpc::Server> server_;
};

}  // namespace pds::podinfo::rpc
