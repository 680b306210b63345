// What a forward's weights came to: how many requests went to each of its target groups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace pds::proxy {

// One number per choice, in their order, counted from when the forward was made: that is when its weights began to hold. What a
// window saw is the difference of two counts. Requests that a cookie kept where they were are in it: it is what users see.
struct ForwardCounts {
  std::vector<uint64_t> requests;

  uint64_t total() const { return std::accumulate(requests.begin(), requests.end(), uint64_t{0}); }
  // Between 0 and 1; 0 when there were none at all.
  double share(size_t choice) const {
    uint64_t all = total();
    return all ? static_cast<double>(requests[choice]) / static_cast<double>(all) : 0;
  }
  // `earlier` is of the same forward.
  ForwardCounts since(const ForwardCounts& earlier) const {
    ForwardCounts window = *this;
    for (size_t i = 0; i < requests.size(); ++i) window.requests[i] -= earlier.requests[i];
    return window;
  }
};

}  // namespace pds::proxy
