// What instances use, as CloudWatch sees it: once a minute of the control plane's time, by the sandbox's own counters.
#pragma once

#include <map>
#include <string>

#include "cloud/services/ec2/state.h"
#include "cloud/telemetry.h"
#include "sandbox/sandbox.h"

namespace pds::cloud::ec2 {

class Meter {
 public:
  Meter(State& state, MetricSink& metrics) : state_(state), metrics_(metrics) {}
  // CPUUtilization and StatusCheckFailed in AWS/EC2, mem_used_percent in CWAgent. With basic monitoring every fifth call counts.
  io::Task<void> measure(std::string instance_id, sandbox::Sandbox& sandbox);
  // The counters begin anew: another boot.
  void forget(const std::string& instance_id) { last_.erase(instance_id); }

 private:
  struct Reading {
    Duration cpu_time{};
    MonoTime at{};
    int minutes = 0;
  };
  void record(const InstanceRecord& record, const sandbox::Usage& usage, const Reading& since, MonoTime now);
  State& state_;
  MetricSink& metrics_;
  std::map<std::string, Reading> last_;
};

// Percent of the processors an instance type has.
double cpu_percent(Duration cpu_time, Duration real, int vcpus);

}  // namespace pds::cloud::ec2
