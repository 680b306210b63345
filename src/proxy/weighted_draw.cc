#include "proxy/weighted_draw.h"

#include <numeric>

namespace pds::proxy {

WeightedDraw::WeightedDraw(const std::vector<uint32_t>& weights) : weights_(weights) {
  uint32_t divisor = 0;
  for (uint32_t w : weights_) divisor = std::gcd(divisor, w);
  for (uint32_t& w : weights_) {
    if (divisor) w /= divisor;
    deck_size_ += w;
  }
  left_ = weights_;
  left_sum_ = deck_size_;
}

int WeightedDraw::draw(uint64_t random) {
  if (deck_size_ == 0) return -1;
  if (left_sum_ == 0) {
    left_ = weights_;
    left_sum_ = deck_size_;
  }
  // Multiply-shift instead of a remainder: decks are tiny beside 2^32, so the bias is below one in a million.
  auto card = static_cast<uint32_t>(((random >> 32) * left_sum_) >> 32);
  for (std::size_t i = 0; i < left_.size(); ++i) {
    if (card < left_[i]) {
      --left_[i], --left_sum_;
      return static_cast<int>(i);
    }
    card -= left_[i];
  }
  return -1;  // not reached: card < left_sum_
}

}  // namespace pds::proxy
