#include "cloud/services/ec2/meter.h"

#include <algorithm>

#include "cloud/services/ec2/place.h"

namespace pds::cloud::ec2 {

double cpu_percent(Duration cpu_time, Duration real, int vcpus) {
  if (real <= Duration{0}) return 0;
  double share = std::chrono::duration<double>(cpu_time).count() / (std::chrono::duration<double>(real).count() * vcpus);
  return std::clamp(share * 100, 0.0, 100.0);
}

void Meter::record(const InstanceRecord& record, const sandbox::Usage& usage, const Reading& since, MonoTime now) {
  const InstanceType& type = *find_instance_type(record.instance.instance_type);
  Duration real = std::chrono::duration_cast<Duration>(now - since.at);
  double cpu = cpu_percent(usage.cpu_time - since.cpu_time, real, type.vcpus);
  double memory = 100.0 * static_cast<double>(usage.memory_bytes) / static_cast<double>(type.memory_mib << 20);
  const std::string& id = record.instance.instance_id;
  Timestamp at = state_.core.clock.now();
  std::vector<Dimensions> all = {{{"InstanceId", id}}, {{"InstanceType", type.name}}, {{"ImageId", record.instance.image_id}}};
  for (const auto& tag : state_.tags_of(id))
    if (tag.key == "aws:autoscaling:groupName") all.push_back({{"AutoScalingGroupName", tag.value}});
  for (const Dimensions& dimensions : all) {
    metrics_.record("AWS/EC2", "CPUUtilization", dimensions, at, cpu, "Percent");
    metrics_.record("CWAgent", "mem_used_percent", dimensions, at, memory, "Percent");
  }
  metrics_.record("AWS/EC2", "StatusCheckFailed", all.front(), at, 0, "Count");
}

io::Task<void> Meter::measure(std::string instance_id, sandbox::Sandbox& sandbox) {
  auto usage = co_await sandbox.usage();
  const InstanceRecord* found = state_.instances.find(instance_id);
  if (!usage || !found) co_return;
  MonoTime now = std::chrono::steady_clock::now();
  auto [it, first] = last_.try_emplace(instance_id, Reading{usage->cpu_time, now, 0});
  if (first) co_return;
  bool due = found->instance.monitoring.state == "enabled" || ++it->second.minutes >= 5;
  if (!due) co_return;
  record(*found, *usage, it->second, now);
  it->second = {usage->cpu_time, now, 0};
}

}  // namespace pds::cloud::ec2
