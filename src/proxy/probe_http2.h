// A health check over HTTP/2: a GET, or, of a group that speaks gRPC, a call whose status counts.
#pragma once

#include <memory>

#include "proxy/probe.h"

namespace pds::proxy {

// As probe(): over a connection of its own, within settings.timeout.
io::Task<ProbeResult> probe_http2(io::Loop& loop, std::shared_ptr<io::Connector> connector, const HealthSettings& settings,
                                  const std::string& authority);

}  // namespace pds::proxy
