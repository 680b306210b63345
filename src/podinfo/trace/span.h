// A span, and a log record, as they are told to a collector.
#pragma once

#include <variant>

#include "base/time.h"
#include "podinfo/trace/context.h"

namespace pds::podinfo::trace {

struct Attribute {
  std::string key;
  std::variant<std::string, int64_t, double, bool> value;
};

enum class SpanKind : uint8_t { internal = 1, server = 2, client = 3 };
enum class SpanStatus : uint8_t { unset = 0, ok = 1, error = 2 };

struct Span {
  SpanContext context;
  std::array<unsigned char, 8> parent{};  // all zero: none
  std::string name;
  SpanKind kind = SpanKind::internal;
  Timestamp began{}, ended{};
  std::vector<Attribute> attributes;
  SpanStatus status = SpanStatus::unset;
  std::string status_message;

  void set(std::string key, std::variant<std::string, int64_t, double, bool> value) {
    attributes.push_back({std::move(key), std::move(value)});
  }
  void fail(std::string message) {
    status = SpanStatus::error;
    status_message = std::move(message);
  }
};

struct LogRecord {
  Timestamp at{};
  int severity = 0;  // OpenTelemetry's number: 5 debug, 9 info, 13 warn, 17 error
  std::string severity_text, body;
  std::vector<Attribute> attributes;
  SpanContext context;  // invalid: outside any request
};

}  // namespace pds::podinfo::trace
