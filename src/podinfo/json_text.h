// JSON as Go's encoder writes it, byte for byte: podinfo's clients compare texts.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace pds::podinfo {

// With its quotes. "<", ">" and "&" are escaped, so that a document that ends up in a page cannot open a tag there; each byte that
// is not UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Two spaces per level, keys in insertion order, no newline at the end.
std::string to_json_text(const json::value& value);

}  // namespace pds::podinfo
