#include "cloud/services/elbv2/action.h"
#include "cloud/services/elbv2/impl.h"
#include "cloud/services/elbv2/ssl_policy.h"

namespace pds::cloud {

using namespace elbv2;

namespace {

template <class Request>
Result<void> refuse_tls_settings(const Request& request) {
  if (!request.certificates.empty()) return fail("ValidationError", "A certificate cannot be specified for HTTP listeners");
  if (request.ssl_policy) return fail("ValidationError", "An SSL policy cannot be specified for HTTP listeners");
  if (request.mutual_authentication) return fail("ValidationError", "Mutual authentication cannot be specified for HTTP listeners");
  return {};
}

// What a request says of the protocol and of what TLS needs, taken over into a listener that is new or is there. Where one becomes HTTPS it
// must name a certificate.
template <class Request>
Result<void> take_protocol(const Elbv2::Impl& impl, const char* operation, const Request& request, wire::Listener& listener) {
  if (request.protocol) listener.protocol = *request.protocol;
  if (listener.protocol != "HTTP" && listener.protocol != "HTTPS")
    return fail("ValidationError", "Listener protocol '" + listener.protocol + "' must be one of 'HTTPS, HTTP'");
  if (!request.alpn_policy.empty()) return fail("ValidationError", "An ALPN policy can only be specified for TLS listeners");
  if (listener.protocol == "HTTP") {
    listener.certificates.clear();
    listener.ssl_policy = std::nullopt;
    listener.mutual_authentication = std::nullopt;
    return refuse_tls_settings(request);
  }
  if (!impl.certificates) return not_supported(operation, "protocol HTTPS is not supported without certificates");
  std::string mode = request.mutual_authentication ? request.mutual_authentication->mode.value_or("off") : "off";
  if (mode != "off") return not_supported(operation, "MutualAuthentication.Mode " + mode + " is not supported");
  if (request.certificates.size() > 1) return fail("ValidationError", "Up to one certificate can be specified, which is the default one");
  if (!request.certificates.empty()) {
    if (request.certificates[0].is_default) return fail("ValidationError", "IsDefault cannot be specified");
    TRY(std::string arn, impl.known_certificate(request.certificates[0]));
    listener.certificates = {{arn, std::nullopt}};
  }
  if (listener.certificates.empty()) return fail("ValidationError", "A certificate must be specified for HTTPS listeners");
  TRY(const SslPolicy* policy,
      ssl_policy_at(operation, request.ssl_policy.value_or(listener.ssl_policy.value_or(std::string(ssl_policy_default)))));
  listener.ssl_policy = std::string(policy->name);
  listener.mutual_authentication = wire::MutualAuthentication{.mode = "off"};
  return {};
}

// At AWS balancers have addresses of their own. Here they may share a port: what is said before a Host is known must be the same for all.
Result<void> check_shared_port(const State& state, const wire::Listener& listener) {
  for (const auto& [arn, other] : state.listeners.rows()) {
    if (other.description.port != listener.port || arn == listener.listener_arn) continue;
    if (other.description.protocol != listener.protocol || other.description.ssl_policy != listener.ssl_policy) {
      return fail("InvalidConfigurationRequest", "Port " + std::to_string(listener.port) + " is shared with listener '" + arn +
                                                     "', which has another protocol or SSL policy. Choose another port");
    }
  }
  return {};
}

Result<void> check_port_is_free(const State& state, const std::string& load_balancer_arn, int port, const std::string& but_for) {
  for (const ListenerRecord* other : state.listeners_of(load_balancer_arn)) {
    if (other->description.port == port && other->description.listener_arn != but_for) {
      return fail("DuplicateListener", "A listener already exists on this port for this load balancer '" + load_balancer_arn + "'");
    }
  }
  return {};
}

}  // namespace

Result<aws::elbv2::CreateListenerReply> Elbv2::create_listener(const Call&, const aws::elbv2::CreateListenerRequest& request) {
  CHECK(refuse_unsupported("CreateListener", request));
  TRY(const LoadBalancerRecord* balancer, impl_->state.load_balancer_at(request.load_balancer_arn));
  if (!request.protocol) return fail("ValidationError", "A listener protocol must be specified");
  if (!request.port) return fail("ValidationError", "A listener port must be specified");
  ListenerRecord record;
  record.description.load_balancer_arn = request.load_balancer_arn;
  record.description.port = *request.port;
  CHECK(take_protocol(*impl_, "CreateListener", request, record.description));
  CHECK(check_port_is_free(impl_->state, request.load_balancer_arn, *request.port, ""));
  if (impl_->state.listeners_of(request.load_balancer_arn).size() >= listeners_per_balancer_max) {
    return fail("TooManyListeners",
                "The maximum number of listeners of load balancer '" + request.load_balancer_arn + "' has been reached");
  }
  TRY(record.description.default_actions, check_actions(impl_->state, *balancer, record.description.protocol, request.default_actions, "CreateListener"));
  TRY(record.tags, check_tags(request.tags));
  CHECK(check_shared_port(impl_->state, record.description));
  CHECK(impl_->front.claim_port(static_cast<uint16_t>(*request.port)));

  std::string path = "listener/app/" + balancer->description.load_balancer_name + "/" + balancer->id + "/" + impl_->new_id();
  record.description.listener_arn = impl_->core.arn("elasticloadbalancing", path);
  const std::string arn = record.description.listener_arn;
  const ListenerRecord& stored = impl_->state.listeners.put(arn, std::move(record));
  impl_->front.reconcile();
  return aws::elbv2::CreateListenerReply{{stored.description}};
}

Result<aws::elbv2::ModifyListenerReply> Elbv2::modify_listener(const Call&, const aws::elbv2::ModifyListenerRequest& request) {
  CHECK(refuse_unsupported("ModifyListener", request));
  TRY(const ListenerRecord* listener, impl_->state.listener_at(request.listener_arn));
  TRY(const LoadBalancerRecord* balancer, impl_->state.load_balancer_at(listener->description.load_balancer_arn));
  wire::Listener changed = listener->description;
  CHECK(take_protocol(*impl_, "ModifyListener", request, changed));
  if (request.port) {
    CHECK(check_port_is_free(impl_->state, changed.load_balancer_arn, *request.port, changed.listener_arn));
    changed.port = *request.port;
  }
  if (!request.default_actions.empty()) changed.default_actions = request.default_actions;
  // Those that stay may not suit another protocol.
  TRY(changed.default_actions, check_actions(impl_->state, *balancer, changed.protocol, std::move(changed.default_actions), "ModifyListener"));
  CHECK(check_shared_port(impl_->state, changed));
  CHECK(impl_->front.claim_port(static_cast<uint16_t>(changed.port)));
  impl_->state.listeners.update(request.listener_arn, [&](ListenerRecord& l) {
    l.description = changed;
    if (changed.protocol == "HTTP") l.further_certificates.clear();
    if (!changed.certificates.empty()) std::erase(l.further_certificates, *changed.certificates[0].certificate_arn);
  });
  impl_->front.reconcile();
  return aws::elbv2::ModifyListenerReply{{changed}};
}

Result<aws::elbv2::DeleteListenerReply> Elbv2::delete_listener(const Call&, const aws::elbv2::DeleteListenerRequest& request) {
  CHECK(impl_->state.listener_at(request.listener_arn));
  const std::string arn = request.listener_arn;
  for (const RuleRecord* rule : impl_->state.rules_of(arn)) impl_->state.rules.erase(std::string(rule->arn));
  impl_->state.listeners.erase(arn);
  impl_->front.reconcile();
  return aws::elbv2::DeleteListenerReply{};
}

Result<aws::elbv2::DescribeListenersReply> Elbv2::describe_listeners(const Call&,
                                                                     const aws::elbv2::DescribeListenersRequest& request) {
  aws::elbv2::DescribeListenersReply reply;
  if (request.load_balancer_arn) {
    CHECK(impl_->state.load_balancer_at(*request.load_balancer_arn));
    for (const auto& [arn, record] : impl_->state.listeners.rows()) {
      if (record.description.load_balancer_arn == *request.load_balancer_arn) reply.listeners.push_back(record.description);
    }
  } else if (!request.listener_arns.empty()) {
    for (const std::string& arn : request.listener_arns) {
      TRY(const ListenerRecord* record, impl_->state.listener_at(arn));
      reply.listeners.push_back(record->description);
    }
  } else {
    return fail("ValidationError", "You must specify either listener ARNs or a load balancer ARN");
  }
  TRY(reply.next_marker, aws::cut_page(
                             reply.listeners, request.marker, request.page_size.value_or(0), page_size_default,
                             [](const wire::Listener& l) { return l.listener_arn; }, "ValidationError"));
  return reply;
}

Result<aws::elbv2::DescribeListenerAttributesReply> Elbv2::describe_listener_attributes(
    const Call&, const aws::elbv2::DescribeListenerAttributesRequest& request) {
  TRY(const ListenerRecord* listener, impl_->state.listener_at(request.listener_arn));
  return aws::elbv2::DescribeListenerAttributesReply{all_attributes(listener_attributes(), listener->attributes)};
}

Result<aws::elbv2::ModifyListenerAttributesReply> Elbv2::modify_listener_attributes(
    const Call&, const aws::elbv2::ModifyListenerAttributesRequest& request) {
  TRY(const ListenerRecord* listener, impl_->state.listener_at(request.listener_arn));
  Attributes attributes = listener->attributes;
  CHECK(change_attributes(listener_attributes(), request.attributes, attributes, "ModifyListenerAttributes"));
  CHECK(check_listener_attributes(attributes));
  impl_->state.listeners.update(request.listener_arn, [&](ListenerRecord& l) { l.attributes = attributes; });
  impl_->front.reconcile();
  return aws::elbv2::ModifyListenerAttributesReply{all_attributes(listener_attributes(), attributes)};
}

}  // namespace pds::cloud
