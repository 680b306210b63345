// One agent that waits for a command.
#pragma once

#include "cloud/services/codedeploy/service.h"

namespace pds::cloud {

struct CodeDeploy::Waiter {
  Waiter(CodeDeploy& owner, io::Loop& loop) : owner_(owner), timer(loop, [this] { over = true, event.set(); }) {
    place_ = owner_.waiters_.insert(owner_.waiters_.end(), this);
  }
  ~Waiter() { owner_.waiters_.erase(place_); }
  Waiter(const Waiter&) = delete;

 private:
  CodeDeploy& owner_;
  std::list<Waiter*>::iterator place_;

 public:
  io::Event event;
  bool over = false;
  io::Timer timer;
};

}  // namespace pds::cloud
