#include "podinfo/grpc/reflection.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "podinfo/grpc/messages.h"
#include "podinfo/grpc/methods.h"

namespace pds::podinfo::rpc {
namespace {

using ::grpc::reflection::v1::ServerReflectionRequest;
using ::grpc::reflection::v1::ServerReflectionResponse;

ServerReflectionResponse ask(const ServerReflectionRequest& request) {
  ServerReflectionResponse out;
  std::optional<std::string> bytes = reflect(request.SerializeAsString());
  EXPECT_TRUE(bytes && out.ParseFromString(*bytes));
  return out;
}

google::protobuf::FileDescriptorProto file_of(const std::string& symbol) {
  ServerReflectionRequest request;
  request.set_file_containing_symbol(symbol);
  ServerReflectionResponse response = ask(request);
  google::protobuf::FileDescriptorProto file;
  EXPECT_EQ(response.file_descriptor_response().file_descriptor_proto_size(), 1) << symbol;
  EXPECT_TRUE(file.ParseFromString(response.file_descriptor_response().file_descriptor_proto(0))) << symbol;
  return file;
}

TEST(Reflection, lists_the_services_and_describes_each_with_methods_that_are_served) {
  ServerReflectionRequest request;
  request.set_list_services("*");
  request.set_host("h");
  ServerReflectionResponse response = ask(request);
  EXPECT_EQ(response.valid_host(), "h");
  EXPECT_EQ(response.original_request().SerializeAsString(), request.SerializeAsString());
  EXPECT_EQ(response.list_services_response().service_size(), 12);
  for (const auto& service : response.list_services_response().service()) {
    google::protobuf::FileDescriptorProto file = file_of(service.name());
    ASSERT_EQ(file.service_size(), 1);
    EXPECT_EQ(file.package() + "." + file.service(0).name(), service.name());
    EXPECT_EQ(file.dependency_size(), 0) << "or the files that it imports must come along";
    if (service.name().starts_with("grpc.")) continue;
    for (const auto& method : file.service(0).method())
      EXPECT_TRUE(find_method("/" + service.name() + "/" + method.name())) << method.name();
  }
}

TEST(Reflection, finds_files_by_name_and_by_whatever_they_declare) {
  ServerReflectionRequest request;
  request.set_file_by_filename("echo/echo.proto");
  EXPECT_EQ(ask(request).file_descriptor_response().file_descriptor_proto_size(), 1);
  for (const char* symbol : {"echo.Message", "echo.EchoService.Echo", "echo.Message.body"}) EXPECT_EQ(file_of(symbol).name(), "echo/echo.proto");
}

TEST(Reflection, says_what_it_does_not_know) {
  ServerReflectionRequest request;
  EXPECT_EQ(ask(request).error_response().error_code(), ::grpc::StatusCode::INVALID_ARGUMENT);
  request.set_file_by_filename("none.proto");
  EXPECT_EQ(ask(request).error_response().error_code(), ::grpc::StatusCode::NOT_FOUND);
  request.set_file_containing_symbol("no.Such");
  EXPECT_EQ(ask(request).error_response().error_message(), "no.Such is not known");
  request.mutable_file_containing_extension()->set_containing_type("echo.Message");
  EXPECT_EQ(ask(request).error_response().error_code(), ::grpc::StatusCode::NOT_FOUND);
  request.set_all_extension_numbers_of_type("no.Such");
  EXPECT_EQ(ask(request).error_response().error_code(), ::grpc::StatusCode::NOT_FOUND);
  request.set_all_extension_numbers_of_type("echo.Message");
  EXPECT_EQ(ask(request).all_extension_numbers_response().base_type_name(), "echo.Message");
  EXPECT_FALSE(reflect("\xff"));
}

}  // namespace
}  // namespace pds::podinfo::rpc
