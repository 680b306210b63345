// The agent on an instance: asks CodeDeploy's command service what to do, does it, and tells how it went. One command at a time.
#pragma once

#include <string>

#include "agent/executor.h"
#include "aws/client.h"
#include "base/log.h"
#include "io/loop.h"

namespace pds::agent {

inline constexpr const char* deployment_root = "/opt/codedeploy-agent/deployment-root";
inline constexpr size_t bundle_bytes_max = 512u << 20;

// Who this machine is, as the instance metadata service says.
struct Identity {
  std::string instance_id, account, region;
  std::string host_identifier() const { return "arn:aws:ec2:" + region + ":" + account + ":instance/" + instance_id; }
};
io::Task<Result<Identity>> find_identity(io::Loop& loop, aws::EnvironmentReader environment);

class Agent {
 public:
  // All references outlive the agent.
  Agent(io::Loop& loop, aws::Client& client, const Logger& log, Executor executor, Identity identity);

  // For ever; ends by cancellation.
  io::Task<void> run();
  // One poll and what follows from it. True when there was a command.
  io::Task<Result<bool>> step();

 private:
  using HostCommand = aws::codedeploy_commands::HostCommand;
  using Diagnostics = Executor::Diagnostics;
  using Specification = Executor::Specification;

  io::Task<Result<Specification>> specification_of(const HostCommand& command);
  io::Task<Diagnostics> perform(const HostCommand& command, const Specification& specification);
  io::Task<Result<void>> download(const Specification& specification);
  io::Task<void> complete(const HostCommand& command, const Diagnostics& diagnostics);

  io::Loop& loop_;
  aws::Client& client_;
  const Logger& log_;
  Executor executor_;
  Identity identity_;
};

}  // namespace pds::agent
