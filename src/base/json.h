// JSON: Boost.JSON behind the few calls we use, with bounds. Include this instead of boost/json.hpp.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pds {

namespace json {
using boost::json::array;
using boost::json::object;
using boost::json::string;
using boost::json::value;
}  // namespace json

inline constexpr size_t json_depth_max = 64;

// The whole text is one JSON value; nesting at most json_depth_max. The error says where.
Result<json::value> parse_json(std::string_view text);
// The same rules, without making anything of the text.
Result<void> check_json(std::string_view text);
std::string to_text(const json::value& value);                      // compact, keys in insertion order
std::string to_text(const json::object& value);
std::string to_pretty_text(const json::value& value);               // two-space indent, "key": value, no trailing newline
// Keys sorted, no whitespace: the same document always gives the same bytes.
std::string to_canonical_text(const json::value& value);

// Members that may be absent or of another type: then the fallback.
std::string get_string(const json::object& object, std::string_view key, std::string_view fallback = "");
int64_t get_int(const json::object& object, std::string_view key, int64_t fallback = 0);
double get_double(const json::object& object, std::string_view key, double fallback = 0);
bool get_bool(const json::object& object, std::string_view key, bool fallback = false);
const json::object* get_object(const json::object& object, std::string_view key);   // null when absent
const json::array* get_array(const json::object& object, std::string_view key);

}  // namespace pds
