#include "aws/codec_json.h"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <limits>

#include "aws/codec.h"
#include "aws/scalar.h"
#include "base/check.h"
#include "base/text.h"

namespace pds::aws {
namespace {

// ---- writing: straight to text, because a document in between costs more than everything else in a small reply ----

void append_escape(unsigned char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += fmt::format("\\u{:04x}", c);
  }
}

constexpr auto needs_escape = [] {
  std::array<bool, 256> table{};
  for (size_t c = 0; c < 0x20; ++c) table[c] = true;
  table['"'] = table['\\'] = true;
  return table;
}();

void append_valid(std::string_view text, std::string& out) {
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (!needs_escape[c]) continue;
    out.append(text, plain, i - plain);
    append_escape(c, out);
    plain = i + 1;
  }
  out.append(text, plain);
}

void write_value(const Present& value, TimeFormat format, JsonForm form, std::string& out);

void write_list(const Present& value, TimeFormat format, JsonForm form, std::string& out) {
  out += '[';
  size_t count = value.type->count(value.data);
  for (size_t i = 0; i < count; ++i) {
    if (i) out += ',';
    write_value(present(*value.type->element, value.type->list_at(value.data, i)), format, form, out);
  }
  out += ']';
}

void write_map(const Present& value, TimeFormat format, JsonForm form, std::string& out) {
  struct Context {
    const Type& element;
    TimeFormat format;
    JsonForm form;
    std::string& out;
    bool first = true;
  } context{*value.type->element, format, form, out};
  out += '{';
  value.type->map_each(value.data, &context, [](void* c, const std::string& key, const void* element) {
    auto& [type, time_format, json_form, text, first] = *static_cast<Context*>(c);
    if (!first) text += ',';
    first = false;
    append_json_string(key, text);
    text += ':';
    write_value(present(type, element), time_format, json_form, text);
  });
  out += '}';
}

void write_real(double value, std::string& out) {
  std::string text = scalar_text({type_of<double>(), &value}, TimeFormat::by_protocol);
  if (std::isfinite(value))
    out += text;
  else
    append_json_string(text, out);  // "NaN", "Infinity": JSON has no such numbers
}

void write_time(Timestamp t, TimeFormat format, std::string& out) {
  if (format == TimeFormat::by_protocol || format == TimeFormat::epoch_seconds)
    out += epoch_text(t);
  else
    append_json_string(time_text(t, format), out);
}

void write_value(const Present& value, TimeFormat format, JsonForm form, std::string& out) {
  if (!value.data) {
    out += "null";  // an empty optional inside a list or a map
    return;
  }
  switch (value.type->kind) {
    case Kind::structure:
      return write_json(value.type->shape(), value.data, form, out);
    case Kind::list:
      return write_list(value, format, form, out);
    case Kind::map:
      return write_map(value, format, form, out);
    case Kind::string:
      return append_json_string(*static_cast<const std::string*>(value.data), out);
    case Kind::real:
      return write_real(*static_cast<const double*>(value.data), out);
    case Kind::timestamp:
      return write_time(*static_cast<const Timestamp*>(value.data), format, out);
    case Kind::blob:
      out += '"';
      out += to_base64(static_cast<const Blob*>(value.data)->bytes);
      out += '"';
      return;
    default:
      out += scalar_text(value, format);
  }
}

// ---- reading ----

struct Reader {
  JsonForm form;

  Result<void> structure(const json::object& document, const Shape& shape, void* value, size_t depth) const {
    if (depth > shape_depth_max)
      return fail("SerializationException", fmt::format("{} is nested deeper than {} levels", shape.name, shape_depth_max));
    for (const Member& member : shape.members) {
      if (form != JsonForm::record && member.place != Place::body) continue;
      const json::value* found = document.if_contains(member.name);
      if (!found || found->is_null()) continue;
      CHECK(read(*found, make_present(member, value), member.time_format, member.name, depth));
    }
    return {};
  }

  Result<void> list(const json::array& array, const Room& into, TimeFormat format, std::string_view where, size_t depth) const {
    if (array.size() > list_elements_max) return wrong_type(where, fmt::format("a list of at most {} elements", list_elements_max));
    for (const json::value& element : array)
      CHECK(read(element, make_present(*into.type->element, into.type->list_append(into.data)), format, where, depth));
    return {};
  }

