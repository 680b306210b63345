// Refusing a caller, in the words of the protocol it speaks: the same fault has a different code and status in each family.
#pragma once

#include "aws/codec.h"
#include "base/result.h"

namespace pds::cloud {

enum class AuthFault { missing, incomplete, unknown_key, wrong_token, expired_credentials, wrong_signature, stale };

// `detail` is the sentence of the check that failed, where AWS passes it on.
Error authentication_error(aws::Wire wire, AuthFault fault, const std::string& detail);
// A refusal by policy (AccessDenied) under the name and status that the protocol family has for it.
Error denial(aws::Wire wire, Error error);
// Which fault an error of sigv4.h describes.
AuthFault fault_of(const Error& error);

}  // namespace pds::cloud
