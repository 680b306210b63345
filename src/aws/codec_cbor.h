// CBOR (RFC 8949), as the Smithy RPC v2 protocol uses it for the same shapes that others send as JSON or query.
#pragma once

#include <string>
#include <string_view>

#include "aws/shape.h"
#include "base/result.h"

namespace pds::aws {

void write_cbor(const Shape& shape, const void* value, bool for_request, std::string& out);
// SerializationException saying what and where. No bytes at all is a structure without members.
Result<void> read_cbor(std::string_view bytes, const Shape& shape, void* value);

struct CborError {
  std::string type, message;
};
std::string write_cbor_error(const CborError& error);
Result<CborError> read_cbor_error(std::string_view bytes);

}  // namespace pds::aws
