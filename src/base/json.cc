#include "base/json.h"

// The whole of Boost.JSON is compiled here, once; everybody else sees declarations only.
#include <boost/json/src.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <vector>

namespace pds {
namespace {

void write_pretty(const json::value& value, size_t indent, std::string& out) {
  auto newline = [&](size_t depth) { out.append("\n").append(depth * 2, ' '); };
  if (const auto* object = value.if_object(); object && !object->empty()) {
    out += '{';
    bool first = true;
    for (const auto& member : *object) {
      if (!first) out += ',';
      first = false;
      newline(indent + 1);
      out += boost::json::serialize(member.key());
      out += ": ";
      write_pretty(member.value(), indent + 1, out);
    }
    newline(indent);
    out += '}';
  } else if (const auto* array = value.if_array(); array && !array->empty()) {
    out += '[';
    bool first = true;
    for (const auto& element : *array) {
      if (!first) out += ',';
      first = false;
      newline(indent + 1);
      write_pretty(element, indent + 1, out);
    }
    newline(indent);
    out += ']';
  } else {
    out += to_text(value);
  }
}

void write_canonical(const json::value& value, std::string& out) {
  if (const auto* object = value.if_object()) {
    std::vector<std::string_view> keys;
    for (const auto& member : *object) keys.emplace_back(member.key().data(), member.key().size());
    std::sort(keys.begin(), keys.end());
    out += '{';
    for (size_t i = 0; i < keys.size(); ++i) {
      if (i) out += ',';
      out += boost::json::serialize(boost::json::string_view(keys[i].data(), keys[i].size()));
      out += ':';
      write_canonical(object->at(keys[i]), out);
    }
    out += '}';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (size_t i = 0; i < array->size(); ++i) {
      if (i) out += ',';
      write_canonical((*array)[i], out);
    }
    out += ']';
  } else {
    out += to_text(value);
  }
}

}  // namespace

namespace {

boost::json::parse_options bounded() {
  boost::json::parse_options options;
  options.max_depth = json_depth_max;
  return options;
}

std::unexpected<Error> invalid(size_t at, const boost::json::error_code& error) {
  return fail("SerializationException", fmt::format("not valid JSON at byte {}: {}", at, error.message()));
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// Takes notice of nothing: the parser alone says whether the text is JSON.
struct Ignore {
  static constexpr size_t max_object_size = SIZE_MAX, max_array_size = SIZE_MAX, max_key_size = SIZE_MAX, max_string_size = SIZE_MAX;
  using error_code = boost::json::error_code;
  using text = boost::json::string_view;
  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(size_t, error_code&) { return true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(size_t, error_code&) { return true; }
  bool on_key_part(text, size_t, error_code&) { return true; }
  bool on_key(text, size_t, error_code&) { return true; }
  bool on_string_part(text, size_t, error_code&) { return true; }
  bool on_string(text, size_t, error_code&) { return true; }
  bool on_number_part(text, error_code&) { return true; }
  bool on_int64(int64_t, text, error_code&) { return true; }
  bool on_uint64(uint64_t, text, error_code&) { return true; }
  bool on_double(double, text, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(text, error_code&) { return true; }
  bool on_comment(text, error_code&) { return true; }
};

}  // namespace

Result<json::value> parse_json(std::string_view text) {
  boost::json::error_code error;
  boost::json::stream_parser parser({}, bounded());
  size_t consumed = parser.write_some(text.data(), text.size(), error);
  if (!error && !is_blank(text.substr(consumed))) error = boost::json::error::extra_data;
  if (!error) parser.finish(error);
  if (error) return invalid(consumed, error);
  return parser.release();
}

Result<void> check_json(std::string_view text) {
  boost::json::error_code error;
  boost::json::basic_parser<Ignore> parser(bounded());
  size_t consumed = parser.write_some(false, text.data(), text.size(), error);
  if (!error && !is_blank(text.substr(consumed))) error = boost::json::error::extra_data;
  if (error) return invalid(consumed, error);
  return {};
}

std::string to_text(const json::value& value) {
  // Boost.JSON writes 2.5 as 2.5E0, which some readers show as it stands: doubles are written by fmt.
  if (value.is_double()) return fmt::format("{}", value.get_double());
  if (const auto* object = value.if_object()) return to_text(*object);
  if (const auto* array = value.if_array()) {
    std::string out = "[";
    for (size_t i = 0; i < array->size(); ++i) {
      if (i) out += ',';
      out += to_text((*array)[i]);
    }
    return out + ']';
  }
  return boost::json::serialize(value);
}

std::string to_text(const json::object& value) {
  std::string out = "{";
  bool first = true;
  for (const auto& member : value) {
    if (!first) out += ',';
    first = false;
    out += boost::json::serialize(member.key());
    out += ':';
    out += to_text(member.value());
  }
  return out + '}';
}

std::string to_pretty_text(const json::value& value) {
  std::string out;
  write_pretty(value, 0, out);
  return out;
}

std::string to_canonical_text(const json::value& value) {
  std::string out;
  write_canonical(value, out);
  return out;
}

std::string get_string(const json::object& object, std::string_view key, std::string_view fallback) {
  const json::value* value = object.if_contains(key);
  if (!value || !value->is_string()) return std::string(fallback);
  return std::string(value->get_string().data(), value->get_string().size());
}

int64_t get_int(const json::object& object, std::string_view key, int64_t fallback) {
  const json::value* value = object.if_contains(key);
  if (!value) return fallback;
  if (value->is_int64()) return value->get_int64();
  if (value->is_uint64() && value->get_uint64() <= INT64_MAX) return static_cast<int64_t>(value->get_uint64());
  if (value->is_double() && value->get_double() > -9e18 && value->get_double() < 9e18) return static_cast<int64_t>(value->get_double());
  return fallback;
}

double get_double(const json::object& object, std::string_view key, double fallback) {
  const json::value* value = object.if_contains(key);
  if (!value || !value->is_number()) return fallback;
  return value->is_double() ? value->get_double() : static_cast<double>(get_int(object, key));
}

bool get_bool(const json::object& object, std::string_view key, bool fallback) {
  const json::value* value = object.if_contains(key);
  return value && value->is_bool() ? value->get_bool() : fallback;
}

const json::object* get_object(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value ? value->if_object() : nullptr;
}

const json::array* get_array(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value ? value->if_array() : nullptr;
}

}  // namespace pds
