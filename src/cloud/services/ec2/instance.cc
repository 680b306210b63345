#include "cloud/services/ec2/instance.h"

#include "base/check.h"

namespace pds::cloud::ec2 {

namespace {

struct Name {
  InstanceState state;
  int code;
  const char* text;
};
constexpr Name names[] = {
    {InstanceState::pending, 0, "pending"},
    {InstanceState::running, 16, "running"},
    {InstanceState::shutting_down, 32, "shutting-down"},
    {InstanceState::terminated, 48, "terminated"},
    {InstanceState::stopping, 64, "stopping"},
    {InstanceState::stopped, 80, "stopped"},
};

}  // namespace

aws::ec2::InstanceState wire_state(InstanceState state) {
  for (const Name& name : names)
    if (name.state == state) return {.code = name.code, .name = name.text};
  ASSERT(false);
  return {};
}

InstanceState state_of(const aws::ec2::InstanceState& state) {
  for (const Name& name : names)
    if (state.name == name.text) return name.state;
  ASSERT(false);
  return InstanceState::terminated;
}

std::optional<InstanceState> next_state(InstanceState now, Wish wish) {
  using enum InstanceState;
  switch (wish) {
    case Wish::start:
      if (now == stopped) return pending;
      if (now == pending || now == running) return now;
      return std::nullopt;
    case Wish::stop:
      if (now == running || now == pending) return stopping;
      if (now == stopping || now == stopped) return now;
      return std::nullopt;
    case Wish::reboot:
      if (now == running || now == pending) return now;
      return std::nullopt;
    case Wish::terminate:
      if (now == terminated || now == shutting_down) return now;
      return shutting_down;
  }
  return std::nullopt;
}

std::string hostname_of(std::string_view private_ip) {
  std::string name = "ip-" + std::string(private_ip);
  for (char& c : name)
    if (c == '.') c = '-';
  return name;
}

std::string private_dns_name(std::string_view private_ip, std::string_view region) {
  std::string domain = region == "us-east-1" ? "ec2.internal" : std::string(region) + ".compute.internal";
  return hostname_of(private_ip) + "." + domain;
}

}  // namespace pds::cloud::ec2
