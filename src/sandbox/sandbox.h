// Isolated processes: the machines and function environments of the embedded cloud.
//
//   cloud (one loop) ──unix──> spawner ──clone3──> init (pid 1 of the sandbox) ──> main process
//        └───────────────────unix, per sandbox──────────┘
//
// The spawner is a tiny process that outlives the cloud; so do the sandboxes. After the cloud was killed, a new one finds both
// through sockets in the run directory and goes on with the same processes (adopt()). Nothing here needs privileges: as root a
// sandbox gets a range of ids of its own, as an ordinary user it gets that one user. What the kernel forbids, probe_support()
// explains.
//
// A sandbox has its own user, mount, pid, ipc, uts, cgroup (where known) and network namespace. Its network is loopback only. The
// only ways in and out are descriptors that init makes inside the namespace and passes out: connect() reaches a server inside;
// listen() lets the cloud serve an address inside (169.254.169.254:80). There is no route to the host or to other sandboxes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "io/loop.h"
#include "io/process.h"
#include "io/stream.h"
#include "sandbox/spec.h"
#include "sandbox/support.h"

namespace pds::sandbox {

class SandboxHost;

// One running (or ended) sandbox. Destroying the object only lets go of it: the sandbox runs on and can be adopted again.
// Must not outlive its SandboxHost.
class Sandbox {
 public:
  virtual ~Sandbox() = default;

  virtual const std::string& id() const = 0;
  virtual Profile profile() const = 0;
  // The sandbox's init, as the host sees it. Stable over the sandbox's life, and over restarts of the cloud.
  virtual io::ProcessIdentity process() const = 0;

  // Doors. `address` is an IPv4 address inside ("127.0.0.1"). Refused connections are E_CONNECTION_REFUSED (retryable), a sandbox
  // that has ended is E_SANDBOX_GONE, a frozen one E_SANDBOX_FROZEN.
  virtual io::Task<Result<std::unique_ptr<io::Stream>>> connect(std::string address, uint16_t port, io::Deadline deadline) = 0;
  // The listening socket lives as long as the sandbox: asking again for the same address and port, also after adoption, gives the
  // same socket with the connections that queued up in between. So a client inside sees no refusal while the cloud restarts.
  virtual io::Task<Result<std::unique_ptr<io::Listener>>> listen(std::string address, uint16_t port) = 0;
  // A bound, non-blocking datagram socket (name service at 169.254.169.253:53). Kept by init like a listener.
  virtual io::Task<Result<io::Fd>> open_udp(std::string address, uint16_t port) = 0;
  // connect() as a Connector, for http::Client and the proxy. Holds a reference: use it while the Sandbox lives.
  virtual std::shared_ptr<io::Connector> connector(std::string address, uint16_t port) = 0;

  // Runs one more command inside (with the identity given), waits for it, and returns its output. When the deadline passes the
  // command and its process group are killed: E_TIMEOUT. A main process that ends takes all commands with it: E_SANDBOX_GONE.
  virtual io::Task<Result<CommandResult>> run(Command command, io::Deadline deadline) = 0;

  // To the main process. Nothing happens when it is gone.
  virtual io::Task<Result<void>> signal(int signal_number) = 0;
  // Resumes when the main process has ended; at once when it already has. Any number of waiters.
  virtual io::Task<ExitStatus> wait_exit() = 0;
  // Set when it is known to have ended.
  virtual bool has_exited() const = 0;

  // All processes inside stop and go on. Doors that are open stay open; new ones need a thawed sandbox.
  virtual io::Task<Result<void>> freeze() = 0;
  virtual io::Task<Result<void>> thaw() = 0;
  virtual bool frozen() const = 0;

  virtual io::Task<Result<Usage>> usage() = 0;

  // What the main process wrote to stdout and stderr, in one stream of bytes numbered from 0. The last log_bytes_max are kept in
  // the run directory and survive the cloud. read_log() gives what exists from `from` on (empty: nothing new yet) and says where it
  // really began when older bytes are gone. wait_log() resumes when there is something at or after `from`, or the sandbox has
  // ended.
  virtual Result<LogChunk> read_log(uint64_t from, size_t bytes_max = 65536) = 0;
  virtual io::Task<Result<void>> wait_log(uint64_t from) = 0;
  // Everything written before the call is in the log when this returns; the result is the number of bytes so far.
  virtual io::Task<Result<uint64_t>> flush_log() = 0;

  // Kills everything inside and removes what it left: mounts, cgroups, run directory (its layer stays: it belongs to the caller).
  // Fine when it has ended already. Afterwards only wait_exit() and has_exited() are of use.
  virtual io::Task<Result<void>> destroy() = 0;
};

struct SandboxHostOptions {
  std::string run_directory;  // for sockets, logs and records; absolute; made 0700
  std::string program;        // the binary that calls run_hidden_command() (container.h), usually /proc/self/exe
  // Namespaces made ahead, so that a start only mounts and executes. 0: none. They cost about 1 MB each.
  int pool_size = 0;
  // As an ordinary user only one id can be mapped, so it must be known ahead: pooled sandboxes serve specs with these ids.
  uint32_t pool_uid = 65532;
  uint32_t pool_gid = 65532;
};

// The cloud's side of one spawner. One per run directory.
class SandboxHost {
 public:
  virtual ~SandboxHost() = default;

  // Connects to the run directory's spawner, or starts one. Errors: E_SANDBOX_UNSUPPORTED (says what is missing and what to do),
  // E_SYSTEM.
  static io::Task<Result<std::unique_ptr<SandboxHost>>> start(io::Loop& loop, SandboxHostOptions options);

  // Resumes when the main process has been executed. Errors: E_SANDBOX_SPEC (the caller's mistake, named), E_SANDBOX_EXISTS,
  // E_SANDBOX_START (which step failed, and why), E_SYSTEM.
  virtual io::Task<Result<std::unique_ptr<Sandbox>>> create(SandboxSpec spec) = 0;

  // All sandboxes in the run directory, running, frozen or ended, whoever created them; for a cloud that starts. Remains that are
  // no sandbox (a start that was cut off) are cleaned up. A sandbox that already has an object here is left out.
  virtual io::Task<Result<std::vector<std::unique_ptr<Sandbox>>>> adopt() = 0;

  // Resumes when the pool is full, or with the reason why it cannot be. start() and create() fill it too, in the background.
  virtual io::Task<Result<void>> fill_pool() = 0;

  // Tells the spawner to end as soon as no sandbox is left (pooled ones are removed now). Resumes when it has ended, or at once
  // when sandboxes remain: they run on, and the spawner ends with the last of them.
  virtual io::Task<Result<void>> shutdown() = 0;

  virtual const SandboxSupport& support() const = 0;
  virtual io::ProcessIdentity spawner() const = 0;
};

}  // namespace pds::sandbox
