// KMS 2014-11-01: what is done with a key.
#pragma once

#include "aws/shapes/kms/common.h"

namespace pds::aws::kms {

struct EncryptRequest {
  std::string key_id;
  Blob plaintext;
  std::map<std::string, std::string> encryption_context;
  std::optional<Unsupported> grant_tokens, dry_run;
  std::optional<std::string> encryption_algorithm;
};
PDS_WIRE_SHAPE(EncryptRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(plaintext, "Plaintext").required().sensitive(),
               FIELD(encryption_context, "EncryptionContext"), FIELD(grant_tokens, "GrantTokens"),
               FIELD(encryption_algorithm, "EncryptionAlgorithm"), FIELD(dry_run, "DryRun"))

struct EncryptReply {
  std::optional<Blob> ciphertext_blob;
  std::optional<std::string> key_id, encryption_algorithm;
};
PDS_WIRE_SHAPE(EncryptReply, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(key_id, "KeyId"),
               FIELD(encryption_algorithm, "EncryptionAlgorithm"))

PDS_OPERATION(Encrypt)

struct DecryptRequest {
  std::optional<Blob> ciphertext_blob;
  std::map<std::string, std::string> encryption_context;
  std::optional<Unsupported> grant_tokens, recipient, dry_run, dry_run_modifiers;
  std::optional<std::string> key_id, encryption_algorithm;
};
PDS_WIRE_SHAPE(DecryptRequest, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(encryption_context, "EncryptionContext"),
               FIELD(grant_tokens, "GrantTokens"), FIELD(key_id, "KeyId").bounds(1, 2048),
               FIELD(encryption_algorithm, "EncryptionAlgorithm"), FIELD(recipient, "Recipient"), FIELD(dry_run, "DryRun"),
               FIELD(dry_run_modifiers, "DryRunModifiers"))

struct DecryptReply {
  std::optional<std::string> key_id, encryption_algorithm;
  std::optional<Blob> plaintext;
};
PDS_WIRE_SHAPE(DecryptReply, FIELD(key_id, "KeyId"), FIELD(plaintext, "Plaintext").sensitive(),
               FIELD(encryption_algorithm, "EncryptionAlgorithm"))

PDS_OPERATION(Decrypt)

struct ReEncryptRequest {
  std::optional<Blob> ciphertext_blob;
  std::map<std::string, std::string> source_encryption_context, destination_encryption_context;
  std::optional<std::string> source_key_id, source_encryption_algorithm, destination_encryption_algorithm;
  std::string destination_key_id;
  std::optional<Unsupported> grant_tokens, dry_run, dry_run_modifiers;
};
PDS_WIRE_SHAPE(ReEncryptRequest, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(source_encryption_context, "SourceEncryptionContext"),
               FIELD(source_key_id, "SourceKeyId").bounds(1, 2048),
               FIELD(destination_key_id, "DestinationKeyId").required().bounds(1, 2048),
               FIELD(destination_encryption_context, "DestinationEncryptionContext"),
               FIELD(source_encryption_algorithm, "SourceEncryptionAlgorithm"),
               FIELD(destination_encryption_algorithm, "DestinationEncryptionAlgorithm"), FIELD(grant_tokens, "GrantTokens"),
               FIELD(dry_run, "DryRun"), FIELD(dry_run_modifiers, "DryRunModifiers"))

struct ReEncryptReply {
  std::optional<Blob> ciphertext_blob;
  std::optional<std::string> source_key_id, key_id, source_encryption_algorithm, destination_encryption_algorithm;
};
PDS_WIRE_SHAPE(ReEncryptReply, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(source_key_id, "SourceKeyId"), FIELD(key_id, "KeyId"),
               FIELD(source_encryption_algorithm, "SourceEncryptionAlgorithm"),
               FIELD(destination_encryption_algorithm, "DestinationEncryptionAlgorithm"))

PDS_OPERATION(ReEncrypt)

struct GenerateDataKeyRequest {
  std::string key_id;
  std::map<std::string, std::string> encryption_context;
  std::optional<int> number_of_bytes;
  std::optional<std::string> key_spec;
  std::optional<Unsupported> grant_tokens, recipient, dry_run;
};
PDS_WIRE_SHAPE(GenerateDataKeyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(encryption_context, "EncryptionContext"),
               FIELD(number_of_bytes, "NumberOfBytes").bounds(1, 1024), FIELD(key_spec, "KeySpec"), FIELD(grant_tokens, "GrantTokens"),
               FIELD(recipient, "Recipient"), FIELD(dry_run, "DryRun"))

struct GenerateDataKeyReply {
  std::optional<Blob> ciphertext_blob, plaintext;
  std::optional<std::string> key_id;
};
PDS_WIRE_SHAPE(GenerateDataKeyReply, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(plaintext, "Plaintext").sensitive(),
               FIELD(key_id, "KeyId"))

PDS_OPERATION(GenerateDataKey)

struct GenerateDataKeyWithoutPlaintextRequest {
  std::string key_id;
  std::map<std::string, std::string> encryption_context;
  std::optional<std::string> key_spec;
  std::optional<int> number_of_bytes;
  std::optional<Unsupported> grant_tokens, dry_run;
};
PDS_WIRE_SHAPE(GenerateDataKeyWithoutPlaintextRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048),
               FIELD(encryption_context, "EncryptionContext"), FIELD(key_spec, "KeySpec"),
               FIELD(number_of_bytes, "NumberOfBytes").bounds(1, 1024), FIELD(grant_tokens, "GrantTokens"), FIELD(dry_run, "DryRun"))

