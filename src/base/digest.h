// The name of content: "sha256:" and 64 lower-case hexadecimal digits. A type of its own, so that a tag can never stand in its place.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pds {

class Digest {
 public:
  Digest() = default;   // names nothing; is_empty()
  // E_DIGEST_INVALID for anything but sha256 in lower case: one content has one name.
  static Result<Digest> parse(std::string_view text);
  static Digest of(std::string_view content);
  static Digest from_raw(std::string_view raw32);   // 32 bytes, as Sha256::finish() has them

  const std::string& text() const { return text_; }              // "sha256:2c26b4..."
  std::string_view hex() const;                                  // 64 digits
  std::string raw() const;                                       // 32 bytes
  bool is_empty() const { return text_.empty(); }
  bool names(std::string_view content) const { return *this == of(content); }

  auto operator<=>(const Digest&) const = default;

 private:
  explicit Digest(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

// E_DIGEST_MISMATCH, naming what was read, what was expected and what was found.
Result<void> check_digest(std::string_view what, const Digest& expected, const Digest& found);

}  // namespace pds
