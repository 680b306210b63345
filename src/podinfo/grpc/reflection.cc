#include "podinfo/grpc/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/support/status.h>

#include "podinfo/grpc/messages.h"

namespace pds::podinfo::rpc {
namespace {

using google::protobuf::FileDescriptor;
using ::grpc::reflection::v1::ServerReflectionRequest;
using ::grpc::reflection::v1::ServerReflectionResponse;

constexpr const char* services[] = {"delay.DelayService",
                                    "echo.EchoService",
                                    "env.EnvService",
                                    "grpc.health.v1.Health",
                                    "grpc.reflection.v1.ServerReflection",
                                    "grpc.reflection.v1alpha.ServerReflection",
                                    "header.HeaderService",
                                    "info.InfoService",
                                    "panic.PanicService",
                                    "status.StatusService",
                                    "token.TokenService",
                                    "version.VersionService"};

const google::protobuf::DescriptorPool& pool() { return *google::protobuf::DescriptorPool::generated_pool(); }

void fail(ServerReflectionResponse& out, ::grpc::StatusCode code, std::string message) {
  out.mutable_error_response()->set_error_code(code);
  out.mutable_error_response()->set_error_message(std::move(message));
}

// None of the files imports another.
void describe(ServerReflectionResponse& out, const FileDescriptor* file, const std::string& name) {
  if (!file) return fail(out, ::grpc::StatusCode::NOT_FOUND, name + " is not known");
  google::protobuf::FileDescriptorProto description;
  file->CopyTo(&description);
  out.mutable_file_descriptor_response()->add_file_descriptor_proto(description.SerializeAsString());
}

// No message here has extensions.
void list_extensions(ServerReflectionResponse& out, const std::string& type) {
  if (!pool().FindMessageTypeByName(type)) return fail(out, ::grpc::StatusCode::NOT_FOUND, type + " is not known");
  out.mutable_all_extension_numbers_response()->set_base_type_name(type);
}

}  // namespace

std::optional<std::string> reflect(const std::string& request) {
  ServerReflectionRequest asked;
  if (!asked.ParseFromString(request)) return std::nullopt;
  ServerReflectionResponse out;
  out.set_valid_host(asked.host());
  *out.mutable_original_request() = asked;
  switch (asked.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename:
      describe(out, pool().FindFileByName(asked.file_by_filename()), asked.file_by_filename());
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      describe(out, pool().FindFileContainingSymbol(asked.file_containing_symbol()), asked.file_containing_symbol());
      break;
    case ServerReflectionRequest::kFileContainingExtension:
      fail(out, ::grpc::StatusCode::NOT_FOUND, "there are no extensions");
      break;
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      list_extensions(out, asked.all_extension_numbers_of_type());
      break;
    case ServerReflectionRequest::kListServices:
      for (const char* service : services) out.mutable_list_services_response()->add_service()->set_name(service);
      break;
    case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      fail(out, ::grpc::StatusCode::INVALID_ARGUMENT, "nothing was asked");
      break;
  }
  return out.SerializeAsString();
}

}  // namespace pds::podinfo::rpc
