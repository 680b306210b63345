// Coroutines. A Task<T> is lazy: it starts when it is awaited or given to a TaskSet. Destroying a task cancels it, wherever it waits:
// what it waits on lives in its frame and lets go in its destructor. Nothing is detached; background work lives in a TaskSet.
//
// Tasks belong to one loop and one thread. A reference given to a coroutine must outlive the task; a capturing lambda must outlive
// the coroutine it starts (give such state as parameters instead).
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace pds::io {

namespace detail {

// Frames are recycled per thread, so that a steady state allocates nothing.
void* allocate_frame(size_t size);
void free_frame(void* frame, size_t size) noexcept;

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  static void* operator new(size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, size_t size) noexcept { free_frame(frame, size); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) noexcept {
      return self.promise().continuation;
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  // Errors are values here; an exception that gets this far is a bug or out of memory.
  [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : detail::PromiseBase {
    std::optional<T> value;
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    template <class U>
    void return_value(U&& v) {
      value.emplace(std::forward<U>(v));
    }
  };

  // What needs no waiting needs no frame: a plain function may give its value so.
  static Task ready(T value) { return Task(std::move(value)); }

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), ready_(std::move(other.ready_)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
      ready_ = std::move(other.ready_);
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return !handle_; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().continuation = awaiting;
    return handle_;
  }
  T await_resume() { return std::move(handle_ ? *handle_.promise().value : *ready_); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  explicit Task(T&& value) : ready_(std::move(value)) {}
  std::coroutine_handle<promise_type> handle_;
  std::optional<T> ready_;  // there is no frame then
};

template <>
class [[nodiscard]] Task<void> {
 public:
  struct promise_type : detail::PromiseBase {
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    void return_void() noexcept {}
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().continuation = awaiting;
    return handle_;
  }
  void await_resume() noexcept {}

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// Owns running tasks. They start at once, run until their first wait, and are forgotten when they end.
// Destroying the set, or cancel_all(), cancels those still running. A task may spawn into the set it is in.
class TaskSet {
 public:
  TaskSet() = default;
  TaskSet(const TaskSet&) = delete;
  TaskSet& operator=(const TaskSet&) = delete;
  ~TaskSet();

  void spawn(Task<void> task);
  // Must not be called by a task of this set: a task cannot destroy itself while it runs.
  void cancel_all();
  // Resumes when the set has become empty; for orderly shutdown, after telling the tasks to end. One waiter at a time.
  Task<void> wait_empty();
  size_t size() const { return size_; }

 private:
  struct Root;
  struct EmptyAwaiter;
  void unlink(Root& root);
  Root* first_ = nullptr;
  size_t size_ = 0;
  EmptyAwaiter* empty_waiter_ = nullptr;
};

// Lets one side wait until another says so. Sticky until reset: waiting on a set event goes on at once.
// Waiters are linked through themselves, so waiting allocates nothing and a waiter may vanish or wait again at any moment.
class Event {
 public:
  Event() { waiters_.previous = waiters_.next = &waiters_; }
  Event(const Event&) = delete;
  ~Event() { ASSERT(waiters_.next == &waiters_); }
  // Wakes those who wait now, in order, before it returns. A woken task may destroy this event.
  void set();
  void reset() { set_ = false; }
  bool is_set() const { return set_; }

  struct Link {
    Link* previous = nullptr;
    Link* next = nullptr;
    void unlink() {
      previous->next = next;
      next->previous = previous;
      previous = next = nullptr;
    }
  };
  struct Awaiter : Link {
    Event& event;
    std::coroutine_handle<> handle;
    explicit Awaiter(Event& e) : event(e) {}
    Awaiter(const Awaiter&) = delete;
    ~Awaiter() {
      if (next) unlink();
    }
    bool await_ready() const { return event.set_; }
    void await_suspend(std::coroutine_handle<> h) {
      handle = h;
      next = &event.waiters_;
      previous = event.waiters_.previous;
      previous->next = this;
      next->previous = this;
    }
    void await_resume() {}
  };
  Awaiter wait() { return Awaiter(*this); }

 private:
  Link waiters_;
  bool set_ = false;
};

}  // namespace pds::io
