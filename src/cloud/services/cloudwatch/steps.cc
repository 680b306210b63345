#include "cloud/services/cloudwatch/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace pds::cloud::cloudwatch {
namespace {

constexpr int steps_per_doubling = 64;
// Doubles span about 2100 doublings: positive values lie above this one, negative ones mirror them below, zero on it.
constexpr int zero_step = 1'000'000;
constexpr int smallest = 200'000;

int step_of(double value) {
  if (value == 0 || !std::isfinite(value)) return zero_step;
  int exponent = 0;
  double mantissa = std::frexp(std::fabs(value), &exponent);  // 0.5 <= mantissa < 1
  int step = smallest + exponent * steps_per_doubling + static_cast<int>((mantissa - 0.5) * 2 * steps_per_doubling);
  return value > 0 ? zero_step + step : zero_step - step;
}

double middle_of(int step) {
  if (step == zero_step) return 0;
  int offset = std::abs(step - zero_step) - smallest;
  int exponent = static_cast<int>(std::floor(static_cast<double>(offset) / steps_per_doubling));
  double place = offset - exponent * steps_per_doubling + 0.5;
  double value = std::ldexp(0.5 + place / (2 * steps_per_doubling), exponent);
  return step > zero_step ? value : -value;
}

}  // namespace

void Steps::add(double value, double times) {
  int step = step_of(value);
  auto at = std::lower_bound(counts_.begin(), counts_.end(), step, [](const Count& c, int wanted) { return c.step < wanted; });
  if (at == counts_.end() || at->step != step) at = counts_.insert(at, {step, 0});
  at->times += times;
}

void Steps::merge(const Steps& other) {
  std::vector<Count> merged;
  merged.reserve(counts_.size() + other.counts_.size());
  auto mine = counts_.begin();
  for (const Count& theirs : other.counts_) {
    for (; mine != counts_.end() && mine->step < theirs.step; ++mine) merged.push_back(*mine);
    merged.push_back(theirs);
    if (mine != counts_.end() && mine->step == theirs.step) merged.back().times += (mine++)->times;
  }
  merged.insert(merged.end(), mine, counts_.end());
  counts_ = std::move(merged);
}

double Steps::percentile(double percent) const {
  double total = 0, seen = 0;
  for (const Count& count : counts_) total += count.times;
  for (const Count& count : counts_) {
    seen += count.times;
    if (seen >= total * percent / 100) return middle_of(count.step);
  }
  return counts_.empty() ? 0 : middle_of(counts_.back().step);
}

std::string Steps::text() const {
  std::string out;
  int before = 0;
  for (const Count& count : counts_) {
    fmt::format_to(std::back_inserter(out), "{}{} {}", out.empty() ? "" : " ", count.step - before, count.times);
    before = count.step;
  }
  return out;
}

Result<Steps> Steps::parse(std::string_view text) {
  Steps steps;
  if (text.empty()) return steps;
  std::vector<std::string_view> words = split(text, ' ');
  int64_t step = 0;
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    auto distance = parse_int(words[i]);
    auto times = parse_double(words[i + 1]);
    bool rises = distance && (*distance > 0 || i == 0) && step + *distance <= INT32_MAX;
    if (!rises || !times) return fail("E_STORE_CORRUPT", "counts of a metric cannot be read: " + std::string(text.substr(0, 40)));
    step += *distance;
    steps.counts_.push_back({static_cast<int32_t>(step), *times});
  }
  if (words.size() % 2) return fail("E_STORE_CORRUPT", "counts of a metric end in the middle");
  return steps;
}

}  // namespace pds::cloud::cloudwatch
