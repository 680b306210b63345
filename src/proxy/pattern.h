// Patterns of listener rules: '*' any run, '?' one character, '\' takes the next one literally. Matching allocates nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pds::proxy {

enum class Case : uint8_t { sensitive, insensitive };

class Pattern {
 public:
  Pattern(std::string_view text, Case letters);
  bool matches(std::string_view text) const {
    // Most texts are no match by one look: at the last character of what they must begin with, which beginnings of one kind do not share.
    if (!start_.empty() && (text.size() < start_.size() || text[start_.size() - 1] != start_.back())) return false;
    return matches_from_start(text);
  }

 private:
  struct Element {
    char character;
    enum Kind : uint8_t { literal, one, any } kind;
  };
  bool matches_from_start(std::string_view text) const;
  bool same(const Element& element, char c) const;
  std::vector<Element> elements_;
  std::string start_;  // what the text must begin with: most rules are told apart by it. Empty where case is ignored
  std::string end_;    // where the pattern is "*" and this: what the text must end with
  Case case_;
};

}  // namespace pds::proxy
