#include "cloud/services/elbv2/ssl_policy.h"

#include <algorithm>
#include <array>

namespace pds::cloud::elbv2 {
namespace {

using Names = std::vector<std::string_view>;

Names operator+(Names a, const Names& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// The policies are sums of these, in AWS's order.
const Names suites_13 = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"};
const Names gcm_128 = {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"};
const Names gcm_256 = {"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"};
const Names cbc_128 = {"ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256"};
const Names cbc_256 = {"ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384"};
const Names sha1_128 = {"ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA"};
const Names sha1_256 = {"ECDHE-RSA-AES256-SHA", "ECDHE-ECDSA-AES256-SHA"};
const Names rsa_128 = {"AES128-GCM-SHA256", "AES128-SHA256"};
const Names rsa_256 = {"AES256-GCM-SHA384", "AES256-SHA256"};
const Names rsa_sha1_128 = {"AES128-SHA"}, rsa_sha1_256 = {"AES256-SHA"};

const Names strict = gcm_128 + gcm_256;
const Names usual = gcm_128 + cbc_128 + gcm_256 + cbc_256;
const Names with_rsa = usual + rsa_128 + rsa_256;
const Names with_sha1 = gcm_128 + cbc_128 + sha1_128 + gcm_256 + cbc_256 + sha1_256;
const Names with_all =
    gcm_128 + cbc_128 + sha1_128 + gcm_256 + cbc_256 + sha1_256 + rsa_128 + rsa_sha1_128 + rsa_256 + rsa_sha1_256;

constexpr auto v1_2 = http::TlsVersion::v1_2, v1_3 = http::TlsVersion::v1_3;

const SslPolicy policies[] = {
    {"ELBSecurityPolicy-FS-1-2-2019-08", v1_2, v1_2, {}, with_sha1},
    {"ELBSecurityPolicy-FS-1-2-Res-2019-08", v1_2, v1_2, {}, usual},
    {"ELBSecurityPolicy-FS-1-2-Res-2020-10", v1_2, v1_2, {}, strict},
    {"ELBSecurityPolicy-TLS-1-2-2017-01", v1_2, v1_2, {}, with_rsa},
    {"ELBSecurityPolicy-TLS-1-2-Ext-2018-06", v1_2, v1_2, {}, with_all},
    {"ELBSecurityPolicy-TLS13-1-2-2021-06", v1_2, v1_3, suites_13, usual},
    {"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", v1_2, v1_3, suites_13, with_rsa},
    {"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", v1_2, v1_3, suites_13, with_all},
    {"ELBSecurityPolicy-TLS13-1-2-Res-2021-06", v1_2, v1_3, suites_13, strict},
    {"ELBSecurityPolicy-TLS13-1-3-2021-06", v1_3, v1_3, suites_13, {}},
};

// AWS's, too, but with TLS 1.0 or 1.1 in them, which are not spoken here.
constexpr std::array<std::string_view, 8> old_policies = {
    "ELBSecurityPolicy-2016-08",         "ELBSecurityPolicy-2015-05",       "ELBSecurityPolicy-TLS-1-0-2015-04",
    "ELBSecurityPolicy-TLS-1-1-2017-01", "ELBSecurityPolicy-FS-2018-06",    "ELBSecurityPolicy-FS-1-1-2019-08",
    "ELBSecurityPolicy-TLS13-1-1-2021-06", "ELBSecurityPolicy-TLS13-1-0-2021-06"};

std::string joined(const Names& names) {
  std::string list;
  for (std::string_view name : names) list.append(list.empty() ? "" : ":").append(name);
  return list;
}

}  // namespace

// A list of ciphers that is never used must not be empty all the same.
std::string SslPolicy::cipher_list() const { return ciphers.empty() ? std::string(http::tls_ciphers_default) : joined(ciphers); }
std::string SslPolicy::suite_list() const { return joined(suites); }

std::span<const SslPolicy> ssl_policies() { return policies; }

Result<const SslPolicy*> ssl_policy_at(const char* operation, std::string_view name) {
  for (const SslPolicy& policy : policies) {
    if (policy.name == name) return &policy;
  }
  bool old = std::find(old_policies.begin(), old_policies.end(), name) != old_policies.end();
  bool validated = name.starts_with("ELBSecurityPolicy-TLS13-") && name.find("-FIPS-") != std::string_view::npos;
  if (old || validated) {
    return fail("NotImplemented",
                std::string(operation) + ": SslPolicy " + std::string(name) + " is not supported" +
                    (old ? ": it allows TLS versions before 1.2" : ": the cryptography here is not validated"),
                501);
  }
  return fail("SSLPolicyNotFound", "SSL policy '" + std::string(name) + "' not found");
}

aws::elbv2::SslPolicy describe(const SslPolicy& policy) {
  aws::elbv2::SslPolicy described;
  described.name = policy.name;
  described.supported_load_balancer_types = {"application"};
  if (policy.version_max == v1_3) described.ssl_protocols.emplace_back("TLSv1.3");
  if (policy.version_min == v1_2) described.ssl_protocols.emplace_back("TLSv1.2");
  for (const Names& names : {policy.suites, policy.ciphers}) {
    for (std::string_view name : names) described.ciphers.push_back({std::string(name), static_cast<int>(described.ciphers.size()) + 1});
  }
  return described;
}

}  // namespace pds::cloud::elbv2
