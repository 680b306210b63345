#include "cloud/services/kms/service.h"

#include <gtest/gtest.h>

#include "cloud/test_core.h"

namespace pds::cloud::kms {
namespace {

class KmsTest : public testing::Test {
 protected:
  std::string make_key() { return kms->create_key(world.call(), {})->key_metadata->key_id; }
  std::string make_signing_key() {
    return kms->create_key(world.call(), {.key_usage = "SIGN_VERIFY", .key_spec = "ECC_NIST_P256"})->key_metadata->key_id;
  }
  void restart() {
    kms.reset();
    world.restart();
    kms = std::make_unique<Kms>(world.core(), master_key);
  }
  TestCore world;
  MasterKey master_key{std::string(32, 'k')};
  std::unique_ptr<Kms> kms = std::make_unique<Kms>(world.core(), master_key);
};

TEST_F(KmsTest, what_is_encrypted_opens_again_after_a_restart_and_only_in_its_context) {
  std::string key = make_key();
  auto sealed = kms->encrypt(world.call(), {.key_id = key, .plaintext = {"hello"}, .encryption_context = {{"a", "b"}}});
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->ciphertext_blob->bytes.find("hello"), std::string::npos);
  restart();
  auto opened = kms->decrypt(world.call(), {.ciphertext_blob = sealed->ciphertext_blob, .encryption_context = {{"a", "b"}}});
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->plaintext->bytes, "hello");
  EXPECT_EQ(*opened->key_id, "arn:aws:kms:us-east-1:000000000000:key/" + key);
  for (Context context : {Context{}, Context{{"a", "c"}}, Context{{"a", "b"}, {"c", "d"}}})
    EXPECT_EQ(kms->open(sealed->ciphertext_blob->bytes, context).error().code, "InvalidCiphertextException");
}

TEST_F(KmsTest, a_changed_ciphertext_does_not_open) {
  std::string blob = *kms->seal(make_key(), "secret", {});
  for (size_t i = 0; i < blob.size(); ++i) {
    std::string changed = blob;
    changed[i] ^= 1;
    EXPECT_FALSE(kms->open(changed, {}).has_value()) << i;
  }
  EXPECT_FALSE(kms->open(blob.substr(0, blob.size() - 1), {}).has_value());
  EXPECT_FALSE(kms->open("", {}).has_value());
}

TEST_F(KmsTest, more_than_four_kilobytes_are_not_encrypted_directly) {
  std::string key = make_key();
  EXPECT_TRUE(kms->encrypt(world.call(), {.key_id = key, .plaintext = {std::string(4096, 'x')}}));
  EXPECT_EQ(kms->encrypt(world.call(), {.key_id = key, .plaintext = {std::string(4097, 'x')}}).error().code, "ValidationException");
  EXPECT_EQ(kms->encrypt(world.call(), {.key_id = key}).error().code, "ValidationException");
}

TEST_F(KmsTest, decrypt_with_the_wrong_key_named_is_refused) {
  std::string blob = *kms->seal(make_key(), "x", {});
  auto opened = kms->decrypt(world.call(), {.ciphertext_blob = aws::Blob{blob}, .key_id = make_key()});
  EXPECT_EQ(opened.error().code, "IncorrectKeyException");
}

TEST_F(KmsTest, re_encryption_moves_a_secret_to_another_key) {
  std::string second = make_key();
  std::string blob = *kms->seal(make_key(), "x", {});
  auto moved = kms->re_encrypt(
      world.call(),
      {.ciphertext_blob = aws::Blob{blob}, .destination_encryption_context = {{"a", "b"}}, .destination_key_id = second});
  ASSERT_TRUE(moved);
  EXPECT_EQ(*key_id_of(moved->ciphertext_blob->bytes), second);
  EXPECT_EQ(*kms->open(moved->ciphertext_blob->bytes, {{"a", "b"}}), "x");
}

TEST_F(KmsTest, a_disabled_key_does_nothing_until_it_is_enabled) {
  std::string key = make_key();
  std::string blob = *kms->seal(key, "x", {});
  ASSERT_TRUE(kms->disable_key(world.call(), {.key_id = key}));
  EXPECT_EQ(kms->open(blob, {}).error().code, "DisabledException");
  EXPECT_EQ(kms->seal(key, "x", {}).error().code, "DisabledException");
  ASSERT_TRUE(kms->enable_key(world.call(), {.key_id = key}));
  EXPECT_EQ(*kms->open(blob, {}), "x");
}

