// Spans and log records in OTLP's messages (opentelemetry-proto 1.x).
#pragma once

#include "podinfo/trace/span.h"

namespace pds::podinfo::trace {

// Who made a span: the instrumentation scope.
enum class Scope : uint8_t { http_server, handlers, http_client, http_parts, logs };

std::string encode_span(const Span& span);
std::string encode_log(const LogRecord& record);
std::string encode_resource(const std::vector<Attribute>& attributes);

// One encoded span or record, with its scope.
struct Item {
  Scope scope;
  std::string bytes;
};
// The request of the exporter's call, for spans or logs alike: resource, then each scope with its items.
std::string encode_export(const std::string& resource, const std::vector<Item>& items);

}  // namespace pds::podinfo::trace
