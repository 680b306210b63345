// The ways to name a function: "podinfo", "podinfo:live", "000000000000:function:podinfo:7", and full ARNs.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pds::cloud::lambda {

inline constexpr size_t function_name_bytes_max = 64;

struct FunctionName {
  std::string name;
  std::string qualifier;  // empty: none given
};

// `qualifier` is what was given beside the name; when both say something they must agree (InvalidParameterValueException).
// Another region or account is ResourceNotFoundException or AccessDeniedException, as Lambda words them.
Result<FunctionName> parse_function_name(std::string_view text, std::string_view qualifier, std::string_view region,
                                         std::string_view account);

bool is_version_number(std::string_view text);  // decimal digits, no leading zero
bool is_alias_name(std::string_view text);      // letters, digits, '-' and '_', not digits alone
bool is_function_name(std::string_view text);

// Sorts versions of one function by number, $LATEST first.
std::string version_key(std::string_view function, std::string_view version);
inline std::string qualified_key(std::string_view function, std::string_view qualifier) {
  return std::string(function) + ":" + std::string(qualifier);
}

}  // namespace pds::cloud::lambda
