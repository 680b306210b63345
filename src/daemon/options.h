// How a cloud is started, and what it leaves in its data directory for others to find it by.
#pragma once

#include <cstdint>
#include <string>

#include "aws/credentials.h"
#include "base/crypto.h"
#include "base/result.h"
#include "io/process.h"

namespace pds::daemon {

struct CloudOptions {
  std::string data_dir;               // absolute
  std::string address = "127.0.0.1";  // loopback unless asked otherwise
  uint16_t port = 4566;               // 0: the kernel picks one
  double time_scale = 1;
  Duration slow_request{0};           // requests through balancers that take so long are logged; 0: none
  bool permissive = false;            // any key is accepted; on loopback only
  std::string program;                // the pds binary, for sandboxes and instances
};

// <data>/credentials, 0600: the root key pair, made at the first start.
Result<aws::Credentials> load_or_make_root_key(const std::string& data_dir, Random& random);
Result<aws::Credentials> load_root_key(const std::string& data_dir);   // E_NOT_FOUND when no cloud was ever started here

// <data>/cloud.json: who serves this data directory.
struct RunningCloud {
  io::ProcessIdentity process;
  std::string url;
  double time_scale = 1;
};
Result<void> write_running(const std::string& data_dir, const RunningCloud& running);
// E_NOT_FOUND when there is none, or it is no longer alive.
Result<RunningCloud> find_running(const std::string& data_dir);

}  // namespace pds::daemon
