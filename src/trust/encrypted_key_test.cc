#include "trust/encrypted_key.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "trust/key.h"

namespace pds::trust {
namespace {

// One key, written by another implementation of the form: with the older name and cost under "correct horse", and as cosign 2
// writes keys without a password.
constexpr std::string_view under_a_password = R"(-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjozMjc2OCwiciI6
OCwicCI6MX0sInNhbHQiOiJGdVNOMzhpQ0xoSUNEUmlXcjV4VXNYUlpPWXBocXNm
TnBuZDNjYkpFWTdvPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiJocVNWMGdtNmo3dVlyNElVRVRwV0RnbmNnbTR4NnpMNiJ9LCJj
aXBoZXJ0ZXh0IjoiS041UFd5cE1iSThEcThHODBKZWRCU1ovRTdGbzk2cWE1VDNr
VVBJeHJTeWYzOWdaYkpTd3lRT1ZFMWpnREIyL2IvOVRuSm16bXZnRVlYNnF6RjdM
R2k1aGZwaFVMbHdkVmlYVjBINDRHY0NvYlhMOVVRcFRwcWNiRjdrY01lc1FXZE4z
SThYM2kzWEplb0hPa1M1TjNwOSsxVGppSlBIUW5iTEhVVFRFMnJsVTY1a0hpQ1lm
TlgycU0wV1crUS9Rd0p1dzB4Z3krd2xiVkE9PSJ9
-----END ENCRYPTED COSIGN PRIVATE KEY-----
)";
constexpr std::string_view without_a_password = R"(-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
OCwicCI6MX0sInNhbHQiOiJRQmI2S1NtYmlRRS8rNXVrK0V6VjY0SmtpYktUbTdM
bzI1OFMwY3ErQk9FPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiJOeTQ3NEVGSGNZbnI5V0VjWVpZODNlb29FZXZ0M1JoVyJ9LCJj
aXBoZXJ0ZXh0IjoiTjRMQUF2ODlxMEdEclR1NXRLMUowQVJtWG9DRjZhcUJhcXN2
ZWRtT3I4RnEvOE54WXUyWmhmeUdjYmh1SDROclBzV3o4RGxmNkU4alJCSWhtRk40
UzZhZkszYzljQ1kzVGlXUTE0RElCWXppVjNncTgycG5nQnRFVkhkaTRhTGdBV09h
djFEMVJrVXpCWnhvRXlXZ3BtSXJCZXBSSWpaWk9uTDVpNEkwZ1k1SDlEUWp4Y3B5
WTlYN0g0WFE2ZU5kaGN4MW43cThBZHFKWHc9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
)";
constexpr std::string_view public_half = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXYIbNFLjnp/V37MuUp7XZTHlGBtR
vJBnVpqUg3qdKS+5yUkynpdkwfj58YTNNN7BiqWyNuRdV4fpQgOeAjkf2w==
-----END PUBLIC KEY-----
)";

std::string code_of(const auto& result) { return result ? "no error" : result.error().code; }

// The same file with another JSON inside.
std::string rewritten(std::string_view from, std::string_view to) {
  std::string text(under_a_password), packed;
  size_t begin = text.find("KEY-----") + 8, end = text.find("-----END");
  packed = replace_all(text.substr(begin, end - begin), "\n", "");
  std::string document = replace_all(*from_base64(packed), from, to);
  return text.substr(0, begin) + "\n" + to_base64(document) + "\n" + text.substr(end);
}

TEST(EncryptedKey, a_key_of_cosign_opens_with_its_password_and_signs) {
  for (auto [pem, password] : {std::pair{under_a_password, "correct horse"}, {without_a_password, ""}}) {
    EXPECT_TRUE(is_encrypted_key(pem));
    auto opened = open_encrypted_key(pem, password);
    ASSERT_TRUE(opened) << opened.error().message;
    auto signer = file_signer(*opened);
    ASSERT_TRUE(signer) << signer.error().message;
    auto signature = signer->sign(sha256("message"));
    ASSERT_TRUE(signature);
    EXPECT_TRUE(TrustedKey::from_pem("key", public_half)->verify("message", *signature));
  }
}

TEST(EncryptedKey, another_password_or_a_changed_byte_opens_nothing) {
  for (std::string password : {"", "correct horse ", "Correct horse"})
    EXPECT_EQ(code_of(open_encrypted_key(under_a_password, password)), "E_KEY_PASSWORD");
  // The first byte of the ciphertext is the authenticator's.
  std::string changed = rewritten("\"ciphertext\":\"", "\"ciphertext\":\"AAAA");
  EXPECT_EQ(code_of(open_encrypted_key(changed, "correct horse")), "E_KEY_PASSWORD");
}

TEST(EncryptedKey, what_is_not_of_this_form_is_refused_before_anything_is_computed) {
  EXPECT_FALSE(is_encrypted_key(public_half));
  EXPECT_FALSE(is_encrypted_key("-----END ENCRYPTED COSIGN PRIVATE KEY----------BEGIN ENCRYPTED COSIGN PRIVATE KEY-----"));
  EXPECT_EQ(code_of(open_encrypted_key(public_half, "")), "E_KEY_INVALID");
  struct {
    const char *from, *to;
  } changes[] = {{"scrypt", "bcrypt"},
                 {"nacl/secretbox", "aes"},
                 {"\"N\":32768", "\"N\":32767"},
                 {"\"N\":32768", "\"N\":1"},
                 {"\"N\":32768", "\"N\":-2"},
                 {"\"N\":32768", "\"N\":1073741824"},
                 {"\"r\":8", "\"r\":1000000"},
                 {"\"r\":8", "\"r\":0"},
                 {"\"p\":1", "\"p\":1000000000"},
                 {"\"kdf\"", "\"kdg\""},
                 {"\"nonce\":\"", "\"nonce\":\"AAAA"},
                 {"\"salt\":\"", "\"salt\":\"!"},
                 {"{\"kdf\"", "[\"kdf\""}};
  for (auto [from, to] : changes)
    EXPECT_EQ(code_of(open_encrypted_key(rewritten(from, to), "correct horse")), "E_KEY_INVALID") << to;
  EXPECT_EQ(code_of(open_encrypted_key(std::string(under_a_password) + std::string(key_file_bytes_max, ' '), "")), "E_KEY_INVALID");
}

}  // namespace
}  // namespace pds::trust
