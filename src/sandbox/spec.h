// What a sandbox is made of, what it is told, and what it says back: plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace pds::sandbox {

enum class Profile : uint8_t {
  function,   // no capabilities, read-only root, may not make namespaces
  container,  // the same, for run_container() inside an instance
  instance,   // root inside its own user namespace: may mount and make nested sandboxes; nothing of that reaches the host
};

// Bounds of a spec; all of it must also fit into one message of spec_bytes_max.
inline constexpr size_t spec_bytes_max = 128 * 1024;
inline constexpr size_t id_bytes_max = 40;
inline constexpr size_t arguments_max = 256;
inline constexpr size_t environment_max = 512;
inline constexpr size_t binds_max = 64;
inline constexpr size_t addresses_max = 16;
inline constexpr size_t listeners_max = 16;
inline constexpr uint64_t log_bytes_max = 1u << 20;

// A file or directory of the host, made visible inside. Always nosuid and nodev. As root, what is written through a writable bind
// belongs on disk to the ids it has inside; as an ordinary user, to that user.
struct Bind {
  std::string source;  // absolute, on the host; must exist
  std::string target;  // absolute, inside; made when absent, never through a symbolic link
  bool read_only = true;
};

// A private, empty, writable directory in memory.
struct Scratch {
  std::string target;
  uint64_t bytes_max = 16u << 20;
};

struct Limits {
  uint64_t memory_bytes =
      0;  // 0: none. With cgroups: of all processes together; more is killed. Without: address space per process.
  uint32_t processes = 256;  // processes and threads
  uint32_t open_files = 1024;
  double cpus = 0;                 // 0: no limit; needs cgroups, else ignored (SandboxSupport says so)
  uint64_t tmp_bytes = 64u << 20;  // of /tmp and of /dev/shm, each
};

struct Endpoint {
  std::string address;  // IPv4
  uint16_t port = 0;
};

struct SandboxSpec {
  std::string id;  // [a-z0-9][a-z0-9-]*, unique in the run directory
  Profile profile = Profile::function;

  // The root filesystem, exactly one of:
  //  image_root: an unpacked image, mounted read-only. /proc, /dev, /tmp and bind targets need not exist in it, but starts are
  //  faster when they do. layer: a directory of the caller's for what the instance writes; made when absent and filled at first
  //  use. The root is this layer under a read-only view of the host's /usr (with its own empty /usr/local) and an /etc of harmless
  //  files.
  std::string image_root;
  std::string layer;

  std::vector<std::string> arguments;              // arguments[0]: absolute path inside
  std::map<std::string, std::string> environment;  // all of it; nothing is inherited
  std::string working_directory = "/";
  uint32_t uid = 65532;  // inside; 0..65533. An instance is 0.
  uint32_t gid = 65532;
  std::string hostname = "localhost";
  Limits limits;
  std::vector<Bind> binds;
  std::vector<Scratch> scratch;

  std::vector<std::string> addresses = {"169.254.169.254", "169.254.169.253"};  // on loopback, beside 127.0.0.1 and these two
  std::vector<Endpoint> listeners;  // open before the main process starts; take them with Sandbox::listen()
};

// The spec is complete and within bounds, or E_SANDBOX_SPEC naming the field.
Result<void> validate(const SandboxSpec& spec);

struct Command {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::string working_directory = "/";
  uint32_t uid = 0;
  uint32_t gid = 0;
  size_t output_bytes_max = 1u << 20;  // of each stream; more is dropped and counted
};

struct ExitStatus {
  int code = 0;                // 128 + signal when killed by one, as a shell says it
  int signal = 0;              // 0: ended by itself
  bool out_of_memory = false;  // the kernel killed a process inside for the memory limit
  bool known = true;           // false: the sandbox vanished without a word (machine restart, init killed): code is 137
};

struct CommandResult {
  ExitStatus status;
  std::string output;
  std::string errors;
  uint64_t dropped_bytes = 0;
};

struct Usage {
  Duration cpu_time{};             // user and system, all processes so far
  uint64_t memory_bytes = 0;       // now
  uint64_t memory_peak_bytes = 0;  // 0: not known here
  uint32_t processes = 0;
};

struct LogChunk {
  uint64_t from = 0;  // of the first byte in `text`; more than asked for when older bytes are gone
  std::string text;
  uint64_t next = 0;  // ask from here next time
};

// The host's ids behind an identity inside: for the owners of files that a caller shows through a read-only bind. (Through a
// writable bind, and in an image or a layer, ids on disk are the ids inside.) As an ordinary user: that user, always.
struct HostIds {
  uint32_t uid = 0;
  uint32_t gid = 0;
};
HostIds host_ids(uint32_t uid, uint32_t gid);

}  // namespace pds::sandbox
