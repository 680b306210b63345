// AWS's named security policies, as far as they can be honoured: those that begin at TLS 1.2.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/shapes/elbv2.h"
#include "http/tls_context.h"

namespace pds::cloud::elbv2 {

struct SslPolicy {
  std::string_view name;
  http::TlsVersion version_min, version_max;
  std::vector<std::string_view> suites;    // of TLS 1.3, preferred ones first
  std::vector<std::string_view> ciphers;   // of TLS 1.2, the same

  // In OpenSSL's form.
  std::string suite_list() const;
  std::string cipher_list() const;
};

// What a listener gets that asks for none: the one that AWS's console proposes. AWS's API has one with TLS 1.0, which nobody should use.
inline constexpr std::string_view ssl_policy_default = "ELBSecurityPolicy-TLS13-1-2-2021-06";

std::span<const SslPolicy> ssl_policies();
// SSLPolicyNotFound; NotImplemented for those of AWS's that allow older versions, or promise validated cryptography.
Result<const SslPolicy*> ssl_policy_at(const char* operation, std::string_view name);
aws::elbv2::SslPolicy describe(const SslPolicy& policy);

}  // namespace pds::cloud::elbv2
