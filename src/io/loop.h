// The event loop: edge-triggered epoll, timers, and work handed over from other threads. One loop per thread; an object that was made
// with a loop is used on that loop's thread only. Between two co_awaits nobody else runs.
#pragma once

#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "base/result.h"
#include "base/time.h"
#include "io/task.h"

namespace pds::io {

// Deadlines are points on the steady clock; `never` waits for ever.
using Deadline = MonoTime;
inline constexpr Deadline never = Deadline::max();

class Loop;

// Time that a test turns by hand, in place of the steady clock.
class ManualTime {
 public:
  MonoTime now() const { return now_; }
  void advance(Duration d) { now_ += d; }

 private:
  MonoTime now_{std::chrono::hours(24)};
};

// A timer that belongs to one owner. Destroying it cancels it. The callback runs on the loop.
class Timer {
 public:
  explicit Timer(Loop& loop, std::function<void()> callback);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  void start(Deadline when);   // replaces an earlier time
  void cancel();
  bool armed() const { return heap_index_ != SIZE_MAX; }
  Deadline when() const { return when_; }   // while it is armed

 private:
  friend class Loop;
  Loop& loop_;
  std::function<void()> callback_;
  Deadline when_{};
  size_t heap_index_ = SIZE_MAX;   // in the heap, or, with due_bit, among the timers being fired in this turn
};

// Told when a descriptor became readable or writable (edges, not levels). Implemented by streams and listeners.
class FdWatcher {
 public:
  virtual ~FdWatcher() = default;
  virtual void on_ready(bool readable, bool writable) = 0;
  // Before on_ready: the peer has ended its side, or the connection failed; no further edge will come for that.
  virtual void on_hang_up() {}
};

class Loop {
 public:
  Loop();
  // A loop whose time is `time`, which must outlive it: for what happens in memory. When nothing else is ready, run_once(at_most)
  // advances it to the next timer, by `at_most` at the most; so run() lets hours pass at once, and run_once(0us) lets none.
  explicit Loop(ManualTime& time);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until stop(). Returns at once when stop() was called before.
  void run();
  // From any thread, and from a signal handler.
  void stop();
  // From any thread: runs `work` on the loop, in order, soon. `work` must not throw.
  void post(std::move_only_function<void()> work);
  // Runs everything that is ready without blocking, once; true when something ran. For tests.
  bool run_once(Duration at_most);

  MonoTime now() const { return now_; }   // when what is being handled was noticed: read after each wait
  // For deadlines that may be set while the loop does not turn, or a turn is long.
  MonoTime exact_now() const { return manual_time_ ? manual_time_->now() : std::chrono::steady_clock::now(); }

  Result<void> watch(int fd, FdWatcher* watcher);   // edge-triggered, both directions; level state is reported at once
  void unwatch(int fd);

  // co_await loop.sleep_until(t) / sleep_for(d) / yield()
  struct Sleep {
    Timer timer;
    Deadline when;
    std::coroutine_handle<> handle;
    Sleep(Loop& loop, Deadline w) : timer(loop, [this] { handle.resume(); }), when(w) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> h) {
      handle = h;
      timer.start(when);
    }
    void await_resume() {}
  };
  Sleep sleep_until(Deadline when) { return Sleep(*this, when); }
  Sleep sleep_for(Duration d) { return Sleep(*this, exact_now() + d); }
  Sleep yield() { return Sleep(*this, MonoTime{}); }

  // Runs blocking work on a small pool of threads and comes back to the loop with its result. Cancelling the task lets the work
  // finish and drops the result; the work must own (or share) all it touches.
  template <class F>
  Task<std::invoke_result_t<F>> offload(F work);

 private:
  friend class Timer;
  struct Impl;
  std::unique_ptr<Impl> impl_;
  ManualTime* manual_time_ = nullptr;
  MonoTime now_;
  bool pass_time(Duration at_most);
  void start_timer(Timer& timer);
  void cancel_timer(Timer& timer);
  void offload_raw(std::move_only_function<void()> work);
};

// Runs a task to its end on a loop of its own turn: for main() and for tests.
template <class T>
T run_until_done(Loop& loop, Task<T> task);

// ---- templates ----

namespace detail {
template <class R>
struct OffloadState {
  std::optional<R> value;
  std::coroutine_handle<> handle;
  bool abandoned = false;
};
template <>
struct OffloadState<void> {
  bool value = false;
  std::coroutine_handle<> handle;
  bool abandoned = false;
};
template <class R>
struct OffloadAwaiter {
  std::shared_ptr<OffloadState<R>> state = std::make_shared<OffloadState<R>>();
  std::move_only_function<void()> start;
  OffloadAwaiter() = default;
  OffloadAwaiter(const OffloadAwaiter&) = delete;
  ~OffloadAwaiter() { state->abandoned = true; }
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    state->handle = h;
    start();
  }
  void await_resume() {}
};
}  // namespace detail

template <class F>
Task<std::invoke_result_t<F>> Loop::offload(F work) {
  using R = std::invoke_result_t<F>;
  detail::OffloadAwaiter<R> awaiter;
  awaiter.start = [this, &work, &awaiter] {
    // `abandoned` and `handle` are touched on the loop's thread only; the pool's thread fills `value` and posts. By then it has
    // released what the work owned: whoever resumes may count on files being closed and shared things being its own again.
    offload_raw([this, state = awaiter.state, work = std::optional<F>(std::move(work))]() mutable {
      if constexpr (std::is_void_v<R>) {
        (*work)();
        state->value = true;
      } else {
        state->value.emplace((*work)());
      }
      work.reset();
      post([state = std::move(state)] {
        if (!state->abandoned) state->handle.resume();
      });
    });
  };
  co_await awaiter;
  if constexpr (!std::is_void_v<R>) co_return std::move(*awaiter.state->value);
}

template <class T>
T run_until_done(Loop& loop, Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    auto wrap = [](Loop& l, Task<void> t) -> Task<void> {
      co_await t;
      l.stop();
    };
    TaskSet set;
    set.spawn(wrap(loop, std::move(task)));
    loop.run();
  } else {
    std::optional<T> out;
    auto wrap = [](Loop& l, Task<T> t, std::optional<T>& o) -> Task<void> {
      o.emplace(co_await t);
      l.stop();
    };
    TaskSet set;
    set.spawn(wrap(loop, std::move(task), out));
    loop.run();
    return std::move(*out);
  }
}

}  // namespace pds::io
