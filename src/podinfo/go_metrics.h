// What dashboards for Go programs ask for, as far as it can be answered honestly by one that is none: the values are this process's own.
//
//   goroutines       one: the loop, as num_goroutine of /api/info has it
//   garbage          there is no collector, so that it has run zero times and taken no time
//   memstats         the heap is malloc's: what is in use, what is free in it, and both together; what the system has given is that with
//                    the stacks of the threads
//
// What has no such meaning (spans, caches, counts of allocations, the next collection) is left out, not zero.
#pragma once

#include <string>
#include <string_view>

namespace pds::podinfo {

// Looked up now; nothing is counted while nobody asks. `runtime`: what /api/info calls it.
std::string go_metrics_text(std::string_view runtime);

}  // namespace pds::podinfo
