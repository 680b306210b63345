// One execution environment: a sandbox with a runtime inside that asks for events over the Runtime API, one at a time.
//
//   booting ──/next──> idle ──run()──> busy ──response──> returning ──/next──> idle
//      └── exit, init error, time limit ──> ended <── exit, time limit, retire() ──┘
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cloud/core.h"
#include "cloud/services/lambda/environment_log.h"
#include "cloud/services/lambda/invocation.h"
#include "cloud/services/lambda/report.h"
#include "cloud/services/lambda/scheduler.h"
#include "http/server.h"
#include "sandbox/sandbox.h"

namespace pds::cloud::lambda {

inline constexpr Duration init_limit = 10s;  // Lambda's, real time
inline constexpr uint16_t runtime_api_port = 9001;
inline constexpr const char* endpoint_address = "169.254.169.253";
inline constexpr uint16_t endpoint_port = 80;

class Environment;

// Told what becomes of an environment. May be called from deep inside the environment's own tasks: the owner must not destroy it
// before the loop's next turn.
class EnvironmentOwner {
 public:
  virtual ~EnvironmentOwner() = default;
  virtual void on_idle(Environment& environment) = 0;       // it asks for an event; run() may be called at once
  virtual void on_returning(Environment& environment) = 0;  // it answered, and will ask soon
  virtual void on_finished(Environment& environment, Invocation& invocation, Duration duration, bool failed) = 0;
  // It will never ask again. `failure` says why, when it had not become ready.
  virtual void on_ended(Environment& environment, std::optional<Failure> failure) = 0;
};

struct EnvironmentSettings {
  std::string function, version, configuration_id, log_group, log_stream;
  int memory_megabytes = 128;
  Duration timeout = 3s;
  IdlePolicy idle_policy;
};

class Environment final : public http::Service {
 public:
  enum class State : uint8_t { booting, idle, busy, returning, ended };

  Environment(Core& core, EnvironmentOwner& owner, LogSink& logs, std::string id, EnvironmentSettings settings,
              uint64_t log_position = 0);
  ~Environment() override;

  // Makes the sandbox and waits for the runtime inside. `phase` is "init", or "invoke" when the first attempt failed and an
  // invocation waits: then the function's own time limit holds.
  void boot(sandbox::SandboxSpec spec, bool during_invoke);
  // Goes on with a sandbox of an earlier life of the cloud.
  void adopt(std::unique_ptr<sandbox::Sandbox> sandbox);

  // In state idle: the next event.
  void run(InvocationPtr invocation);
  // No more events: ends when idle, or when it has answered.
  void retire();
  // It failed to become ready for this invocation: the lines around it.
  void note_failed(const Invocation& invocation, const Failure& failure);
  // Kills what is inside, after its last log lines were read. The object may be destroyed then.
  io::Task<void> bury();

  State state() const { return state_; }
  const std::string& id() const { return id_; }
  const EnvironmentSettings& settings() const { return settings_; }
  const Invocation* current() const { return current_.get(); }
  bool is_frozen() const { return is_frozen_; }
  bool booted_for_invocation() const { return during_invoke_; }
  MonoTime created() const { return created_; }
  uint64_t log_position() const { return log_.position(); }
  io::ProcessIdentity process() const { return sandbox_ ? sandbox_->process() : io::ProcessIdentity{}; }

  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override;  // the Runtime API

 private:
  io::Task<void> boot_sandbox(sandbox::SandboxSpec spec);
  io::Task<void> open_doors();
  io::Task<void> serve_endpoint();
  io::Task<void> watch_exit();
  io::Task<void> settle();
  io::Task<void> flush_soon();
  io::Task<void> measure_memory();
  io::Task<void> measure_beginning();
  io::Task<void> answer_with_log();
  void answer_caller();

  io::Task<void> serve_next(http::Responder& responder);
  io::Task<void> serve_response(std::string_view request_id, http::ServerRequest& request, http::Responder& responder);
  io::Task<void> stream_response(InvocationPtr invocation, http::ServerRequest& request, http::Responder& responder);
  io::Task<void> serve_error(std::string_view request_id, http::ServerRequest& request, http::Responder& responder);
  io::Task<void> serve_init_error(http::ServerRequest& request, http::Responder& responder);

  void become_idle();
  void begin(Invocation& invocation);
  void finish(std::string response, std::string function_error, const std::optional<Failure>& failure);
  void on_timer();
  void on_exit(const sandbox::ExitStatus& status);
  void end(std::optional<Failure> failure);
  void set_frozen(bool frozen);
  void sweep_idle();
  Duration init_time() const;

  // Fixed after construction.
  Core& core_;
  EnvironmentOwner& owner_;
  const std::string id_;
  const EnvironmentSettings settings_;

  State state_ = State::booting;
  bool retiring_ = false;
  bool during_invoke_ = false;
  bool adopted_ = false;
  std::optional<Failure> reported_;  // what the runtime said was wrong with it
  const MonoTime created_ = std::chrono::steady_clock::now();
  MonoTime boot_started_{};
  std::optional<Duration> unreported_init_;
  uint64_t memory_peak_bytes_ = 0;
  MonoTime measured_{};  // memory_peak_bytes_
  MonoTime flushed_{};   // the log

  InvocationPtr current_;
  InvocationPtr unanswered_;  // finished, but its caller wants the log
  bool delivered_ = false;
  MonoTime began_{}, idle_since_{};
  Timestamp idle_since_control_{};
  bool is_frozen_ = false, wants_frozen_ = false, settling_ = false, flushing_ = false;
  io::Event work_;
  io::Timer timer_;       // the phase's time limit
  io::Timer idle_timer_;  // freeze, reap
  io::Timer receipt_timer_;
  bool receipt_is_due_ = false;

  std::unique_ptr<sandbox::Sandbox> sandbox_;
  EnvironmentLog log_;
  http::Server runtime_api_;
  http::Server endpoint_;
  io::TaskSet tasks_;
};

}  // namespace pds::cloud::lambda
