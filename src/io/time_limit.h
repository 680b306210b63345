// A wait for something that knows no deadline of its own.
#pragma once

#include <optional>
#include <utility>

#include "base/result.h"
#include "io/loop.h"

namespace pds::io {

namespace time_limit_detail {
// Ends the wait in the loop's next turn: who waits may cancel this task, and a task must not be cancelled from inside itself.
template <class T>
Task<void> keep_outcome(Task<Result<T>> task, std::optional<Result<T>>& outcome, Timer& end) {
  outcome.emplace(co_await task);
  end.start(MonoTime{});
}
}  // namespace time_limit_detail

// What the task comes to, or E_TIMEOUT; then the task is cancelled.
template <class T>
Task<Result<T>> within(Loop& loop, Deadline deadline, Task<Result<T>> task) {
  std::optional<Result<T>> outcome;
  Event ended;
  Timer end(loop, [&ended] { ended.set(); });
  end.start(deadline);
  TaskSet running;
  running.spawn(time_limit_detail::keep_outcome(std::move(task), outcome, end));
  co_await ended.wait();
  running.cancel_all();
  if (!outcome) co_return fail_world("E_TIMEOUT", "there was no answer in time");
  co_return *std::move(outcome);
}

// For within(): an event that is waited for.
inline Task<Result<void>> wait_for(Event& event) {
  co_await event.wait();
  co_return Result<void>();
}

}  // namespace pds::io
