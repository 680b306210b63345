#include "aws/profile_file.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace pds::aws {
namespace {

constexpr std::string_view blanks = " \t";

bool is_comment(char c) { return c == '#' || c == ';'; }

// A '#' or ';' begins a comment only after a blank: keys and URLs may hold either.
std::string_view without_comment(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (is_comment(text[i]) && blanks.contains(text[i - 1])) return trim(text.substr(0, i));
  }
  return trim(text);
}

std::string_view without_quotes(std::string_view name) {
  bool quoted = name.size() >= 2 && (name[0] == '"' || name[0] == '\'') && name.back() == name[0];
  return quoted ? name.substr(1, name.size() - 2) : name;
}

// "profile   'x y'" is "profile x y".
std::string plain_title(std::string_view title) {
  title = trim(title);
  size_t blank = title.find_first_of(blanks);
  if (blank == std::string_view::npos) return std::string(without_quotes(title));
  return fmt::format("{} {}", title.substr(0, blank), without_quotes(trim(title.substr(blank))));
}

class Parser {
 public:
  Result<Sections> parse(std::string_view text) {
    for (std::string_view line : split(text, '\n')) {
      ++line_;
      CHECK(take(line));
    }
    return std::move(sections_);
  }

 private:
  std::unexpected<Error> broken(std::string_view why) const { return fail("E_PROFILE", fmt::format("line {}: {}", line_, why)); }

  Result<void> take(std::string_view line) {
    size_t indent = std::min(line.find_first_not_of(blanks), line.size());
    line = trim(line);
    if (line.empty() || is_comment(line[0])) return {};
    if (section_ && value_ && indent > indent_) return take_continuation(line);
    if (line[0] == '[') return take_title(line);
    indent_ = indent;
    return take_property(line);
  }

  Result<void> take_title(std::string_view line) {
    size_t end = line.find(']');
    std::string_view after = end == std::string_view::npos ? "" : trim(line.substr(end + 1));
    if (end == std::string_view::npos || (!after.empty() && !is_comment(after[0]))) return broken("a section's title ends with ']'");
    section_ = &sections_[plain_title(line.substr(1, end - 1))];
    value_ = nullptr;
    return {};
  }

  Result<void> take_property(std::string_view line) {
    size_t equals = line.find('=');
    std::string_view name = trim(line.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) return broken("'name = value' is expected");
    if (!section_) return broken("there is no section yet that this could belong to");
    name_ = to_lower(name);
    value_ = &(*section_)[name_];
    *value_ = without_comment(line.substr(equals + 1));
    return {};
  }

  // What stands further right than its property: a nested one where that has no value, else one more line of the value.
  Result<void> take_continuation(std::string_view line) {
    if (!value_->empty()) {
      value_->append("\n").append(without_comment(line));
      return {};
    }
    size_t equals = line.find('=');
    std::string_view name = trim(line.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) return broken("a nested 'name = value' is expected");
    (*section_)[fmt::format("{}.{}", name_, to_lower(name))] = without_comment(line.substr(equals + 1));
    return {};
  }

  Sections sections_;
  Properties* section_ = nullptr;
  std::string name_;              // of the last property
  std::string* value_ = nullptr;  // its value; a map's entries stay where they are
  size_t indent_ = 0;
  int line_ = 0;
};

}  // namespace

Result<Sections> parse_profile_file(std::string_view text) {
  if (text.size() > profile_file_bytes_max) return fail("E_PROFILE", fmt::format("more than {} bytes", profile_file_bytes_max));
  return Parser().parse(text);
}

}  // namespace pds::aws
