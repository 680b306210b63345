// Runs invocations: one pool of environments per configuration, the account's concurrency, metrics.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cloud/core.h"
#include "cloud/sandboxes.h"
#include "cloud/services/lambda/catalog.h"
#include "cloud/services/lambda/metrics.h"
#include "cloud/services/lambda/pool.h"

namespace pds::cloud::lambda {

inline constexpr size_t account_concurrency_max = 1000;

class Runtime {
 public:
  Runtime(Core& core, ImageSource& images, RoleSource& roles, LogSink& logs, MetricSink& metrics, IdlePolicy idle_policy = {});
  ~Runtime();

  // Begins an invocation; its `done` tells the end. TooManyRequestsException (429) when the account's concurrency is used up.
  Result<void> submit(const Target& target, InvocationPtr invocation);
  // What ran under this configuration finishes and goes.
  void retire(const std::string& configuration_id);
  // There may be environments that outlived the cloud: none is made before adopt().
  void await_adoption() { context_.adopted = &adopted_; }
  // Environments that outlived the cloud go on; those of configurations that are gone are removed.
  void adopt(FoundSandboxes& found, const Catalog& catalog);
  io::Task<void> stop();

  InvocationMetrics& metrics() { return metrics_; }
  size_t in_flight() const { return context_.in_flight; }
  const Pool* find_pool(const std::string& configuration_id) const;

 private:
  void tick();
  Pool& pool_of(const VersionRecord& version);

  Core& core_;
  InvocationMetrics metrics_;
  Table<EnvironmentRecord> records_;
  io::TaskSet burials_;
  io::Event adopted_;
  PoolContext context_;
  std::map<std::string, std::unique_ptr<Pool>, std::less<>> pools_;
  io::Timer tick_timer_;
};

}  // namespace pds::cloud::lambda
