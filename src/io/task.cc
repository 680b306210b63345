#include "io/task.h"

#include <new>

#include "base/sanitizers.h"

namespace pds::io {
namespace detail {
namespace {

// Frames of up to 4 KiB are kept in one list per 64-byte class. What a thread keeps is bounded; beyond that the allocator has it.
// Under a sanitizer nothing is recycled, so that a use after the end of a task is seen.
constexpr size_t granule = 64;
constexpr size_t recycled_frame_bytes_max = 4096;
constexpr size_t kept_bytes_max = 2u << 20;

struct FreeFrame {
  FreeFrame* next;
};

struct FrameCache {
  FreeFrame* lists[recycled_frame_bytes_max / granule + 1] = {};
  size_t kept_bytes = 0;
  bool closed = false;  // the thread is ending: what comes now goes straight back
};

constinit thread_local FrameCache cache;

// Apart from the cache itself, so that the hot path reads a plain variable without a guard for its destruction.
struct CacheCloser {
  ~CacheCloser() {
    cache.closed = true;
    for (FreeFrame*& list : cache.lists) {
      while (list) ::operator delete(std::exchange(list, list->next));
    }
  }
  void arm() {}
};
thread_local CacheCloser closer;

constexpr size_t class_of(size_t size) { return (size + granule - 1) / granule; }

}  // namespace

void* allocate_frame(size_t size) {
  if (PDS_SANITIZED || size > recycled_frame_bytes_max) return ::operator new(size);
  size_t index = class_of(size);
  if (FreeFrame* frame = cache.lists[index]) {
    cache.lists[index] = frame->next;
    cache.kept_bytes -= index * granule;
    return frame;
  }
  return ::operator new(index * granule);
}

void free_frame(void* frame, size_t size) noexcept {
  size_t index = class_of(size);
  if (PDS_SANITIZED || size > recycled_frame_bytes_max || cache.closed ||
      cache.kept_bytes + index * granule > kept_bytes_max) {
    ::operator delete(frame);
    return;
  }
  if (cache.kept_bytes == 0) closer.arm();
  cache.kept_bytes += index * granule;
  auto* node = static_cast<FreeFrame*>(frame);
  node->next = cache.lists[index];
  cache.lists[index] = node;
}

}  // namespace detail

struct TaskSet::EmptyAwaiter {
  TaskSet* set;
  std::coroutine_handle<> handle;
  explicit EmptyAwaiter(TaskSet& s) : set(&s) {}
  EmptyAwaiter(const EmptyAwaiter&) = delete;
  ~EmptyAwaiter() {
    if (set && set->empty_waiter_ == this) set->empty_waiter_ = nullptr;
  }
  bool await_ready() const { return set->size_ == 0; }
  void await_suspend(std::coroutine_handle<> h) {
    ASSERT(set->empty_waiter_ == nullptr);
    handle = h;
    set->empty_waiter_ = this;
  }
  void await_resume() {}
  // Lets go of the set: from now on the set may vanish.
  std::coroutine_handle<> take() {
    set->empty_waiter_ = nullptr;
    set = nullptr;
    return handle;
  }
};

// The promise of the small coroutine that runs one task of the set, and its place in the set's list.
struct TaskSet::Root : detail::PromiseBase {
  struct Driver {
    using promise_type = Root;
  };
  TaskSet& set;
  Root* previous = nullptr;
  Root* next = nullptr;

  Root(TaskSet& owner, Task<void>&) : set(owner) {
    next = set.first_;
    if (next) next->previous = this;
    set.first_ = this;
    ++set.size_;
  }
  Driver get_return_object() { return {}; }
  std::suspend_never initial_suspend() noexcept { return {}; }
  struct End {
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Root> self) noexcept {
      TaskSet& set = self.promise().set;
      set.unlink(self.promise());
      // Taken before the frame goes: whoever waits may destroy the set as soon as it runs.
      std::coroutine_handle<> waiter = set.size_ == 0 && set.empty_waiter_ ? set.empty_waiter_->take() : std::noop_coroutine();
      self.destroy();
      return waiter;
    }
    void await_resume() noexcept {}
  };
  End final_suspend() noexcept { return {}; }
  void return_void() noexcept {}

  static Driver drive(TaskSet&, Task<void> task) { co_await task; }
};

void TaskSet::unlink(Root& root) {
  (root.previous ? root.previous->next : first_) = root.next;
  if (root.next) root.next->previous = root.previous;
  --size_;
}

TaskSet::~TaskSet() {
  // Whoever waits for the end of this set is not resumed into the middle of its destruction.
  if (empty_waiter_) empty_waiter_->take();
  cancel_all();
}

void TaskSet::spawn(Task<void> task) { Root::drive(*this, std::move(task)); }

void TaskSet::cancel_all() {
  while (Root* root = first_) {
    unlink(*root);
    std::coroutine_handle<Root>::from_promise(*root).destroy();
  }
  if (empty_waiter_) empty_waiter_->take().resume();
}

Task<void> TaskSet::wait_empty() { co_await EmptyAwaiter(*this); }

void Event::set() {
  set_ = true;
  if (waiters_.next == &waiters_) return;
  // The waiters of this moment move to a list of our own: one that waits again (after a reset) is not woken twice, and the event
  // may be destroyed by whom it wakes.
  Link now;
  now.next = waiters_.next;
  now.previous = waiters_.previous;
  now.next->previous = now.previous->next = &now;
  waiters_.previous = waiters_.next = &waiters_;
  while (now.next != &now) {
    auto* awaiter = static_cast<Awaiter*>(now.next);
    awaiter->unlink();
    awaiter->handle.resume();
  }
}

}  // namespace pds::io
