// How many environments a version needs, and what becomes of idle ones: the decisions, without the environments.
//
// One environment runs one invocation at a time. An invocation takes an idle environment, the one used last, so that the others can
// grow cold; if there is none it waits for the next that becomes free, and a new one is started unless enough are on their way.
#pragma once

#include <cstddef>

#include "base/time.h"

namespace pds::cloud::lambda {

// A runtime that has answered asks for its next event within this, unless its author works on in the background; until then it
// counts as free soon. Ten times what a busy machine needs for two requests over loopback.
inline constexpr Duration return_grace = 20ms;

struct PoolState {
  size_t waiting = 0;    // invocations without an environment
  size_t starting = 0;   // environments not yet ready
  size_t returning = 0;  // environments that answered less than return_grace ago and have not asked for more
};
size_t environments_to_start(const PoolState& pool);

struct IdlePolicy {
  Duration freeze_after = 100ms;  // real time: long enough that a busy function is never frozen, short enough that tickers stop
  Duration reap_after = 10min;    // control-plane time
};
enum class IdleAction { keep, freeze, reap };
struct IdleState {
  Duration idle_real{};
  Duration idle_control{};
  bool frozen = false;
};
IdleAction decide_idle(const IdlePolicy& policy, const IdleState& state);

// When, in real time from now, the decision may change.
Duration until_next_decision(const IdlePolicy& policy, const IdleState& state, const Clock& clock);

}  // namespace pds::cloud::lambda
