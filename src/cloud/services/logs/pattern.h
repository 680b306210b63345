// Filter patterns, as FilterLogEvents takes them:
//   ERROR timeout            both words          "out of memory"    the phrase
//   ?ERROR ?WARN             any of them         ERROR -healthz     without a word
//   { $.status >= 500 && ($.path = "/api/*" || $.user IS NULL) }    members of a JSON message
// Space-delimited patterns ([ip, user, ...]) and regular expressions (%...%) are refused by name.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace pds::cloud::logs {

inline constexpr size_t pattern_depth_max = 20;

class Pattern {
 public:
  // InvalidParameterException says where; NotImplemented names what is not supported.
  static Result<Pattern> parse(std::string_view text);
  bool matches(std::string_view message) const;
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  struct Node;

 private:
  Pattern();
  std::vector<std::string> all_, any_, none_;
  std::unique_ptr<Node> expression_;
};

}  // namespace pds::cloud::logs
