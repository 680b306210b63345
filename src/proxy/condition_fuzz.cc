// Conditions of rules, on requests of any bytes: matching ends, reads nothing but the request, and agrees with a slow but plain
// reading of what a pattern means.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "proxy/condition.h"

using namespace pds;
using namespace pds::proxy;

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// By the definition, position by position.
bool plain_match(std::string_view pattern, std::string_view text, bool fold) {
  std::vector<bool> reached(text.size() + 1), next;
  reached[0] = true;
  for (size_t i = 0; i < pattern.size(); ++i) {
    next.assign(text.size() + 1, false);
    char c = pattern[i];
    bool literal = c != '*' && c != '?';
    if (c == '\\' && i + 1 < pattern.size()) c = pattern[++i], literal = true;
    for (size_t at = 0; at <= text.size(); ++at) {
      if (!literal && c == '*') {
        next[at] = reached[at] || (at > 0 && next[at - 1]);
      } else if (at > 0 && reached[at - 1]) {
        next[at] = !literal || (fold ? lower(c) == lower(text[at - 1]) : c == text[at - 1]);
      }
    }
    reached.swap(next);
  }
  return reached[text.size()];
}

std::string_view take(std::string_view& input, size_t bytes_max) {
  if (input.empty()) return {};
  size_t size = std::min<size_t>(static_cast<unsigned char>(input[0]) % (bytes_max + 1), input.size() - 1);
  std::string_view taken = input.substr(1, size);
  input.remove_prefix(1 + size);
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  std::string_view pattern = take(input, 64), key = take(input, 64), range = take(input, 48), source = take(input, 48);
  std::string_view name = take(input, 40), value = take(input, 200), target = take(input, 255);

  for (bool fold : {false, true}) {
    Pattern made(pattern, fold ? Case::insensitive : Case::sensitive);
    if (made.matches(target) != plain_match(pattern, target, fold)) abort();
  }

  http::RequestHead head;
  head.method = "GET";
  head.target = target;
  head.headers.add("Host", value);
  head.headers.add(name, value);
  RequestView view = view_of(head, source);
  if (view.path.size() + view.query.size() > head.target.size() + 1) abort();

  Condition condition;
  condition.header_name = name;
  condition.patterns.emplace_back(pattern, Case::insensitive);
  condition.methods = {"GET"};
  condition.query_values.push_back({Pattern(key, Case::insensitive), Pattern(pattern, Case::insensitive)});
  condition.query_values.push_back({std::nullopt, Pattern(pattern, Case::insensitive)});
  if (auto parsed = parse_range(range)) {
    if (parsed->prefix_bits < 0 || parsed->prefix_bits > 128) abort();
    if (parsed->prefix_bits >= 96 && !parsed->contains(parsed->address)) abort();
    condition.ranges.push_back(*parsed);
  }
  for (auto field : {Condition::Field::host, Condition::Field::path, Condition::Field::header, Condition::Field::method,
                     Condition::Field::query, Condition::Field::source}) {
    condition.field = field;
    bool held = condition.holds(view);
    if (field == Condition::Field::path && held != plain_match(pattern, view.path, true)) abort();
    if (field == Condition::Field::method && !held) abort();
    if (field == Condition::Field::source && held && condition.ranges.empty()) abort();
  }
  return 0;
}
