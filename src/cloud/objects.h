// How services put what they make into buckets of their users: log files above all. S3 implements this; who delivers knows no more.
// A delivery is made in the service's own name, so the bucket's policy must allow it.
#pragma once

#include <string>

#include "base/result.h"
#include "io/task.h"

namespace pds::cloud {

struct Delivery {
  std::string bucket, key;
  std::string service_principal;    // "logdelivery.elasticloadbalancing.amazonaws.com"
  std::string account;              // AWS's account that older policies name in its place; empty: there is none
  std::string source_arn;           // what it is about: for conditions on aws:SourceArn
  std::string content_type = "binary/octet-stream";
};

class ObjectSink {
 public:
  virtual ~ObjectSink() = default;
  // What deliver() would say before it writes anything. Errors: NoSuchBucket, AccessDenied.
  virtual Result<void> check_delivery(const Delivery& delivery) const = 0;
  // Returns once the object is durable.
  virtual io::Task<Result<void>> deliver(Delivery delivery, std::string body) = 0;
};

}  // namespace pds::cloud
