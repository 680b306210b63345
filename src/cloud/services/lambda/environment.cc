#include "cloud/services/lambda/environment.h"

#include <fmt/core.h>

#include "base/check.h"
#include "cloud/services/lambda/runtime_api.h"

namespace pds::cloud::lambda {

namespace {

// How long an invocation's last lines may wait for those of the function itself; and how often a busy environment's are handed
// over.
constexpr Duration flush_delay = 5ms;
constexpr Duration flush_interval = 50ms;
// Memory is measured while a function is busy, this often.
constexpr Duration measure_interval = 1s;
// A runtime from before the cloud's restart asks again within its client's retry; one that has not is broken.
constexpr Duration adoption_limit = 60s;

http::ServerOptions runtime_api_options() {
  http::ServerOptions options;
  options.limits.body_bytes_max = streamed_bytes_max;
  // A function may think between two requests for as long as Lambda lets any function live.
  options.idle_timeout = 24h;
  options.connections_max = 64;
  return options;
}

http::ServerOptions endpoint_options() {
  http::ServerOptions options;
  options.connections_max = 1024;
  return options;
}

}  // namespace

Environment::Environment(Core& core, EnvironmentOwner& owner, LogSink& logs, std::string id, EnvironmentSettings settings,
                         uint64_t log_position)
    : core_(core),
      owner_(owner),
      id_(std::move(id)),
      settings_(std::move(settings)),
      timer_(core.loop, [this] { on_timer(); }),
      idle_timer_(core.loop, [this] { sweep_idle(); }),
      receipt_timer_(core.loop,
                     [this] {
                       receipt_is_due_ = true;
                       work_.set();
                     }),
      log_(core.loop, core.clock, logs, settings_.log_group, settings_.log_stream, log_position),
      runtime_api_(core.loop, *this, runtime_api_options()),
      endpoint_(core.loop, core.endpoint, endpoint_options()) {}

Environment::~Environment() {
  // Tasks first: they hold references into everything else.
  tasks_.cancel_all();
}

void Environment::boot(sandbox::SandboxSpec spec, bool during_invoke) {
  during_invoke_ = during_invoke;
  boot_started_ = std::chrono::steady_clock::now();
  timer_.start(boot_started_ + (during_invoke ? settings_.timeout : init_limit));
  tasks_.spawn(boot_sandbox(std::move(spec)));
}

io::Task<void> Environment::boot_sandbox(sandbox::SandboxSpec spec) {
  std::string program = spec.arguments.empty() ? "" : spec.arguments[0];
  Result<std::unique_ptr<sandbox::Sandbox>> made = co_await core_.sandboxes->create(std::move(spec));
  if (!made) {
    core_.log.warn("a function's environment did not start",
                   {{"function", settings_.function}, {"environment", id_}, {"error", made.error().message}});
    end(Failure{"Runtime.InvalidEntrypoint", fmt::format("fork/exec {}: {}", program, made.error().message)});
    co_return;
  }
  sandbox_ = std::move(*made);
  log_.attach(*sandbox_);
  co_await open_doors();
}

io::Task<void> Environment::open_doors() {
  Result<std::unique_ptr<io::Listener>> listener = co_await sandbox_->listen("127.0.0.1", runtime_api_port);
  if (!listener && listener.error().code != "E_SANDBOX_GONE") {
    end(Failure{"Runtime.Unknown", listener.error().message});
    co_return;
  }
  // A runtime that is gone already has an exit status, which says more.
  tasks_.spawn(watch_exit());
  if (!listener) co_return;
  runtime_api_.listen(std::move(*listener));
  tasks_.spawn(serve_endpoint());
  tasks_.spawn(log_.follow());
}

io::Task<void> Environment::serve_endpoint() {
  Result<std::unique_ptr<io::Listener>> listener = co_await sandbox_->listen(endpoint_address, endpoint_port);
  if (listener)
    endpoint_.listen(std::move(*listener));
  else
    core_.log.warn("a function has no way to the API", {{"environment", id_}, {"error", listener.error().message}});
}

void Environment::adopt(std::unique_ptr<sandbox::Sandbox> sandbox) {
  adopted_ = true;
  sandbox_ = std::move(sandbox);
  log_.attach(*sandbox_);
  is_frozen_ = sandbox_->frozen();
  timer_.start(std::chrono::steady_clock::now() + adoption_limit);
  auto go_on = [](Environment& self) -> io::Task<void> {
    // Doors of a frozen sandbox stay shut.
    self.wants_frozen_ = false;
    co_await self.settle();
    co_await self.open_doors();
  };
  tasks_.spawn(go_on(*this));
}

Duration Environment::init_time() const {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - boot_started_);
}

