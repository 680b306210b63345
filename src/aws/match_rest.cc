#include <array>

#include "aws/codec.h"
#include "base/text.h"

namespace pds::aws {
namespace {

// One operation's URI against one path. Literal segments count more than labels: "/functions/latest" is not a function's name.
// The labels are views: most operations that are tried are not the one.
struct Match {
  static constexpr size_t labels_max = 4;  // AWS has no URI with more
  std::array<std::pair<std::string_view, std::string_view>, labels_max> labels;
  size_t label_count = 0;
  int literals = 0;
  bool greedy = false;

  bool add(std::string_view name, std::string_view raw) {
    if (raw.empty() || label_count == labels_max) return false;
    labels[label_count++] = {name, raw};
    return true;
  }
};

// The text up to the next '/', which is taken off too.
std::string_view cut_segment(std::string_view& rest) {
  size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view segment = rest.substr(0, slash);
  rest.remove_prefix(std::min(slash + 1, rest.size()));
  return segment;
}

bool match_path(std::string_view uri, std::string_view path, Match& match) {
  if (uri.empty() || path.empty() || uri[0] != '/' || path[0] != '/') return false;
  uri.remove_prefix(1);
  path.remove_prefix(1);
  while (!uri.empty()) {
    std::string_view pattern = cut_segment(uri);
    bool is_label = pattern.size() > 2 && pattern.front() == '{' && pattern.back() == '}';
    if (is_label && pattern[pattern.size() - 2] == '+') {
      match.greedy = true;
      return match.add(pattern.substr(1, pattern.size() - 3), path);
    }
    std::string_view segment = cut_segment(path);
    if (is_label) {
      if (!match.add(pattern.substr(1, pattern.size() - 2), segment)) return false;
    } else {
      if (pattern != segment) return false;
      ++match.literals;
    }
  }
  return path.empty();  // one slash at the end makes no difference
}

// Whether the path begins as the URI does before its first label: most operations end here.
bool begins_alike(const char* uri, std::string_view path) {
  for (size_t i = 0; i < path.size() && uri[i] != '\0' && uri[i] != '{'; ++i) {
    if (uri[i] != path[i]) return false;
  }
  return true;
}

bool decode(const Match& match, Labels& labels) {
  labels.clear();
  for (size_t i = 0; i < match.label_count; ++i) {
    Result<std::string> text = percent_decode(match.labels[i].second);
    if (!text) return false;
    labels.emplace_back(match.labels[i].first, std::move(*text));
  }
  return true;
}

// "uploads", "list-type=2", "tagging&x": all must be there.
bool match_query(std::string_view literal, std::string_view query) {
  std::vector<std::string_view> parameters = split(query, '&');
  for (std::string_view wanted : split(literal, '&')) {
    bool found = false;
    for (std::string_view parameter : parameters) {
      std::string_view name = parameter.substr(0, parameter.find('='));
      found |= wanted.find('=') == std::string_view::npos ? name == wanted : parameter == wanted;
    }
    if (!found) return false;
  }
  return true;
}

int score(const Operation& operation, const Match& match) {
  return match.literals * 8 + (match.greedy ? 0 : 4) + (operation.query_literal ? 2 : 0);
}

}  // namespace

const Operation* match_rest(std::span<const Operation* const> operations, const http::RequestHead& head, Labels& labels) {
  const Operation* best = nullptr;
  Match best_match;
  std::string_view path = head.path(), query = head.query();
  for (const Operation* operation : operations) {
    if (!begins_alike(operation->uri, path) || head.method != operation->method) continue;
    Match match;
    if (!match_path(operation->uri, path, match)) continue;
    if (operation->query_literal && !match_query(operation->query_literal, query)) continue;
    if (best && score(*operation, match) <= score(*best, best_match)) continue;
    best = operation;
    best_match = match;
  }
  return best && decode(best_match, labels) ? best : nullptr;
}

}  // namespace pds::aws
