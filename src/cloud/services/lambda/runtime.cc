#include "cloud/services/lambda/runtime.h"

#include <algorithm>
#include <set>

namespace pds::cloud::lambda {

namespace {

// Metrics leave within a second, and within five of the control plane's seconds, so that a faster clock does not smear its periods.
Duration tick_interval(const Clock& clock) { return std::clamp<Duration>(clock.to_real(5s), 50ms, 1s); }

io::Task<void> remove_orphan(std::unique_ptr<sandbox::Sandbox> sandbox) {
  [[maybe_unused]] Result<void> gone = co_await sandbox->destroy();
}

}  // namespace

Runtime::Runtime(Core& core, ImageSource& images, RoleSource& roles, LogSink& logs, MetricSink& metrics, IdlePolicy idle_policy)
    : core_(core),
      metrics_(core.clock, metrics),
      records_(core.store, core.table("lambda", "environments")),
      context_{.core = core,
               .images = images,
               .roles = roles,
               .logs = logs,
               .metrics = metrics_,
               .records = records_,
               .burials = burials_,
               .idle_policy = idle_policy,
               .sandbox_prefix = "fn-" + core.region + "-"},
      tick_timer_(core.loop, [this] { tick(); }) {}

Runtime::~Runtime() { burials_.cancel_all(); }

Pool& Runtime::pool_of(const VersionRecord& version) {
  auto it = pools_.find(version.configuration_id);
  if (it == pools_.end()) it = pools_.emplace(version.configuration_id, std::make_unique<Pool>(context_, version)).first;
  return *it->second;
}

Result<void> Runtime::submit(const Target& target, InvocationPtr invocation) {
  if (!tick_timer_.armed()) tick_timer_.start(std::chrono::steady_clock::now() + tick_interval(core_.clock));
  if (context_.in_flight >= account_concurrency_max) {
    metrics_.throttled(target.version->function, target.resource);
    return std::unexpected(Error{"TooManyRequestsException", "Rate Exceeded.", 429, true});
  }
  invocation->accepted = std::chrono::steady_clock::now();
  pool_of(*target.version).submit(std::move(invocation), target.weighted);
  return {};
}

void Runtime::retire(const std::string& configuration_id) {
  auto it = pools_.find(configuration_id);
  if (it == pools_.end()) return;
  it->second->retire();
  if (!tick_timer_.armed()) tick_timer_.start(std::chrono::steady_clock::now() + tick_interval(core_.clock));
}

const Pool* Runtime::find_pool(const std::string& configuration_id) const {
  auto it = pools_.find(configuration_id);
  return it == pools_.end() ? nullptr : it->second.get();
}

void Runtime::tick() {
  bool active = !metrics_.empty() || context_.in_flight > 0;
  metrics_.flush();
  for (const auto& [id, pool] : pools_) pool->note_positions();
  std::erase_if(pools_, [](const auto& entry) { return entry.second->is_spent(); });
  if (active) tick_timer_.start(std::chrono::steady_clock::now() + tick_interval(core_.clock));
}

void Runtime::adopt(FoundSandboxes& found, const Catalog& catalog) {
  std::map<std::string, const VersionRecord*> running;
  for (const auto& [key, version] : catalog.versions.rows()) running[version.configuration_id] = &version;
  std::set<std::string> alive;
  for (std::unique_ptr<sandbox::Sandbox>& sandbox : found.take(context_.sandbox_prefix)) {
    const EnvironmentRecord* record = records_.find(sandbox->id());
    auto version = record ? running.find(record->configuration_id) : running.end();
    if (version == running.end() || sandbox->has_exited()) {
      burials_.spawn(remove_orphan(std::move(sandbox)));
      continue;
    }
    alive.insert(record->id);
    pool_of(*version->second).adopt(*record, std::move(sandbox));
  }
  std::vector<std::string> gone;
  for (const auto& [id, record] : records_.rows())
    if (!alive.contains(id)) gone.push_back(id);
  for (const std::string& id : gone) records_.erase(id);
  adopted_.set();
}

io::Task<void> Runtime::stop() {
  tick_timer_.cancel();
  metrics_.flush();
  for (const auto& [id, pool] : pools_) pool->note_positions();
  co_await burials_.wait_empty();
}

}  // namespace pds::cloud::lambda