void Environment::become_idle() {
  if (state_ == State::booting) {
    if (!adopted_) unreported_init_ = init_time();
    timer_.cancel();
    tasks_.spawn(measure_beginning());
  }
  state_ = State::idle;
  if (retiring_) return end(std::nullopt);
  idle_since_ = std::chrono::steady_clock::now();
  idle_since_control_ = core_.clock.now();
  idle_timer_.start(idle_since_ + settings_.idle_policy.freeze_after);
  owner_.on_idle(*this);
}

void Environment::run(InvocationPtr invocation) {
  ASSERT(!current_ && state_ == State::idle);
  current_ = std::move(invocation);
  delivered_ = false;
  begin(*current_);
}

void Environment::begin(Invocation& invocation) {
  state_ = State::busy;
  idle_timer_.cancel();
  invocation.executed_version = settings_.version;
  invocation.initialisation = std::exchange(unreported_init_, std::nullopt);
  began_ = std::chrono::steady_clock::now();
  timer_.start(began_ + settings_.timeout);
  if (unanswered_) {
    log_.settle();
    answer_caller();
  }
  log_.begin(start_line(invocation.request_id, settings_.version), invocation.wants_log);
  // The event can be written while the sandbox thaws.
  set_frozen(false);
  work_.set();
}

void Environment::finish(std::string response, std::string function_error, const std::optional<Failure>& failure) {
  InvocationPtr invocation = std::exchange(current_, nullptr);
  timer_.cancel();
  Duration duration = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began_);
  invocation->response = std::move(response);
  invocation->function_error = std::move(function_error);
  bool failed = !invocation->function_error.empty();
  if (!failure) {
    state_ = State::returning;
    owner_.on_returning(*this);
  }
  owner_.on_finished(*this, *invocation, duration, failed);
  // The caller before the log: nobody can look into that before this turn of the loop is over.
  if (!invocation->wants_log) invocation->settle();
  Report report{.request_id = invocation->request_id,
                .duration = duration,
                .memory_megabytes = settings_.memory_megabytes,
                .memory_peak_bytes = memory_peak_bytes_,
                .initialisation = invocation->initialisation,
                .timed_out = failure && failure->type == "Sandbox.Timedout",
                .error_type = failure ? std::string_view(failure->type) : std::string_view{}};
  std::vector<std::string> closing;
  if (failure) closing.push_back(failure_line(*failure, invocation->request_id, core_.clock.now()));
  closing.push_back(end_line(invocation->request_id));
  closing.push_back(report_line(report));
  log_.end(std::move(closing));
  if (invocation->wants_log) {
    unanswered_ = std::move(invocation);
    tasks_.spawn(answer_with_log());
  } else if (!flushing_) {
    tasks_.spawn(flush_soon());
  }
}

// Gives a caller who asked for the log its answer, as far as the log has come.
void Environment::answer_caller() {
  InvocationPtr invocation = std::exchange(unanswered_, nullptr);
  if (!invocation) return;
  invocation->log_tail = log_.tail();
  invocation->settle();
}

io::Task<void> Environment::answer_with_log() {
  co_await log_.flush();
  answer_caller();
}

io::Task<void> Environment::flush_soon() {
  flushing_ = true;
  co_await core_.loop.sleep_until(std::max(core_.loop.now() + flush_delay, flushed_ + flush_interval));
  flushing_ = false;
  flushed_ = core_.loop.now();
  if (is_frozen_) co_return;  // it was flushed before it froze
  if (std::chrono::steady_clock::now() - measured_ > measure_interval) co_await measure_memory();
  co_await log_.flush();
}

io::Task<void> Environment::measure_memory() {
  if (!sandbox_ || sandbox_->has_exited()) co_return;
  measured_ = std::chrono::steady_clock::now();
  Result<sandbox::Usage> usage = co_await sandbox_->usage();
  if (usage) memory_peak_bytes_ = std::max(usage->memory_peak_bytes, usage->memory_bytes);
}

// What its beginning took, for the report of a first invocation that is over before anybody would look. The event goes out before.
io::Task<void> Environment::measure_beginning() {
  co_await core_.loop.yield();
  if (!is_frozen_) co_await measure_memory();
}

