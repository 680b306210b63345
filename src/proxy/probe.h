// One health check: over a connection of its own, as a load balancer node makes it, or by invoking a function.
#pragma once

#include <string>

#include "io/stream.h"
#include "proxy/function_target.h"
#include "proxy/health.h"

namespace pds::proxy {

inline constexpr size_t probe_response_bytes_max = 64 * 1024;  // of head; more is not an answer

// `authority` is the Host field: "10.0.1.17:9898". Ends within settings.timeout.
io::Task<ProbeResult> probe(io::Connector& connector, const HealthSettings& settings, const std::string& authority);

// `event` as to_health_check_event makes it. An invocation that takes longer than settings.timeout is given up.
io::Task<ProbeResult> probe_function(io::Loop& loop, FunctionTarget& function, const HealthSettings& settings, std::string event);

}  // namespace pds::proxy
