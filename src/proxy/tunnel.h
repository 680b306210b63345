// Two connections joined: what one side sends, the other gets, until both have said they are done.
#pragma once

#include <memory>

#include "io/stream.h"

namespace pds::proxy {

struct TunnelCounts {
  uint64_t from_client = 0, from_target = 0;
};

// Ends when both directions have ended, either side breaks, or neither has sent anything for `idle_timeout`. Half-closes pass
// through. Both streams must outlive the task; closing either ends it.
io::Task<TunnelCounts> run_tunnel(io::Stream& client, io::Stream& target, Duration idle_timeout);

}  // namespace pds::proxy
