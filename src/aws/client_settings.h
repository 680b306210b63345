// Where the environment and the shared files send a client: the region, and endpoints other than AWS's own. The files are read, and the
// instance is asked, when an answer needs them and not before.
#pragma once

#include <optional>
#include <string>

#include "aws/shape.h"
#include "aws/shared_config.h"

namespace pds::aws {

inline constexpr const char* region_default = "us-east-1";

// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS.
bool ignores_endpoint_urls(EnvironmentReader environment);
// AWS_ENDPOINT_URL_<SERVICE>; "" when unset or ignored. "Elastic Load Balancing v2" is AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2.
std::string service_endpoint_url(const ServiceInfo& service, EnvironmentReader environment);

class ClientSettings {
 public:
  ClientSettings(io::Loop& loop, EnvironmentReader environment) : loop_(loop), environment_(environment) {}

  // AWS_REGION, AWS_DEFAULT_REGION, the profile's, the instance's, us-east-1.
  io::Task<Result<std::string>> region();
  // What the profile says: the one for the service in its services section, its own; "" when it says nothing.
  io::Task<Result<std::string>> endpoint_url(const ServiceInfo& service);

 private:
  io::Task<Result<void>> load();
  io::Task<std::string> instance_region();
  io::Loop& loop_;
  EnvironmentReader environment_;
  std::optional<SharedConfig> shared_;
  std::string instance_region_;
  MonoTime ask_instance_at_{};  // not before: it had no answer
};

}  // namespace pds::aws
