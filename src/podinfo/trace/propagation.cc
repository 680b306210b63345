#include "podinfo/trace/propagation.h"

#include <algorithm>

#include "base/text.h"
#include "http/parser.h"

namespace pds::podinfo::trace {
namespace {

constexpr size_t baggage_bytes_max = 8192, baggage_members_max = 64;
constexpr size_t state_bytes_max = 512, state_members_max = 32;
// Of a field that names a span: the longest, X-Ray's, has about half of it.
constexpr size_t context_bytes_max = 256;

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}
bool is_lower_hex(std::string_view text) {
  return is_hex(text) && std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'F'; });
}

// Right-aligned: shorter ids are the lower bytes. False where it is no id of that size.
template <size_t Size>
bool read_id(std::string_view digits, std::array<unsigned char, Size>& out) {
  if (digits.empty() || digits.size() > 2 * Size || !is_hex(digits)) return false;
  std::string padded(2 * Size - digits.size(), '0');
  Result<std::string> bytes = from_hex(padded.append(digits));
  if (!bytes) return false;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return true;
}

template <size_t Size>
std::string hex(const std::array<unsigned char, Size>& id) {
  return to_hex({reinterpret_cast<const char*>(id.data()), Size});
}

std::optional<SpanContext> context_of(std::string_view trace, std::string_view span, bool sampled) {
  SpanContext context;
  context.sampled = sampled;
  if (!read_id(trace, context.trace_id) || !read_id(span, context.span_id) || !context.is_valid()) return std::nullopt;
  return context;
}

// The field, where there is exactly one and it is not too long.
std::optional<std::string_view> single(const http::Headers& headers, std::string_view wanted) {
  std::optional<std::string_view> found;
  for (auto [name, value] : headers) {
    if (!iequals(name, wanted)) continue;
    if (found || value.size() > context_bytes_max) return std::nullopt;
    found = trim(value);
  }
  return found;
}

std::string joined(const http::Headers& headers, std::string_view wanted) {
  std::string out;
  for (auto [name, value] : headers) {
    if (iequals(name, wanted)) out.append(out.empty() ? "" : ",").append(value);
  }
  return out;
}

void set_field(http::Headers& headers, std::string_view name, const std::string& value) {
  if (http::is_token(name) && http::is_field_value(value)) headers.set(name, value);
}

void put(Baggage& baggage, std::string key, std::string value) {
  auto there = std::ranges::find(baggage, key, &Baggage::value_type::first);
  if (there != baggage.end()) {
    there->second = std::move(value);
  } else if (baggage.size() < baggage_members_max) {
    baggage.emplace_back(std::move(key), std::move(value));
  }
}

// ---- W3C ----

std::string read_state(const http::Headers& headers) {
  std::string state = joined(headers, "tracestate");
  if (state.size() > state_bytes_max || !http::is_field_value(state)) return "";
  size_t members = 0;
  for (std::string_view member : split(state, ',')) {
    member = trim(member);
    if (member.empty()) continue;
    if (++members > state_members_max || member.find('=') == std::string_view::npos || member.starts_with('=')) return "";
  }
  return state;
}

std::optional<SpanContext> read_tracecontext(const http::Headers& headers) {
  std::optional<std::string_view> field = single(headers, "traceparent");
  constexpr size_t known_size = 55;
  if (!field || field->size() < known_size) return std::nullopt;
  std::string_view version = field->substr(0, 2), trace = field->substr(3, 32), span = field->substr(36, 16), flags = field->substr(53, 2);
  bool dashes = (*field)[2] == '-' && (*field)[35] == '-' && (*field)[52] == '-';
  bool ends = field->size() == known_size || (version != "00" && (*field)[known_size] == '-');
  for (std::string_view part : {version, trace, span, flags}) dashes &= is_lower_hex(part);
  if (!dashes || !ends || version == "ff") return std::nullopt;
  std::optional<SpanContext> context = context_of(trace, span, (*from_hex(flags))[0] & 1);
  if (context) context->state = read_state(headers);
  return context;
}

void write_tracecontext(const SpanContext& context, http::Headers& headers) {
  set_field(headers, "traceparent", "00-" + hex(context.trace_id) + "-" + hex(context.span_id) + (context.sampled ? "-01" : "-00"));
  if (!context.state.empty()) set_field(headers, "tracestate", context.state);
}

void read_baggage(const http::Headers& headers, Baggage& out) {
  std::string field = joined(headers, "baggage");
  if (field.size() > baggage_bytes_max) return;
  for (std::string_view member : split(field, ',')) {
    std::string_view pair = trim(member.substr(0, member.find(';')));
    size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    std::string_view key = trim(pair.substr(0, equals));
    Result<std::string> value = percent_decode(trim(pair.substr(equals + 1)));
    if (http::is_token(key) && value) put(out, std::string(key), *std::move(value));
  }
}

