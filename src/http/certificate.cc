#include "http/certificate.h"

#include <openssl/pem.h>

#include "base/text.h"
#include "http/openssl_handles.h"

namespace pds::http {
namespace {

std::unexpected<Error> bad(std::string why) {
  ERR_clear_error();
  return fail("E_CERTIFICATE", std::move(why));
}

// A passphrase is never asked for: there is nobody at a terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<std::vector<X509Ptr>> parse_certificates(std::string_view pem, size_t count_max) {
  BioPtr bio = bio_over(pem);
  std::vector<X509Ptr> found;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) {
    found.emplace_back(certificate);
    if (found.size() > count_max) return fail("E_TOO_LARGE", "more than " + std::to_string(count_max) + " certificates");
  }
  bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end || found.empty()) return bad("not a certificate in PEM form");
  return found;
}

std::string name_text(const X509_NAME* name) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

std::string name_part(const X509_NAME* name, int nid) {
  int at = X509_NAME_get_index_by_NID(const_cast<X509_NAME*>(name), nid, -1);
  if (at < 0) return "";
  unsigned char* text = nullptr;
  int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (size < 0) return "";
  std::string part(reinterpret_cast<char*>(text), static_cast<size_t>(size));
  OPENSSL_free(text);
  return part;
}

std::vector<std::string> dns_names_of(X509* certificate) {
  std::vector<std::string> names;
  auto* all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type != GEN_DNS) continue;
    std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                          static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
    if (text.find('\0') == std::string_view::npos) names.push_back(to_lower(text));
  }
  GENERAL_NAMES_free(all);
  return names;
}

std::string serial_of(const X509* certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  std::string hex = to_hex({reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)), static_cast<size_t>(ASN1_STRING_length(serial))});
  std::string text;
  for (size_t i = 0; i + 2 <= hex.size(); i += 2) text.append(text.empty() ? "" : ":").append(hex, i, 2);
  return text;
}

std::string key_algorithm_of(X509* certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (!key) return "";
  if (EVP_PKEY_is_a(key, "RSA")) return "RSA_" + std::to_string(EVP_PKEY_get_bits(key));
  char curve[32];
  size_t size = 0;
  if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, curve, sizeof curve, &size)) return "EC_" + std::string(curve, size);
  return "";
}

std::string signature_algorithm_of(const X509* certificate) {
  int digest = NID_undef, key = NID_undef;
  OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, &key);
  if (digest == NID_undef) return OBJ_nid2sn(X509_get_signature_nid(certificate));
  std::string_view kind = key == NID_X9_62_id_ecPublicKey ? "ECDSA" : "RSA";
  return std::string(OBJ_nid2sn(digest)).append("WITH").append(kind);
}

std::vector<std::string> key_usages_of(X509* certificate) {
  static constexpr std::pair<uint32_t, const char*> all[] = {
      {KU_DIGITAL_SIGNATURE, "DIGITAL_SIGNATURE"}, {KU_NON_REPUDIATION, "NON_REPUDIATION"}, {KU_KEY_ENCIPHERMENT, "KEY_ENCIPHERMENT"},
      {KU_DATA_ENCIPHERMENT, "DATA_ENCIPHERMENT"}, {KU_KEY_AGREEMENT, "KEY_AGREEMENT"},     {KU_KEY_CERT_SIGN, "CERTIFICATE_SIGNING"},
      {KU_CRL_SIGN, "CRL_SIGNING"}};
  std::vector<std::string> found;
  uint32_t bits = X509_get_key_usage(certificate);
  for (auto [bit, name] : all) {
    if (bits != UINT32_MAX && bits & bit) found.emplace_back(name);
  }
  return found;
}

