#include "cloud/services/elbv2/port_tls.h"

#include <algorithm>

#include "cloud/services/elbv2/ssl_policy.h"

namespace pds::cloud::elbv2 {

bool is_https(const ListenerRecord& listener) { return listener.description.protocol == "HTTPS"; }

std::vector<std::string> certificates_of(const ListenerRecord& listener) {
  std::vector<std::string> all;
  for (const wire::Certificate& certificate : listener.description.certificates) all.push_back(certificate.certificate_arn.value_or(""));
  all.insert(all.end(), listener.further_certificates.begin(), listener.further_certificates.end());
  return all;
}

Result<std::shared_ptr<const http::TlsServerContext>> PortTls::make_context(const std::string& policy_name,
                                                                            const std::vector<std::string>& arns, bool http2) const {
  TRY(const SslPolicy* policy, ssl_policy_at("", policy_name));
  http::TlsServerOptions options;
  options.version_min = policy->version_min, options.version_max = policy->version_max;
  options.ciphers = policy->cipher_list();
  if (!policy->suites.empty()) options.suites = policy->suite_list();
  options.tickets = tickets_;
  if (http2) options.protocols = {"h2", "http/1.1"};
  for (const std::string& arn : arns) {
    TRY(http::TlsIdentity identity, source_.certificate(arn));
    options.identities.push_back(std::move(identity));
  }
  return http::TlsServerContext::make(options);
}

Result<std::shared_ptr<http::TlsAcceptor>> PortTls::acceptor(uint16_t port, const std::vector<const ListenerRecord*>& listeners,
                                                               bool http2) {
  std::vector<std::string> arns;
  for (const ListenerRecord* listener : listeners) {
    for (std::string& arn : certificates_of(*listener)) {
      if (std::find(arns.begin(), arns.end(), arn) == arns.end()) arns.push_back(std::move(arn));
    }
  }
  std::string policy = listeners.front()->description.ssl_policy.value_or("");
  std::string definition = policy + (http2 ? " h2" : "");
  for (const std::string& arn : arns) definition += " " + arn + "#" + std::to_string(imports_[arn]);
  Held& held = acceptors_[port];
  if (held.acceptor && held.definition == definition) return held.acceptor;
  TRY(auto context, make_context(policy, arns, http2));
  held.definition = std::move(definition);
  if (held.acceptor) {
    held.acceptor->set_context(std::move(context));
  } else {
    held.acceptor = std::make_shared<http::TlsAcceptor>(std::move(context));
  }
  return held.acceptor;
}

}  // namespace pds::cloud::elbv2
