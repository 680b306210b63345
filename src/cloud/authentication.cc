#include "cloud/authentication.h"

#include <string_view>

namespace pds::cloud {
namespace {

struct Refusal {
  const char* code;
  int status;
  const char* message;   // null: the detail
};

constexpr const char* invalid_token = "The security token included in the request is invalid.";
constexpr const char* expired_token = "The security token included in the request is expired";
constexpr const char* ec2_message = "AWS was not able to validate the provided access credentials";
constexpr const char* mismatch =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. "
    "Consult the service documentation for details.";

Refusal query_refusal(AuthFault fault) {
  switch (fault) {
    case AuthFault::missing: return {"MissingAuthenticationToken", 403, "Request is missing Authentication Token"};
    case AuthFault::incomplete: return {"IncompleteSignature", 400, nullptr};
    case AuthFault::unknown_key:
    case AuthFault::wrong_token: return {"InvalidClientTokenId", 403, invalid_token};
    case AuthFault::expired_credentials: return {"ExpiredToken", 403, expired_token};
    case AuthFault::wrong_signature: return {"SignatureDoesNotMatch", 403, mismatch};
    case AuthFault::stale: return {"SignatureDoesNotMatch", 403, nullptr};
  }
  return {"InternalFailure", 500, nullptr};
}

Refusal ec2_refusal(AuthFault fault) {
  switch (fault) {
    case AuthFault::missing: return {"MissingParameter", 400, "The request must contain the parameter AWSAccessKeyId"};
    case AuthFault::stale: return {"RequestExpired", 400, "Request has expired."};
    case AuthFault::expired_credentials: return {"RequestExpired", 400, "Request has expired."};
    default: return {"AuthFailure", 401, ec2_message};
  }
}

Refusal json_refusal(AuthFault fault, int status) {
  switch (fault) {
    case AuthFault::missing: return {"MissingAuthenticationTokenException", status, "Missing Authentication Token"};
    case AuthFault::incomplete: return {"IncompleteSignatureException", status, nullptr};
    case AuthFault::unknown_key:
    case AuthFault::wrong_token: return {"UnrecognizedClientException", status, invalid_token};
    case AuthFault::expired_credentials: return {"ExpiredTokenException", status, expired_token};
    case AuthFault::wrong_signature: return {"InvalidSignatureException", status, mismatch};
    case AuthFault::stale: return {"InvalidSignatureException", status, nullptr};
  }
  return {"InternalFailure", 500, nullptr};
}

Refusal s3_refusal(AuthFault fault) {
  switch (fault) {
    case AuthFault::missing: return {"AccessDenied", 403, "Access Denied"};
    case AuthFault::incomplete: return {"AuthorizationHeaderMalformed", 400, nullptr};
    case AuthFault::unknown_key: return {"InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."};
    case AuthFault::wrong_token: return {"InvalidToken", 400, "The provided token is malformed or otherwise invalid."};
    case AuthFault::expired_credentials: return {"ExpiredToken", 400, "The provided token has expired."};
    case AuthFault::wrong_signature: return {"SignatureDoesNotMatch", 403, mismatch};
    case AuthFault::stale: return {"RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large."};
  }
  return {"InternalError", 500, nullptr};
}

}  // namespace

Error authentication_error(aws::Wire wire, AuthFault fault, const std::string& detail) {
  Refusal refusal = wire == aws::Wire::query      ? query_refusal(fault)
                    : wire == aws::Wire::ec2      ? ec2_refusal(fault)
                    : wire == aws::Wire::rest_xml ? s3_refusal(fault)
                                                  : json_refusal(fault, wire == aws::Wire::rest_json ? 403 : 400);
  return {refusal.code, refusal.message ? refusal.message : detail, refusal.status, false};
}

Error denial(aws::Wire wire, Error error) {
  if (error.code != "AccessDenied") return error;
  if (wire == aws::Wire::ec2) error.code = "UnauthorizedOperation";
  if (wire == aws::Wire::json || wire == aws::Wire::cbor) error.code = "AccessDeniedException", error.http_status = 400;
  if (wire == aws::Wire::rest_json) error.code = "AccessDeniedException";
  return error;
}

AuthFault fault_of(const Error& error) {
  std::string_view message = error.message;
  if (error.code.starts_with("MissingAuthenticationToken")) return AuthFault::missing;
  if (error.code.starts_with("IncompleteSignature")) return AuthFault::incomplete;
  if (message.starts_with("Signature expired") || message.starts_with("Signature not yet current") || error.code == "RequestExpired")
    return AuthFault::stale;
  return AuthFault::wrong_signature;
}

}  // namespace pds::cloud
