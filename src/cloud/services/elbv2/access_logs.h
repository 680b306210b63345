// Access logs on their way into buckets. Lines gather in memory, a piece per balancer; every five minutes of the control plane's clock,
// and whenever a piece is full, it is compressed on the pool and delivered as one object under AWS's name for it.
//
// Best effort, as AWS says of its own: lines that were not delivered are lost when the process is killed (an orderly end delivers
// them), and when a bucket does not take them. Memory is bounded by pieces_max pieces per balancer; lines beyond them are dropped and
// counted.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cloud/core.h"
#include "cloud/objects.h"
#include "cloud/services/elbv2/state.h"

namespace pds::cloud::elbv2 {

inline constexpr size_t log_piece_bytes_max = 4 * 1024 * 1024;
inline constexpr size_t log_pieces_max = 4;  // of one balancer: the one that gathers, and those being delivered
inline constexpr std::chrono::minutes log_interval{5};

// What a balancer's attributes ask for; nothing when they ask for nothing.
struct LogDestination {
  std::string bucket, prefix;
  bool operator==(const LogDestination&) const = default;
};
std::optional<LogDestination> log_destination_of(const Attributes& attributes);

class AccessLogs {
 public:
  // `objects` may be null: then no logs can be asked for.
  AccessLogs(Core& core, ObjectSink* objects) : core_(core), objects_(objects) {}

  // Whether the destination would take this balancer's logs, and proof of it: the test file that AWS leaves there.
  // Errors: InvalidConfigurationRequest; NotImplemented (501) without `objects`.
  io::Task<Result<void>> try_destination(const LoadBalancerRecord& balancer, LogDestination to);

  // Where lines of the balancer go; null when nobody asked for them. Valid until the next call for this balancer.
  std::function<void(std::string_view line)> sink_for(const LoadBalancerRecord& balancer);
  void forget(const std::string& load_balancer_arn);

  io::Task<void> deliver_every_interval();
  // What has gathered goes out; returns when it has arrived, or failed.
  io::Task<void> finish();

  uint64_t dropped_lines(const std::string& load_balancer_arn) const;

 private:
  struct Log {
    std::string arn, file_name_middle;  // "app.web.50dc6c495c0c9188"
    LogDestination to;
    std::string gathering;
    size_t lines = 0, delivering = 0;
    uint64_t dropped = 0;
  };
  void append(const std::shared_ptr<Log>& log, std::string_view line);
  void send(const std::shared_ptr<Log>& log, Timestamp interval_end);
  io::Task<void> deliver(std::shared_ptr<Log> log, std::string lines, size_t count, Timestamp interval_end);
  std::string folder_of(const LogDestination& to) const;
  Delivery delivery_of(const std::string& load_balancer_arn, const LogDestination& to, std::string key) const;

  Core& core_;
  ObjectSink* objects_;
  std::map<std::string, std::shared_ptr<Log>> logs_;  // by balancer
  io::TaskSet delivering_;
};

}  // namespace pds::cloud::elbv2
