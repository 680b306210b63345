#include "podinfo/trace/otlp.h"

#include "base/text.h"
#include "podinfo/trace/proto_writer.h"

namespace pds::podinfo::trace {
namespace {

// Field numbers of opentelemetry/proto: common, resource, trace, logs.
enum { any_string = 1, any_bool = 2, any_integer = 3, any_double = 4 };
enum { key_value_key = 1, key_value_value = 2 };
enum { resource_attributes = 1 };
enum { scope_name = 1 };
enum { span_trace_id = 1, span_id = 2, span_state = 3, span_parent = 4, span_name = 5, span_kind = 6, span_began = 7, span_ended = 8,
       span_attributes = 9, span_status = 15, span_flags = 16 };
enum { status_message = 2, status_code = 3 };
enum { log_time = 1, log_severity = 2, log_severity_text = 3, log_body = 5, log_attributes = 6, log_flags = 8, log_trace_id = 9,
       log_span_id = 10, log_observed = 11 };
enum { export_resource_items = 1, resource_items_resource = 1, resource_items_scopes = 2, resource_items_schema_url = 3, scope_items_scope = 1, scope_items_items = 2 };

// The semantic conventions that the original names.
constexpr std::string_view schema_url = "https://opentelemetry.io/schemas/1.7.0";
constexpr std::string_view scope_names[] = {"go.opentelemetry.io/contrib/instrumentation/github.com/gorilla/mux/otelmux",
                                            "github.com/stefanprodan/podinfo/pkg/api",
                                            "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp",
                                            "go.opentelemetry.io/contrib/instrumentation/net/http/httptrace/otelhttptrace",
                                            "github.com/stefanprodan/podinfo"};

template <size_t Size>
std::string_view bytes_of(const std::array<unsigned char, Size>& id) {
  return {reinterpret_cast<const char*>(id.data()), Size};
}

uint64_t nanoseconds(Timestamp at) { return static_cast<uint64_t>(at.time_since_epoch().count()) * 1000; }

// Of the client's making, perhaps: one text that is no UTF-8 would cost all that is told with it, for no collector reads such a message.
void write_text(ProtoWriter& out, int field, std::string_view text) {
  if (is_utf8(text)) return out.bytes(field, text);
  out.bytes(field, repaired_utf8(text));
}

ProtoWriter any_value(const std::variant<std::string, int64_t, double, bool>& value) {
  ProtoWriter out;
  if (const auto* text = std::get_if<std::string>(&value)) write_text(out, any_string, *text);
  if (const auto* integer = std::get_if<int64_t>(&value)) out.integer(any_integer, static_cast<uint64_t>(*integer));
  if (const auto* real = std::get_if<double>(&value)) out.real(any_double, *real);
  if (const auto* truth = std::get_if<bool>(&value)) out.integer(any_bool, *truth);
  return out;
}

void write_attributes(ProtoWriter& out, int field, const std::vector<Attribute>& attributes) {
  for (const Attribute& attribute : attributes) {
    ProtoWriter pair;
    pair.bytes(key_value_key, attribute.key);
    pair.message(key_value_value, any_value(attribute.value));
    out.message(field, pair);
  }
}

}  // namespace

static_assert(std::is_same_v<Duration::period, std::micro>);

std::string encode_span(const Span& span) {
  ProtoWriter out;
  out.bytes(span_trace_id, bytes_of(span.context.trace_id));
  out.bytes(span_id, bytes_of(span.context.span_id));
  if (!span.context.state.empty()) write_text(out, span_state, span.context.state);
  if (span.parent != decltype(span.parent){}) out.bytes(span_parent, bytes_of(span.parent));
  out.bytes(span_name, span.name);
  out.integer(span_kind, static_cast<uint64_t>(span.kind));
  out.fixed64(span_began, nanoseconds(span.began));
  out.fixed64(span_ended, nanoseconds(span.ended));
  write_attributes(out, span_attributes, span.attributes);
  if (span.status != SpanStatus::unset) {
    ProtoWriter status;
    if (!span.status_message.empty()) write_text(status, status_message, span.status_message);
    status.integer(status_code, static_cast<uint64_t>(span.status));
    out.message(span_status, status);
  }
  out.fixed32(span_flags, span.context.sampled);
  return out.take();
}

std::string encode_log(const LogRecord& record) {
  ProtoWriter out;
  out.fixed64(log_time, nanoseconds(record.at));
  out.integer(log_severity, static_cast<uint64_t>(record.severity));
  out.bytes(log_severity_text, record.severity_text);
  out.message(log_body, any_value(record.body));
  write_attributes(out, log_attributes, record.attributes);
  if (record.context.is_valid()) {
    out.fixed32(log_flags, record.context.sampled);
    out.bytes(log_trace_id, bytes_of(record.context.trace_id));
    out.bytes(log_span_id, bytes_of(record.context.span_id));
  }
  out.fixed64(log_observed, nanoseconds(record.at));
  return out.take();
}

std::string encode_resource(const std::vector<Attribute>& attributes) {
  ProtoWriter out;
  write_attributes(out, resource_attributes, attributes);
  return out.take();
}

std::string encode_export(const std::string& resource, const std::vector<Item>& items) {
  ProtoWriter of_resource;
  of_resource.bytes(resource_items_resource, resource);
  for (size_t scope = 0; scope < std::size(scope_names); ++scope) {
    ProtoWriter of_scope, name;
    name.bytes(scope_name, scope_names[scope]);
    of_scope.message(scope_items_scope, name);
    bool any = false;
    for (const Item& item : items) {
      if (static_cast<size_t>(item.scope) != scope) continue;
      of_scope.bytes(scope_items_items, item.bytes);
      any = true;
    }
    if (any) of_resource.message(resource_items_scopes, of_scope);
  }
  of_resource.bytes(resource_items_schema_url, schema_url);
  ProtoWriter out;
  out.message(export_resource_items, of_resource);
  return out.take();
}

}  // namespace pds::podinfo::trace
