#include "proxy/balancing.h"

#include "proxy/target.h"

namespace pds::proxy {
namespace {

// How often at most a draw is repeated because it fell on a target that is passed over. With half of the targets at their full
// share, as there always are (anomaly.h), the chance to need more is below one in four thousand million.
constexpr int draws_max = 32;

size_t take_turn(Pool& pool) {
  size_t turn = pool.next < pool.targets.size() ? pool.next : 0;
  pool.next = turn + 1;
  return turn;
}

size_t in_turns(Pool& pool) {
  size_t first = take_turn(pool);
  if (!pool.uneven) return first;
  // Once around is enough unless all are passed over; then the one whose turn it was gets it.
  size_t turn = first;
  for (size_t i = 0; i < pool.targets.size(); ++i, turn = take_turn(pool)) {
    if (pool.targets[turn]->takes_turn()) return turn;
  }
  return first;
}

size_t at_random(Pool& pool, FastRandom& random) {
  for (int i = 1;; ++i) {
    uint64_t drawn = random.next();
    size_t at = ((drawn >> 32) * pool.targets.size()) >> 32;
    // The low half of the number decides whether it is passed over.
    if (!pool.uneven || i == draws_max || static_cast<double>(drawn & 0xffffffffu) < pool.targets[at]->share() * 0x1p32) return at;
  }
}

size_t least_outstanding(Pool& pool) {
  size_t size = pool.targets.size();
  size_t best = take_turn(pool);
  for (size_t i = 1, at = best; i < size && pool.targets[best]->in_flight() > 0; ++i) {
    if (++at == size) at = 0;
    if (pool.targets[at]->in_flight() < pool.targets[best]->in_flight()) best = at;
  }
  pool.next = best + 1;  // after the one that was chosen: a neighbour of a busy target would have its turns besides its own
  return best;
}

size_t index_of_next(Pool& pool, Algorithm algorithm, FastRandom& random) {
  switch (algorithm) {
    case Algorithm::round_robin:
      return in_turns(pool);
    case Algorithm::least_outstanding_requests:
      return least_outstanding(pool);
    case Algorithm::weighted_random:
      return at_random(pool, random);
  }
  return 0;
}

}  // namespace

bool HealthMinimum::met(size_t healthy, size_t registered) const {
  if (healthy < static_cast<size_t>(count)) return false;
  return healthy * 100 >= static_cast<size_t>(percentage) * registered;
}

const std::shared_ptr<Target>& choose(Pool& pool, Algorithm algorithm, FastRandom& random) {
  return pool.targets[index_of_next(pool, algorithm, random)];
}

}  // namespace pds::proxy