void write_baggage(const Baggage& baggage, http::Headers& headers) {
  std::string field;
  for (const auto& [key, value] : baggage) {
    std::string member = key + "=" + percent_encode(value);
    if (!http::is_token(key) || field.size() + member.size() + 1 > baggage_bytes_max) continue;
    field.append(field.empty() ? "" : ",").append(member);
  }
  if (!field.empty()) set_field(headers, "baggage", field);
}

// ---- B3 ----

bool is_b3_trace(std::string_view text) { return text.size() == 16 || text.size() == 32; }

std::optional<SpanContext> read_b3_single(const http::Headers& headers) {
  std::optional<std::string_view> field = single(headers, "b3");
  std::vector<std::string_view> parts = split(field.value_or(""), '-');
  if (parts.size() < 2 || parts.size() > 4 || !is_b3_trace(parts[0]) || parts[1].size() != 16) return std::nullopt;
  std::string_view sampled = parts.size() > 2 ? parts[2] : "";
  if (!sampled.empty() && sampled != "0" && sampled != "1" && sampled != "d") return std::nullopt;
  return context_of(parts[0], parts[1], sampled == "1" || sampled == "d");
}

std::optional<SpanContext> read_b3_multi(const http::Headers& headers) {
  std::string_view trace = single(headers, "x-b3-traceid").value_or(""), span = single(headers, "x-b3-spanid").value_or("");
  std::string_view sampled = single(headers, "x-b3-sampled").value_or("");
  if (!is_b3_trace(trace) || span.size() != 16) return std::nullopt;
  bool debug = single(headers, "x-b3-flags") == "1";
  return context_of(trace, span, debug || sampled == "1" || iequals(sampled, "true"));
}

void write_b3_single(const SpanContext& context, http::Headers& headers) {
  set_field(headers, "b3", hex(context.trace_id) + "-" + hex(context.span_id) + (context.sampled ? "-1" : "-0"));
}

void write_b3_multi(const SpanContext& context, http::Headers& headers) {
  set_field(headers, "X-B3-TraceId", hex(context.trace_id));
  set_field(headers, "X-B3-SpanId", hex(context.span_id));
  set_field(headers, "X-B3-Sampled", context.sampled ? "1" : "0");
}

// ---- Jaeger, OpenTracing, X-Ray ----

void read_prefixed(const http::Headers& headers, std::string_view prefix, Baggage& out) {
  for (auto [name, value] : headers) {
    if (name.size() <= prefix.size() || !iequals(name.substr(0, prefix.size()), prefix)) continue;
    if (value.size() > baggage_bytes_max) continue;
    Result<std::string> decoded = percent_decode(value);
    if (decoded) put(out, to_lower(name.substr(prefix.size())), *std::move(decoded));
  }
}

std::optional<SpanContext> read_jaeger(const http::Headers& headers) {
  Result<std::string> decoded = percent_decode(single(headers, "uber-trace-id").value_or(""));
  std::vector<std::string_view> parts = split(decoded ? std::string_view(*decoded) : "", ':');
  constexpr size_t flag_digits = 2;
  if (parts.size() != 4 || parts[3].empty() || parts[3].size() > flag_digits || !is_hex(parts[3])) return std::nullopt;
  std::array<unsigned char, 1> flags{};
  read_id(parts[3], flags);
  return context_of(parts[0], parts[1], flags[0] & 1);
}

std::optional<SpanContext> read_ottrace(const http::Headers& headers) {
  std::string_view trace = single(headers, "ot-tracer-traceid").value_or(""), span = single(headers, "ot-tracer-spanid").value_or("");
  std::string_view sampled = single(headers, "ot-tracer-sampled").value_or("");
  if (!is_b3_trace(trace) || span.size() != 16) return std::nullopt;
  return context_of(trace, span, sampled == "1" || iequals(sampled, "true"));
}

void write_ottrace(const Carried& carried, http::Headers& headers) {
  set_field(headers, "ot-tracer-traceid", hex(carried.context.trace_id).substr(16));
  set_field(headers, "ot-tracer-spanid", hex(carried.context.span_id));
  set_field(headers, "ot-tracer-sampled", carried.context.sampled ? "true" : "false");
  size_t size = 0;
  for (const auto& [key, value] : carried.baggage) {
    std::string encoded = percent_encode(value);
    if (size + key.size() + encoded.size() > baggage_bytes_max) continue;
    size += key.size() + encoded.size();
    set_field(headers, "ot-baggage-" + key, encoded);
  }
}

