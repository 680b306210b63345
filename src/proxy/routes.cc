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
    : choices(std::move(all)), stickiness_seconds(sticky_seconds), draw_(weights_of(choices)), taken_(choices.size()) {
  for (const Choice& choice : choices) cookies_.emplace_back(choice.token);
}

const Forward::Choice* Forward::kept_by(std::string_view cookie, Timestamp now) const {
  if (stickiness_seconds == 0 || cookie.empty()) return nullptr;
  for (const Choice& choice : choices) {
    bool is_named = choice.weight > 0 && !choice.token.empty() && cookie.starts_with(choice.token);
    if (is_named && choice.group->seal().open(cookie, now) == choice.token) return &choice;
  }
  return nullptr;
}

const Forward::Choice* Forward::choose(uint64_t random, std::string_view cookie, Timestamp now) const {
  const Choice* choice = kept_by(cookie, now);
  if (!choice) {
    int index = draw_.draw(random);
    if (index < 0) return nullptr;
    choice = &choices[static_cast<size_t>(index)];
  }
  ++taken_[static_cast<size_t>(choice - choices.data())];
  return choice;
}

const std::string& Forward::cookie_for(const Choice& choice, Timestamp now) const {
  auto index = static_cast<size_t>(&choice - choices.data());
  return cookies_[index].value(choice.group->seal(), now + std::chrono::seconds(stickiness_seconds));
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
