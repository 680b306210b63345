#include "proxy/routes.h"

#include <algorithm>

#include "base/text.h"

namespace pds::proxy {
namespace {

std::vector<uint32_t> weights_of(const std::vector<Forward::Choice>& choices) {
  std::vector<uint32_t> weights;
  for (const Forward::Choice& choice : choices) weights.push_back(choice.weight);
  return weights;
}

}  // namespace

Forward::Forward(std::vector<Choice> all, int sticky_seconds)
    : choices(std::move(all)), stickiness_seconds(sticky_seconds), draw_(weights_of(choices)) {}

const Forward::Choice* Forward::choose(uint64_t random, std::string_view token) const {
  if (stickiness_seconds > 0 && !token.empty()) {
    for (const Choice& choice : choices) {
      if (choice.weight > 0 && choice.token == token) return &choice;
    }
  }
  int index = draw_.draw(random);
  return index < 0 ? nullptr : &choices[static_cast<size_t>(index)];
}

std::string Redirect::location(const RequestView& request, std::string_view request_protocol, uint16_t request_port) const {
  std::string port_text = std::to_string(request_port);
  const std::pair<std::string_view, std::string_view> parts[] = {
      {"#{protocol}", request_protocol},
      {"#{host}", request.host},
      {"#{port}", port_text},
      {"#{path}", request.path.starts_with('/') ? request.path.substr(1) : request.path},
      {"#{query}", request.query},
  };
  // One pass, so that what the client sent is never read as a placeholder.
  auto fill = [&](std::string_view text) {
    std::string out;
    while (!text.empty()) {
      auto part = std::find_if(std::begin(parts), std::end(parts), [&](const auto& p) { return text.starts_with(p.first); });
      if (part == std::end(parts)) {
        out.push_back(text.front());
        text.remove_prefix(1);
      } else {
        out.append(part->second);
        text.remove_prefix(part->first.size());
      }
    }
    return out;
  };
  std::string to = to_lower(fill(protocol)) + "://" + fill(host) + ":" + fill(port) + fill(path);
  std::string parameters = fill(query);
  return parameters.empty() ? to : to + "?" + parameters;
}

const Action& Routes::match(const RequestView& request, uint64_t& evaluations, int& priority) const {
  for (const Rule& rule : rules) {
    ++evaluations;
    if (std::all_of(rule.conditions.begin(), rule.conditions.end(), [&](const Condition& c) { return c.holds(request); })) {
      priority = rule.priority;
      return rule.action;
    }
  }
  priority = 0;
  return default_action;
}

}  // namespace pds::proxy
