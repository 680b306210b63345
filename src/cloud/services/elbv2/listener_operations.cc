#include "cloud/services/elbv2/action.h"
#include "cloud/services/elbv2/impl.h"

namespace pds::cloud {

using namespace elbv2;

namespace {

// What a listener may be: HTTP, for now.
template <class Request>
Result<void> check_protocol(const char* operation, const Request& request) {
  if (request.protocol) {
    const std::string& protocol = *request.protocol;
    if (protocol == "HTTPS") return not_supported(operation, "protocol HTTPS is not supported");
    if (protocol != "HTTP") {
      return fail("ValidationError", "Listener protocol '" + protocol + "' must be one of 'HTTPS, HTTP'");
    }
  }
  if (!request.certificates.empty()) return fail("ValidationError", "A certificate cannot be specified for HTTP listeners");
  if (request.ssl_policy) return fail("ValidationError", "An SSL policy cannot be specified for HTTP listeners");
  if (!request.alpn_policy.empty()) return fail("ValidationError", "An ALPN policy cannot be specified for HTTP listeners");
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
  CHECK(check_protocol("CreateListener", request));
  if (!request.protocol) return fail("ValidationError", "A listener protocol must be specified");
  if (!request.port) return fail("ValidationError", "A listener port must be specified");
  CHECK(check_port_is_free(impl_->state, request.load_balancer_arn, *request.port, ""));
  if (impl_->state.listeners_of(request.load_balancer_arn).size() >= listeners_per_balancer_max) {
    return fail("TooManyListeners",
                "The maximum number of listeners of load balancer '" + request.load_balancer_arn + "' has been reached");
  }
  TRY(std::vector<wire::Action> actions, check_actions(impl_->state, *balancer, request.default_actions, "CreateListener"));
  TRY(Tags tags, check_tags(request.tags));
  CHECK(impl_->front.claim_port(static_cast<uint16_t>(*request.port)));

  ListenerRecord record;
  std::string path = "listener/app/" + balancer->description.load_balancer_name + "/" + balancer->id + "/" + impl_->new_id();
  record.description = {impl_->core.arn("elasticloadbalancing", path), request.load_balancer_arn, *request.port, "HTTP",
                        std::move(actions)};
  record.tags = std::move(tags);
  const std::string arn = record.description.listener_arn;
  const ListenerRecord& stored = impl_->state.listeners.put(arn, std::move(record));
  impl_->front.reconcile();
  return aws::elbv2::CreateListenerReply{{stored.description}};
}

Result<aws::elbv2::ModifyListenerReply> Elbv2::modify_listener(const Call&, const aws::elbv2::ModifyListenerRequest& request) {
  CHECK(refuse_unsupported("ModifyListener", request));
  TRY(const ListenerRecord* listener, impl_->state.listener_at(request.listener_arn));
  TRY(const LoadBalancerRecord* balancer, impl_->state.load_balancer_at(listener->description.load_balancer_arn));
  CHECK(check_protocol("ModifyListener", request));
  wire::Listener changed = listener->description;
  if (request.port) {
    CHECK(check_port_is_free(impl_->state, changed.load_balancer_arn, *request.port, changed.listener_arn));
    changed.port = *request.port;
  }
  if (!request.default_actions.empty()) {
    TRY(changed.default_actions, check_actions(impl_->state, *balancer, request.default_actions, "ModifyListener"));
  }
  CHECK(impl_->front.claim_port(static_cast<uint16_t>(changed.port)));
  impl_->state.listeners.update(request.listener_arn, [&](ListenerRecord& l) { l.description = changed; });
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
