// Machines: what makes instances true. One task per instance compares its record with its sandbox and does the next thing; the
// record is durable before each effect, so that a restart goes on from it.
//
//   pending ──started──> running ──stop──> stopping ──ended──> stopped ──start──> pending
//      └────terminate──────┴───────────────────┴── shutting-down ──gone──> terminated ──an hour──> (forgotten)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "cloud/core.h"
#include "cloud/reach.h"
#include "cloud/roles.h"
#include "cloud/sandboxes.h"
#include "cloud/services/ec2/state.h"
#include "cloud/telemetry.h"
#include "io/task.h"
#include "sandbox/sandbox.h"

namespace pds::cloud::ec2 {

// How long a machine may take to end its processes after the signal, before they are killed. Real time: processes are real.
inline constexpr Duration shutdown_grace = 10s;
// A terminated instance can be described for this long.
inline constexpr Duration terminated_kept = 1h;

class Machines {
 public:
  Machines(State& state, RoleSource& roles, MetricSink& metrics, FoundSandboxes& found);
  ~Machines();

  void start();
  io::Task<void> stop();
  // Something about this instance has changed.
  void kick(const std::string& instance_id);

  using Observer = std::function<void(const std::string& instance_id, InstanceState state)>;
  void observe(Observer observer);
  void notify(const std::string& instance_id);

  std::shared_ptr<io::Connector> connector(const std::string& instance_id, uint16_t port);
  // The boot log so far: at most 64 KiB, its end.
  std::string console(const std::string& instance_id) const;
  // "ok", "initializing", "impaired", "not-applicable"
  std::string_view status(const std::string& instance_id) const;

 private:
  struct Machine;
  struct Impl;
  class InstanceConnector;
  std::shared_ptr<Impl> impl_;  // shared with kicks on their way and with connectors, which hold it weakly
};

}  // namespace pds::cloud::ec2
