// What stands in the run directory, for whoever comes next.
//
//   .spawner        the spawner's socket          .lock, .spawner.log
//   <id>/control    init's socket                 <id>/log     its output (log_ring.h)
//   <id>/status     how it ended, when it has     <id>/record  who it is (Record, JSON)
//   .pool-<n>/      the same, for a sandbox made ahead
//
// A record is written before the sandbox is booted: what has a record and no living init is a remains.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "io/process.h"
#include "sandbox/cgroup.h"
#include "sandbox/spec.h"

namespace pds::sandbox {

struct Record {
  std::string id;
  Profile profile = Profile::function;
  io::ProcessIdentity init;
  Cgroup cgroup;
};

// Into an empty file, before its directory has the sandbox's name: nobody reads half of it.
Result<void> write_record(int file, const Record& record);
Result<Record> read_record(const std::string& directory);
// Nothing when it has not ended, or ended without a word.
std::optional<ExitStatus> read_status(const std::string& directory);

std::string sandbox_directory(const std::string& run_directory, const std::string& id);
std::string spawner_socket_path(const std::string& run_directory);
// Names that are sandboxes, sorted.
std::vector<std::string> list_sandboxes(const std::string& run_directory);

// Unix socket addresses hold 107 bytes: longer paths go through a descriptor of the directory.
Result<io::Fd> listen_control(const std::string& path);
Result<io::Fd> connect_control(const std::string& path);  // non-blocking; ENOENT and ECONNREFUSED are E_ABSENT

}  // namespace pds::sandbox
