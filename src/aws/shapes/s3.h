// S3 2006-03-01. Requests are headers, paths and streams rather than documents, so there are no shapes: the client half uses
// Client::send_signed, the cloud has the requests' grammar in services/s3/request.h.
#pragma once

#include "aws/shape.h"

namespace pds::aws::s3 {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "s3", .id = "S3", .protocol = Protocol::rest_xml, .version = "2006-03-01",
                                .xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/", .endpoint_prefix = "s3"};
  return info;
}

}  // namespace pds::aws::s3
