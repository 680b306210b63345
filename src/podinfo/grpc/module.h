// The seam between podinfo and its gRPC server. The server is a shared object of its own, so that gRPC's libraries are loaded by those
// who ask for a gRPC port and by nobody else. Neither side sees more of the other than stands here; both are built together.
//
// The server has threads of its own. What it asks of podinfo it asks on any of them, side by side; what podinfo tells it may come from
// any thread, too.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pds::podinfo::rpc {

struct Info {
  std::string hostname, version, revision, color, logo, message, goos, goarch, runtime, num_goroutine, num_cpu;
};

struct Token {
  std::string text;
  std::string expires_at;  // as Go writes a time
};

struct TokenVerdict {
  enum class Kind { good, expired, forged, of_another_issuer, unreadable };
  Kind kind = Kind::unreadable;
  std::string name, expires_at;  // of one that is good
  std::string message;           // of one that is not
};

// What the server's answers are made of.
class Podinfo {
 public:
  virtual ~Podinfo() = default;
  virtual Info info() const = 0;
  virtual std::vector<std::string> environment() const = 0;  // "NAME=value", secrets left out
  virtual Token make_token() const = 0;
  virtual TokenVerdict check_token(std::string_view token) const = 0;
  virtual void panic() const = 0;  // ends the process
  virtual void log_problem(std::string_view message) const = 0;
  virtual void log_echo(std::string_view body) const = 0;
};

struct Setup {
  uint16_t port = 0;         // on all interfaces; 0: any
  std::string service_name;  // whose health is told, beside that of the server as a whole
  std::chrono::seconds delay_max{};
};

class Server {
 public:
  virtual ~Server() = default;  // after stop()
  // What the health service says. Not serving at first.
  virtual void set_serving(bool serving) = 0;
  // Takes no more calls, ends conversations, lets calls in flight end until the deadline, and cuts those that have not. Blocks.
  virtual void stop(std::chrono::steady_clock::time_point deadline) = 0;
};

// Null, and why, where it cannot listen. `podinfo` must outlive the server.
using Start = Server* (*)(const Setup& setup, const Podinfo& podinfo, std::string& problem);

inline constexpr const char* module_file = "podinfo_grpc.so";
inline constexpr const char* start_symbol = "pds_podinfo_grpc_start";

}  // namespace pds::podinfo::rpc
