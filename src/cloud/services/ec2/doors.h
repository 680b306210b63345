// What the cloud serves inside an instance: its metadata at 169.254.169.254:80, and the API endpoint at 169.254.169.253 and on
// loopback (names under ".localhost", such as the registry's, lead there).
#pragma once

#include <memory>
#include <string>

#include "cloud/roles.h"
#include "cloud/services/ec2/imds.h"
#include "cloud/services/ec2/state.h"
#include "http/server.h"
#include "io/clock.h"
#include "sandbox/sandbox.h"

namespace pds::cloud::ec2 {

class Doors {
 public:
  Doors(State& state, RoleSource& roles, const std::string& instance_id);
  // The sandbox keeps the listening sockets; connections made while the cloud was away are served now.
  io::Task<Result<void>> open(sandbox::Sandbox& sandbox, uint16_t endpoint_port);

 private:
  static io::Task<http::Response> answer(Doors& doors, http::Request request);
  Imds imds_;
  io::SystemClock real_clock_;
  http::BufferedService metadata_;
  http::Server metadata_server_;
  http::Server endpoint_server_;
};

}  // namespace pds::cloud::ec2
