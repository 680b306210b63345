// What every service is given: the outside world and its place in the cloud. One Core per region; global services live in the Core of
// "aws-global". References stay valid as long as the cloud.
#pragma once

#include <string>

#include "base/crypto.h"
#include "base/log.h"
#include "base/time.h"
#include "cloud/api.h"
#include "cloud/store.h"
#include "http/service.h"
#include "io/loop.h"

namespace pds::sandbox {
class SandboxHost;
}

namespace pds::cloud {

struct Core {
  io::Loop& loop;
  const Clock& clock;             // the control plane's; scaled by --time-scale
  Random& random;
  const Logger& log;
  Store& store;
  sandbox::SandboxHost* sandboxes;   // null in unit tests that start nothing
  http::Service& endpoint;        // the API itself, to be served on a door inside a sandbox as well
  std::string account = "000000000000";
  std::string region = "us-east-1";
  std::string data_dir;           // absolute
  uint16_t endpoint_port = 4566;  // the port the API answers on, on this machine's loopback
  std::string program = "/proc/self/exe";   // the pds binary: instances see it as /usr/local/bin/pds

  // "us-east-1.secretsmanager.secrets": the name of a table of a service in this region.
  std::string table(std::string_view service, std::string_view noun) const {
    return region + "." + std::string(service) + "." + std::string(noun);
  }
  std::string arn(std::string_view service, std::string_view resource) const {
    return "arn:aws:" + std::string(service) + ":" + region + ":" + account + ":" + std::string(resource);
  }
  // The caller that the cloud itself is, for calls from one service into another.
  Call internal_call() const {
    Call call;
    call.account = account, call.region = region, call.principal_arn = "arn:aws:iam::" + account + ":root", call.internal = true;
    return call;
  }
};

// A service: state in tables, an api() for the wire, and, for some, a reconciler that makes desired state true.
class CloudService {
 public:
  virtual ~CloudService() = default;
  virtual Api api() = 0;
  // Level-triggered loops begin: adopt what lives, resume what was in flight, clean up what nobody owns. Called once all services exist.
  virtual void start() {}
  // Ends the loops in order; sandboxes are left running (a restart adopts them).
  virtual io::Task<void> stop() { co_return; }
};

}  // namespace pds::cloud
