#include "cloud/services/lambda/function_name.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "cloud/services/lambda/records.h"

namespace pds::cloud::lambda {

namespace {

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_qualifier(std::string_view text) { return text == latest || (is_word(text) && text.size() <= 128); }

std::unexpected<Error> malformed(std::string_view text) {
  return fail(
      "ValidationException",
      fmt::format("1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: Member must satisfy "
                  "regular expression pattern: "
                  "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{{2}}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{{1}}:)?(\\d{{12}}:)?(function:)?"
                  "([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?",
                  text));
}

// Takes "arn:aws:lambda:<region>:<account>:" or "<account>:" and "function:" off the front.
Result<std::string_view> strip_prefix(std::string_view text, std::string_view region, std::string_view account) {
  std::string_view rest = text;
  if (rest.starts_with("arn:")) {
    std::vector<std::string_view> parts = split(rest, ':');
    if (parts.size() < 7 || parts.size() > 8 || parts[2] != "lambda" || parts[5] != "function") return malformed(text);
    if (parts[3] != region)
      return fail("ResourceNotFoundException",
                  fmt::format("Functions from '{}' are not reachable in this region ('{}')", parts[3], region), 404);
    if (parts[4] != account)
      return fail("AccessDeniedException", fmt::format("The function {} belongs to another account than the caller's", text), 403);
    return rest.substr(static_cast<size_t>(parts[6].data() - rest.data()));
  }
  size_t marker = rest.find("function:");
  if (marker == std::string_view::npos) return rest;
  if (marker == 13 && rest.substr(0, 12) != account)
    return fail("AccessDeniedException", fmt::format("The function {} belongs to another account than the caller's", text), 403);
  if (marker != 0 && (marker != 13 || rest[12] != ':')) return malformed(text);
  return rest.substr(marker + 9);
}

}  // namespace

bool is_version_number(std::string_view text) {
  return !text.empty() && text.size() <= 10 && text[0] != '0' &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_alias_name(std::string_view text) {
  return is_word(text) && text.size() <= 128 && !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_function_name(std::string_view text) { return is_word(text) && text.size() <= function_name_bytes_max; }

Result<FunctionName> parse_function_name(std::string_view text, std::string_view qualifier, std::string_view region,
                                         std::string_view account) {
  std::string_view rest = text;
  if (text.find(':') != std::string_view::npos) {
    TRY(rest, strip_prefix(text, region, account));
  }
  size_t colon = rest.find(':');
  std::string_view own = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  if (!is_word(rest.substr(0, colon))) return malformed(text);
  if (colon != std::string_view::npos && !is_qualifier(own)) return malformed(text);
  if (!qualifier.empty() && !is_qualifier(qualifier))
    return fail("ValidationException",
                fmt::format("1 validation error detected: Value '{}' at 'qualifier' failed to satisfy constraint: "
                            "Member must satisfy regular expression pattern: (|[a-zA-Z0-9$_-]+)",
                            qualifier));
  if (!own.empty() && !qualifier.empty() && own != qualifier)
    return fail("InvalidParameterValueException",
                "The derived qualifier from the function name does not match the specified qualifier.");
  return FunctionName{std::string(rest.substr(0, colon)), std::string(own.empty() ? qualifier : own)};
}

std::string version_key(std::string_view function, std::string_view version) {
  if (version == latest) return fmt::format("{}:{}", function, version);
  return fmt::format("{}:{:0>10}", function, version);
}

}  // namespace pds::cloud::lambda
