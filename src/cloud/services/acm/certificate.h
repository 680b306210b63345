// One imported certificate: what may be imported, and what is remembered of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "aws/shapes/acm.h"
#include "http/certificate.h"

namespace pds::cloud::acm {

inline constexpr size_t tags_max = 50;
inline constexpr size_t certificates_max = 2500;   // AWS's quota

struct CertificateRecord {
  std::string arn;
  std::string certificate_pem, chain_pem;
  std::string sealed_key;   // base64
  Timestamp created{}, imported{};
  std::map<std::string, std::string> tags;
};
PDS_SHAPE(CertificateRecord, FIELD(arn, "Arn"), FIELD(certificate_pem, "Certificate"), FIELD(chain_pem, "Chain"),
          FIELD(sealed_key, "SealedKey"), FIELD(created, "Created"), FIELD(imported, "Imported"), FIELD(tags, "Tags"))

struct Import {
  std::string certificate_pem, key_pem, chain_pem;
};

// AWS's error when it cannot be imported: not PEM, expired, a key that is not its, a chain that does not lead anywhere.
Result<http::CertificateFacts> check_import(const Import& import, Timestamp now);
// The kind of key stays, and not every name may go.
Result<void> check_replacement(const http::CertificateFacts& before, const http::CertificateFacts& after);

// The common name, or the first other name.
std::string domain_name_of(const http::CertificateFacts& facts);

}  // namespace pds::cloud::acm
