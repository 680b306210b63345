#include "podinfo/trace/tracer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "io/time_limit.h"

namespace pds::podinfo::trace {
namespace {

constexpr Duration telling_time_max = 500ms;
constexpr Duration probe_pause = 1min, probe_time_max = 100ms;

struct Severity {
  std::string_view level;
  int number;
};
constexpr Severity severities[] = {{"debug", 5}, {"info", 9}, {"warn", 13}, {"error", 17}};

// Not within a character.
void shorten(std::string& text, size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xc0) == 0x80) --bytes_max;
  text.resize(bytes_max);
}

void limit(std::vector<Attribute>& attributes, const Settings& settings) {
  if (attributes.size() > settings.attributes_max) attributes.resize(settings.attributes_max);
  for (Attribute& attribute : attributes) {
    if (auto* text = std::get_if<std::string>(&attribute.value)) shorten(*text, settings.value_bytes_max);
  }
}

template <size_t Size>
void read_id(const json::object& line, std::string_view name, std::array<unsigned char, Size>& out) {
  Result<std::string> bytes = from_hex(get_string(line, name));
  if (bytes && bytes->size() == Size) std::copy(bytes->begin(), bytes->end(), out.begin());
}

LogRecord record_of(const json::object& line, Timestamp at) {
  LogRecord record{.at = at, .severity_text = get_string(line, "level"), .body = get_string(line, "msg")};
  for (const Severity& severity : severities) {
    if (severity.level == record.severity_text) record.severity = severity.number;
  }
  read_id(line, "trace_id", record.context.trace_id);
  read_id(line, "span_id", record.context.span_id);
  record.context.sampled = record.context.is_valid();
  for (const auto& [key, value] : line) {
    std::string_view name = key;
    if (name == "ts" || name == "level" || name == "msg" || name == "trace_id" || name == "span_id") continue;
    if (const json::string* text = value.if_string()) record.attributes.push_back({std::string(name), std::string(*text)});
    if (const int64_t* integer = value.if_int64()) record.attributes.push_back({std::string(name), *integer});
    if (const double* real = value.if_double()) record.attributes.push_back({std::string(name), *real});
    if (const bool* truth = value.if_bool()) record.attributes.push_back({std::string(name), *truth});
  }
  return record;
}

}  // namespace

Tracer::Tracer(io::Loop& loop, const Clock& clock, Random& random, const Logger& log, Settings settings)
    : clock_(clock),
      random_(random),
      settings_(std::move(settings)),
      loop_(loop),
      traces_(loop, log, "traces", settings_.trace_batch, encode_resource(settings_.resource),
              Exporter(loop, settings_.traces, "/opentelemetry.proto.collector.trace.v1.TraceService/Export")),
      logs_(loop, log, "logs", settings_.log_batch, encode_resource(settings_.resource),
            Exporter(loop, settings_.logs, "/opentelemetry.proto.collector.logs.v1.LogsService/Export")) {
  for (const std::string& warning : settings_.warnings) log.warn("a telemetry setting is not used", {{"error", warning}});
}

Span Tracer::start(std::string name, SpanKind kind, const SpanContext& parent) {
  Span span{.name = std::move(name), .kind = kind, .began = clock_.now()};
  random_.fill(reinterpret_cast<char*>(span.context.span_id.data()), span.context.span_id.size());
  if (parent.is_valid()) {
    span.context.trace_id = parent.trace_id;
    span.context.state = parent.state;
    span.parent = parent.span_id;
  } else {
    random_.fill(reinterpret_cast<char*>(span.context.trace_id.data()), span.context.trace_id.size());
  }
  span.context.sampled = settings_.sampler.takes(parent, span.context.trace_id);
  return span;
}

Span Tracer::start_child(const Span& parent, std::string name, SpanKind kind) {
  Span span{.context = parent.context, .parent = parent.context.span_id, .name = std::move(name), .kind = kind, .began = clock_.now()};
  random_.fill(reinterpret_cast<char*>(span.context.span_id.data()), span.context.span_id.size());
  return span;
}

void Tracer::end(Span span, Scope scope) {
  if (!span.context.sampled) return;
  span.ended = clock_.now();
  limit(span.attributes, settings_);
  traces_.add({scope, encode_span(span)});
}

void Tracer::take_line(std::string_view line) {
  Result<json::value> parsed = parse_json(line);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (!object) return;
  LogRecord record = record_of(*object, clock_.now());
  limit(record.attributes, settings_);
  logs_.add({Scope::logs, encode_log(record)});
}

io::Task<Result<void>> Tracer::flush(MonoTime deadline) {
  Result<void> traces = co_await traces_.flush(deadline);
  Result<void> logs = co_await logs_.flush(deadline);
  co_return traces ? std::move(logs) : std::move(traces);
}

io::Task<bool> Tracer::tell(Batch& batch, MonoTime deadline) {
  Result<void> told = co_await io::within(loop_, deadline, batch.flush(deadline));
  if (told) co_return true;
  batch.note_silence();
  asked_ = loop_.exact_now();
  co_return false;
}

io::Task<void> Tracer::flush_soon(MonoTime deadline) {
  MonoTime now = loop_.exact_now();
  bool asks = now - asked_ >= probe_pause;
  if (asks) asked_ = now;
  auto limit = [&](const Batch& batch) { return std::min(deadline, now + (batch.fails() ? asks ? probe_time_max : 0ms : telling_time_max)); };
  if (limit(traces_) <= now || !co_await tell(traces_, limit(traces_))) co_return;
  if (limit(logs_) > now) co_await tell(logs_, limit(logs_));
}

std::string Tracer::metrics_text() const {
  std::string out = "# HELP podinfo_otel_lost_total Spans and log records that no collector has taken.\n# TYPE podinfo_otel_lost_total counter\n";
  for (const Batch* batch : {&traces_, &logs_}) out += fmt::format("podinfo_otel_lost_total{{signal=\"{}\"}} {}\n", batch->signal(), batch->lost());
  return out;
}

}  // namespace pds::podinfo::trace
