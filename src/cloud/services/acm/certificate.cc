#include "cloud/services/acm/certificate.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace pds::cloud::acm {
namespace {

constexpr std::array<std::string_view, 7> key_algorithms = {"RSA_1024",      "RSA_2048",     "RSA_3072",    "RSA_4096",
                                                            "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"};

std::unexpected<Error> invalid(std::string message) { return fail("ValidationException", std::move(message)); }

}  // namespace

Result<http::CertificateFacts> check_import(const Import& import, Timestamp now) {
  Result<size_t> count = http::count_certificates(import.certificate_pem, 1);
  if (!count && count.error().code == "E_TOO_LARGE")
    return invalid("The certificate field contains more than one certificate. You can specify only one certificate in this field.");
  if (!count) return invalid("The certificate is not valid: " + count.error().message + ".");
  TRY(http::CertificateFacts facts, http::read_certificate(import.certificate_pem));
  if (std::find(key_algorithms.begin(), key_algorithms.end(), facts.key_algorithm) == key_algorithms.end())
    return invalid("The certificate's key algorithm is not supported.");
  if (Result<void> key = http::check_key(import.certificate_pem, import.key_pem); !key)
    return invalid("The private key is not valid for the certificate: " + key.error().message + ".");
  if (now < facts.not_before) return invalid("The certificate is not in effect yet.");
  if (now >= facts.not_after) return invalid("The certificate has expired.");
  if (domain_name_of(facts).empty()) return invalid("The certificate names no domain.");
  // Without a chain it must have signed itself.
  const std::string& signers = import.chain_pem.empty() ? import.certificate_pem : import.chain_pem;
  if (Result<void> chain = http::check_chain(import.certificate_pem, signers); !chain) {
    return invalid(import.chain_pem.empty() ? "The provided certificate is not a valid self signed. Please provide either a valid "
                                              "self-signed certificate or certificate chain."
                                            : "The certificate chain is not valid: " + chain.error().message + ".");
  }
  return facts;
}

Result<void> check_replacement(const http::CertificateFacts& before, const http::CertificateFacts& after) {
  if (before.key_algorithm != after.key_algorithm)
    return invalid("The key type and size of an imported certificate cannot be changed: it is " + before.key_algorithm + ".");
  bool kept = std::any_of(before.dns_names.begin(), before.dns_names.end(), [&](const std::string& name) {
    return std::find(after.dns_names.begin(), after.dns_names.end(), name) != after.dns_names.end();
  });
  if (!kept && !before.dns_names.empty()) return invalid("All domain names of the certificate cannot be removed by importing it again.");
  return {};
}

std::string domain_name_of(const http::CertificateFacts& facts) {
  if (!facts.common_name.empty()) return facts.common_name;
  return facts.dns_names.empty() ? "" : facts.dns_names[0];
}

}  // namespace pds::cloud::acm
