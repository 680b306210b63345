// Text: encodings, splitting, comparing. Nothing here allocates more than its result.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pds {

std::string to_hex(std::string_view bytes);                       // lower case
Result<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);                    // standard alphabet, padded
Result<std::string> from_base64(std::string_view text);           // strict: padding required, no whitespace
std::string to_base64url(std::string_view bytes);                 // no padding
Result<std::string> from_base64url(std::string_view text);        // strict: no padding

// RFC 3986: everything but A-Z a-z 0-9 - _ . ~ becomes %XX; '/' too unless keep_slash.
std::string percent_encode(std::string_view text, bool keep_slash = false);
// An invalid escape is an error. plus_is_space for application/x-www-form-urlencoded.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

bool iequals(const char* a, const char* b, size_t size);
inline bool iequals(std::string_view a, std::string_view b) {           // ASCII case-insensitive
  // Most texts that are compared and differ do so in their first letter.
  return a.size() == b.size() && (a.empty() || (((a[0] ^ b[0]) & ~0x20) == 0 && iequals(a.data(), b.data(), a.size())));
}
std::string to_lower(std::string_view text);
std::string_view trim(std::string_view text);                     // spaces, tabs, CR, LF
std::vector<std::string_view> split(std::string_view text, char separator);   // "a,,b" has three parts; "" has one
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

// The whole text is one decimal number in range, or nothing.
std::optional<int64_t> parse_int(std::string_view text);
std::optional<double> parse_double(std::string_view text);

// '*' any run, '?' one character: AWS's wildcards in policies, filters and path rules.
bool wildcard_match(std::string_view pattern, std::string_view text);

// The nearest of `candidates`, if near enough to be a likely typing error: "did you mean ...?"
std::optional<std::string> suggest(std::string_view word, std::span<const std::string> candidates);

// Equal length and content, in time that depends on length only. For secrets and signatures.
bool constant_time_equal(std::string_view a, std::string_view b);

// Valid UTF-8 without overlong forms or surrogates.
bool is_utf8(std::string_view text);
// Bytes of the character that begins here; 0: none does.
size_t utf8_character_bytes(std::string_view text);
// With U+FFFD for each byte that is part of no character.
std::string repaired_utf8(std::string_view text);

}  // namespace pds
