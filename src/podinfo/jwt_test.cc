#include "podinfo/jwt.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/text.h"

namespace pds::podinfo {
namespace {

constexpr int64_t now_seconds = 1'800'000'000;
const Timestamp now = from_epoch_seconds(now_seconds);
const std::string secret = "key";

std::string make(std::string_view header, std::string_view payload, const EVP_MD* digest = EVP_sha256()) {
  std::string text = to_base64url(header) + "." + to_base64url(payload);
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(digest, secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       out, &size);
  return text + "." + to_base64url({reinterpret_cast<char*>(out), size});
}

TEST(Token, HasTheBytesThatPodinfoWrites) {
  std::string token = sign_token({"<n>", now_seconds + 60}, secret);
  auto parts = split(token, '.');
  EXPECT_EQ(parts[0], "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
  EXPECT_EQ(parts[1], to_base64url(R"({"name":"\u003cn\u003e","iss":"podinfo","exp":1800000060})"));
  EXPECT_EQ(token, make(R"({"alg":"HS256","typ":"JWT"})", R"({"name":"\u003cn\u003e","iss":"podinfo","exp":1800000060})"));
}

TEST(Token, IsGoodForAMinute) {
  TokenClaims claims = claims_for("anna", now + 999ms);
  EXPECT_EQ(claims.name, "anna");
  EXPECT_EQ(claims.expires, now_seconds + 60);
}

TEST(Token, IsTakenUntilItsEnd) {
  std::string token = sign_token({"anna", now_seconds + 60}, secret);
  auto claims = verify_token(token, secret, now);
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_EQ(claims->name, "anna");
  EXPECT_EQ(claims->expires, now_seconds + 60);
  EXPECT_TRUE(verify_token(token, secret, now + 59'999'999us));
  EXPECT_EQ(verify_token(token, secret, now + 60s).error().message, "token is expired by 0s");
  EXPECT_EQ(verify_token(token, secret, now + 60s).error().code, token_expired);
  EXPECT_EQ(verify_token(token, secret, now + 65'622'481us).error().message, "token is expired by 5.622481s");
  EXPECT_EQ(verify_token(token, "another", now).error().message, "signature is invalid");
}

TEST(Token, OfOtherDigestsIsTakenWhenItsSignatureFits) {
  std::string payload = R"({"name":"a","iss":"podinfo","exp":1800000060.5})";
  EXPECT_TRUE(verify_token(make(R"({"alg":"HS384"})", payload, EVP_sha384()), secret, now));
  EXPECT_TRUE(verify_token(make(R"({"alg":"HS512"})", payload, EVP_sha512()), secret, now));
  EXPECT_FALSE(verify_token(make(R"({"alg":"HS512"})", payload, EVP_sha256()), secret, now));
}

TEST(Token, MayHaveMoreBehindItsClaimsAndBytesThatBelongToNoCharacter) {
  auto claims = verify_token(make(R"({"alg":"HS256"})", "{\"name\":\"a\xff\",\"iss\":\"podinfo\",\"exp\":1800000060} {\"exp\":1}"), secret, now);
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_EQ(claims->name, "a\xef\xbf\xbd");
}

TEST(Token, IsRefusedInPodinfosWords) {
  const char* good = R"({"alg":"HS256"})";
  const char* payload = R"({"iss":"podinfo","exp":1800000060})";
  auto segment = [](std::string_view text) { return to_base64url(text); };
  struct {
    std::string token;
    const char* message;
  } cases[] = {
      {"", "token contains an invalid number of segments"},
      {"a.b", "token contains an invalid number of segments"},
      {"a.b.c.d", "token contains an invalid number of segments"},
      {"a*bc.e30.x", "illegal base64 data at input byte 1"},
      {"YWJjZ.e30.x", "illegal base64 data at input byte 4"},
      {"e30=.e30.x", "illegal base64 data at input byte 3"},
      {segment("abc") + ".e30.x", "invalid character 'a' looking for beginning of value"},
      {".e30.x", "unexpected end of JSON input"},
      {segment("\x8a") + ".e30.x", "invalid character '\\u008a' looking for beginning of value"},
      {segment("{} x") + ".e30.x", "invalid character 'x' after top-level value"},
      {segment("[1]") + ".e30.x", "json: cannot unmarshal array into Go value of type map[string]interface {}"},
      {segment("\"a\"") + ".e30.x", "json: cannot unmarshal string into Go value of type map[string]interface {}"},
      {segment("7") + ".e30.x", "json: cannot unmarshal number into Go value of type map[string]interface {}"},
      {segment("true") + ".e30.x", "json: cannot unmarshal bool into Go value of type map[string]interface {}"},
      {make("null", payload), "signing method (alg) is unspecified."},
      {make(good, ""), "EOF"},
      {make(good, "{\"iss\":"), "unexpected EOF"},
      {make(good, "[]"), "json: cannot unmarshal array into Go value of type http.jwtCustomClaims"},
      {make(good, "null"), "token has no expiry"},
      {segment(good) + "." + segment("x") + ".x", "invalid character 'x' looking for beginning of value"},
      {make("{}", payload), "signing method (alg) is unspecified."},
      {make(R"({"alg":1})", payload), "signing method (alg) is unspecified."},
      {make(R"({"alg":"hs256"})", payload), "signing method (alg) is unavailable."},
      {make(R"({"alg":"none"})", payload), "invalid signing method"},
      {make(R"({"alg":"RS256"})", payload), "invalid signing method"},
      {segment(good) + "." + segment(payload) + ".", "signature is invalid"},
      {segment(good) + "." + segment(payload) + ".*", "illegal base64 data at input byte 0"},
      {make(good, R"({"name":7,"iss":"podinfo","exp":1800000060})"), "json: cannot unmarshal number into Go struct field jwtCustomClaims.name of type string"},
      {make(good, R"({"exp":true,"name":[]})"), "could not parse NumericData: json: cannot unmarshal bool into Go value of type json.Number"},
      {make(good, R"({"exp":"soon"})"), R"(could not parse NumericData: json: invalid number literal, trying to unmarshal "\"soon\"" into Number)"},
      {make(good, R"({"iss":{},"exp":1800000060})"), "json: cannot unmarshal object into Go struct field jwtCustomClaims.RegisteredClaims.iss of type string"},
      {make(good, R"({"iss":null,"name":null,"exp":"1800000060"})"), "invalid issuer"},
      {make(good, R"({"iss":"podinfo"})"), "token has no expiry"},
      {make(good, R"({"iss":"podinfo","exp":1e300})"), "token has no expiry"},
      {make(good, R"({"iss":"podinfo","exp":1800000060,"iat":1800000001})"), "token used before issued"},
      {make(good, R"({"iss":"podinfo","exp":1800000060,"nbf":1800000001})"), "token is not valid yet"},
      {make(good, R"({"iss":"podinfo","exp":1,"iat":1800000001,"nbf":1800000001})"), "token is not valid yet"},
      {make(good, R"({"iss":"other","exp":1800000060})"), "invalid issuer"},
      {make(good, R"({"exp":1800000060})"), "invalid issuer"},
      {std::string(70'000, 'a'), "token is too long"},
  };
  for (auto& c : cases) {
    auto claims = verify_token(c.token, secret, now);
    ASSERT_FALSE(claims) << c.message;
    EXPECT_EQ(claims.error().message, c.message) << c.token;
    std::string_view message = c.message;
    bool is_forged = message == "signature is invalid", is_foreign = message == "invalid issuer";
    EXPECT_EQ(claims.error().code, is_forged ? token_forged : is_foreign ? token_of_another_issuer : "E_TOKEN");
  }
}

}  // namespace
}  // namespace pds::podinfo
