#include "base/check.h"
#include "base/text.h"
#include "http/parser.h"
#include "podinfo/trace/propagation.h"

// Lines "name: value" are read by all propagators; what was found is written, and read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds;
  using namespace pds::podinfo::trace;
  http::Headers headers;
  for (std::string_view line : split({reinterpret_cast<const char*>(data), size}, '\n')) {
    size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view name = line.substr(0, colon), value = trim(line.substr(colon + 1));
    if (http::is_token(name) && http::is_field_value(value)) headers.add(name, value);
  }
  Carried found = extract(headers, default_propagators());
  for (Propagator one : {Propagator::tracecontext, Propagator::b3, Propagator::b3multi, Propagator::jaeger, Propagator::xray}) {
    http::Headers written;
    inject(found, {one}, written);
    SpanContext again = extract(written, {one}).context;
    ASSERT(again.trace_id == found.context.trace_id || !found.context.is_valid());
    ASSERT(again.span_id == found.context.span_id || !found.context.is_valid());
    ASSERT(again.sampled == found.context.sampled || !found.context.is_valid());
    ASSERT(one != Propagator::tracecontext || again.state == found.context.state || !found.context.is_valid());
  }
  return 0;
}
