// Lifecycle events: which there are, in which order, and how those of one target go on.
#pragma once

#include <functional>
#include <span>

#include "cloud/services/codedeploy/ports.h"
#include "cloud/services/codedeploy/records.h"

namespace pds::cloud::codedeploy {

std::span<const char* const> install_events();  // ApplicationStop ... ValidateService
std::span<const char* const> allow_events();    // BeforeAllowTraffic, AllowTraffic, AfterAllowTraffic
std::span<const char* const> block_events();    // BeforeBlockTraffic, BlockTraffic, AfterBlockTraffic

void add_events(TargetRecord& target, std::span<const char* const> events);
wire::LifecycleEvent* find_event(std::vector<wire::LifecycleEvent>& events, std::string_view name);
void start_event(wire::LifecycleEvent& event, Timestamp now);
void end_event(wire::LifecycleEvent& event, const char* status, Timestamp now);
// What is left is skipped, and the target has failed.
void fail_target(TargetRecord& target, const char* error_code, const std::string& message, Timestamp now);

inline constexpr std::chrono::minutes event_start_max{5};
inline constexpr std::chrono::hours event_max{1};

struct EventWorld {
  FleetPort& fleet;
  const std::vector<std::string>& target_group_arns;
  const std::function<std::string()>& new_id;
  Timestamp now;
  bool ignore_stop_failures;
  bool is_running;  // the instance exists
};

// One look at the events of this list: begins what is due, ends what is done or late. True when something changed.
bool advance_events(TargetRecord& target, std::span<const char* const> events, const EventWorld& world);
bool all_done(const TargetRecord& target, std::span<const char* const> events);
// The agent's word on its command. False: not this target's command.
bool command_ended(TargetRecord& target, const std::string& command_id, bool succeeded, const wire::Diagnostics& diagnostics,
                   bool ignore_stop_failures, Timestamp now);

}  // namespace pds::cloud::codedeploy
