// podinfo running: as a server until a signal, or as a function until it is ended.
#pragma once

#include "http/server.h"
#include "podinfo/app.h"
#include "podinfo/listeners.h"

namespace pds::podinfo {

// Becomes ready, and serves until `stop` is set. Then: not ready, a pause in which balancers notice, then a drain.
io::Task<void> serve_http(App& app, Listeners listeners, io::Event& stop);

// Serves the Runtime API at `api` until `stop` is set; the exit status (lambda_runtime.h).
io::Task<int> serve_lambda(App& app, std::string api, io::Event& stop);

}  // namespace pds::podinfo
