// Asynchronous invocations. An event is in the store before its caller hears "202", and leaves it when the function has succeeded
// or its retries are used up; so it survives the cloud.
//
//   queued ──due──> running ──success──> gone
//     ^               ├── function error: again after 1, then 2 minutes (at most 2 retries) ── used up ──> dropped
//     └───────────────┴── throttled, not runnable: again after 1 s, 2 s, 4 s ... 5 min, while younger than its greatest age
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "cloud/core.h"
#include "cloud/services/lambda/invocation.h"
#include "cloud/services/lambda/records.h"
#include "cloud/store.h"

namespace pds::cloud::lambda {

inline constexpr size_t events_max = 100'000;      // waiting at once; more are throttled
inline constexpr size_t events_running_max = 100;  // at once, so that events do not starve callers who wait

struct EventLimits {
  int retries_max = 2;
  Duration age_max = 6h;
};

enum class EventOutcome { succeeded, failed, refused };
// When to try again, or nothing: the event is given up (or done).
std::optional<Duration> next_attempt_after(EventOutcome outcome, int failures, int refusals, Duration age,
                                           const EventLimits& limits);

class EventQueue {
 public:
  // Runs one event and tells how it went. Limits are asked for anew each time: the configuration may have changed.
  using Run = std::function<io::Task<EventOutcome>(EventRecord event)>;
  using Limits = std::function<EventLimits(const EventRecord& event)>;
  using Dropped = std::function<void(const EventRecord& event)>;
  EventQueue(Core& core, Run run, Limits limits, Dropped dropped);
  ~EventQueue();

  // Queues it; the caller awaits durability. TooManyRequestsException when events_max wait.
  Result<void> add(EventRecord event);
  // Begins, with what an earlier life left behind.
  void start();
  void stop();
  size_t size() const { return events_.size(); }

 private:
  void pump();
  io::Task<void> attempt(std::string id);
  void settle(const std::string& id, EventOutcome outcome);

  Core& core_;
  Run run_;
  Limits limits_;
  Dropped dropped_;
  Table<EventRecord> events_;
  std::set<std::pair<Timestamp, std::string>> queue_;  // due, id: those not running
  size_t running_ = 0;
  bool started_ = false;
  io::Timer timer_;
  io::TaskSet tasks_;
};

}  // namespace pds::cloud::lambda
