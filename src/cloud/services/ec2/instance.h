// The states of an instance and the rules between them; pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/shapes/ec2/instance.h"
#include "cloud/reach.h"

namespace pds::cloud::ec2 {

// "shutting-down" and 32, as the wire has them.
aws::ec2::InstanceState wire_state(InstanceState state);
InstanceState state_of(const aws::ec2::InstanceState& state);
inline InstanceState state_of(const aws::ec2::Instance& instance) { return state_of(instance.state); }

enum class Wish : uint8_t { start, stop, reboot, terminate };
// Where a wish leads: the same state when it is already so; nothing when it cannot be asked now (IncorrectInstanceState).
std::optional<InstanceState> next_state(InstanceState now, Wish wish);

// "10.0.1.5": "ip-10-0-1-5", and with the domain of the region.
std::string hostname_of(std::string_view private_ip);
std::string private_dns_name(std::string_view private_ip, std::string_view region);

inline bool is_alive(InstanceState state) { return state != InstanceState::shutting_down && state != InstanceState::terminated; }

}  // namespace pds::cloud::ec2
