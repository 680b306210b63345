#include "cloud/services/lambda/scheduler.h"

#include <algorithm>

namespace pds::cloud::lambda {

size_t environments_to_start(const PoolState& pool) {
  size_t coming = pool.starting + pool.returning;
  return pool.waiting > coming ? pool.waiting - coming : 0;
}

IdleAction decide_idle(const IdlePolicy& policy, const IdleState& state) {
  if (state.idle_control >= policy.reap_after) return IdleAction::reap;
  if (!state.frozen && state.idle_real >= policy.freeze_after) return IdleAction::freeze;
  return IdleAction::keep;
}

Duration until_next_decision(const IdlePolicy& policy, const IdleState& state, const Clock& clock) {
  Duration reap = clock.to_real(std::max(policy.reap_after - state.idle_control, Duration{0}));
  Duration freeze = state.frozen ? reap : std::max(policy.freeze_after - state.idle_real, Duration{0});
  // A clock turned by hand says zero for every span: look again soon, but do not spin.
  return std::max<Duration>(std::min(reap, freeze), 5ms);
}

}  // namespace pds::cloud::lambda
