// JSON as the JSON protocols, REST bodies and the store write it.
#pragma once

#include <string>
#include <string_view>

#include "aws/shape.h"
#include "base/json.h"

namespace pds::aws {

enum class JsonForm : uint8_t {
  record,   // every member, whatever its place: what the store keeps
  request,  // body members; empty lists and maps are left out
  reply,    // body members
};

// Appends {"Member":...}. Bytes that are not UTF-8 become U+FFFD, so that the text is always JSON.
void write_json(const Shape& shape, const void* value, JsonForm form, std::string& out);
// `record`: members of all places are read, else body members only.
Result<void> read_json(const json::object& document, const Shape& shape, void* value, JsonForm form);
void append_json_string(std::string_view text, std::string& out);

}  // namespace pds::aws
