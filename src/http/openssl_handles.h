// What OpenSSL gives out, owned. Only for the tls_* and certificate sources of this folder.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace pds::http {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};

using BioPtr = std::unique_ptr<BIO, Release<&BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, Release<&X509_free>>;
using X509StorePtr = std::unique_ptr<X509_STORE, Release<&X509_STORE_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, Release<&EVP_PKEY_free>>;
using SslPtr = std::unique_ptr<SSL, Release<&SSL_free>>;
using SslCtxPtr = std::unique_ptr<SSL_CTX, Release<&SSL_CTX_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, Release<&SSL_SESSION_free>>;

// Reads from memory that must outlive it.
inline BioPtr bio_over(std::string_view bytes) { return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }

// Takes the last error of this thread off OpenSSL's queue: "no suitable signature algorithm".
inline std::string take_openssl_error() {
  unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason ? reason : "error " + std::to_string(code);
}

}  // namespace pds::http
