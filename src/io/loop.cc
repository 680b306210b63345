#include "io/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace pds::io {
namespace {

constexpr size_t due_bit = size_t{1} << 63;
constexpr int events_per_turn_max = 256;
constexpr Duration wait_max = 60s;
// Offloaded work is file and process work that waits more than it computes.
constexpr size_t offload_threads_max = 4;

// Started when there is something to do, so that a small program stays single-threaded.
class ThreadPool {
 public:
  using Work = std::move_only_function<void()>;

  // Lets running work finish; work that has not begun is dropped.
  ~ThreadPool() {
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void run(Work work) {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    if (idle_ < queue_.size() && threads_.size() < offload_threads_max) threads_.emplace_back([this] { work_loop(); });
    wake_.notify_one();
  }

 private:
  void work_loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      ++idle_;
      wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      --idle_;
      if (ending_) return;
      Work work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
      work = nullptr;  // what it owns is released outside the lock
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> queue_;
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace

struct Loop::Impl {
  // Fixed after construction.
  int epoll = -1;
  int wakeup = -1;

  // The loop's thread only. A descriptor's number is reused as soon as it is closed; the generation tells its events apart.
  struct Watch {
    FdWatcher* watcher = nullptr;
    uint32_t generation = 0;
  };
  std::vector<Watch> watches;
  std::vector<Timer*> heap;  // earliest first
  std::vector<Timer*> due;   // taken off the heap in this turn, not yet fired; cancelled ones are null
  std::vector<std::move_only_function<void()>> taken;
  bool fine_waits = true;

  // Any thread.
  std::atomic<bool> stop_requested = false;
  std::atomic<bool> signalled = false;  // the eventfd is readable or about to be
  std::mutex posted_mutex;
  std::vector<std::move_only_function<void()>> posted;

  // Last, so that its threads have ended before what they post to goes.
  std::unique_ptr<ThreadPool> pool;

  void wake_up() {
    if (signalled.exchange(true)) return;
    uint64_t one = 1;
    // Fails only when the counter is full, and then the loop is awake.
    [[maybe_unused]] ssize_t written = ::write(wakeup, &one, sizeof one);
  }

  void place(Timer* timer, size_t index) {
    heap[index] = timer;
    timer->heap_index_ = index;
  }
  void sift_up(size_t index) {
    Timer* timer = heap[index];
    while (index > 0) {
      size_t parent = (index - 1) / 4;
      if (heap[parent]->when_ <= timer->when_) break;
      place(heap[parent], index);
      index = parent;
    }
    place(timer, index);
  }
  void sift_down(size_t index) {
    Timer* timer = heap[index];
    while (true) {
      size_t first = index * 4 + 1;
      if (first >= heap.size()) break;
      size_t least = first;
      for (size_t child = first + 1; child < std::min(first + 4, heap.size()); ++child) {
        if (heap[child]->when_ < heap[least]->when_) least = child;
      }
      if (timer->when_ <= heap[least]->when_) break;
      place(heap[least], index);
      index = least;
    }
    place(timer, index);
  }
  void remove_from_heap(size_t index) {
    heap[index]->heap_index_ = SIZE_MAX;
    Timer* last = heap.back();
    heap.pop_back();
    if (index == heap.size()) return;
    place(last, index);
    sift_up(index);
    sift_down(last->heap_index_);
  }

  bool run_posted();
  bool fire_timers(MonoTime now);
  Duration time_to_wait(MonoTime now, Duration at_most);
  std::span<epoll_event> wait_for_events(std::span<epoll_event> events, Duration wait);
  bool dispatch(std::span<const epoll_event> events);
};

bool Loop::Impl::run_posted() {
  {
    std::lock_guard lock(posted_mutex);
    taken.swap(posted);
  }
  for (auto& work : taken) work();
  bool any = !taken.empty();
  taken.clear();
  return any;
}

// What is due is taken off the heap first: a timer that is started again while others fire waits for the next turn, so that
// a task which yields in a loop does not keep descriptors from being served.
bool Loop::Impl::fire_timers(MonoTime now) {
  while (!heap.empty() && heap[0]->when_ <= now) {
    Timer* timer = heap[0];
    remove_from_heap(0);
    timer->heap_index_ = due_bit | due.size();
    due.push_back(timer);
  }
  bool any = false;
  for (size_t i = 0; i < due.size(); ++i) {
    Timer* timer = due[i];
    if (!timer) continue;
    timer->heap_index_ = SIZE_MAX;
    any = true;
    timer->callback_();  // may destroy the timer
  }
  due.clear();
  return any;
}

Duration Loop::Impl::time_to_wait(MonoTime now, Duration at_most) {
  {
    std::lock_guard lock(posted_mutex);
    if (!posted.empty()) return Duration{0};
  }
  if (stop_requested.load()) return Duration{0};
  Duration wait = std::min<Duration>(at_most, wait_max);
  // Rounded up: waking a moment too early would only spin until the timer is due.
  if (!heap.empty()) wait = std::min(wait, std::max(std::chrono::ceil<Duration>(heap[0]->when_ - now), Duration{0}));
  return wait;
}

// To the microsecond where the kernel can (5.11 and later): a load generator's requests are due between milliseconds, too.
std::span<epoll_event> Loop::Impl::wait_for_events(std::span<epoll_event> events, Duration wait) {
  auto count = static_cast<int>(events.size());
  int ready = -1;
  if (fine_waits) {
    timespec time{.tv_sec = wait.count() / 1'000'000, .tv_nsec = wait.count() % 1'000'000 * 1000};
    ready = epoll_pwait2(epoll, events.data(), count, &time, nullptr);
    fine_waits = ready >= 0 || (errno != ENOSYS && errno != EPERM);
  }
  if (!fine_waits) {
    ready = epoll_wait(epoll, events.data(), count, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count()));
  }
  ASSERT(ready >= 0 || errno == EINTR);
  return events.first(static_cast<size_t>(std::max(ready, 0)));
}

bool Loop::Impl::dispatch(std::span<const epoll_event> events) {
  bool any = false;
  for (const epoll_event& event : events) {
    auto fd = static_cast<uint32_t>(event.data.u64);
    auto generation = static_cast<uint32_t>(event.data.u64 >> 32);
    if (static_cast<int>(fd) == wakeup) {
      uint64_t ignored;
      [[maybe_unused]] ssize_t got = ::read(wakeup, &ignored, sizeof ignored);
      signalled.store(false);
      any = true;
      continue;
    }
    if (fd >= watches.size() || watches[fd].generation != generation || !watches[fd].watcher) continue;
    uint32_t bits = event.events;
    if (bits & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) watches[fd].watcher->on_hang_up();
    watches[fd].watcher->on_ready(bits & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR), bits & (EPOLLOUT | EPOLLHUP | EPOLLERR));
    any = true;
  }
  return any;
}

Loop::Loop(ManualTime& time) : Loop() {
  manual_time_ = &time;
  now_ = time.now();
}

Loop::Loop() : impl_(std::make_unique<Impl>()), now_(std::chrono::steady_clock::now()) {
  impl_->epoll = epoll_create1(EPOLL_CLOEXEC);
  impl_->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  ASSERT(impl_->epoll >= 0 && impl_->wakeup >= 0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = static_cast<uint32_t>(impl_->wakeup);
  ASSERT(epoll_ctl(impl_->epoll, EPOLL_CTL_ADD, impl_->wakeup, &event) == 0);
}

Loop::~Loop() {
  impl_->pool.reset();
  impl_->posted.clear();
  ::close(impl_->epoll);
  ::close(impl_->wakeup);
}

void Loop::run() {
  while (!impl_->stop_requested.exchange(false)) run_once(Duration::max());
}

bool Loop::run_once(Duration at_most) {
  now_ = exact_now();
  // Turned by hand, time does not pass while one waits; only where there is no timer at all can it be something else that is waited for.
  bool may_wait = !manual_time_ || impl_->heap.empty();
  epoll_event room[events_per_turn_max];
  std::span<epoll_event> events = impl_->wait_for_events(room, may_wait ? impl_->time_to_wait(now_, at_most) : Duration{0});
  now_ = exact_now();  // what is woken now sees the time after the wait
  bool any = impl_->dispatch(events);
  now_ = exact_now();
  any |= impl_->fire_timers(now_);
  any |= impl_->run_posted();
  if (!any && manual_time_) any = pass_time(at_most);
  return any;
}

// Lets the time until the next timer pass at once, and fires it.
bool Loop::pass_time(Duration at_most) {
  if (impl_->heap.empty() || at_most == Duration{0} || impl_->stop_requested.load()) return false;
  Duration left = std::chrono::ceil<Duration>(impl_->heap[0]->when_ - now_);
  manual_time_->advance(std::min(left, at_most));
  now_ = manual_time_->now();
  return impl_->fire_timers(now_);
}

void Loop::stop() {
  impl_->stop_requested.store(true);
  impl_->wake_up();
}

void Loop::post(std::move_only_function<void()> work) {
  {
    std::lock_guard lock(impl_->posted_mutex);
    impl_->posted.push_back(std::move(work));
  }
  impl_->wake_up();
}

void Loop::offload_raw(std::move_only_function<void()> work) {
  if (!impl_->pool) impl_->pool = std::make_unique<ThreadPool>();
  impl_->pool->run(std::move(work));
}

Result<void> Loop::watch(int fd, FdWatcher* watcher) {
  auto index = static_cast<size_t>(fd);
  if (impl_->watches.size() <= index) impl_->watches.resize(std::max(index + 1, impl_->watches.size() * 2));
  Impl::Watch& watch = impl_->watches[index];
  ASSERT(!watch.watcher);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = (static_cast<uint64_t>(++watch.generation) << 32) | static_cast<uint32_t>(fd);
  if (epoll_ctl(impl_->epoll, EPOLL_CTL_ADD, fd, &event) != 0) return fail_errno("watch descriptor", errno);
  watch.watcher = watcher;
  return {};
}

void Loop::unwatch(int fd) {
  auto index = static_cast<size_t>(fd);
  if (index >= impl_->watches.size() || !impl_->watches[index].watcher) return;
  impl_->watches[index].watcher = nullptr;
  epoll_ctl(impl_->epoll, EPOLL_CTL_DEL, fd, nullptr);
}

void Loop::start_timer(Timer& timer) {
  impl_->heap.push_back(&timer);
  impl_->sift_up(impl_->heap.size() - 1);
}

void Loop::cancel_timer(Timer& timer) {
  if (timer.heap_index_ & due_bit) {
    impl_->due[timer.heap_index_ & ~due_bit] = nullptr;
    timer.heap_index_ = SIZE_MAX;
  } else {
    impl_->remove_from_heap(timer.heap_index_);
  }
}

Timer::Timer(Loop& loop, std::function<void()> callback) : loop_(loop), callback_(std::move(callback)) {}

Timer::~Timer() { cancel(); }

void Timer::start(Deadline when) {
  cancel();
  if (when == never) return;
  when_ = when;
  loop_.start_timer(*this);
}

void Timer::cancel() {
  if (armed()) loop_.cancel_timer(*this);
}

}  // namespace pds::io
