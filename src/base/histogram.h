// A log-linear histogram: fixed memory, constant-time recording, mergeable. Values below 128 are kept exactly; above, each power of
// two has 64 buckets, so that a value is known to within 1/64 of itself and its midpoint to within 0.8 %. Units are the caller's
// (usually microseconds); values above value_max count as value_max.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace pds {

class Histogram {
 public:
  static constexpr int sub_bits = 6;
  static constexpr int value_bits = 40;  // 2^40 us is twelve days
  static constexpr uint64_t value_max = (uint64_t{1} << value_bits) - 1;
  static constexpr size_t bucket_count = size_t{value_bits - sub_bits + 1} << sub_bits;  // 2240 buckets, 17.5 KiB

  void record(uint64_t value, uint64_t count = 1) {
    if (count == 0) return;
    value = std::min(value, value_max);
    buckets_[index_of(value)] += count;
    count_ += count;
    sum_ += static_cast<double>(value) * static_cast<double>(count);
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
  }
  void merge(const Histogram& other) {
    for (size_t i = 0; i < bucket_count; ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
  }
  void clear() { *this = Histogram{}; }

  uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  double mean() const { return count_ ? sum_ / static_cast<double>(count_) : 0; }
  uint64_t min() const { return count_ ? min_ : 0; }
  uint64_t max() const { return max_; }

  // The value at that rank: percent in (0, 100]; 0 when empty. Between min() and max().
  double percentile(double percent) const {
    if (count_ == 0) return 0;
    double wanted = std::ceil(percent / 100.0 * static_cast<double>(count_));
    uint64_t rank = std::clamp<uint64_t>(static_cast<uint64_t>(std::max(wanted, 1.0)), 1, count_);
    uint64_t seen = 0;
    for (size_t i = 0; i < bucket_count; ++i) {
      seen += buckets_[i];
      if (seen >= rank) return std::clamp(middle_of(i), static_cast<double>(min_), static_cast<double>(max_));
    }
    return static_cast<double>(max_);
  }

  // visit(value, count) for every bucket in use, in rising order. The value is the bucket's middle.
  template <class Visit>
  void each(Visit visit) const {
    for (size_t i = 0; i < bucket_count; ++i) {
      if (buckets_[i]) visit(std::clamp(middle_of(i), static_cast<double>(min_), static_cast<double>(max_)), buckets_[i]);
    }
  }

 private:
  static constexpr size_t index_of(uint64_t value) {
    if (value < (uint64_t{2} << sub_bits)) return value;
    int exponent = std::bit_width(value) - 1 - sub_bits;
    return (static_cast<size_t>(exponent) << sub_bits) + (value >> exponent);
  }
  static constexpr double middle_of(size_t index) {
    if (index < (size_t{2} << sub_bits)) return static_cast<double>(index);
    int exponent = static_cast<int>(index >> sub_bits) - 1;
    uint64_t low = ((index & ((1u << sub_bits) - 1)) + (1u << sub_bits)) << exponent;
    return static_cast<double>(low) + static_cast<double>((uint64_t{1} << exponent) - 1) / 2;
  }

  std::array<uint64_t, bucket_count> buckets_{};
  uint64_t count_ = 0;
  double sum_ = 0;
  uint64_t min_ = UINT64_MAX;
  uint64_t max_ = 0;
};

}  // namespace pds