TEST_F(KmsTest, a_key_waits_before_it_is_deleted_and_takes_its_aliases_along) {
  std::string key = make_key();
  ASSERT_TRUE(kms->create_alias(world.call(), {.alias_name = "alias/a", .target_key_id = key}));
  ASSERT_TRUE(kms->schedule_key_deletion(world.call(), {.key_id = key, .pending_window_in_days = 7}));
  EXPECT_EQ(kms->seal(key, "x", {}).error().code, "KMSInvalidStateException");
  world.clock().advance(std::chrono::days(6));
  ASSERT_TRUE(kms->cancel_key_deletion(world.call(), {.key_id = key}));
  EXPECT_EQ(kms->describe_key(world.call(), {.key_id = "alias/a"})->key_metadata->key_state, "Disabled");
  ASSERT_TRUE(kms->schedule_key_deletion(world.call(), {.key_id = key, .pending_window_in_days = 7}));
  world.clock().advance(std::chrono::days(7));
  EXPECT_EQ(kms->describe_key(world.call(), {.key_id = key}).error().code, "NotFoundException");
  EXPECT_TRUE(kms->list_aliases(world.call(), {})->aliases.empty());
}

TEST_F(KmsTest, signatures_verify_by_the_public_key_alone) {
  std::string key = make_signing_key();
  auto signature = kms->sign(world.call(), {.key_id = key, .signing_algorithm = "ECDSA_SHA_256", .message = {"release"}});
  ASSERT_TRUE(signature);
  auto public_key = kms->get_public_key(world.call(), {.key_id = key});
  EXPECT_TRUE(EcKey::from_public_der(public_key->public_key->bytes)->verify("release", signature->signature->bytes));
  restart();
  auto by_digest = kms->verify(world.call(), {.key_id = key,
                                              .signing_algorithm = "ECDSA_SHA_256",
                                              .message = {sha256("release")},
                                              .signature = *signature->signature,
                                              .message_type = "DIGEST"});
  EXPECT_TRUE(by_digest->signature_valid);
  auto wrong =
      kms->verify(world.call(),
                  {.key_id = key, .signing_algorithm = "ECDSA_SHA_256", .message = {"other"}, .signature = *signature->signature});
  EXPECT_EQ(wrong.error().code, "KMSInvalidSignatureException");
  EXPECT_EQ(kms->seal(key, "x", {}).error().code, "InvalidKeyUsageException");
  EXPECT_EQ(kms->get_public_key(world.call(), {.key_id = make_key()}).error().code, "UnsupportedOperationException");
}

TEST_F(KmsTest, a_service_s_own_key_is_made_once) {
  std::string blob = *kms->seal("alias/aws/secretsmanager", "x", {});
  EXPECT_EQ(*kms->key_arn("alias/aws/secretsmanager"), *kms->key_arn(*key_id_of(blob)));
  EXPECT_EQ(kms->list_keys(world.call(), {})->keys.size(), 1u);
  EXPECT_EQ(kms->disable_key(world.call(), {.key_id = *key_id_of(blob)}).error().code, "AccessDeniedException");
}

TEST_F(KmsTest, a_data_key_comes_with_its_sealed_form) {
  auto made = kms->generate_data_key(world.call(), {.key_id = make_key(), .key_spec = "AES_256"});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->plaintext->bytes.size(), 32u);
  EXPECT_EQ(*kms->open(made->ciphertext_blob->bytes, {}), made->plaintext->bytes);
  EXPECT_EQ(kms->generate_data_key(world.call(), {.key_id = make_key()}).error().code, "ValidationException");
}

TEST_F(KmsTest, a_key_policy_that_would_not_be_enforced_is_refused) {
  std::string key = make_key();
  auto policy = kms->get_key_policy(world.call(), {.key_id = key});
  EXPECT_TRUE(kms->put_key_policy(world.call(), {.key_id = key, .policy = *policy->policy}));
  auto other = kms->put_key_policy(world.call(), {.key_id = key, .policy = R"({"Version":"2012-10-17","Statement":[]})"});
  EXPECT_EQ(other.error().http_status, 501);
}

}  // namespace
}  // namespace pds::cloud::kms
