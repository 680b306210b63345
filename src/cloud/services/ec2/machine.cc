#include "cloud/services/ec2/machine.h"

#include <fmt/core.h>

#include <csignal>

#include "cloud/services/ec2/boot.h"
#include "cloud/services/ec2/doors.h"
#include "cloud/services/ec2/instance.h"
#include "cloud/services/ec2/meter.h"
#include "io/clock.h"
#include "io/files.h"

namespace pds::cloud::ec2 {

namespace {

constexpr size_t console_bytes_max = 64 * 1024;

std::string console_path(const Core& core, const std::string& instance_id) {
  return instance_directory(core, instance_id) + "/console.log";
}

std::string log_tail(sandbox::Sandbox& sandbox) {
  auto chunk = sandbox.read_log(0, sandbox::log_bytes_max);
  if (!chunk) return "";
  return chunk->text.size() > console_bytes_max ? chunk->text.substr(chunk->text.size() - console_bytes_max) : chunk->text;
}

}  // namespace

// One instance's machine. Its task runs as long as there is something to do; a kick starts it again.
struct Machines::Machine {
  std::string id;
  io::Event wake;
  bool running = false;  // its task
  std::shared_ptr<sandbox::Sandbox> sandbox;
  int boot = 0;  // of the sandbox
  std::unique_ptr<Doors> doors;
  std::unique_ptr<io::TaskSet> watch = std::make_unique<io::TaskSet>();
};

struct Machines::Impl : std::enable_shared_from_this<Machines::Impl> {
  Impl(State& s, RoleSource& r, MetricSink& m, FoundSandboxes& f) : state(s), roles(r), metrics(m), found(f), meter(s, m) {}

  State& state;
  RoleSource& roles;
  MetricSink& metrics;
  FoundSandboxes& found;
  Meter meter;
  std::map<std::string, std::shared_ptr<Machine>, std::less<>> machines;
  std::vector<Observer> observers;
  bool started = false;
  io::TaskSet tasks;

  Core& core() { return state.core; }
  const InstanceRecord* record(const std::string& id) const { return state.instances.find(id); }
  void kick(const std::string& id);
  void notify(const std::string& id);
  void move(const std::string& id, InstanceState to, std::string code, std::string message);
  void adopt_found();

