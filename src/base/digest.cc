#include "base/digest.h"

#include <fmt/core.h>

#include "base/check.h"
#include "base/crypto.h"
#include "base/text.h"

namespace pds {

constexpr std::string_view prefix = "sha256:";
constexpr size_t hex_digits = 64;

Result<Digest> Digest::parse(std::string_view text) {
  bool valid = text.starts_with(prefix) && text.size() == prefix.size() + hex_digits;
  for (size_t i = prefix.size(); valid && i < text.size(); ++i) {
    valid = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
  }
  if (!valid) {
    return fail("E_DIGEST_INVALID",
                fmt::format("'{}' is not a digest: expected sha256: and 64 lower-case hexadecimal digits", text.substr(0, 100)));
  }
  return Digest(std::string(text));
}

Digest Digest::of(std::string_view content) { return from_raw(sha256(content)); }

Digest Digest::from_raw(std::string_view raw32) {
  ASSERT(raw32.size() == 32);
  return Digest(std::string(prefix) + to_hex(raw32));
}

std::string_view Digest::hex() const { return is_empty() ? std::string_view{} : std::string_view(text_).substr(prefix.size()); }

std::string Digest::raw() const { return from_hex(hex()).value_or(std::string()); }

Result<void> check_digest(std::string_view what, const Digest& expected, const Digest& found) {
  if (expected == found) return {};
  return fail("E_DIGEST_MISMATCH",
              fmt::format("{}: the content does not match its digest: expected {}, found {}", what, expected.text(), found.text()));
}

}  // namespace pds
