// AWS Signature Version 4, both ways: header and presigned query. Always on real time, never on a scaled clock.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"
#include "base/time.h"
#include "http/message.h"

namespace pds::aws {

struct Scope {
  std::string region;
  std::string service;
};

// Adds X-Amz-Date, X-Amz-Security-Token, X-Amz-Content-Sha256 (S3 only) and Authorization. Host must be set.
void sign(http::RequestHead& head, std::string_view body, const Credentials& credentials, const Scope& scope, Timestamp now);
// The target with X-Amz-Algorithm ... X-Amz-Signature appended.
std::string presign(const http::RequestHead& head, const Credentials& credentials, const Scope& scope, Timestamp now, std::chrono::seconds valid_for);

// What a signature claims, before it is believed.
struct Claim {
  std::string access_key_id;
  std::string date;                   // 20261123
  Scope scope;
  std::vector<std::string> signed_headers;
  std::string signature;
  Timestamp signed_at;
  std::string session_token;
  std::optional<std::chrono::seconds> valid_for;   // presigned
};

// Errors as AWS has them, before any key is looked up: MissingAuthenticationToken (403), IncompleteSignature (400), InvalidSignatureException...
Result<Claim> read_claim(const http::RequestHead& head);

// Believes or refuses a claim. `body_sha256_hex` is the digest of the body as received; the header's own value must agree with it
// unless it is UNSIGNED-PAYLOAD or a STREAMING-* form (S3: the chunk signatures are then checked by the S3 service).
// Signing keys are cached per (secret, date, region, service).
class Verifier {
 public:
  // Skew AWS allows between the signature's date and now.
  static constexpr std::chrono::minutes skew_max{5};
  Verifier();
  ~Verifier();
  Result<void> verify(const Claim& claim, const http::RequestHead& head, std::string_view body_sha256_hex, std::string_view secret_access_key,
                      Timestamp now);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pds::aws
