#include "proxy/pattern.h"

namespace pds::proxy {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

Pattern::Pattern(std::string_view text, Case letters) : case_(letters) {
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      elements_.push_back({case_ == Case::insensitive ? lower(text[++i]) : text[++i], Element::literal});
    } else if (c == '*') {
      if (elements_.empty() || elements_.back().kind != Element::any) elements_.push_back({c, Element::any});
    } else if (c == '?') {
      elements_.push_back({c, Element::one});
    } else {
      elements_.push_back({case_ == Case::insensitive ? lower(c) : c, Element::literal});
    }
  }
  if (case_ == Case::insensitive) return;
  for (const Element& element : elements_) {
    if (element.kind != Element::literal) break;
    start_.push_back(element.character);
  }
  bool is_ending = !elements_.empty() && elements_[0].kind == Element::any;
  for (size_t i = 1; is_ending && i < elements_.size(); ++i) is_ending = elements_[i].kind == Element::literal;
  for (size_t i = 1; is_ending && i < elements_.size(); ++i) end_.push_back(elements_[i].character);
}

bool Pattern::same(const Element& element, char c) const {
  if (element.kind == Element::one) return true;
  return element.kind == Element::literal && element.character == (case_ == Case::insensitive ? lower(c) : c);
}

// Greedy with one point to go back to, the last '*': linear in practice, and never worse than pattern times text.
bool Pattern::matches_from_start(std::string_view text) const {
  if (!end_.empty()) return text.ends_with(end_);
  if (!text.starts_with(start_)) return false;
  if (start_.size() == elements_.size()) return text.size() == start_.size();
  bool rest_is_any = start_.size() + 1 == elements_.size() && elements_.back().kind == Element::any;
  if (rest_is_any) return true;
  size_t at = start_.size(), element = start_.size();
  size_t star = std::string_view::npos, star_at = 0;
  while (at < text.size()) {
    if (element < elements_.size() && elements_[element].kind == Element::any) {
      star = element++;
      star_at = at;
    } else if (element < elements_.size() && same(elements_[element], text[at])) {
      ++element, ++at;
    } else if (star != std::string_view::npos) {
      element = star + 1;
      at = ++star_at;
    } else {
      return false;
    }
  }
  while (element < elements_.size() && elements_[element].kind == Element::any) ++element;
  return element == elements_.size();
}

}  // namespace pds::proxy
