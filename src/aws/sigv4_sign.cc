#include <fmt/core.h>

#include <algorithm>

#include "aws/sigv4.h"
#include "aws/sigv4_canonical.h"
#include "base/check.h"
#include "base/crypto.h"
#include "base/text.h"

namespace pds::aws {
namespace {

constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

// Changed on the way by proxies, or not yet there when the signature is made.
bool is_never_signed(std::string_view lower_name) {
  return lower_name == "authorization" || lower_name == "connection" || lower_name == "content-length" || lower_name == "expect" ||
         lower_name == "transfer-encoding" || lower_name == "user-agent" || lower_name == "x-amzn-trace-id";
}

std::vector<std::string> headers_to_sign(const http::RequestHead& head) {
  std::vector<std::string> names;
  for (auto [name, value] : head.headers) {
    std::string lower = to_lower(name);
    if (!is_never_signed(lower)) names.push_back(std::move(lower));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

struct Signed {
  std::string signature, signed_headers;
};
Signed sign_canonical(const http::RequestHead& head, std::string_view query, const std::vector<std::string>& names,
                      std::string_view payload_hash, const std::string& secret, const Scope& scope, const std::string& date_time) {
  // Our own requests: a target that cannot be decoded or a missing Host is a bug of the caller.
  Result<std::string> canonical = canonical_request(head, query, names, payload_hash, scope.service == "s3");
  ASSERT(canonical.has_value());
  std::string date = date_time.substr(0, 8);
  std::string key = signing_key(secret, date, scope.region, scope.service);
  return {signature_of(key, date_time, date, scope.region, scope.service, *canonical), join(names, ";")};
}

std::string credential(const Credentials& credentials, const Scope& scope, const std::string& date_time) {
  return fmt::format("{}/{}/{}/{}/aws4_request", credentials.access_key_id, date_time.substr(0, 8), scope.region, scope.service);
}

}  // namespace

void sign(http::RequestHead& head, std::string_view body, const Credentials& credentials, const Scope& scope, Timestamp now) {
  http::Headers& headers = head.headers;
  std::string date_time = to_iso8601_basic(now);
  headers.remove("Authorization");
  headers.set("X-Amz-Date", date_time);
  headers.remove("X-Amz-Security-Token");
  if (!credentials.session_token.empty()) headers.set("X-Amz-Security-Token", credentials.session_token);
  std::string payload_hash = headers.get("X-Amz-Content-Sha256");  // set by a caller who streams the body
  if (payload_hash.empty()) payload_hash = sha256_hex(body);
  if (scope.service == "s3") headers.set("X-Amz-Content-Sha256", payload_hash);
  std::vector<std::string> names = headers_to_sign(head);
  Signed done = sign_canonical(head, head.query(), names, payload_hash, credentials.secret_access_key, scope, date_time);
  headers.set("Authorization", fmt::format("AWS4-HMAC-SHA256 Credential={}, SignedHeaders={}, Signature={}",
                                           credential(credentials, scope, date_time), done.signed_headers, done.signature));
}

std::string presign(const http::RequestHead& head, const Credentials& credentials, const Scope& scope, Timestamp now,
                    std::chrono::seconds valid_for) {
  std::string date_time = to_iso8601_basic(now);
  std::vector<std::string> names = headers_to_sign(head);
  http::RequestHead extended = head;
  extended.target += head.query().empty() && !head.target.ends_with('?') ? '?' : '&';
  extended.target += fmt::format(
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}&X-Amz-SignedHeaders={}",
      percent_encode(credential(credentials, scope, date_time)), date_time, valid_for.count(), percent_encode(join(names, ";")));
  if (!credentials.session_token.empty()) extended.target += "&X-Amz-Security-Token=" + percent_encode(credentials.session_token);
  std::string payload_hash = scope.service == "s3" ? std::string(unsigned_payload) : sha256_hex("");
  Signed done = sign_canonical(extended, extended.query(), names, payload_hash, credentials.secret_access_key, scope, date_time);
  return extended.target + "&X-Amz-Signature=" + done.signature;
}

}  // namespace pds::aws
