// For tests: an authority and certificates that it signs, made on the spot.
#pragma once

#include <openssl/pem.h>

#include <string>
#include <vector>

#include "base/check.h"
#include "http/openssl_handles.h"
#include "http/tls_context.h"

namespace pds::http {

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name = "Test Authority") : key_(new_key()), certificate_(make(name, {}, key_.get(), nullptr, 0, 30)) {}

  struct Leaf {
    std::vector<std::string> names;   // "IP:127.0.0.1" for an address
    int days_from = -1, days_to = 30;
    bool rsa = false;
  };
  // `name` is the identity's; see TlsIdentity.
  TlsIdentity issue(const Leaf& leaf, const std::string& name = "") const {
    PkeyPtr key = leaf.rsa ? PkeyPtr(EVP_RSA_gen(2048)) : new_key();
    X509Ptr certificate = make(leaf.names.empty() ? "client" : leaf.names[0], leaf.names, key.get(), this, leaf.days_from, leaf.days_to);
    return {name, pem(certificate.get()), pem(key.get())};
  }
  std::string pem() const { return pem(certificate_.get()); }
  // The authority's own certificate, which it has signed itself.
  TlsIdentity own() const { return {"", pem(), pem(key_.get())}; }

 private:
  static PkeyPtr new_key() { return PkeyPtr(EVP_EC_gen("P-256")); }
  static std::string text_of(BIO* bio) {
    char* text = nullptr;
    long size = BIO_get_mem_data(bio, &text);
    return {text, static_cast<size_t>(size)};
  }
  static std::string pem(X509* certificate) {
    BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate);
    return text_of(bio.get());
  }
  static std::string pem(EVP_PKEY* key) {
    BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(bio.get());
  }
  static void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    ASSERT(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  static X509Ptr make(const std::string& name, const std::vector<std::string>& alternative, EVP_PKEY* key, const TestAuthority* signer,
                      int days_from, int days_to) {
    X509Ptr certificate(X509_new());
    X509* raw = certificate.get();
    static long serial = 1000;
    X509_set_version(raw, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(raw), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(raw), days_from * 86400L);
    X509_gmtime_adj(X509_getm_notAfter(raw), days_to * 86400L);
    X509_set_pubkey(raw, key);
    X509_NAME* subject = X509_get_subject_name(raw);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509* issuer = signer ? signer->certificate_.get() : raw;
    X509_set_issuer_name(raw, X509_get_subject_name(issuer));
    if (!signer) {
      extend(raw, raw, NID_basic_constraints, "critical,CA:TRUE");
      extend(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign");
    } else if (!alternative.empty()) {
      std::string all;
      for (const std::string& one : alternative) all += (all.empty() ? "" : ",") + (one.starts_with("IP:") ? one : "DNS:" + one);
      extend(raw, issuer, NID_subject_alt_name, all);
    }
    ASSERT(X509_sign(raw, signer ? signer->key_.get() : key, EVP_sha256()) > 0);
    return certificate;
  }

  PkeyPtr key_;
  X509Ptr certificate_;
};

}  // namespace pds::http
