// X.509 certificates as text: what they say, whether they belong together, which names they are for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace pds::http {

// Longest chain that is taken, the leaf included; real ones have two or three.
inline constexpr size_t certificate_chain_max = 10;

struct CertificateFacts {
  std::string subject, issuer;           // "CN=podinfo.example,O=Example" (RFC 2253)
  std::string common_name;               // of the subject; may be empty
  std::string issuer_organisation;       // or, when it has none, the issuer's common name
  std::vector<std::string> dns_names;    // subject alternative names; the common name when there is none
  std::string serial;                    // "0f:3a:..."
  std::string key_algorithm;             // AWS's names: "EC_prime256v1", "RSA_2048"; empty: another
  std::string signature_algorithm;       // "SHA256WITHECDSA"
  std::vector<std::string> key_usages;   // AWS's names: "DIGITAL_SIGNATURE"; empty: not restricted
  std::vector<std::string> extended_key_usages;   // "TLS_WEB_SERVER_AUTHENTICATION"
  Timestamp not_before{}, not_after{};
};

// Of the first certificate in a PEM text. E_CERTIFICATE.
Result<CertificateFacts> read_certificate(std::string_view pem);
// How many certificates a PEM text holds; anything that is none is E_CERTIFICATE. More than `count_max`: E_TOO_LARGE.
Result<size_t> count_certificates(std::string_view pem, size_t count_max);
// E_CERTIFICATE says why: no key, a passphrase, not the certificate's.
Result<void> check_key(std::string_view certificate_pem, std::string_view key_pem);
// Each certificate of the chain signs the one before; the first signs the certificate itself.
Result<void> check_chain(std::string_view certificate_pem, std::string_view chain_pem);

// "*.example.com" stands for exactly one label.
bool name_covers(std::string_view pattern, std::string_view name);

}  // namespace pds::http
