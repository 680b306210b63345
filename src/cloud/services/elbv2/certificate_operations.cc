#include <set>

#include "cloud/services/elbv2/impl.h"
#include "cloud/services/elbv2/port_tls.h"
#include "cloud/services/elbv2/ssl_policy.h"

namespace pds::cloud {

using namespace elbv2;

namespace {

Result<const ListenerRecord*> https_listener_at(const State& state, const std::string& arn) {
  TRY(const ListenerRecord* listener, state.listener_at(arn));
  if (!is_https(*listener)) return fail("ValidationError", "Certificates can only be set for HTTPS listeners");
  return listener;
}

}  // namespace

std::vector<std::string> Elbv2::Impl::users_of(const std::string& certificate_arn) const {
  std::set<std::string> users;
  for (const auto& [arn, listener] : state.listeners.rows()) {
    std::vector<std::string> shown = certificates_of(listener);
    if (std::find(shown.begin(), shown.end(), certificate_arn) != shown.end()) users.insert(listener.description.load_balancer_arn);
  }
  return {users.begin(), users.end()};
}

Result<std::string> Elbv2::Impl::known_certificate(const aws::elbv2::Certificate& certificate) const {
  std::string arn = certificate.certificate_arn.value_or("");
  if (certificates && certificates->has_certificate(arn)) return arn;
  return fail("CertificateNotFound", "Certificate '" + arn + "' not found");
}

Result<aws::elbv2::AddListenerCertificatesReply> Elbv2::add_listener_certificates(
    const Call&, const aws::elbv2::AddListenerCertificatesRequest& request) {
  TRY(const ListenerRecord* listener, https_listener_at(impl_->state, request.listener_arn));
  std::vector<std::string> further = listener->further_certificates;
  for (const wire::Certificate& certificate : request.certificates) {
    if (certificate.is_default) return fail("ValidationError", "IsDefault cannot be specified");
    TRY(std::string arn, impl_->known_certificate(certificate));
    if (arn == listener->description.certificates[0].certificate_arn) continue;  // it is shown already
    if (std::find(further.begin(), further.end(), arn) == further.end()) further.push_back(arn);
  }
  if (further.size() > further_certificates_max) {
    return fail("TooManyCertificates", "The maximum number of certificates of listener '" + request.listener_arn + "' has been reached");
  }
  aws::elbv2::AddListenerCertificatesReply reply;
  for (const wire::Certificate& certificate : request.certificates) reply.certificates.push_back({certificate.certificate_arn, false});
  impl_->state.listeners.update(request.listener_arn, [&](ListenerRecord& l) { l.further_certificates = std::move(further); });
  impl_->front.reconcile();
  return reply;
}

Result<aws::elbv2::RemoveListenerCertificatesReply> Elbv2::remove_listener_certificates(
    const Call&, const aws::elbv2::RemoveListenerCertificatesRequest& request) {
  TRY(const ListenerRecord* listener, https_listener_at(impl_->state, request.listener_arn));
  std::vector<std::string> further = listener->further_certificates;
  for (const wire::Certificate& certificate : request.certificates) {
    if (certificate.certificate_arn == listener->description.certificates[0].certificate_arn)
      return fail("OperationNotPermitted", "Default certificate cannot be removed");
    std::erase(further, certificate.certificate_arn.value_or(""));
  }
  impl_->state.listeners.update(request.listener_arn, [&](ListenerRecord& l) { l.further_certificates = std::move(further); });
  impl_->front.reconcile();
  return aws::elbv2::RemoveListenerCertificatesReply{};
}

Result<aws::elbv2::DescribeListenerCertificatesReply> Elbv2::describe_listener_certificates(
    const Call&, const aws::elbv2::DescribeListenerCertificatesRequest& request) {
  TRY(const ListenerRecord* listener, impl_->state.listener_at(request.listener_arn));
  aws::elbv2::DescribeListenerCertificatesReply reply;
  for (const std::string& arn : certificates_of(*listener)) reply.certificates.push_back({arn, reply.certificates.empty()});
  auto arn_of = [](const wire::Certificate& c) { return *c.certificate_arn; };
  std::sort(reply.certificates.begin(), reply.certificates.end(), [&](auto& a, auto& b) { return arn_of(a) < arn_of(b); });
  TRY(reply.next_marker,
      aws::cut_page(reply.certificates, request.marker, request.page_size.value_or(0), page_size_default, arn_of, "ValidationError"));
  return reply;
}

Result<aws::elbv2::DescribeSSLPoliciesReply> Elbv2::describe_ssl_policies(const Call&,
                                                                          const aws::elbv2::DescribeSSLPoliciesRequest& request) {
  aws::elbv2::DescribeSSLPoliciesReply reply;
  if (request.load_balancer_type.value_or("application") != "application")
    return not_supported("DescribeSSLPolicies", "LoadBalancerType " + *request.load_balancer_type + " is not supported");
  for (const std::string& name : request.names) {
    TRY(const SslPolicy* policy, ssl_policy_at("DescribeSSLPolicies", name));
    reply.ssl_policies.push_back(describe(*policy));
  }
  if (request.names.empty()) {
    for (const SslPolicy& policy : ssl_policies()) reply.ssl_policies.push_back(describe(policy));
  }
  auto name_of = [](const wire::SslPolicy& policy) { return policy.name; };
  std::sort(reply.ssl_policies.begin(), reply.ssl_policies.end(), [&](auto& a, auto& b) { return a.name < b.name; });
  TRY(reply.next_marker,
      aws::cut_page(reply.ssl_policies, request.marker, request.page_size.value_or(0), page_size_default, name_of, "ValidationError"));
  return reply;
}

}  // namespace pds::cloud