  io::Task<void> drive(std::shared_ptr<Machine> machine);
  io::Task<bool> advance(Machine& machine);  // false: nothing to do until kicked
  io::Task<void> boot(Machine& machine);
  io::Task<void> open(Machine& machine);
  io::Task<void> shut_down(Machine& machine, bool force);
  io::Task<void> pause(Machine& machine, Duration real);
  io::Task<bool> remembered(Machine& machine);
  io::Task<void> measure();
  static io::Task<void> watch_exit(Machine& machine, std::shared_ptr<sandbox::Sandbox> sandbox) {
    co_await sandbox->wait_exit();
    machine.wake.set();
  }
  void ended_by_itself(Machine& machine);
  io::Task<void> forget(Machine& machine);
};

// From the loop's next turn: whoever kicks may be in the middle of a transaction.
void Machines::Impl::kick(const std::string& id) {
  core().loop.post([weak = weak_from_this(), id] {
    auto self = weak.lock();
    if (!self || !self->started) return;
    auto& machine = self->machines[id];
    if (!machine) machine = std::make_shared<Machine>(), machine->id = id;
    machine->wake.set();
    if (!machine->running) self->tasks.spawn(self->drive(machine));
  });
}

void Machines::Impl::notify(const std::string& id) {
  const InstanceRecord* now = record(id);
  InstanceState reached = now ? state_of(now->instance) : InstanceState::terminated;
  for (const Observer& observer : observers) observer(id, reached);
  kick(id);
}

void Machines::Impl::move(const std::string& id, InstanceState to, std::string code, std::string message) {
  state.instances.update(id, [&](InstanceRecord& changed) {
    if (state_of(changed.instance) != to) changed.state_since = core().clock.now();
    changed.instance.state = wire_state(to);
    if (!code.empty()) changed.instance.state_reason = {.code = code, .message = code + ": " + message};
    if (!code.empty()) changed.instance.state_transition_reason = message;
  });
  core().log.info("instance state", {{"instance", id}, {"state", wire_state(to).name}, {"reason", code}});
  notify(id);
}

io::Task<void> Machines::Impl::drive(std::shared_ptr<Machine> machine) {
  machine->running = true;
  while (true) {
    machine->wake.reset();
    if (co_await advance(*machine)) continue;
    if (!record(machine->id)) break;
    co_await machine->wake.wait();
  }
  machine->running = false;
  machines.erase(machine->id);
}

io::Task<bool> Machines::Impl::advance(Machine& machine) {
  const InstanceRecord* now = record(machine.id);
  if (!now) co_return false;
  if (machine.sandbox && !machine.doors) {
    co_await open(machine);
    co_return true;
  }
  switch (state_of(now->instance)) {
    case InstanceState::pending:
    case InstanceState::running:
      if (machine.sandbox && machine.sandbox->has_exited()) {
        ended_by_itself(machine);
        co_return true;
      }
      if (machine.sandbox && machine.boot != now->boot) {
        co_await shut_down(machine, false);
        co_return true;
      }
      if (!machine.sandbox && now->booted == now->boot) {
        // It ran, and is not here any more: this machine was restarted, or its init was killed while nobody looked.
        move(machine.id, InstanceState::stopping, "Server.InternalError", "The machine of this instance is gone");
        co_return true;
      }
      if (!machine.sandbox) {
        co_await boot(machine);
        co_return true;
      }
      if (state_of(now->instance) == InstanceState::pending) {
        move(machine.id, InstanceState::running, "", "");
        co_return true;
      }
      co_return false;
    case InstanceState::stopping: {
      bool force = now->force_stop;
      if (machine.sandbox) co_await shut_down(machine, force);
      if (!record(machine.id) || state_of(record(machine.id)->instance) != InstanceState::stopping) co_return true;
      state.instances.update(machine.id, [](InstanceRecord& changed) { changed.force_stop = false; });
      move(machine.id, InstanceState::stopped, "", "");
      co_return true;
    }
    case InstanceState::shutting_down: {
      if (machine.sandbox) co_await shut_down(machine, false);
      std::string layer = instance_directory(core(), machine.id) + "/layer";
      co_await core().loop.offload([layer] { return io::remove_tree(layer); });
      move(machine.id, InstanceState::terminated, "", "");
      co_return true;
    }
    case InstanceState::stopped:
      co_return false;
    case InstanceState::terminated: {
      Duration left = now->state_since + terminated_kept - core().clock.now();
      if (left > Duration{0}) {
        co_await pause(machine, core().clock.to_real(left));
        co_return true;
      }
      co_await forget(machine);
      co_return false;
    }
  }
  co_return false;
}

// Until the machine is kicked, or that much real time has passed.
io::Task<void> Machines::Impl::pause(Machine& machine, Duration real) {
  io::Timer timer(core().loop, [&machine] { machine.wake.set(); });
  timer.start(std::chrono::steady_clock::now() + real);
  co_await machine.wake.wait();
}

// What was written so far is on disk. When it cannot be, nothing is done now, and tried again in a second.
io::Task<bool> Machines::Impl::remembered(Machine& machine) {
  auto durable = co_await core().store.durable();
  if (!durable) co_await pause(machine, 1s);
  co_return durable.has_value();
}

io::Task<void> Machines::Impl::boot(Machine& machine) {
  state.instances.update(machine.id, [&](InstanceRecord& changed) { changed.endpoint_port = core().endpoint_port; });
  if (!co_await remembered(machine)) co_return;
  const InstanceRecord* now = record(machine.id);
  if (!now || now->booted == now->boot) co_return;
  int boot = now->boot;
  BootPlan plan = plan_boot(core(), *now);
  Result<void> prepared = co_await core().loop.offload([plan] { return prepare_boot(plan); });
  Result<std::unique_ptr<sandbox::Sandbox>> made = std::unexpected(Error{});
  if (!prepared)
    made = std::unexpected(prepared.error());
  else if (!core().sandboxes)
    made = fail("E_SANDBOX_UNSUPPORTED", "this cloud was started without sandboxes");
  else
    made = co_await core().sandboxes->create(plan.spec);
  if (!record(machine.id)) co_return;
  if (!made) {
    core().log.error("an instance did not boot",
                     {{"instance", machine.id}, {"code", made.error().code}, {"error", made.error().message}});
    move(machine.id, InstanceState::shutting_down, "Server.InternalError", "Internal error on launch: " + made.error().message);
    co_return;
  }
  machine.sandbox = std::move(*made);
  machine.boot = boot;
  state.instances.update(machine.id, [boot](InstanceRecord& changed) { changed.booted = boot, changed.user_data_done = true; });
}

// The doors, and the watch over its end: after a boot, and after adoption.
io::Task<void> Machines::Impl::open(Machine& machine) {
  machine.watch->spawn(watch_exit(machine, machine.sandbox));
  machine.doors = std::make_unique<Doors>(state, roles, machine.id);
  auto opened = co_await machine.doors->open(*machine.sandbox, static_cast<uint16_t>(record(machine.id)->endpoint_port));
  if (!opened)
    core().log.error("a door of an instance did not open",
                     {{"instance", machine.id}, {"code", opened.error().code}, {"error", opened.error().message}});
  meter.forget(machine.id);
}

io::Task<void> Machines::Impl::shut_down(Machine& machine, bool force) {
  // What the record says now must be found after a crash: a sandbox that is gone while its instance runs would look like an
  // accident.
  if (!co_await remembered(machine)) co_return;
  std::shared_ptr<sandbox::Sandbox> sandbox = machine.sandbox;
  if (!force && !sandbox->has_exited()) {
    co_await sandbox->signal(SIGTERM);
    MonoTime deadline = std::chrono::steady_clock::now() + shutdown_grace;
    while (!sandbox->has_exited() && std::chrono::steady_clock::now() < deadline) {
      machine.wake.reset();
      co_await pause(machine, std::chrono::duration_cast<Duration>(deadline - std::chrono::steady_clock::now()));
    }
  }
  co_await sandbox->flush_log();
  std::string tail = log_tail(*sandbox), path = console_path(core(), machine.id);
  co_await core().loop.offload([path, tail] { return io::write_file_atomically(path, tail); });
  machine.doors.reset();
  machine.watch->cancel_all();
  auto gone = co_await sandbox->destroy();
  if (!gone)
    core().log.error("a sandbox was not removed",
                     {{"instance", machine.id}, {"code", gone.error().code}, {"error", gone.error().message}});
  machine.sandbox.reset();
}

void Machines::Impl::ended_by_itself(Machine& machine) {
  const InstanceRecord& now = *record(machine.id);
  bool terminate = now.shutdown_behavior == "terminate";
  move(machine.id, terminate ? InstanceState::shutting_down : InstanceState::stopping, "Client.InstanceInitiatedShutdown",
       "Instance initiated shutdown");
}

io::Task<void> Machines::Impl::forget(Machine& machine) {
  const InstanceRecord* now = record(machine.id);
  std::string reservation = now->reservation_id, token = now->instance.client_token.value_or("");
  state.instances.erase(machine.id);
  state.forget_tags(machine.id);
  bool last = true;
  for (const auto& [id, other] : state.instances.rows()) last = last && other.reservation_id != reservation;
  if (last && !token.empty()) state.launch_tokens.erase(token);
  std::string directory = instance_directory(core(), machine.id);
  co_await core().loop.offload([directory] { return io::remove_tree(directory); });
}

void Machines::Impl::adopt_found() {
  std::map<std::string, std::shared_ptr<sandbox::Sandbox>> by_id;
  for (auto& one : found.take(sandbox_prefix(core()))) by_id[one->id()] = std::move(one);
  for (const auto& [id, now] : state.instances.rows()) {
    // A reboot that was cut off leaves the boot before; it is adopted and then replaced.
    for (int boot : {now.boot, now.boot - 1}) {
      auto it = by_id.find(sandbox_id(core(), now, boot));
      if (it == by_id.end()) continue;
      auto machine = std::make_shared<Machine>();
      machine->id = id, machine->boot = boot, machine->sandbox = std::move(it->second);
      by_id.erase(it);
      machines[id] = machine;
    }
  }
  for (auto& [id, machine] : machines) {
    if (machine->boot == record(id)->boot)
      state.instances.update(id, [](InstanceRecord& changed) { changed.booted = changed.boot, changed.user_data_done = true; });
    core().log.info("instance adopted", {{"instance", id}, {"pid", machine->sandbox->process().pid}});
    kick(id);
  }
  for (auto& [id, orphan] : by_id) {
    auto remove = [](std::shared_ptr<sandbox::Sandbox> nobodys) -> io::Task<void> { co_await nobodys->destroy(); };
    core().log.warn("a sandbox without an instance is removed", {{"sandbox", id}});
    tasks.spawn(remove(orphan));
  }
}

io::Task<void> Machines::Impl::measure() {
  while (true) {
    co_await io::sleep_on(core().loop, core().clock, 60s);
    std::vector<std::shared_ptr<Machine>> now;
    for (const auto& [id, machine] : machines) now.push_back(machine);
    for (const auto& machine : now)
      if (auto sandbox = machine->sandbox; sandbox && !sandbox->has_exited()) co_await meter.measure(machine->id, *sandbox);
  }
}

Machines::Machines(State& state, RoleSource& roles, MetricSink& metrics, FoundSandboxes& found)
    : impl_(std::make_shared<Impl>(state, roles, metrics, found)) {}
Machines::~Machines() { impl_->tasks.cancel_all(); }

void Machines::start() {
  impl_->started = true;
  impl_->adopt_found();
  for (const auto& [id, record] : impl_->state.instances.rows())
    if (!impl_->machines.count(id)) impl_->kick(id);
  impl_->tasks.spawn(impl_->measure());
}

io::Task<void> Machines::stop() {
  impl_->started = false;
  impl_->tasks.cancel_all();
  impl_->machines.clear();  // lets go of the sandboxes; they run on
  co_return;
}

void Machines::kick(const std::string& instance_id) { impl_->kick(instance_id); }
void Machines::observe(Observer observer) { impl_->observers.push_back(std::move(observer)); }
void Machines::notify(const std::string& instance_id) { impl_->notify(instance_id); }

std::string Machines::console(const std::string& instance_id) const {
  auto it = impl_->machines.find(instance_id);
  if (it != impl_->machines.end() && it->second->sandbox) return log_tail(*it->second->sandbox);
  return io::read_file(console_path(impl_->core(), instance_id), console_bytes_max).value_or("");
}

std::string_view Machines::status(const std::string& instance_id) const {
  const InstanceRecord* record = impl_->record(instance_id);
  if (!record || state_of(record->instance) != InstanceState::running) return "not-applicable";
  auto it = impl_->machines.find(instance_id);
  if (it == impl_->machines.end() || !it->second->sandbox) return "initializing";
  return it->second->sandbox->has_exited() ? "impaired" : "ok";
}

namespace {

std::unexpected<Error> refused(const std::string& destination) {
  return fail_world("E_CONNECTION_REFUSED", "connect to " + destination + ": the instance is not running");
}

}  // namespace

class Machines::InstanceConnector final : public io::Connector {
 public:
  InstanceConnector(std::weak_ptr<Impl> impl, std::string id, uint16_t port)
      : impl_(std::move(impl)), id_(std::move(id)), port_(port) {}

  io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline deadline) override {
    auto impl = impl_.lock();
    auto it = impl ? impl->machines.find(id_) : decltype(impl->machines.find(id_)){};
    if (!impl || it == impl->machines.end() || !it->second->sandbox) co_return refused(destination());
    std::shared_ptr<sandbox::Sandbox> sandbox = it->second->sandbox;
    auto stream = co_await sandbox->connect("127.0.0.1", port_, deadline);
    if (!stream && stream.error().code == "E_SANDBOX_GONE") co_return refused(destination());
    co_return stream;
  }
  std::string destination() const override { return fmt::format("{}:{}", id_, port_); }

 private:
  std::weak_ptr<Impl> impl_;
  std::string id_;
  uint16_t port_;
};

std::shared_ptr<io::Connector> Machines::connector(const std::string& instance_id, uint16_t port) {
  return std::make_shared<InstanceConnector>(impl_, instance_id, port);
}

}  // namespace pds::cloud::ec2
