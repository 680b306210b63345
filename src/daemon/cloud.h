// The running cloud: store, clock, sandboxes, one set of services per region, the front door and its listener.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "daemon/options.h"

namespace pds::daemon {

// Serves until SIGTERM or SIGINT, then ends in order. `on_ready` is told the URL once requests are answered. Errors before that:
// E_LOCKED (another cloud has the data directory), E_PORT_IN_USE, E_STORE_CORRUPT, E_SYSTEM.
Result<void> serve_cloud(const CloudOptions& options, std::function<void(const std::string& url)> on_ready);

}  // namespace pds::daemon
