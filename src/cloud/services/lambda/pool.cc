#include "cloud/services/lambda/pool.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "cloud/services/lambda/boot_spec.h"
#include "io/files.h"

namespace pds::cloud::lambda {

namespace {

constexpr std::chrono::seconds credentials_valid = 12h;
// Environments are replaced long before their credentials run out.
constexpr Duration environment_age_max = 6h;

io::Task<void> bury(PoolContext& context, std::unique_ptr<Environment> environment) {
  // The call that ended it may still be on the stack.
  co_await context.core.loop.yield();
  co_await environment->bury();
  context.records.erase(environment->id());
}

}  // namespace

Pool::Pool(PoolContext& context, VersionRecord version)
    : context_(context), version_(std::move(version)), grace_timer_(context.core.loop, [this] { balance(0); }) {}

Pool::~Pool() { tasks_.cancel_all(); }

void Pool::submit(InvocationPtr invocation, bool weighted) {
  ++in_flight_;
  ++context_.in_flight;
  context_.metrics.concurrency(version_.function, in_flight_, context_.in_flight);
  if (weighted) weighted_.insert(invocation.get());
  if (!idle_.empty()) {
    Environment* environment = idle_.back();
    idle_.pop_back();
    environment->run(std::move(invocation));
    return;
  }
  waiting_.push_back(std::move(invocation));
  balance(returning_.size());
  if (!returning_.empty() && !grace_timer_.armed()) grace_timer_.start(std::chrono::steady_clock::now() + return_grace);
}

void Pool::balance(size_t returning) {
  PoolState state{.waiting = waiting_.size(), .starting = booting_.size() + preparing_, .returning = returning};
  for (size_t more = environments_to_start(state); more > 0; --more) start(false);
}

void Pool::start(bool during_invoke) {
  if (image_) {
    Result<void> launched = launch(during_invoke);
    if (!launched) refuse_front(launched.error());
    return;
  }
  ++preparing_;
  tasks_.spawn(prepare(during_invoke));
}

io::Task<void> Pool::prepare(bool during_invoke) {
  if (context_.adopted) co_await context_.adopted->wait();
  std::string by_digest = version_.image_repository + "@" + version_.image_digest;
  Result<ContainerImage> image = co_await context_.images.resolve(by_digest);
  --preparing_;
  if (!image) {
    context_.core.log.warn("a function's image is not there any more",
                           {{"function", version_.function}, {"version", version_.version}, {"error", image.error().message}});
    refuse_front(Error{"ResourceConflictException",
                       fmt::format("The function's image {} cannot be used: {}", version_.image_uri, image.error().message), 502});
    co_return;
  }
  image_ = std::move(*image);
  start(during_invoke);
}

// 2026/11/23/[7]0123456789abcdef0123456789abcdef
std::string Pool::make_log_stream() const {
  std::string date = to_iso8601(context_.core.clock.now()).substr(0, 10);
  std::ranges::replace(date, '-', '/');
  return fmt::format("{}/[{}]{}", date, version_.version, to_hex(context_.core.random.bytes(16)));
}

Environment& Pool::insert(std::string id, std::string log_stream, uint64_t log_position) {
  EnvironmentSettings settings{.function = version_.function,
                               .version = version_.version,
                               .configuration_id = version_.configuration_id,
                               .log_group = version_.log_group,
                               .log_stream = std::move(log_stream),
                               .memory_megabytes = version_.memory_size,
                               .timeout = std::chrono::seconds(version_.timeout),
                               .idle_policy = context_.idle_policy};
  auto environment = std::make_unique<Environment>(context_.core, *this, context_.logs, id, std::move(settings), log_position);
  Environment& kept = *environment;
  environments_.emplace(std::move(id), std::move(environment));
  booting_.insert(&kept);
  return kept;
}

Result<void> Pool::launch(bool during_invoke) {
  if (!context_.core.sandboxes) return fail("ServiceException", "this machine cannot run functions: `pds doctor` says what is missing", 500);
  BootContext boot;
  boot.sandbox_id = context_.sandbox_prefix + to_hex(context_.core.random.bytes(8));
  boot.region = context_.core.region;
  boot.log_stream = make_log_stream();
  TRY(boot.credentials, context_.roles.issue(version_.role, version_.function, "lambda.amazonaws.com", credentials_valid));
  boot.has_file = [root = image_->rootfs](const std::string& path) { return io::exists(root + path); };
  Result<sandbox::SandboxSpec> spec = make_boot_spec(version_, *image_, boot);
  if (!spec) {
    fail_front(Failure{spec.error().code, spec.error().message}, nullptr);
    return {};
  }
  // Not waited for: a sandbox that the store does not know is removed when the cloud starts.
  context_.records.put(boot.sandbox_id, EnvironmentRecord{.id = boot.sandbox_id,
                                                          .function = version_.function,
                                                          .version = version_.version,
                                                          .configuration_id = version_.configuration_id,
                                                          .log_stream = boot.log_stream});
  insert(boot.sandbox_id, boot.log_stream, 0).boot(std::move(*spec), during_invoke);
  return {};
}

void Pool::adopt(const EnvironmentRecord& record, std::unique_ptr<sandbox::Sandbox> sandbox) {
  insert(record.id, record.log_stream, static_cast<uint64_t>(record.log_position)).adopt(std::move(sandbox));
}

void Pool::note_positions() {
  for (const auto& [id, environment] : environments_) {
    const EnvironmentRecord* record = context_.records.find(id);
    int64_t position = static_cast<int64_t>(environment->log_position());
    if (record && record->log_position != position)
      context_.records.update(id, [&](EnvironmentRecord& changed) { changed.log_position = position; });
  }
}

void Pool::retire() {
  retired_ = true;
  for (Environment* environment : std::exchange(idle_, {})) environment->retire();
}

bool Pool::is_too_old(const Environment& environment) const {
  return std::chrono::steady_clock::now() - environment.created() > environment_age_max;
}

void Pool::on_idle(Environment& environment) {
  booting_.erase(&environment);
  returning_.erase(&environment);
  if (!waiting_.empty()) {
    InvocationPtr next = std::move(waiting_.front());
    waiting_.pop_front();
    environment.run(std::move(next));
  } else if (retired_ || is_too_old(environment)) {
    environment.retire();
  } else {
    idle_.push_back(&environment);
  }
}

void Pool::on_returning(Environment& environment) { returning_.insert(&environment); }

void Pool::settle_counts(const Invocation& invocation) {
  --in_flight_;
  --context_.in_flight;
  weighted_.erase(&invocation);
}

void Pool::on_finished(Environment&, Invocation& invocation, Duration duration, bool failed) {
  bool weighted = weighted_.contains(&invocation);
  settle_counts(invocation);
  context_.metrics.invoked(version_.function, invocation.resource, version_.version, weighted, duration, failed);
}

void Pool::refuse_front(Error error) {
  if (waiting_.empty()) return;
  InvocationPtr invocation = std::move(waiting_.front());
  waiting_.pop_front();
  settle_counts(*invocation);
  invocation->refused = std::move(error);
  invocation->settle();
}

void Pool::fail_front(const Failure& failure, Environment* environment) {
  if (waiting_.empty()) return;
  InvocationPtr invocation = std::move(waiting_.front());
  waiting_.pop_front();
  if (environment) environment->note_failed(*invocation, failure);
  bool weighted = weighted_.contains(invocation.get());
  settle_counts(*invocation);
  Duration duration = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - invocation->accepted);
  context_.metrics.invoked(version_.function, invocation->resource, version_.version, weighted, duration, true);
  invocation->executed_version = version_.version;
  invocation->function_error = "Unhandled";
  invocation->response = failure_payload(failure, invocation->request_id);
  invocation->settle();
}

void Pool::on_ended(Environment& environment, std::optional<Failure> failure) {
  bool was_booting = booting_.erase(&environment) > 0;
  returning_.erase(&environment);
  std::erase(idle_, &environment);
  auto it = environments_.find(environment.id());
  std::unique_ptr<Environment> ended = std::move(it->second);
  environments_.erase(it);
  if (was_booting && failure && !waiting_.empty()) {
    // A failed initialisation is tried again on the invocation's own time, as Lambda does; a program that is not there will not
    // appear.
    bool again = !environment.booted_for_invocation() && failure->type != "Runtime.InvalidEntrypoint";
    if (again)
      start(true);
    else
      fail_front(*failure, &environment);
  }
  balance(returning_.size());
  context_.burials.spawn(bury(context_, std::move(ended)));
}

}  // namespace pds::cloud::lambda
