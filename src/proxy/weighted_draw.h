// Which of several weighted choices a request goes to.
//
// Each choice is drawn at random, but without replacement out of a deck that holds every choice as often as its (reduced) weight
// says; a used-up deck is filled again. So shares are exact after every deck (90:10 is a deck of ten), which a release that shifts
// 10 % of little traffic needs, while the order stays random: strict turns would send every second request of a client that
// alternates between two paths to the same side, and the two sides would then be judged on different work.
#pragma once

#include <cstdint>
#include <vector>

namespace pds::proxy {

class WeightedDraw {
 public:
  static constexpr uint32_t weight_max = 999;
  explicit WeightedDraw(const std::vector<uint32_t>& weights);
  // An index, or -1 when all weights are 0. `random` is any uniformly random number.
  int draw(uint64_t random);
  bool empty() const { return deck_size_ == 0; }

 private:
  std::vector<uint32_t> weights_, left_;
  uint32_t deck_size_ = 0, left_sum_ = 0;
};

// Small and fast, for choices that need no secrecy (SplitMix64).
class FastRandom {
 public:
  explicit FastRandom(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

}  // namespace pds::proxy
