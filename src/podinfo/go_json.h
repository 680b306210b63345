// Where a JSON text is wrong, in the words of Go's decoder, which podinfo passes on to who sent the text. Nothing is made of it here.
#pragma once

#include <string_view>

#include "base/result.h"

namespace pds::podinfo {

// Who reads: one that wants nothing behind the value (json.Unmarshal), or one that takes the first value and leaves the rest (json.Decoder).
// They tell of a text that ends too soon in different words, too.
enum class GoReader { whole, first };

// The value in the text, without what is around it. Errors: E_JSON.
Result<std::string_view> find_go_json(std::string_view text, GoReader reader);

// How Go calls the kind of a value that find_go_json found: "object", "array", "string", "number", "bool", "null".
std::string_view go_kind(std::string_view value);

}  // namespace pds::podinfo
