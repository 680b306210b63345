// Elastic Load Balancing v2 2015-12-01: listeners.
#pragma once

#include "aws/shapes/elbv2/action.h"
#include "aws/shapes/elbv2/certificate.h"

namespace pds::aws::elbv2 {

struct MutualAuthentication {
  std::optional<std::string> mode;
  std::optional<Unsupported> trust_store_arn, ignore_client_certificate_expiry, advertise_trust_store_ca_names;
};
PDS_WIRE_SHAPE(MutualAuthentication, FIELD(mode, "Mode"), FIELD(trust_store_arn, "TrustStoreArn"),
               FIELD(ignore_client_certificate_expiry, "IgnoreClientCertificateExpiry"),
               FIELD(advertise_trust_store_ca_names, "AdvertiseTrustStoreCaNames"))

struct Listener {
  std::string listener_arn, load_balancer_arn;
  int port = 0;
  std::string protocol;
  std::vector<Action> default_actions;
  // Of HTTPS listeners; the default certificate alone.
  std::vector<Certificate> certificates;
  std::optional<std::string> ssl_policy;
  std::optional<MutualAuthentication> mutual_authentication;
};
PDS_WIRE_SHAPE(Listener, FIELD(listener_arn, "ListenerArn"), FIELD(load_balancer_arn, "LoadBalancerArn"), FIELD(port, "Port"),
               FIELD(protocol, "Protocol"), FIELD(default_actions, "DefaultActions"), FIELD(certificates, "Certificates").omit_empty(),
               FIELD(ssl_policy, "SslPolicy"), FIELD(mutual_authentication, "MutualAuthentication"))

struct CreateListenerRequest {
  std::string load_balancer_arn;
  std::optional<std::string> protocol;
  std::optional<int> port;
  std::optional<std::string> ssl_policy;
  std::vector<Certificate> certificates;
  std::vector<Action> default_actions;
  std::vector<std::string> alpn_policy;
  std::vector<Tag> tags;
  std::optional<MutualAuthentication> mutual_authentication;
};
PDS_WIRE_SHAPE(CreateListenerRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required(), FIELD(protocol, "Protocol"),
               FIELD(port, "Port").bounds(1, 65535), FIELD(ssl_policy, "SslPolicy"), FIELD(certificates, "Certificates"),
               FIELD(default_actions, "DefaultActions").required(), FIELD(alpn_policy, "AlpnPolicy"), FIELD(tags, "Tags"),
               FIELD(mutual_authentication, "MutualAuthentication"))

struct ListenersReply {
  std::vector<Listener> listeners;
};
PDS_WIRE_SHAPE(ListenersReply, FIELD(listeners, "Listeners"))

using CreateListenerReply = ListenersReply;
PDS_OPERATION(CreateListener)

struct ModifyListenerRequest {
  std::string listener_arn;
  std::optional<int> port;
  std::optional<std::string> protocol, ssl_policy;
  std::vector<Certificate> certificates;
  std::vector<Action> default_actions;
  std::vector<std::string> alpn_policy;
  std::optional<MutualAuthentication> mutual_authentication;
};
PDS_WIRE_SHAPE(ModifyListenerRequest, FIELD(listener_arn, "ListenerArn").required(), FIELD(port, "Port").bounds(1, 65535),
               FIELD(protocol, "Protocol"), FIELD(ssl_policy, "SslPolicy"), FIELD(certificates, "Certificates"),
               FIELD(default_actions, "DefaultActions"), FIELD(alpn_policy, "AlpnPolicy"),
               FIELD(mutual_authentication, "MutualAuthentication"))

using ModifyListenerReply = ListenersReply;
PDS_OPERATION(ModifyListener)

struct ListenerArnRequest {
  std::string listener_arn;
};
PDS_WIRE_SHAPE(ListenerArnRequest, FIELD(listener_arn, "ListenerArn").required())

using DeleteListenerRequest = ListenerArnRequest;
using DeleteListenerReply = Empty;
PDS_OPERATION(DeleteListener)

struct DescribeListenersRequest {
  std::optional<std::string> load_balancer_arn;
  std::vector<std::string> listener_arns;
  std::optional<std::string> marker;
  std::optional<int> page_size;
};
PDS_WIRE_SHAPE(DescribeListenersRequest, FIELD(load_balancer_arn, "LoadBalancerArn"), FIELD(listener_arns, "ListenerArns"),
          PDS_ELBV2_PAGE_REQUEST)

struct DescribeListenersReply {
  std::vector<Listener> listeners;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(DescribeListenersReply, FIELD(listeners, "Listeners"), FIELD(next_marker, "NextMarker"))

PDS_OPERATION(DescribeListeners)

using DescribeListenerAttributesRequest = ListenerArnRequest;
using DescribeListenerAttributesReply = AttributesReply;
PDS_OPERATION(DescribeListenerAttributes)

struct ModifyListenerAttributesRequest {
  std::string listener_arn;
  std::vector<Attribute> attributes;
};
PDS_WIRE_SHAPE(ModifyListenerAttributesRequest, FIELD(listener_arn, "ListenerArn").required(),
               FIELD(attributes, "Attributes").required().bounds(1, 20))

using ModifyListenerAttributesReply = AttributesReply;
PDS_OPERATION(ModifyListenerAttributes)

}  // namespace pds::aws::elbv2