std::vector<std::string> extended_key_usages_of(X509* certificate) {
  static constexpr std::pair<uint32_t, const char*> all[] = {{XKU_SSL_SERVER, "TLS_WEB_SERVER_AUTHENTICATION"},
                                                             {XKU_SSL_CLIENT, "TLS_WEB_CLIENT_AUTHENTICATION"},
                                                             {XKU_CODE_SIGN, "CODE_SIGNING"},
                                                             {XKU_SMIME, "EMAIL_PROTECTION"}};
  std::vector<std::string> found;
  uint32_t bits = X509_get_extended_key_usage(certificate);
  for (auto [bit, name] : all) {
    if (bits != UINT32_MAX && bits & bit) found.emplace_back(name);
  }
  return found;
}

Timestamp to_timestamp(const ASN1_TIME* time) {
  tm parts{};
  if (!ASN1_TIME_to_tm(time, &parts)) return {};
  return Timestamp(std::chrono::seconds(timegm(&parts)));
}

}  // namespace

Result<CertificateFacts> read_certificate(std::string_view pem) {
  BioPtr bio = bio_over(pem);
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
  if (!certificate) return bad("not a certificate in PEM form");
  const X509_NAME* subject = X509_get_subject_name(certificate.get());
  const X509_NAME* issuer = X509_get_issuer_name(certificate.get());
  CertificateFacts facts;
  facts.subject = name_text(subject);
  facts.issuer = name_text(issuer);
  facts.common_name = name_part(subject, NID_commonName);
  facts.issuer_organisation = name_part(issuer, NID_organizationName);
  if (facts.issuer_organisation.empty()) facts.issuer_organisation = name_part(issuer, NID_commonName);
  facts.dns_names = dns_names_of(certificate.get());
  if (facts.dns_names.empty() && !facts.common_name.empty()) facts.dns_names.push_back(to_lower(facts.common_name));
  facts.serial = serial_of(certificate.get());
  facts.key_algorithm = key_algorithm_of(certificate.get());
  facts.signature_algorithm = signature_algorithm_of(certificate.get());
  facts.key_usages = key_usages_of(certificate.get());
  facts.extended_key_usages = extended_key_usages_of(certificate.get());
  facts.not_before = to_timestamp(X509_get0_notBefore(certificate.get()));
  facts.not_after = to_timestamp(X509_get0_notAfter(certificate.get()));
  ERR_clear_error();
  return facts;
}

Result<size_t> count_certificates(std::string_view pem, size_t count_max) {
  TRY(std::vector<X509Ptr> all, parse_certificates(pem, count_max));
  return all.size();
}

Result<void> check_key(std::string_view certificate_pem, std::string_view key_pem) {
  TRY(std::vector<X509Ptr> certificates, parse_certificates(certificate_pem, certificate_chain_max));
  BioPtr bio = bio_over(key_pem);
  PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) return bad("not an unencrypted private key in PEM form");
  if (!X509_check_private_key(certificates[0].get(), key.get())) return bad("the private key is not the certificate's");
  return {};
}

Result<void> check_chain(std::string_view certificate_pem, std::string_view chain_pem) {
  TRY(std::vector<X509Ptr> leaf, parse_certificates(certificate_pem, 1));
  TRY(std::vector<X509Ptr> chain, parse_certificates(chain_pem, certificate_chain_max - 1));
  X509* signed_one = leaf[0].get();
  for (const X509Ptr& signer : chain) {
    if (X509_check_issued(signer.get(), signed_one) != X509_V_OK || X509_verify(signed_one, X509_get0_pubkey(signer.get())) != 1) {
      return bad("\"" + name_text(X509_get_subject_name(signer.get())) + "\" did not sign \"" +
                 name_text(X509_get_subject_name(signed_one)) + "\"");
    }
    signed_one = signer.get();
  }
  return {};
}

bool name_covers(std::string_view pattern, std::string_view name) {
  if (!pattern.starts_with("*.")) return iequals(pattern, name);
  size_t dot = name.find('.');
  return dot != std::string_view::npos && dot > 0 && iequals(pattern.substr(1), name.substr(dot));
}

}  // namespace pds::http
