#include "aws/scalar.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>

#include "aws/unsupported.h"
#include "base/text.h"

namespace pds::aws {

Present present(const Type& type, const void* value) {
  const Type* t = &type;
  while (t->kind == Kind::optional && value) {
    value = t->optional_get(value);
    t = t->element;
  }
  if (value && t->kind == Kind::json && static_cast<const JsonText*>(value)->text.empty()) value = nullptr;
  return {t, value};
}

Room make_present(const Type& type, void* value) {
  const Type* t = &type;
  while (t->kind == Kind::optional) {
    value = t->optional_emplace(value);
    t = t->element;
  }
  return {t, value};
}

bool is_container(const Type& type) { return type.kind == Kind::list || type.kind == Kind::map; }

bool is_empty(const Present& value) {
  switch (value.type->kind) {
    case Kind::string:
      return static_cast<const std::string*>(value.data)->empty();
    case Kind::blob:
      return static_cast<const Blob*>(value.data)->bytes.empty();
    case Kind::list:
    case Kind::map:
      return value.type->count(value.data) == 0;
    default:
      return false;
  }
}

bool is_unsupported(const Type& type) { return &type == type_of<Unsupported>(); }

std::string epoch_text(Timestamp t) {
  int64_t micros = t.time_since_epoch().count();
  bool negative = micros < 0;
  uint64_t magnitude = negative ? 0 - static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  std::string text = (negative ? "-" : "") + std::to_string(magnitude / 1'000'000);
  if (uint64_t fraction = magnitude % 1'000'000) {
    text += fmt::format(".{:06}", fraction);
    while (text.back() == '0') text.pop_back();
  }
  return text;
}

std::string time_text(Timestamp t, TimeFormat format) {
  switch (format) {
    case TimeFormat::epoch_seconds:
      return epoch_text(t);
    case TimeFormat::http_date:
      return to_http_date(t);
    case TimeFormat::by_protocol:
    case TimeFormat::iso8601:
      break;
  }
  return to_iso8601_millis(t);
}

Result<Timestamp> time_from_text(std::string_view text, TimeFormat format) {
  if (format == TimeFormat::http_date) return parse_http_date(text);
  if (format != TimeFormat::iso8601)
    if (auto seconds = parse_double(text)) return from_epoch_seconds(*seconds);
  if (format == TimeFormat::by_protocol && !text.empty() && text[0] >= 'A' && text[0] <= 'Z') return parse_http_date(text);
  return parse_iso8601(text);
}

namespace {

std::string real_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", value);
}

std::optional<double> real_from_text(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  std::optional<double> value = parse_double(text);
  return value && std::isfinite(*value) ? value : std::nullopt;  // from_chars reads "inf" and "nan" too: not a wire form
}

}  // namespace

std::string scalar_text(const Present& value, TimeFormat format) {
  switch (value.type->kind) {
    case Kind::boolean:
      return *static_cast<const bool*>(value.data) ? "true" : "false";
    case Kind::integer:
      return fmt::format("{}", *static_cast<const int*>(value.data));
    case Kind::long_integer:
      return fmt::format("{}", *static_cast<const int64_t*>(value.data));
    case Kind::real:
      return real_text(*static_cast<const double*>(value.data));
    case Kind::string:
      return *static_cast<const std::string*>(value.data);
    case Kind::blob:
      return to_base64(static_cast<const Blob*>(value.data)->bytes);
    case Kind::timestamp:
      return time_text(*static_cast<const Timestamp*>(value.data), format);
    case Kind::json:
      return static_cast<const JsonText*>(value.data)->text;
    default:
      return {};
  }
}

std::unexpected<Error> wrong_type(std::string_view where, std::string_view expected) {
  return fail("SerializationException", fmt::format("The value of '{}' must be {}.", where, expected));
}

Result<void> store_integer(int64_t number, const Room& into, std::string_view where) {
  if (into.type->kind == Kind::long_integer) {
    *static_cast<int64_t*>(into.data) = number;
    return {};
  }
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max())
    return wrong_type(where, "a 32-bit integer");
  *static_cast<int*>(into.data) = static_cast<int>(number);
  return {};
}

Result<void> scalar_from_text(std::string_view text, const Room& into, TimeFormat format, std::string_view where) {
  switch (into.type->kind) {
    case Kind::boolean:
      if (!iequals(text, "true") && !iequals(text, "false")) return wrong_type(where, "true or false");
      *static_cast<bool*>(into.data) = iequals(text, "true");
      return {};
    case Kind::integer:
    case Kind::long_integer: {
      std::optional<int64_t> number = parse_int(text);
      if (!number) return wrong_type(where, "an integer");
      return store_integer(*number, into, where);
    }
    case Kind::real: {
      std::optional<double> number = real_from_text(text);
      if (!number) return wrong_type(where, "a number");
      *static_cast<double*>(into.data) = *number;
      return {};
    }
    case Kind::string:
      if (!is_utf8(text)) return wrong_type(where, "UTF-8 text");
      *static_cast<std::string*>(into.data) = text;
      return {};
    case Kind::blob: {
      Result<std::string> bytes = from_base64(text);
      if (!bytes) return wrong_type(where, "base64 text");
      static_cast<Blob*>(into.data)->bytes = std::move(*bytes);
      return {};
    }
    case Kind::timestamp: {
      Result<Timestamp> time = time_from_text(text, format);
      if (!time) return wrong_type(where, "a time");
      *static_cast<Timestamp*>(into.data) = *time;
      return {};
    }
    case Kind::json:
      static_cast<JsonText*>(into.data)->text = text;
      return {};
    default:
      return wrong_type(where, "of another form");
  }
}

}  // namespace pds::aws
