// Lets one task wait for something that others make true, with a deadline.
#pragma once

#include "io/stream.h"

namespace pds::http {

class Gate {
 public:
  class Wait {
   public:
    Wait(Gate& gate, io::Loop& loop, io::Deadline deadline)
        : gate_(gate), deadline_(deadline), timer_(loop, [this] { expire(); }) {}
    ~Wait() {
      if (gate_.waiter_ == this) gate_.waiter_ = nullptr;
    }
    Wait(const Wait&) = delete;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      ASSERT(!gate_.waiter_);
      gate_.waiter_ = this;
      handle_ = handle;
      if (deadline_ != io::never) timer_.start(deadline_);
    }
    io::Wake await_resume() const { return wake_; }

   private:
    friend class Gate;
    void expire() {
      gate_.waiter_ = nullptr;
      wake_ = io::Wake::timed_out;
      handle_.resume();
    }
    Gate& gate_;
    io::Deadline deadline_;
    io::Timer timer_;
    io::Wake wake_ = io::Wake::ready;
    std::coroutine_handle<> handle_;
  };

  // One task at a time. It looks again at what it waits for: a gate is opened for several reasons.
  Wait wait(io::Loop& loop, io::Deadline deadline) { return Wait(*this, loop, deadline); }
  bool has_waiter() const { return waiter_ != nullptr; }
  // Resumes who waits, before it returns.
  void open() {
    if (Wait* woken = std::exchange(waiter_, nullptr)) {
      woken->timer_.cancel();
      woken->handle_.resume();
    }
  }

 private:
  Wait* waiter_ = nullptr;
};

}  // namespace pds::http
