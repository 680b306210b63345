// Containers that an instance keeps running. A record on disk says what should run; the supervisor (in the agent) makes it so:
// starts it, starts it again when it dies, takes it over when the agent itself was restarted, and ends it when the record is gone.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/shape.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/process.h"

namespace pds::agent {

inline constexpr const char* containers_directory = "/var/lib/pds-agent/containers";
inline constexpr size_t container_records_max = 64;

// <directory>/<name>.json
struct ContainerRecord {
  std::string name, image, root;  // image: registry/repository@sha256:...; root: its unpacked file system
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::string working_directory = "/";
  int uid = 65532, gid = 65532;
  int port = 0;  // where it answers; 0: it does not
};
PDS_SHAPE(ContainerRecord, FIELD(name, "name"), FIELD(image, "image"), FIELD(root, "root"), FIELD(arguments, "arguments"),
          FIELD(environment, "environment"), FIELD(working_directory, "working_directory"), FIELD(uid, "uid"), FIELD(gid, "gid"),
          FIELD(port, "port"))

// <directory>/<name>.run: what runs for which record.
struct ContainerRun {
  int pid = 0;
  int64_t start_ticks = 0;
  std::string record_digest;  // of the record it was started from
};
PDS_SHAPE(ContainerRun, FIELD(pid, "pid"), FIELD(start_ticks, "start_ticks"), FIELD(record_digest, "record_digest"))

// Names are parts of paths: [a-z0-9][a-z0-9-]*, at most 40. E_INVALID_NAME.
Result<void> check_container_name(const std::string& name);
// Durable; the supervisor notices.
Result<void> put_container(const std::string& directory, const ContainerRecord& record);
Result<void> remove_container(const std::string& directory, const std::string& name);
Result<ContainerRecord> read_container(const std::string& directory, const std::string& name);

// How a container is started: sandbox::run_container, or a test's own way.
class ContainerStarter {
 public:
  virtual ~ContainerStarter() = default;
  virtual Result<io::ProcessIdentity> start(const ContainerRecord& record) = 0;
};
std::unique_ptr<ContainerStarter> sandbox_starter();

class Supervisor final : private io::FdWatcher {
 public:
  Supervisor(io::Loop& loop, const Logger& log, std::string directory, ContainerStarter& starter);
  ~Supervisor() override;
  // Takes over what runs, and watches the directory from now on.
  Result<void> start();
  // Compares records with what runs, now.
  void reconcile();
  size_t running() const;

 private:
  struct Watch;
  void on_ready(bool readable, bool writable) override;
  void begin(const ContainerRecord& record, const std::string& digest);
  void end(const std::string& name, Watch& watch);
  static io::Task<void> until_exit(Supervisor* self, std::string name, io::ProcessIdentity process);

  io::Loop& loop_;
  const Logger& log_;
  std::string directory_;
  ContainerStarter& starter_;
  int notifier_ = -1;
  std::map<std::string, std::unique_ptr<Watch>> watches_;
  io::Timer retry_;
  io::TaskSet tasks_;
};

}  // namespace pds::agent