void Environment::on_timer() {
  if (state_ == State::booting) {
    if (adopted_) return end(Failure{"Runtime.Unknown", "the runtime did not come back after the cloud's restart"});
    Failure failure = timeout_failure(during_invoke_ ? settings_.timeout : init_limit);
    log_.note(init_report_line(init_time(), during_invoke_ ? "invoke" : "init", "timeout", ""));
    return end(std::move(failure));
  }
  if (state_ != State::busy) return;
  Failure failure = timeout_failure(settings_.timeout);
  std::string payload = failure_payload(failure, current_->request_id);
  finish(std::move(payload), "Unhandled", failure);
  end(std::nullopt);
}

io::Task<void> Environment::watch_exit() {
  sandbox::ExitStatus status = co_await sandbox_->wait_exit();
  on_exit(status);
}

void Environment::on_exit(const sandbox::ExitStatus& status) {
  if (state_ == State::ended) return;
  Failure failure = reported_ ? *reported_ : exit_failure(status.code, status.signal, status.out_of_memory);
  if (state_ == State::booting) {
    log_.note(init_report_line(init_time(), during_invoke_ ? "invoke" : "init", "error", failure.type));
    return end(std::move(failure));
  }
  if (state_ == State::busy) {
    std::string payload = failure_payload(failure, current_->request_id);
    finish(std::move(payload), "Unhandled", failure);
  }
  end(std::nullopt);
}

void Environment::end(std::optional<Failure> failure) {
  if (state_ == State::ended) return;
  state_ = State::ended;
  timer_.cancel();
  idle_timer_.cancel();
  owner_.on_ended(*this, std::move(failure));
}

void Environment::retire() {
  retiring_ = true;
  if (state_ == State::idle) end(std::nullopt);
}

void Environment::note_failed(const Invocation& invocation, const Failure& failure) {
  log_.begin(start_line(invocation.request_id, settings_.version), invocation.wants_log);
  Report report{.request_id = invocation.request_id,
                .duration = init_time(),
                .memory_megabytes = settings_.memory_megabytes,
                .timed_out = failure.type == "Sandbox.Timedout",
                .error_type = failure.type};
  log_.end({failure_line(failure, invocation.request_id, core_.clock.now()), end_line(invocation.request_id), report_line(report)});
}

io::Task<void> Environment::bury() {
  tasks_.cancel_all();
  if (!sandbox_) {
    log_.settle();
    co_return answer_caller();
  }
  if (sandbox_->frozen()) [[maybe_unused]]
    Result<void> thawed = co_await sandbox_->thaw();
  co_await log_.flush();
  answer_caller();
  log_.detach();
  Result<void> gone = co_await sandbox_->destroy();
  if (!gone) core_.log.warn("an environment could not be removed", {{"environment", id_}, {"error", gone.error().message}});
}

// ---- freezing ----

void Environment::sweep_idle() {
  if (state_ != State::idle) return;
  IdleState idle{.idle_real = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - idle_since_),
                 .idle_control = core_.clock.now() - idle_since_control_,
                 .frozen = wants_frozen_};
  switch (decide_idle(settings_.idle_policy, idle)) {
    case IdleAction::reap:
      return end(std::nullopt);
    case IdleAction::freeze:
      set_frozen(true);
      idle.frozen = true;
      break;
    case IdleAction::keep:
      break;
  }
  idle_timer_.start(std::chrono::steady_clock::now() + until_next_decision(settings_.idle_policy, idle, core_.clock));
}

void Environment::set_frozen(bool frozen) {
  wants_frozen_ = frozen;
  if (settling_ || is_frozen_ == wants_frozen_ || !sandbox_ || state_ == State::ended) return;
  tasks_.spawn(settle());
}

io::Task<void> Environment::settle() {
  settling_ = true;
  while (is_frozen_ != wants_frozen_) {
    if (wants_frozen_) {
      co_await log_.flush();
      if (!wants_frozen_) break;
      Result<void> frozen = co_await sandbox_->freeze();
      if (!frozen)
        wants_frozen_ = false;
      else
        is_frozen_ = true;
    } else {
      Result<void> thawed = co_await sandbox_->thaw();
      if (!thawed) break;  // it is gone; its exit is told elsewhere
      is_frozen_ = false;
    }
  }
  settling_ = false;
}

}  // namespace pds::cloud::lambda
