#include <fmt/core.h>

#include <unordered_map>

#include "aws/sigv4.h"
#include "aws/sigv4_canonical.h"
#include "base/crypto.h"
#include "base/text.h"

namespace pds::aws {
namespace {

// One per (key, day, region, service): some dozens in a busy cloud. A flood of scopes empties the cache instead of growing it.
constexpr size_t cached_keys_max = 4096;

constexpr const char* mismatch =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing "
    "method. "
    "Consult the service documentation for details.";

Result<void> check_time(const Claim& claim, Timestamp now) {
  std::chrono::minutes skew = Verifier::skew_max;
  if (claim.signed_at > now + skew)
    return fail("InvalidSignatureException",
                fmt::format("Signature not yet current: {} is still later than {} ({} + {} min.)",
                            to_iso8601_basic(claim.signed_at), to_iso8601_basic(now + skew), to_iso8601_basic(now), skew.count()),
                403);
  if (claim.valid_for) {
    if (now > claim.signed_at + *claim.valid_for) return fail("RequestExpired", "Request has expired", 403);
  } else if (claim.signed_at < now - skew) {
    return fail("InvalidSignatureException",
                fmt::format("Signature expired: {} is now earlier than {} ({} - {} min.)", to_iso8601_basic(claim.signed_at),
                            to_iso8601_basic(now - skew), to_iso8601_basic(now), skew.count()),
                403);
  }
  return {};
}

bool is_literal_hash(std::string_view hash) { return hash == "UNSIGNED-PAYLOAD" || hash.starts_with("STREAMING-"); }

// What the signature must have been over, once the body is known to agree with it.
Result<std::string> payload_hash(const Claim& claim, const http::RequestHead& head, std::string_view body_sha256_hex) {
  bool is_s3 = claim.scope.service == "s3";
  std::optional<std::string_view> stated = head.headers.find("X-Amz-Content-Sha256");
  if (claim.valid_for) return is_s3 ? "UNSIGNED-PAYLOAD" : std::string(body_sha256_hex);
  if (!stated) {
    if (is_s3) return fail("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
    return std::string(body_sha256_hex);
  }
  if (!is_literal_hash(*stated) && !constant_time_equal(*stated, body_sha256_hex))
    return fail(is_s3 ? "XAmzContentSHA256Mismatch" : "InvalidSignatureException",
                "The provided 'x-amz-content-sha256' header does not match what was computed.", is_s3 ? 400 : 403);
  return std::string(*stated);
}

// S3 refuses x-amz-* headers that somebody could have added on the way.
Result<void> check_all_signed(const Claim& claim, const http::RequestHead& head) {
  if (claim.scope.service != "s3" || claim.valid_for) return {};
  for (auto [name, value] : head.headers) {
    if (name.size() < 6 || !iequals(name.substr(0, 6), "x-amz-")) continue;
    bool is_signed = false;
    for (const std::string& known : claim.signed_headers) is_signed |= iequals(known, name);
    if (!is_signed) return fail("AccessDenied", "There were headers present in the request which were not signed", 403);
  }
  return {};
}

}  // namespace

struct Verifier::Impl {
  std::unordered_map<std::string, std::string> keys;

  const std::string& key_for(std::string_view secret, const Claim& claim) {
    std::string name;
    name.reserve(128);
    for (std::string_view part :
         {std::string_view(claim.date), std::string_view(claim.scope.region), std::string_view(claim.scope.service), secret})
      name.append(part).append("\n");
    if (auto it = keys.find(name); it != keys.end()) return it->second;
    if (keys.size() >= cached_keys_max) keys.clear();
    std::string key = signing_key(secret, claim.date, claim.scope.region, claim.scope.service);
    return keys.emplace(std::move(name), std::move(key)).first->second;
  }
};

Verifier::Verifier() : impl_(std::make_unique<Impl>()) {}
Verifier::~Verifier() = default;

Result<void> Verifier::verify(const Claim& claim, const http::RequestHead& head, std::string_view body_sha256_hex,
                              std::string_view secret_access_key, Timestamp now) {
  CHECK(check_time(claim, now));
  CHECK(check_all_signed(claim, head));
  TRY(std::string hash, payload_hash(claim, head, body_sha256_hex));
  TRY(std::string canonical, canonical_request(head, head.query(), claim.signed_headers, hash, claim.scope.service == "s3"));
  std::string expected = signature_of(impl_->key_for(secret_access_key, claim), to_iso8601_basic(claim.signed_at), claim.date,
                                      claim.scope.region, claim.scope.service, canonical);
  if (!constant_time_equal(expected, claim.signature)) return fail("SignatureDoesNotMatch", mismatch, 403);
  return {};
}

}  // namespace pds::aws
