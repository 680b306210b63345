"""KMS as the stock SDK sees it."""
from harness import CloudTest


class KmsTest(CloudTest):
    def setUp(self):
        self.kms = self.cloud.client("kms")

    def test_encryption_is_bound_to_key_and_context(self):
        key = self.kms.create_key(Description="d", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
        self.assertTrue(key["Enabled"])
        self.kms.create_alias(AliasName="alias/app", TargetKeyId=key["KeyId"])
        sealed = self.kms.encrypt(KeyId="alias/app", Plaintext=b"hello", EncryptionContext={"for": "test"})
        self.assertNotIn(b"hello", sealed["CiphertextBlob"])
        opened = self.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"for": "test"})
        self.assertEqual((opened["Plaintext"], opened["KeyId"]), (b"hello", key["Arn"]))
        self.assert_error("InvalidCiphertextException", self.kms.decrypt, CiphertextBlob=sealed["CiphertextBlob"], status=400)
        self.assert_error("InvalidCiphertextException", self.kms.decrypt, CiphertextBlob=b"x" * 100)
        self.kms.disable_key(KeyId=key["KeyId"])
        self.assert_error("DisabledException", self.kms.decrypt, CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"for": "test"})
        self.assertEqual(self.kms.list_resource_tags(KeyId=key["KeyId"])["Tags"], [{"TagKey": "a", "TagValue": "b"}])

    def test_a_data_key_comes_in_both_forms(self):
        key = self.kms.create_key()["KeyMetadata"]["KeyId"]
        made = self.kms.generate_data_key(KeyId=key, KeySpec="AES_256")
        self.assertEqual(len(made["Plaintext"]), 32)
        self.assertEqual(self.kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"], made["Plaintext"])

    def test_signatures_verify(self):
        key = self.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        signed = self.kms.sign(KeyId=key, Message=b"release", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
        self.assertTrue(self.kms.verify(KeyId=key, Message=b"release", Signature=signed, SigningAlgorithm="ECDSA_SHA_256")["SignatureValid"])
        self.assert_error("KMSInvalidSignatureException", self.kms.verify, KeyId=key, Message=b"other", Signature=signed, SigningAlgorithm="ECDSA_SHA_256")
        self.assertEqual(self.kms.get_public_key(KeyId=key)["KeySpec"], "ECC_NIST_P256")

    def test_deletion_waits(self):
        key = self.kms.create_key()["KeyMetadata"]["KeyId"]
        answer = self.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        self.assertEqual(answer["KeyState"], "PendingDeletion")
        self.assert_error("KMSInvalidStateException", self.kms.encrypt, KeyId=key, Plaintext=b"x")
        self.kms.cancel_key_deletion(KeyId=key)
        self.assertEqual(self.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"], "Disabled")

    def test_what_is_not_done_is_refused_by_name(self):
        self.assert_error("NotFoundException", self.kms.describe_key, KeyId="alias/none")
        self.assert_error("NotImplemented", self.kms.create_key, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", status=501)
        self.assert_error("NotImplemented", self.kms.create_grant, KeyId="alias/none", GranteePrincipal="x", Operations=["Decrypt"], status=501)


del CloudTest
