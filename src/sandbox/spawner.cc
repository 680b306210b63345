#include "sandbox/spawner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "sandbox/wire.h"

namespace pds::sandbox {

namespace {
// A control group lets go of its last process a moment after that has ended, and tells nobody: we look again. 10 s in all.
constexpr int removal_pause_ms = 5;
constexpr int removal_tries_max = 2000;
// Making a sandbox ahead takes the kernel's locks for control groups and namespaces, and a processor: what was just started has its
// own beginning to get through first.
constexpr auto pool_pause = 50ms;
}  // namespace

Spawner::Spawner(std::string run_directory, CgroupRoot cgroups, io::Fd listener, io::Fd signals)
    : run_directory_(run_directory),
      cgroups_(cgroups),
      nursery_(run_directory, cgroups),
      listener_(std::move(listener)),
      signals_(std::move(signals)) {}

int Spawner::serve() {
  clear_remains();
  while (!finished()) {
    refill_pool();
    auto wait = wait_limit();
    std::vector<pollfd> watched = {{listener_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}};
    for (const auto& connection : connections_) watched.push_back({connection.socket.get(), POLLIN, 0});
    for (const auto& infant : infants_) watched.push_back({infant.boot.get(), POLLIN, 0});
    for (const auto& departure : departures_) watched.push_back({departure.pidfd.get(), POLLIN, 0});
    if (poll(watched.data(), watched.size(), wait) < 0) continue;
    size_t at = 2;
    std::vector<std::list<Connection>::iterator> speaking;
    std::vector<std::list<Infant>::iterator> crying;
    for (auto it = connections_.begin(); it != connections_.end(); ++it)
      if (watched[at++].revents) speaking.push_back(it);
    for (auto it = infants_.begin(); it != infants_.end(); ++it)
      if (watched[at++].revents) crying.push_back(it);
    for (auto& departure : departures_)
      if (watched[at++].revents) departure.pidfd = io::Fd();
    for (auto infant : crying) read_infant(infant);
    for (auto connection : speaking)
      if (!read_connection(*connection)) connections_.erase(connection);
    if (watched[1].revents) reap();
    proceed_departures();
    if (watched[0].revents) accept_connection();
  }
  cgroups_.remove_empty();
  return 0;
}

void Spawner::accept_connection() {
  io::Fd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket || connections_.size() >= connections_max) return;
  Writer version;
  version.u32(wire_version);
  if (!send_message(socket.get(), {.type = MessageType::hello, .body = version.take()})) return;
  connections_.push_back({++serial_, std::move(socket)});
}

bool Spawner::read_connection(Connection& connection) {
  auto message = receive_message(connection.socket.get());
  if (!message) return message.error().code == "E_WOULD_BLOCK";
  answer({connection.serial, message->request}, *message);
  return true;
}

void Spawner::answer(const Asker& asker, Message& message) {
  switch (message.type) {
    case MessageType::create:
      return create(asker, message);
    case MessageType::destroy:
      return destroy(asker, message.body);
    case MessageType::fill_pool:
      return set_pool(asker, message);
    case MessageType::shutdown:
      ending_ = true;
      pool_size_ = 0;
      for (auto it = infants_.begin(); it != infants_.end();) {
        auto next = std::next(it);
        if (!it->booting) {
          Infant unneeded = std::move(*it);
          infants_.erase(it);
          discard(std::move(unneeded), std::nullopt, "");
        }
        it = next;
      }
      return reply(asker, encode_number(list_sandboxes(run_directory_).size()));
    default:
      return reply(asker, fail("E_SANDBOX_PROTOCOL", "the spawner does not know this request"));
  }
}

void Spawner::reply(const Asker& asker, const Result<std::string>& result, const std::vector<int>& fds) {
  for (auto& connection : connections_)
    if (connection.serial == asker.connection)
      (void)send_message(connection.socket.get(),
                         {.type = result ? MessageType::done : MessageType::failed,
                          .request = asker.request,
                          .body = result ? *result : encode(result.error()),
                          .fds = {}},
                         fds);
}

