// Elastic Load Balancing v2 2015-12-01: certificates of listeners, and security policies.
#pragma once

#include "aws/shapes/elbv2/common.h"

namespace pds::aws::elbv2 {

struct Certificate {
  std::optional<std::string> certificate_arn;
  std::optional<bool> is_default;
};
PDS_WIRE_SHAPE(Certificate, FIELD(certificate_arn, "CertificateArn"), FIELD(is_default, "IsDefault"))

struct ListenerCertificatesRequest {
  std::string listener_arn;
  std::vector<Certificate> certificates;
};
PDS_WIRE_SHAPE(ListenerCertificatesRequest, FIELD(listener_arn, "ListenerArn").required(),
               FIELD(certificates, "Certificates").required().bounds(1, 25))

using AddListenerCertificatesRequest = ListenerCertificatesRequest;

struct AddListenerCertificatesReply {
  std::vector<Certificate> certificates;
};
PDS_WIRE_SHAPE(AddListenerCertificatesReply, FIELD(certificates, "Certificates"))

PDS_OPERATION(AddListenerCertificates)

using RemoveListenerCertificatesRequest = ListenerCertificatesRequest;
using RemoveListenerCertificatesReply = Empty;
PDS_OPERATION(RemoveListenerCertificates)

struct DescribeListenerCertificatesRequest {
  std::string listener_arn;
  std::optional<std::string> marker;
  std::optional<int> page_size;
};
PDS_WIRE_SHAPE(DescribeListenerCertificatesRequest, FIELD(listener_arn, "ListenerArn").required(), PDS_ELBV2_PAGE_REQUEST)

struct DescribeListenerCertificatesReply {
  std::vector<Certificate> certificates;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(DescribeListenerCertificatesReply, FIELD(certificates, "Certificates"), FIELD(next_marker, "NextMarker"))

PDS_OPERATION(DescribeListenerCertificates)

struct Cipher {
  std::string name;
  int priority = 0;
};
PDS_WIRE_SHAPE(Cipher, FIELD(name, "Name"), FIELD(priority, "Priority"))

struct SslPolicy {
  std::vector<std::string> ssl_protocols;
  std::vector<Cipher> ciphers;
  std::string name;
  std::vector<std::string> supported_load_balancer_types;
};
PDS_WIRE_SHAPE(SslPolicy, FIELD(ssl_protocols, "SslProtocols"), FIELD(ciphers, "Ciphers"), FIELD(name, "Name"),
               FIELD(supported_load_balancer_types, "SupportedLoadBalancerTypes"))

struct DescribeSSLPoliciesRequest {
  std::vector<std::string> names;
  std::optional<std::string> marker;
  std::optional<int> page_size;
  std::optional<std::string> load_balancer_type;
};
PDS_WIRE_SHAPE(DescribeSSLPoliciesRequest, FIELD(names, "Names"), FIELD(load_balancer_type, "LoadBalancerType"), PDS_ELBV2_PAGE_REQUEST)

struct DescribeSSLPoliciesReply {
  std::vector<SslPolicy> ssl_policies;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(DescribeSSLPoliciesReply, FIELD(ssl_policies, "SslPolicies"), FIELD(next_marker, "NextMarker"))

PDS_OPERATION(DescribeSSLPolicies)

}  // namespace pds::aws::elbv2
