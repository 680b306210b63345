// Certificates as services that serve TLS need them. ACM has them; whoever uses one says so, and is told when it has changed.
#pragma once

#include <string>
#include <vector>

#include "http/tls_context.h"

namespace pds::cloud {

class CertificateUser {
 public:
  virtual ~CertificateUser() = default;
  // ARNs of what serves with this certificate now.
  virtual std::vector<std::string> users_of(const std::string& certificate_arn) const = 0;
  // Imported again under the same ARN.
  virtual void certificate_changed(const std::string& certificate_arn) = 0;
};

class CertificateSource {
 public:
  virtual ~CertificateSource() = default;
  virtual bool has_certificate(const std::string& certificate_arn) const = 0;
  // With its chain and its key; `name` is the ARN. An error when there is none of that ARN.
  virtual Result<http::TlsIdentity> certificate(const std::string& certificate_arn) const = 0;
  // One at most; null: none any more.
  virtual void set_user(CertificateUser* user) = 0;
};

}  // namespace pds::cloud