struct GenerateDataKeyWithoutPlaintextReply {
  std::optional<Blob> ciphertext_blob;
  std::optional<std::string> key_id;
};
PDS_WIRE_SHAPE(GenerateDataKeyWithoutPlaintextReply, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(key_id, "KeyId"))

PDS_OPERATION(GenerateDataKeyWithoutPlaintext)

struct GenerateRandomRequest {
  std::optional<int> number_of_bytes;
  std::optional<std::string> custom_key_store_id;
  std::optional<Unsupported> recipient;
};
PDS_WIRE_SHAPE(GenerateRandomRequest, FIELD(number_of_bytes, "NumberOfBytes").bounds(1, 1024),
               FIELD(custom_key_store_id, "CustomKeyStoreId").bounds(1, 64), FIELD(recipient, "Recipient"))

struct GenerateRandomReply {
  std::optional<Blob> plaintext;
};
PDS_WIRE_SHAPE(GenerateRandomReply, FIELD(plaintext, "Plaintext").sensitive())

PDS_OPERATION(GenerateRandom)

struct SignRequest {
  std::string key_id, signing_algorithm;
  Blob message;
  std::optional<std::string> message_type;
  std::optional<Unsupported> grant_tokens, dry_run;
};
PDS_WIRE_SHAPE(SignRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(message, "Message").required(),
               FIELD(message_type, "MessageType"), FIELD(grant_tokens, "GrantTokens"),
               FIELD(signing_algorithm, "SigningAlgorithm").required(), FIELD(dry_run, "DryRun"))

struct SignReply {
  std::optional<std::string> key_id, signing_algorithm;
  std::optional<Blob> signature;
};
PDS_WIRE_SHAPE(SignReply, FIELD(key_id, "KeyId"), FIELD(signature, "Signature"), FIELD(signing_algorithm, "SigningAlgorithm"))

PDS_OPERATION(Sign)

struct VerifyRequest {
  std::string key_id, signing_algorithm;
  Blob message, signature;
  std::optional<std::string> message_type;
  std::optional<Unsupported> grant_tokens, dry_run;
};
PDS_WIRE_SHAPE(VerifyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(message, "Message").required(),
               FIELD(message_type, "MessageType"), FIELD(signature, "Signature").required(),
               FIELD(signing_algorithm, "SigningAlgorithm").required(), FIELD(grant_tokens, "GrantTokens"), FIELD(dry_run, "DryRun"))

struct VerifyReply {
  std::optional<std::string> key_id, signing_algorithm;
  bool signature_valid = false;
};
PDS_WIRE_SHAPE(VerifyReply, FIELD(key_id, "KeyId"), FIELD(signature_valid, "SignatureValid"),
               FIELD(signing_algorithm, "SigningAlgorithm"))

PDS_OPERATION(Verify)

}  // namespace pds::aws::kms
