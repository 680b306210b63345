#include "podinfo/jwt.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cmath>
#include <iterator>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "podinfo/duration_text.h"
#include "podinfo/go_json.h"
#include "podinfo/json_text.h"

namespace pds::podinfo {
namespace {

constexpr std::string_view issuer = "podinfo";
constexpr size_t token_bytes_max = 64 * 1024;

constexpr std::chrono::seconds lifetime = 60s;

std::unexpected<Error> refuse(std::string message, std::string_view code = "E_TOKEN") { return fail(std::string(code), std::move(message), 401); }

std::string mac(const EVP_MD* digest, std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  HMAC(digest, secret.data(), static_cast<int>(secret.size()), bytes, text.size(), out.data(), &size);
  return std::string(reinterpret_cast<char*>(out.data()), size);
}

// Null: not one that is signed with a shared secret.
const EVP_MD* digest_of(std::string_view algorithm) {
  if (algorithm == "HS256") return EVP_sha256();
  if (algorithm == "HS384") return EVP_sha384();
  if (algorithm == "HS512") return EVP_sha512();
  return nullptr;
}

// Algorithms that podinfo's library knows and podinfo does not take.
bool is_of_another_kind(std::string_view algorithm) {
  for (std::string_view known :
       {"none", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA"}) {
    if (algorithm == known) return true;
  }
  return false;
}

int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

Result<std::string> decode_segment(std::string_view text) {
  auto illegal = [](size_t at) { return refuse(fmt::format("illegal base64 data at input byte {}", at)); };
  std::string out;
  uint32_t bits = 0;
  int held = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    int digit = digit_of(text[i]);
    if (digit < 0) return illegal(i);
    bits = bits << 6 | static_cast<uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  if (text.size() % 4 == 1) return illegal(text.size() - 1);
  return out;
}

// Of the two parts that are JSON: how podinfo's library reads it, and what it would make of it.
struct Part {
  GoReader reader;
  std::string_view go_type;
};
constexpr Part header_part{GoReader::whole, "map[string]interface {}"}, claims_part{GoReader::first, "http.jwtCustomClaims"};

// What is wrong is said in the words of Go's decoder, which podinfo passes on. To it null is an object without anything in it, and a byte
// that belongs to no character is replaced.
Result<json::object> decode_object(std::string_view segment, const Part& part) {
  TRY(std::string text, decode_segment(segment));
  Result<std::string_view> found = find_go_json(text, part.reader);
  if (!found) return refuse(found.error().message);
  std::string_view kind = go_kind(*found);
  if (kind == "null") return json::object();
  if (kind != "object") return refuse(fmt::format("json: cannot unmarshal {} into Go value of type {}", kind, part.go_type));
  Result<json::value> value = parse_json(repaired_utf8(*found));
  if (!value) return refuse(value.error().message);
  return std::move(value->as_object());
}

bool is_date(std::string_view claim) { return claim == "exp" || claim == "nbf" || claim == "iat"; }

// A number, or a text that is one.
std::optional<double> number_of(const json::value& value) {
  if (value.is_number()) return value.to_number<double>();
  Result<json::value> parsed = value.is_string() ? parse_json(value.get_string()) : refuse("no number");
  return parsed && parsed->is_number() ? std::optional(parsed->to_number<double>()) : std::nullopt;
}

// Whether one claim is of the type that it has in podinfo's structure; null is, for all of them.
Result<void> check_type(std::string_view name, const json::value& value) {
  if (value.is_null()) return {};
  std::string text = to_text(value);
  if (is_date(name)) {
    if (number_of(value)) return {};
    std::string_view form = value.is_string() ? "could not parse NumericData: json: invalid number literal, trying to unmarshal {:?} into Number"
                                              : "could not parse NumericData: json: cannot unmarshal {} into Go value of type json.Number";
    return refuse(fmt::format(fmt::runtime(form), value.is_string() ? std::string_view(text) : go_kind(text)));
  }
  bool is_own = name == "name", is_registered = name == "iss" || name == "sub" || name == "jti";
  if (value.is_string() || (!is_own && !is_registered)) return {};
  return refuse(fmt::format("json: cannot unmarshal {} into Go struct field jwtCustomClaims.{}{} of type string", go_kind(text),
                            is_own ? "" : "RegisteredClaims.", name));
}

Result<void> check_types(const json::object& claims) {
  for (const auto& [name, value] : claims) CHECK(check_type(name, value));
  return {};
}

// A date as JSON has it, whole or with a fraction; nothing where it is absent or out of this world.
std::optional<int64_t> date_of(const json::object& claims, std::string_view name) {
  const json::value* value = claims.if_contains(name);
  std::optional<double> number = value ? number_of(*value) : std::nullopt;
  if (!number) return std::nullopt;
  double seconds = std::floor(*number);
  constexpr double farthest = 253402300799;  // the end of the year 9999
  if (!(std::abs(seconds) <= farthest)) return std::nullopt;
  return static_cast<int64_t>(seconds);
}

// Of those that fail the last one that podinfo's library looks at has the word.
Result<void> check_times(const json::object& claims, int64_t expires, Timestamp now) {
  auto at = [](int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); };
  if (std::optional<int64_t> begins = date_of(claims, "nbf"); begins && now < at(*begins)) return refuse("token is not valid yet");
  if (std::optional<int64_t> issued = date_of(claims, "iat"); issued && now < at(*issued)) return refuse("token used before issued");
  if (now >= at(expires)) return refuse("token is expired by " + to_go_text(now - at(expires)), token_expired);
  return {};
}

Result<const EVP_MD*> choose_digest(const json::object& header) {
  const json::value* algorithm = header.if_contains("alg");
  if (!algorithm || !algorithm->is_string()) return refuse("signing method (alg) is unspecified.");
  std::string_view name = algorithm->get_string();
  if (const EVP_MD* digest = digest_of(name)) return digest;
  return refuse(is_of_another_kind(name) ? "invalid signing method" : "signing method (alg) is unavailable.");
}

}  // namespace

TokenClaims claims_for(std::string name, Timestamp now) {
  return {std::move(name), (std::chrono::floor<std::chrono::seconds>(now) + lifetime).time_since_epoch().count()};
}

std::string sign_token(const TokenClaims& claims, std::string_view secret) {
  std::string payload = "{\"name\":";
  append_json_string(payload, claims.name);
  fmt::format_to(std::back_inserter(payload), ",\"iss\":\"{}\",\"exp\":{}}}", issuer, claims.expires);
  std::string token = to_base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + to_base64url(payload);
  return token + "." + to_base64url(mac(EVP_sha256(), secret, token));
}

Result<TokenClaims> verify_token(std::string_view token, std::string_view secret, Timestamp now) {
  if (token.size() > token_bytes_max) return refuse("token is too long");
  std::vector<std::string_view> segments = split(token, '.');
  if (segments.size() != 3) return refuse("token contains an invalid number of segments");
  TRY(json::object header, decode_object(segments[0], header_part));
  TRY(json::object claims, decode_object(segments[1], claims_part));
  CHECK(check_types(claims));
  TRY(const EVP_MD* digest, choose_digest(header));
  TRY(std::string signature, decode_segment(segments[2]));
  std::string_view signed_part = token.substr(0, token.size() - segments[2].size() - 1);
  if (!constant_time_equal(signature, mac(digest, secret, signed_part))) return refuse("signature is invalid", token_forged);
  std::optional<int64_t> expires = date_of(claims, "exp");
  if (!expires) return refuse("token has no expiry");  // podinfo itself breaks off here
  CHECK(check_times(claims, *expires, now));
  if (get_string(claims, "iss") != issuer) return refuse("invalid issuer", token_of_another_issuer);
  return TokenClaims{get_string(claims, "name"), *expires};
}

}  // namespace pds::podinfo
