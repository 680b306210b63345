// The words between cloud, spawner and init: one packet of a SOCK_SEQPACKET socket per message, descriptors beside it.
//
//   magic u32 | type u8 | request u64 | body
//
// Numbers are little-endian, texts are length-prefixed. A reply carries its request's number. All three parties are the same binary
// or versions of it, but each checks what it gets as if the others were not: a malformed message ends the connection, nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "sandbox/spec.h"

namespace pds::sandbox {

inline constexpr uint32_t wire_version = 1;  // changes when old and new must not talk
inline constexpr size_t message_bytes_max = spec_bytes_max + 4096;
inline constexpr size_t message_fds_max = binds_max + 8;

enum class MessageType : uint8_t {
  // replies, and what comes unasked (request 0)
  done = 1,  // body depends on the request
  failed,    // Error
  hello,     // version u32; the first message on every connection, from the side that accepted it
  exited,    // ExitStatus

  // to the spawner
  create = 32,  // SandboxSpec
  destroy,      // id
  fill_pool,    // size, uid, gid
  shutdown,

  // to init
  boot = 64,  // SandboxSpec, with the descriptors that the spawner opened; only from the spawner
  connect,    // Endpoint -> descriptor
  listen,     // Endpoint -> descriptor
  open_udp,   // Endpoint -> descriptor
  run,        // Command, with the descriptors of its stdout and stderr -> ExitStatus
  kill_run,   // request number of the run
  signal,     // number
  stop_all,
  continue_all,
  flush_log,  // -> bytes so far
  wait_log,   // from -> bytes so far
  usage,      // -> Usage
};

struct Message {
  MessageType type{};
  uint64_t request = 0;
  std::string body;
  std::vector<io::Fd> fds;
};

class Writer {
 public:
  void u8(uint8_t v) { bytes_.push_back(static_cast<char>(v)); }
  void u32(uint32_t v) { number(v, 4); }
  void u64(uint64_t v) { number(v, 8); }
  void text(std::string_view v);
  std::string take() { return std::move(bytes_); }

 private:
  void number(uint64_t v, int bytes);
  std::string bytes_;
};

// Reads past the end give zeros and make finish() fail, so that decoders need one test at their end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  uint8_t u8() { return static_cast<uint8_t>(number(1)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  uint64_t u64() { return number(8); }
  std::string text();
  // How many elements follow; more than `max` spoils the message.
  size_t count(size_t max);
  Result<void> finish() const;  // E_SANDBOX_PROTOCOL unless exactly everything was read

 private:
  uint64_t number(size_t bytes);
  std::string_view rest_;
  bool bad_ = false;
};

std::string encode(const SandboxSpec& spec);
Result<SandboxSpec> decode_spec(std::string_view body);
std::string encode(const Command& command);
Result<Command> decode_command(std::string_view body);
std::string encode(const Endpoint& endpoint);
Result<Endpoint> decode_endpoint(std::string_view body);
std::string encode(const ExitStatus& status);
Result<ExitStatus> decode_exit(std::string_view body);
std::string encode(const Usage& usage);
Result<Usage> decode_usage(std::string_view body);
std::string encode(const Error& error);
Error decode_error(std::string_view body);
std::string encode_number(uint64_t value);
Result<uint64_t> decode_number(std::string_view body);

// The packet without its descriptors.
std::string pack(const Message& message);
Result<Message> unpack(std::string_view packet);

// Both honour O_NONBLOCK: E_WOULD_BLOCK. The peer's end is E_CLOSED. `fds` are lent, not given.
Result<void> send_message(int socket, const Message& message, const std::vector<int>& fds = {});
Result<Message> receive_message(int socket);

}  // namespace pds::sandbox
