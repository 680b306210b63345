// Ctrl-C while a release runs: the task is cancelled where it waits, the person is told what goes on without it.
#pragma once

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <optional>

#include "cli/context.h"
#include "io/files.h"

namespace pds::cli {

class InterruptWatcher final : public io::FdWatcher {
 public:
  explicit InterruptWatcher(io::Loop& loop) : loop_(loop) {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &set_, nullptr);
    fd_ = io::Fd(::signalfd(-1, &set_, SFD_NONBLOCK | SFD_CLOEXEC));
    [[maybe_unused]] auto watched = loop_.watch(fd_.get(), this);
  }
  ~InterruptWatcher() override {
    loop_.unwatch(fd_.get());
    ::sigprocmask(SIG_UNBLOCK, &set_, nullptr);
  }
  void on_ready(bool, bool) override {
    signalfd_siginfo info;
    if (::read(fd_.get(), &info, sizeof info) != sizeof info) return;
    interrupted_ = true;
    loop_.stop();
  }
  bool interrupted() const { return interrupted_; }

 private:
  io::Loop& loop_;
  io::Fd fd_;
  sigset_t set_;
  bool interrupted_ = false;
};

// E_INTERRUPTED with `what_goes_on` when Ctrl-C came first.
template <class T>
Result<T> run_interruptible(Context& context, io::Task<Result<T>> task, const std::string& what_goes_on) {
  InterruptWatcher watcher(context.loop());
  std::optional<Result<T>> out;
  auto wrap = [](io::Loop& loop, io::Task<Result<T>> inner, std::optional<Result<T>>& result) -> io::Task<void> {
    result.emplace(co_await inner);
    loop.stop();
  };
  io::TaskSet tasks;
  tasks.spawn(wrap(context.loop(), std::move(task), out));
  if (!out) context.loop().run();
  if (!out) return pds::fail("E_INTERRUPTED", what_goes_on);
  return std::move(*out);
}

}  // namespace pds::cli
