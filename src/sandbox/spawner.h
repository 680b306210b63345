// The spawner: one thread, plain blocking calls, a few megabytes. Makes sandboxes on request, because forking a large process is
// slow; outlives the cloud, because sandboxes do; and clears away what a sandbox leaves, whether it made it or an earlier spawner
// did.
#pragma once

#include <sys/poll.h>

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/nursery.h"

namespace pds::sandbox {

inline constexpr size_t connections_max = 16;
inline constexpr int pool_size_max = 64;

class Spawner {
 public:
  Spawner(std::string run_directory, CgroupRoot cgroups, io::Fd listener, io::Fd signals);
  // Until it has been told to end and no sandbox is left.
  int serve();

 private:
  struct Connection {
    int serial;
    io::Fd socket;
  };
  struct Asker {
    int connection;
    uint64_t request;
  };
  // A sandbox on its way out.
  struct Departure {
    std::string directory;
    io::ProcessIdentity init;
    io::Fd pidfd;  // closed once it has ended
    Cgroup cgroup;
    std::optional<Asker> asker;  // is told `answer` when everything is gone
    Result<std::string> answer = "";
    int tries = 0;
  };

  void accept_connection();
  bool read_connection(Connection& connection);
  void answer(const Asker& asker, Message& message);
  void reply(const Asker& asker, const Result<std::string>& result, const std::vector<int>& fds = {});
  void create(const Asker& asker, const Message& message);
  void destroy(const Asker& asker, const std::string& id);
  void set_pool(const Asker& asker, const Message& message);
  void pool_changed();  // tells those who wait for it to be full
  void pool_failed(const Error& error);
  void refill_pool();
  bool pool_is_short() const;
  bool pool_pauses() const;
  int wait_limit() const;
  void read_infant(std::list<Infant>::iterator infant);
  void discard(Infant infant, std::optional<Asker> asker, Result<std::string> answer);
  void leave(Departure departure);
  void proceed_departures();
  bool finished() const;
  void clear_remains();
  void reap();

  std::string run_directory_;
  CgroupRoot cgroups_;
  Nursery nursery_;
  io::Fd listener_, signals_;
  std::list<Connection> connections_;
  std::list<Infant> infants_;
  std::list<Departure> departures_;
  int serial_ = 0;
  int pool_size_ = 0;
  std::vector<Asker> pool_askers_;
  uint32_t pool_uid_ = 0, pool_gid_ = 0;
  std::chrono::steady_clock::time_point pool_pause_ends_{};
  bool ending_ = false;
};

}  // namespace pds::sandbox
