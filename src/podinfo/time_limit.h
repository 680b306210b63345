// A wait for something that knows no deadline of its own.
#pragma once

#include <optional>
#include <utility>

#include "base/result.h"
#include "io/loop.h"

namespace pds::podinfo {

namespace detail {
// Ends the wait in the loop's next turn: who waits may cancel this task, and a task must not be cancelled from inside itself.
template <class T>
io::Task<void> keep_outcome(io::Task<Result<T>> task, std::optional<Result<T>>& outcome, io::Timer& end) {
  outcome.emplace(co_await task);
  end.start(MonoTime{});
}
}  // namespace detail

// What the task comes to, or E_TIMEOUT; then the task is cancelled.
template <class T>
io::Task<Result<T>> within(io::Loop& loop, io::Deadline deadline, io::Task<Result<T>> task) {
  std::optional<Result<T>> outcome;
  io::Event ended;
  io::Timer end(loop, [&ended] { ended.set(); });
  end.start(deadline);
  io::TaskSet running;
  running.spawn(detail::keep_outcome(std::move(task), outcome, end));
  co_await ended.wait();
  running.cancel_all();
  if (!outcome) co_return fail_world("E_TIMEOUT", "there was no answer in time");
  co_return *std::move(outcome);
}

// For within(): an event that is waited for.
inline io::Task<Result<void>> wait_for(io::Event& event) {
  co_await event.wait();
  co_return Result<void>();
}

}  // namespace pds::podinfo
