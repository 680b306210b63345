#include <fmt/core.h>

#include <algorithm>

#include "aws/sigv4.h"
#include "aws/sigv4_canonical.h"
#include "base/text.h"

namespace pds::aws {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr size_t credential_bytes_max = 512;
constexpr std::chrono::seconds presigned_validity_max = std::chrono::days{7};

std::unexpected<Error> incomplete(std::string message) { return fail("IncompleteSignature", std::move(message), 400); }

std::unexpected<Error> missing_token() {
  return fail("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
}

// AKID/20261123/us-east-1/s3/aws4_request; the access key id itself may hold no slash.
Result<void> read_credential(std::string_view text, Claim& claim) {
  std::vector<std::string_view> parts = split(text, '/');
  if (text.size() > credential_bytes_max || parts.size() != 5 || parts[0].empty())
    return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term");
  if (parts[4] != "aws4_request") return incomplete("Credential should be scoped with a valid terminator: 'aws4_request'");
  claim.access_key_id = parts[0];
  claim.date = parts[1];
  claim.scope = {std::string(parts[2]), std::string(parts[3])};
  return {};
}

Result<void> read_signed_headers(std::string_view text, Claim& claim) {
  std::vector<std::string_view> names = split(text, ';');
  if (names.size() > signed_headers_max) return incomplete(fmt::format("more than {} signed headers", signed_headers_max));
  claim.signed_headers.reserve(names.size());
  for (std::string_view name : names) {
    if (name.empty()) return incomplete("SignedHeaders holds an empty name");
    claim.signed_headers.push_back(to_lower(name));
  }
  if (!std::is_sorted(claim.signed_headers.begin(), claim.signed_headers.end()))
    std::sort(claim.signed_headers.begin(), claim.signed_headers.end());
  if (!std::binary_search(claim.signed_headers.begin(), claim.signed_headers.end(), "host"))
    return incomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  return {};
}

Result<void> read_date(std::string_view text, Claim& claim) {
  Result<Timestamp> at = parse_iso8601_basic(text);
  if (!at) return incomplete("Date must be in ISO-8601 'basic format': 'YYYYMMDD'T'HHMMSS'Z''");
  claim.signed_at = *at;
  if (text.substr(0, 8) != claim.date)
    return fail("InvalidSignatureException",
                fmt::format("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                            "'{}' != '{}', from '{}'.",
                            claim.date, text.substr(0, 8), text),
                403);
  return {};
}

Result<void> read_header_date(const http::RequestHead& head, Claim& claim) {
  if (auto amz_date = head.headers.find("X-Amz-Date")) return read_date(*amz_date, claim);
  std::optional<std::string_view> date = head.headers.find("Date");
  if (!date) return incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  if (Result<Timestamp> at = parse_http_date(*date)) return read_date(to_iso8601_basic(*at), claim);
  return read_date(*date, claim);
}

// "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=..."
Result<Claim> read_authorization(std::string_view header, const http::RequestHead& head) {
  if (!header.starts_with(algorithm)) return incomplete(fmt::format("Unsupported AWS 'algorithm': {} is expected", algorithm));
  std::string_view credential, signed_headers, signature;
  for (std::string_view part : split(header.substr(algorithm.size()), ',')) {
    part = trim(part);
    size_t equals = std::min(part.find('='), part.size());
    std::string_view name = part.substr(0, equals), value = part.substr(std::min(equals + 1, part.size()));
    if (name == "Credential")
      credential = value;
    else if (name == "SignedHeaders")
      signed_headers = value;
    else if (name == "Signature")
      signature = value;
  }
  std::string lacking;
  if (credential.empty()) lacking += "Authorization header requires 'Credential' parameter. ";
  if (signature.empty()) lacking += "Authorization header requires 'Signature' parameter. ";
  if (signed_headers.empty()) lacking += "Authorization header requires 'SignedHeaders' parameter. ";
  if (!lacking.empty()) return incomplete(std::string(trim(lacking)));
  Claim claim;
  CHECK(read_credential(credential, claim));
  CHECK(read_signed_headers(signed_headers, claim));
  CHECK(read_header_date(head, claim));
  claim.signature = signature;
  claim.session_token = head.headers.get("X-Amz-Security-Token");
  return claim;
}

Result<Claim> read_presigned(const http::RequestHead& head) {
  auto parameter = [&](const char* name) { return head.query_parameter(name).value_or(""); };
  if (parameter("X-Amz-Algorithm") != algorithm)
    return incomplete("AWS query-string parameters must include a supported X-Amz-Algorithm.");
  Claim claim;
  for (const char* name : {"X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"})
    if (parameter(name).empty())
      return incomplete(
          fmt::format("AWS query-string parameters must include '{}'. Re-examine the query-string parameters.", name));
  CHECK(read_credential(parameter("X-Amz-Credential"), claim));
  CHECK(read_signed_headers(parameter("X-Amz-SignedHeaders"), claim));
  CHECK(read_date(parameter("X-Amz-Date"), claim));
  claim.signature = parameter("X-Amz-Signature");
  claim.session_token = parameter("X-Amz-Security-Token");
  std::optional<int64_t> seconds = parse_int(parameter("X-Amz-Expires"));
  if (!seconds) return incomplete("X-Amz-Expires should be a number");
  if (*seconds < 0) return incomplete("X-Amz-Expires must be non-negative");
  if (*seconds > presigned_validity_max.count())
    return incomplete(fmt::format(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than {} seconds",
        presigned_validity_max.count()));
  claim.valid_for = std::chrono::seconds{*seconds};
  return claim;
}

}  // namespace

Result<Claim> read_claim(const http::RequestHead& head) {
  if (auto header = head.headers.find("Authorization")) return read_authorization(*header, head);
  if (head.query().find("X-Amz-") == std::string_view::npos || !head.query_parameter("X-Amz-Algorithm")) return missing_token();
  return read_presigned(head);
}

}  // namespace pds::aws
