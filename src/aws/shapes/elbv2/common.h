// Elastic Load Balancing v2 2015-12-01: what its shapes share.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::elbv2 {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "elasticloadbalancing",
                                .id = "Elastic Load Balancing v2",
                                .protocol = Protocol::query,
                                .version = "2015-12-01",
                                .xml_namespace = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
                                .endpoint_prefix = "elasticloadbalancing"};
  return info;
}

// ---- common parts ----

// Which page of a list, and how long.
#define PDS_ELBV2_PAGE_REQUEST FIELD(marker, "Marker"), FIELD(page_size, "PageSize").bounds(1, 400)

struct Tag {
  std::string key;
  std::optional<std::string> value;
};
PDS_WIRE_SHAPE(Tag, FIELD(key, "Key").required().bounds(1, 128), FIELD(value, "Value").bounds(0, 256))

struct Attribute {
  std::string key, value;
};
PDS_WIRE_SHAPE(Attribute, FIELD(key, "Key"), FIELD(value, "Value"))

// All attributes of a load balancer, a target group or a listener.
struct AttributesReply {
  std::vector<Attribute> attributes;
};
PDS_WIRE_SHAPE(AttributesReply, FIELD(attributes, "Attributes"))

}  // namespace pds::aws::elbv2
