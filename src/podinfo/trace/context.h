// Where in a trace a piece of work belongs: what travels between services.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace pds::podinfo::trace {

// Ids are bytes; all zero is none.
struct SpanContext {
  std::array<unsigned char, 16> trace_id{};
  std::array<unsigned char, 8> span_id{};
  bool sampled = false;
  std::string state;  // W3C tracestate, as it came
  bool is_valid() const { return trace_id != decltype(trace_id){} && span_id != decltype(span_id){}; }
};

using Baggage = std::vector<std::pair<std::string, std::string>>;  // decoded

}  // namespace pds::podinfo::trace
