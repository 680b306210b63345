// How a trace crosses from one service to the next: the header fields of each propagator, both ways.
#pragma once

#include <string_view>
#include <vector>

#include "http/message.h"
#include "podinfo/trace/context.h"

namespace pds::podinfo::trace {

enum class Propagator : uint8_t { tracecontext, baggage, b3, b3multi, jaeger, ottrace, xray };
// podinfo's own list, in the order in which it reads them: later ones win.
std::vector<Propagator> default_propagators();
// OTEL_PROPAGATORS: names by comma; "none" is none. Nothing where a name is not known.
std::optional<std::vector<Propagator>> parse_propagators(std::string_view text);

struct Carried {
  SpanContext context;  // invalid: none came
  Baggage baggage;
};
Carried extract(const http::Headers& headers, const std::vector<Propagator>& propagators);
// Sets the fields of each propagator; a context that is not valid sets none but those of the baggage.
void inject(const Carried& carried, const std::vector<Propagator>& propagators, http::Headers& headers);

}  // namespace pds::podinfo::trace