  Result<void> map(const json::object& object, const Room& into, TimeFormat format, std::string_view where, size_t depth) const {
    if (object.size() > list_elements_max) return wrong_type(where, fmt::format("a map of at most {} entries", list_elements_max));
    for (const auto& entry : object) {
      std::string key(entry.key().data(), entry.key().size());
      if (entry.value().is_null()) continue;
      CHECK(read(entry.value(), make_present(*into.type->element, into.type->map_insert(into.data, key)), format, where, depth));
    }
    return {};
  }

  static Result<void> integer(const json::value& document, const Room& into, std::string_view where) {
    if (document.is_int64()) return store_integer(document.get_int64(), into, where);
    // 2^63 as a double is the first that does not fit.
    if (document.is_double() && std::trunc(document.get_double()) == document.get_double() &&
        std::fabs(document.get_double()) < 0x1p63)
      return store_integer(static_cast<int64_t>(document.get_double()), into, where);
    return wrong_type(where, "an integer");
  }

  static Result<void> text(const json::value& document, const Room& into, TimeFormat format, std::string_view where) {
    if (!document.is_string()) return wrong_type(where, "a string");
    const json::string& s = document.get_string();
    return scalar_from_text({s.data(), s.size()}, into, format, where);
  }

  static Result<void> number(const json::value& document, const Room& into, std::string_view where) {
    if (document.is_string()) return text(document, into, TimeFormat::by_protocol, where);  // "NaN"
    if (!document.is_number()) return wrong_type(where, "a number");
    double value = document.is_double()  ? document.get_double()
                   : document.is_int64() ? static_cast<double>(document.get_int64())
                                         : static_cast<double>(document.get_uint64());
    if (into.type->kind == Kind::timestamp)
      *static_cast<Timestamp*>(into.data) = from_epoch_seconds(value);
    else
      *static_cast<double*>(into.data) = value;
    return {};
  }

  Result<void> read(const json::value& document, const Room& into, TimeFormat format, std::string_view where, size_t depth) const {
    switch (into.type->kind) {
      case Kind::structure:
        if (is_unsupported(*into.type)) return {};
        if (!document.is_object()) return wrong_type(where, "an object");
        return structure(document.get_object(), into.type->shape(), into.data, depth + 1);
      case Kind::list:
        if (!document.is_array()) return wrong_type(where, "a list");
        return list(document.get_array(), into, format, where, depth + 1);
      case Kind::map:
        if (!document.is_object()) return wrong_type(where, "an object");
        return map(document.get_object(), into, format, where, depth + 1);
      case Kind::boolean:
        if (!document.is_bool()) return wrong_type(where, "true or false");
        *static_cast<bool*>(into.data) = document.get_bool();
        return {};
      case Kind::integer:
      case Kind::long_integer:
        return integer(document, into, where);
      case Kind::real:
      case Kind::timestamp:
        return number(document, into, where);
      case Kind::json:
        static_cast<JsonText*>(into.data)->text = to_text(document);
        return {};
      default:
        return text(document, into, format, where);
    }
  }
};

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  if (is_utf8(text))
    append_valid(text, out);
  else
    for (char c : text) {
      if (static_cast<unsigned char>(c) < 0x80)
        append_valid({&c, 1}, out);
      else
        out += "\xEF\xBF\xBD";
    }
  out += '"';
}

void write_json(const Shape& shape, const void* value, JsonForm form, std::string& out) {
  out += '{';
  bool first = true;
  for (const Member& member : shape.members) {
    if (form != JsonForm::record && member.place != Place::body) continue;
    Present found = present(member, value);
    if (!found.data) continue;
    // An optional that is there is written, empty or not: absence and emptiness are different things.
    bool may_omit = member.is_omit_empty || (form == JsonForm::request && is_container(*found.type));
    if (may_omit && member.type->kind != Kind::optional && is_empty(found)) continue;
    if (!first) out += ',';
    first = false;
    out += '"';
    out += member.name;
    out += "\":";
    write_value(found, member.time_format, form, out);
  }
  out += '}';
}

Result<void> read_json(const json::object& document, const Shape& shape, void* value, JsonForm form) {
  return Reader{form}.structure(document, shape, value, 0);
}

std::string to_json_text(const Shape& shape, const void* value) {
  std::string out;
  write_json(shape, value, JsonForm::record, out);
  return out;
}

json::object to_json(const Shape& shape, const void* value) {
  Result<json::value> document = parse_json(to_json_text(shape, value));
  ASSERT(document.has_value() && document->is_object());  // our own writing
  return std::move(document->get_object());
}

Result<void> from_json(const json::object& document, const Shape& shape, void* value) {
  return read_json(document, shape, value, JsonForm::record);
}

}  // namespace pds::aws
