#include "podinfo/grpc/server.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <mutex>

#include "podinfo/grpc/open.h"

namespace pds::podinfo::rpc {
namespace {

constexpr std::string_view watch_name = "/grpc.health.v1.Health/Watch";
constexpr std::string_view reflection_names[] = {"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                                                 "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"};

// The libraries log for the whole process.
std::mutex log_mutex;
const Podinfo* log_target = nullptr;  // guarded by log_mutex

void log_to(const Podinfo* podinfo) {
  std::lock_guard lock(log_mutex);
  log_target = podinfo;
}

void log_gpr(gpr_log_func_args* entry) {
  std::lock_guard lock(log_mutex);
  if (log_target && entry->severity == GPR_LOG_SEVERITY_ERROR) log_target->log_problem(entry->message);
}

// gRPC takes the content type away, once it has found that it is its own.
Metadata metadata_of(const ::grpc::GenericCallbackServerContext& context) {
  Metadata out{{":authority", {context.host()}}, {"content-type", {"application/grpc"}}};
  for (const auto& [key, value] : context.client_metadata())
    out[std::string(key.data(), key.size())].emplace_back(value.data(), value.size());
  return out;
}

}  // namespace

GrpcServer::GrpcServer(const Setup& setup, const Podinfo& podinfo) : setup_(setup), podinfo_(podinfo), health_(setup.service_name) {
  google::protobuf::SetLogHandler(nullptr);  // says what is wrong with clients' messages
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
  gpr_set_log_function(log_gpr);
}

GrpcServer::~GrpcServer() {
  stop(std::chrono::steady_clock::now());
  log_to(nullptr);
}

bool GrpcServer::open() {
  ::grpc::ServerBuilder builder;
  // A socket of IPv6 takes IPv4, too; where there is no IPv6, gRPC takes one of IPv4.
  builder.AddListeningPort("[::]:" + std::to_string(setup_.port), ::grpc::InsecureServerCredentials(), &port_);
  builder.SetMaxReceiveMessageSize(message_bytes_max);
  builder.SetResourceQuota(::grpc::ResourceQuota("podinfo").Resize(memory_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a port that another one has is not shared with it
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, connection_streams_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, metadata_bytes_max);
  builder.RegisterCallbackGenericService(this);
  server_ = builder.BuildAndStart();
  log_to(&podinfo_);  // not before: that it cannot listen is told once, by whoever wants it
  return server_ != nullptr;
}

void GrpcServer::stop(std::chrono::steady_clock::time_point deadline) {
  if (!server_) return;
  calls_.end_conversations();
  auto left = std::chrono::duration_cast<std::chrono::microseconds>(deadline - std::chrono::steady_clock::now());
  server_->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_micros(std::max<int64_t>(left.count(), 0), GPR_TIMESPAN)));
}

std::function<Answer(const std::string&)> GrpcServer::find(const ::grpc::GenericCallbackServerContext& context) {
  const std::string& name = context.method();
  if (name == "/grpc.health.v1.Health/Check") return [this](const std::string& request) { return health_.check(request); };
  if (name == "/grpc.health.v1.Health/List") return [this](const std::string& request) { return health_.list(request); };
  Method method = find_method(name);
  if (!method) return nullptr;
  return [this, method, metadata = metadata_of(context)](const std::string& request) { return method({podinfo_, metadata, request}); };
}

::grpc::ServerGenericBidiReactor* GrpcServer::CreateReactor(::grpc::GenericCallbackServerContext* context) {
  const std::string& name = context->method();
  bool is_reflection = std::ranges::find(reflection_names, name) != std::end(reflection_names);
  std::function<Answer(const std::string&)> method;
  if (name != watch_name && !is_reflection) {
    method = find(*context);
    if (!method) return new RefusedCall(unimplemented(name));
  }
  if (!calls_.admit()) return new RefusedCall({::grpc::StatusCode::RESOURCE_EXHAUSTED, "too many calls at once"});
  if (method) return new UnaryCall(calls_, setup_.delay_max, std::move(method));
  if (is_reflection) return new ReflectionTalk(calls_);
  return new HealthWatch(calls_, health_);
}

std::unique_ptr<Server> open_server(const Setup& setup, const Podinfo& podinfo) {
  auto server = std::make_unique<GrpcServer>(setup, podinfo);
  if (!server->open()) return nullptr;
  return server;
}

}  // namespace pds::podinfo::rpc
