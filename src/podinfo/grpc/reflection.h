// The reflection service: what there is to call, described by what protoc built in. Pure.
#pragma once

#include <optional>
#include <string>

namespace pds::podinfo::rpc {

// From a ServerReflectionRequest to its ServerReflectionResponse; v1 and v1alpha are the same bytes. Nothing: that is no request.
std::optional<std::string> reflect(const std::string& request);

}  // namespace pds::podinfo::rpc