void Spawner::create(const Asker& asker, const Message& message) {
  auto spec = decode_spec(message.body);
  if (!spec) return reply(asker, std::unexpected(spec.error()));
  if (auto valid = validate(*spec); !valid) return reply(asker, std::unexpected(valid.error()));
  ending_ = false;
  bool any = nursery_.ids().many, confined = spec->profile != Profile::instance;
  auto chosen = std::ranges::find_if(infants_, [&](const Infant& i) {
    return i.ready && !i.booting && i.confined == confined && (any || (i.uid == spec->uid && i.gid == spec->gid));
  });
  if (chosen != infants_.end()) {
    if (!pool_pauses()) pool_pause_ends_ = std::chrono::steady_clock::now() + pool_pause;  // others do not prolong it
  } else {
    auto infant = nursery_.make(spec->uid, spec->gid, confined);
    if (!infant) return reply(asker, std::unexpected(infant.error()));
    infants_.push_back(std::move(*infant));
    chosen = std::prev(infants_.end());
  }
  chosen->connection = asker.connection;
  chosen->request = asker.request;
  if (auto booted = nursery_.boot(*chosen, *spec); !booted) {
    Infant failed = std::move(*chosen);
    infants_.erase(chosen);
    discard(std::move(failed), asker, std::unexpected(booted.error()));
  }
}

void Spawner::read_infant(std::list<Infant>::iterator infant) {
  auto message = receive_message(infant->boot.get());
  if (message && message->type == MessageType::hello) {
    infant->ready = true;
    return pool_changed();
  }
  Asker asker{infant->connection, infant->request};
  if (message && message->type == MessageType::done && infant->booting) {
    std::vector<int> listeners;
    for (const auto& fd : message->fds) listeners.push_back(fd.get());
    reply(asker, encode_number(static_cast<uint64_t>(infant->birth.pid)), listeners);
    infants_.erase(infant);  // a sandbox now; its directory knows all about it
    return;
  }
  Error error = message && message->type == MessageType::failed
                    ? decode_error(message->body)
                    : Error{"E_SANDBOX_START", "starting the sandbox: its init vanished", 500, false};
  std::optional<Asker> told;
  if (infant->booting)
    told = asker;
  else
    pool_failed(error);
  Infant failed = std::move(*infant);
  infants_.erase(infant);
  discard(std::move(failed), told, std::unexpected(error));
}

void Spawner::discard(Infant infant, std::optional<Asker> asker, Result<std::string> answer) {
  leave({.directory = infant.directory,
         .init = infant.identity,
         .pidfd = {},
         .cgroup = infant.cgroup,
         .asker = asker,
         .answer = std::move(answer)});
}

void Spawner::destroy(const Asker& asker, const std::string& id) {
  auto names = list_sandboxes(run_directory_);
  if (std::ranges::find(names, id) == names.end()) return reply(asker, "");
  for (auto it = infants_.begin(); it != infants_.end(); ++it) {
    if (it->directory != id) continue;
    Infant young = std::move(*it);
    infants_.erase(it);
    reply({young.connection, young.request},
          fail("E_SANDBOX_GONE", fmt::format("the sandbox '{}' was destroyed while it started", id)));
    return discard(std::move(young), asker, "");
  }
  for (const auto& departure : departures_)
    if (departure.directory == id)
      return reply(asker, fail_world("E_SANDBOX_GONE", fmt::format("the sandbox '{}' is being destroyed already", id)));
  auto record = read_record(sandbox_directory(run_directory_, id));
  Departure departure{.directory = id, .init = {}, .pidfd = {}, .cgroup = {}, .asker = asker};
  if (record) {
    departure.init = record->init;
    departure.cgroup = record->cgroup;
  }
  leave(std::move(departure));
}

