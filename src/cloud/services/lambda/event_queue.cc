#include "cloud/services/lambda/event_queue.h"

#include <algorithm>

namespace pds::cloud::lambda {

std::optional<Duration> next_attempt_after(EventOutcome outcome, int failures, int refusals, Duration age,
                                           const EventLimits& limits) {
  if (outcome == EventOutcome::succeeded) return std::nullopt;
  Duration wait;
  if (outcome == EventOutcome::failed) {
    if (failures > limits.retries_max) return std::nullopt;
    wait = failures <= 1 ? Duration(1min) : Duration(2min);
  } else {
    wait = std::min<Duration>(Duration(1s) * (int64_t{1} << std::clamp(refusals - 1, 0, 9)), 5min);
  }
  if (age + wait > limits.age_max) return std::nullopt;
  return wait;
}

EventQueue::EventQueue(Core& core, Run run, Limits limits, Dropped dropped)
    : core_(core),
      run_(std::move(run)),
      limits_(std::move(limits)),
      dropped_(std::move(dropped)),
      events_(core.store, core.table("lambda", "events")),
      timer_(core.loop, [this] { pump(); }) {
  for (const auto& [id, event] : events_.rows()) queue_.emplace(event.due, id);
}

EventQueue::~EventQueue() { tasks_.cancel_all(); }

Result<void> EventQueue::add(EventRecord event) {
  if (events_.size() >= events_max) return std::unexpected(Error{"TooManyRequestsException", "Rate Exceeded.", 429, true});
  std::string id = event.id;
  queue_.emplace(event.due, id);
  events_.put(id, std::move(event));
  if (started_) timer_.start(std::chrono::steady_clock::now());
  return {};
}

void EventQueue::start() {
  started_ = true;
  pump();
}

void EventQueue::stop() {
  started_ = false;
  timer_.cancel();
  tasks_.cancel_all();
}

void EventQueue::pump() {
  if (!started_) return;
  Timestamp now = core_.clock.now();
  while (!queue_.empty() && queue_.begin()->first <= now && running_ < events_running_max) {
    std::string id = queue_.begin()->second;
    queue_.erase(queue_.begin());
    ++running_;
    tasks_.spawn(attempt(std::move(id)));
  }
  // When as many run as may, the end of one pumps again. At least a millisecond: a clock turned by hand says zero for every span.
  if (!queue_.empty() && running_ < events_running_max)
    timer_.start(std::chrono::steady_clock::now() + std::max<Duration>(core_.clock.to_real(queue_.begin()->first - now), 1ms));
}

io::Task<void> EventQueue::attempt(std::string id) {
  // The function must not see an event that its caller may yet be told was not accepted.
  Result<void> kept = co_await core_.store.durable();
  if (!kept) co_return;  // nothing more is acknowledged until the store is opened again
  EventOutcome outcome = co_await run_(*events_.find(id));
  settle(id, outcome);
  --running_;
  timer_.start(std::chrono::steady_clock::now());
}

void EventQueue::settle(const std::string& id, EventOutcome outcome) {
  const EventRecord& event = *events_.find(id);
  int failures = event.failures + (outcome == EventOutcome::failed ? 1 : 0);
  int refusals = event.refusals + (outcome == EventOutcome::refused ? 1 : 0);
  Timestamp now = core_.clock.now();
  std::optional<Duration> wait = next_attempt_after(outcome, failures, refusals, now - event.received, limits_(event));
  if (!wait) {
    if (outcome != EventOutcome::succeeded) dropped_(event);
    events_.erase(id);
    return;
  }
  events_.update(id, [&](EventRecord& record) {
    record.failures = failures;
    record.refusals = refusals;
    record.due = now + *wait;
  });
  queue_.emplace(now + *wait, id);
}

}  // namespace pds::cloud::lambda
