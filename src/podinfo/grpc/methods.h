// podinfo's own services: from a request to its answer, without knowing how either travels.
#pragma once

#include <grpcpp/support/status.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "podinfo/grpc/module.h"

namespace google::protobuf {
class Message;
}

namespace pds::podinfo::rpc {

// Keys in lower case, each with all its values; "-bin" ones decoded.
using Metadata = std::map<std::string, std::vector<std::string>>;

struct Request {
  const Podinfo& podinfo;
  const Metadata& metadata;
  const std::string& bytes;
};

struct Answer {
  ::grpc::Status status;
  std::string bytes;             // of an answer that is OK
  std::chrono::seconds after{};  // how long to wait before it is given
};

using Method = Answer (*)(const Request& request);

// By its full name, "/echo.EchoService/Echo". Null: there is none.
Method find_method(std::string_view name);

// OK with these bytes; INTERNAL where a text in them is none.
Answer answer_with(const google::protobuf::Message& message);
// What a request gets that is not the message it should be.
::grpc::Status undecodable();
// What a call of this name gets where nobody serves it.
::grpc::Status unimplemented(std::string_view name);

}  // namespace pds::podinfo::rpc