void Spawner::leave(Departure departure) {
  if (departure.init.pid > 0 && io::is_alive(departure.init)) {
    departure.pidfd = io::Fd(static_cast<int>(syscall(SYS_pidfd_open, departure.init.pid, 0)));
    io::signal_process(departure.init, SIGKILL);  // the kernel then kills everything in its pid namespace
  }
  kill_all(departure.cgroup);
  departures_.push_back(std::move(departure));
}

void Spawner::proceed_departures() {
  for (auto it = departures_.begin(); it != departures_.end();) {
    if (it->pidfd) {
      ++it;
      continue;
    }
    if (!remove(it->cgroup) && ++it->tries < removal_tries_max) {
      ++it;
      continue;
    }
    auto removed = io::remove_tree(run_directory_ + "/" + it->directory);
    if (it->asker) {
      if (!removed && it->answer) it->answer = std::unexpected(removed.error());
      reply(*it->asker, it->answer);
    }
    it = departures_.erase(it);
  }
}

void Spawner::set_pool(const Asker& asker, const Message& message) {
  Reader in(message.body);
  int size = static_cast<int>(std::min<uint32_t>(in.u32(), pool_size_max));
  uint32_t uid = in.u32(), gid = in.u32();
  if (auto whole = in.finish(); !whole) return reply(asker, std::unexpected(whole.error()));
  pool_size_ = size;
  pool_uid_ = uid;
  pool_gid_ = gid;
  ending_ = false;
  pool_askers_.push_back(asker);
  pool_changed();
}

bool Spawner::pool_pauses() const { return pool_askers_.empty() && std::chrono::steady_clock::now() < pool_pause_ends_; }

// Not while one is being made or started: what waits for us comes first, and its word wakes us.
bool Spawner::pool_is_short() const {
  auto pooled = std::ranges::count_if(infants_, [](const Infant& i) { return !i.booting; });
  return pooled < pool_size_ && std::ranges::none_of(infants_, [](const Infant& i) { return i.booting || !i.ready; });
}

// For poll(): how long nothing is to be done unless somebody says something.
int Spawner::wait_limit() const {
  if (std::ranges::any_of(departures_, [](const Departure& d) { return !d.pidfd; })) return removal_pause_ms;
  if (!pool_is_short()) return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(pool_pause_ends_ - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<int64_t>(0, left.count()));
}

void Spawner::refill_pool() {
  if (pool_pauses() || !pool_is_short()) return;
  auto infant = nursery_.make(pool_uid_, pool_gid_, true);
  if (infant)
    infants_.push_back(std::move(*infant));
  else
    pool_failed(infant.error());
}

void Spawner::pool_changed() {
  auto ready = std::ranges::count_if(infants_, [](const Infant& i) { return i.ready && !i.booting; });
  if (ready < pool_size_) return;
  for (const auto& asker : std::exchange(pool_askers_, {})) reply(asker, "");
}

// Trying again at once would fail again, for ever. Who asks for a sandbox next is told why there is none.
void Spawner::pool_failed(const Error& error) {
  pool_size_ = 0;
  for (const auto& asker : std::exchange(pool_askers_, {})) reply(asker, std::unexpected(error));
}

bool Spawner::finished() const {
  return ending_ && infants_.empty() && departures_.empty() && list_sandboxes(run_directory_).empty();
}

// Sandboxes that an earlier spawner made ahead ended with it; their directories did not.
void Spawner::clear_remains() {
  auto names = io::list_directory(run_directory_);
  if (!names) return;
  for (const auto& name : *names)
    if (name.starts_with(".pool-")) (void)io::remove_tree(run_directory_ + "/" + name);
  cgroups_.remove_empty();
}

void Spawner::reap() {
  signalfd_siginfo info;
  while (read(signals_.get(), &info, sizeof info) == sizeof info) continue;
  while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
}

}  // namespace pds::sandbox
