// The instance's metadata service, as IMDSv2: a token first, then what it is asked for. At AWS_EC2_METADATA_SERVICE_ENDPOINT, or at AWS's
// address for it, by IPv6 where AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE says so.
#pragma once

#include <optional>
#include <string>

#include "aws/credentials.h"
#include "http/client.h"

namespace pds::aws {

class InstanceMetadata {
 public:
  // Nothing: there is none here, or AWS_EC2_METADATA_DISABLED is "true". Known within two seconds.
  static io::Task<Result<std::optional<InstanceMetadata>>> open(io::Loop& loop, EnvironmentReader environment);
  // "/latest/meta-data/placement/region"
  io::Task<Result<http::Response>> get(std::string path) const;

 private:
  InstanceMetadata(io::Loop& loop, std::string base, std::string token) : loop_(&loop), base_(std::move(base)), token_(std::move(token)) {}
  io::Loop* loop_;
  std::string base_, token_;
};

}  // namespace pds::aws