std::optional<SpanContext> read_xray(const http::Headers& headers) {
  std::string trace;
  std::string_view span, sampled;
  for (std::string_view member : split(single(headers, "x-amzn-trace-id").value_or(""), ';')) {
    member = trim(member);
    size_t equals = std::min(member.find('='), member.size());
    std::string_view key = member.substr(0, equals), value = member.substr(std::min(equals + 1, member.size()));
    constexpr size_t root_size = 35;
    if (iequals(key, "root") && value.size() == root_size && value.starts_with("1-") && value[10] == '-')
      trace = std::string(value.substr(2, 8)).append(value.substr(11));
    if (iequals(key, "parent")) span = value;
    if (iequals(key, "sampled")) sampled = value;
  }
  if (trace.empty() || span.size() != 16) return std::nullopt;
  return context_of(trace, span, sampled == "1");
}

void write_xray(const SpanContext& context, http::Headers& headers) {
  std::string trace = hex(context.trace_id);
  set_field(headers, "X-Amzn-Trace-Id", "Root=1-" + trace.substr(0, 8) + "-" + trace.substr(8) + ";Parent=" + hex(context.span_id) +
                                            ";Sampled=" + (context.sampled ? "1" : "0"));
}

std::optional<SpanContext> read_context(Propagator propagator, const http::Headers& headers) {
  switch (propagator) {
    case Propagator::tracecontext:
      return read_tracecontext(headers);
    case Propagator::b3: {
      std::optional<SpanContext> found = read_b3_single(headers);
      return found ? found : read_b3_multi(headers);
    }
    case Propagator::b3multi:
      return read_b3_multi(headers);
    case Propagator::jaeger:
      return read_jaeger(headers);
    case Propagator::ottrace:
      return read_ottrace(headers);
    case Propagator::xray:
      return read_xray(headers);
    case Propagator::baggage:
      return std::nullopt;
  }
  return std::nullopt;
}

void write_context(Propagator propagator, const Carried& carried, http::Headers& headers) {
  const SpanContext& context = carried.context;
  if (propagator == Propagator::tracecontext) write_tracecontext(context, headers);
  if (propagator == Propagator::b3) write_b3_single(context, headers);
  if (propagator == Propagator::b3multi) write_b3_multi(context, headers);
  if (propagator == Propagator::jaeger)
    set_field(headers, "uber-trace-id", hex(context.trace_id) + ":" + hex(context.span_id) + ":0:" + (context.sampled ? "1" : "0"));
  if (propagator == Propagator::ottrace) write_ottrace(carried, headers);
  if (propagator == Propagator::xray) write_xray(context, headers);
}

}  // namespace

std::vector<Propagator> default_propagators() {
  using enum Propagator;
  return {tracecontext, baggage, b3, jaeger, ottrace, xray};
}

std::optional<std::vector<Propagator>> parse_propagators(std::string_view text) {
  using enum Propagator;
  constexpr std::pair<std::string_view, Propagator> names[] = {{"tracecontext", tracecontext}, {"baggage", baggage}, {"b3", b3}, {"b3multi", b3multi},
                                                               {"jaeger", jaeger},             {"ottrace", ottrace}, {"xray", xray}};
  std::vector<Propagator> out;
  for (std::string_view name : split(text, ',')) {
    name = trim(name);
    if (name == "none") return std::vector<Propagator>{};
    auto known = std::ranges::find(names, name, &std::pair<std::string_view, Propagator>::first);
    if (known == std::end(names)) return std::nullopt;
    if (std::ranges::find(out, known->second) == out.end()) out.push_back(known->second);
  }
  return out;
}

Carried extract(const http::Headers& headers, const std::vector<Propagator>& propagators) {
  Carried carried;
  for (Propagator propagator : propagators) {
    if (std::optional<SpanContext> found = read_context(propagator, headers)) carried.context = *std::move(found);
    if (propagator == Propagator::baggage) read_baggage(headers, carried.baggage);
    if (propagator == Propagator::jaeger) read_prefixed(headers, "uberctx-", carried.baggage);
    if (propagator == Propagator::ottrace) read_prefixed(headers, "ot-baggage-", carried.baggage);
  }
  return carried;
}

void inject(const Carried& carried, const std::vector<Propagator>& propagators, http::Headers& headers) {
  for (Propagator propagator : propagators) {
    if (propagator == Propagator::baggage) write_baggage(carried.baggage, headers);
    if (carried.context.is_valid()) write_context(propagator, carried, headers);
  }
}

}  // namespace pds::podinfo::trace
