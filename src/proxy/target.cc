#include "proxy/target.h"

namespace pds::proxy {

Target::Flight::Flight(std::shared_ptr<Target> target) : target_(std::move(target)), after_(target_->flights_) {
  if (after_) after_->before_ = this;
  target_->flights_ = this;
  ++target_->in_flight_;
}

Target::Flight::~Flight() {
  (before_ ? before_->after_ : target_->flights_) = after_;
  if (after_) after_->before_ = before_;
  if (--target_->in_flight_ > 0 || !target_->on_idle_) return;
  auto on_idle = std::move(target_->on_idle_);
  target_->on_idle_ = nullptr;
  on_idle();  // the group forgets the target; target_ keeps it until the end of this function
}

void Target::cut_flights() {
  cut_ = true;
  for (Flight* flight = flights_; flight; flight = flight->after_) {
    if (flight->cut_) flight->cut_(flight->context_);
  }
}

}  // namespace pds::proxy
