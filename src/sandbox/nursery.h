// Sandboxes between birth and boot: made ahead, or just being started.
#pragma once

#include <list>
#include <string>

#include "sandbox/birth.h"
#include "sandbox/cgroup.h"
#include "sandbox/run_directory.h"
#include "sandbox/wire.h"

namespace pds::sandbox {

// Owned by the spawner. Dropping one closes its boot socket, at which its init ends; its directory and groups are the spawner's to
// clear.
struct Infant {
  std::string directory;  // name in the run directory: ".pool-7", then the sandbox's id
  Birth birth;
  io::ProcessIdentity identity;
  io::Fd boot;
  io::Fd record;  // empty until it has a name
  Cgroup cgroup;
  LimitFiles limits;
  uint32_t uid = 0, gid = 0;
  bool confined = false;  // for functions and containers; else for instances
  bool ready = false;     // init has said that it waits for its spec
  // Once booting: who is told.
  bool booting = false;
  int connection = -1;
  uint64_t request = 0;
};

class Nursery {
 public:
  Nursery(std::string run_directory, CgroupRoot cgroups)
      : run_directory_(std::move(run_directory)), cgroups_(std::move(cgroups)), ids_(find_id_range()) {}

  // A new one, or an Error with nothing left behind.
  Result<Infant> make(uint32_t uid, uint32_t gid, bool confined);
  // Gives it its name and its spec. Its answer comes on the boot socket. On an error the infant is to be discarded.
  Result<void> boot(Infant& infant, const SandboxSpec& spec);

  const IdRange& ids() const { return ids_; }

 private:
  struct Files {
    io::Fd control, log, status, record;
  };
  Result<Files> make_files(const std::string& directory);

  std::string run_directory_;
  CgroupRoot cgroups_;
  IdRange ids_;
  uint64_t made_ = 0;
};

}  // namespace pds::sandbox
