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
  bool matches(std::string_view text) const;

 private:
  struct Element {
    char character;
    enum Kind : uint8_t { literal, one, any } kind;
  };
  bool same(const Element& element, char c) const;
  std::vector<Element> elements_;
  std::string start_;  // what the text must begin with: most rules are told apart by it. Empty where case is ignored
  Case case_;
};

}  // namespace pds::proxy
