#include "cloud/services/cloudwatch/series.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace pds::cloud::cloudwatch {
namespace {

std::optional<double> percentile_of(std::string_view statistic) {
  if (statistic.size() < 2 || statistic[0] != 'p' || statistic.find_first_not_of("0123456789.", 1) != std::string_view::npos) return std::nullopt;
  auto number = parse_double(statistic.substr(1));
  if (!number || *number < 0 || *number > 100) return std::nullopt;
  return number;
}

}  // namespace

void Summary::add(double value, double times) {
  least = count == 0 ? value : std::min(least, value);
  most = count == 0 ? value : std::max(most, value);
  count += times;
  sum += value * times;
  steps.add(value, times);
}

void Summary::add_set(double sample_count, double total, double minimum, double maximum) {
  least = count == 0 ? minimum : std::min(least, minimum);
  most = count == 0 ? maximum : std::max(most, maximum);
  count += sample_count;
  sum += total;
  if (minimum == maximum) steps.add(minimum, sample_count);
}

void Summary::add(const Distribution& distribution) {
  if (distribution.count == 0) return;
  least = count == 0 ? distribution.least : std::min(least, distribution.least);
  most = count == 0 ? distribution.most : std::max(most, distribution.most);
  count += distribution.count;
  sum += distribution.sum;
  for (const auto& [value, times] : distribution.values) steps.add(value, times);
}

void Summary::merge(const Summary& other) {
  if (other.count == 0) return;
  least = count == 0 ? other.least : std::min(least, other.least);
  most = count == 0 ? other.most : std::max(most, other.most);
  count += other.count;
  sum += other.sum;
  steps.merge(other.steps);
}

StoredSummary to_stored(const Summary& summary) { return {summary.count, summary.sum, summary.least, summary.most, summary.steps.text()}; }

Summary from_stored(const StoredSummary& stored) {
  return {stored.count, stored.sum, stored.least, stored.most, Steps::parse(stored.steps).value_or(Steps{})};
}

Result<void> check_statistic(std::string_view statistic) {
  for (std::string_view known : {"Average", "Sum", "Minimum", "Maximum", "SampleCount"})
    if (statistic == known) return {};
  if (percentile_of(statistic)) return {};
  for (std::string_view refused : {"tm", "wm", "tc", "ts", "TM", "WM", "TC", "TS", "PR", "IQM"})
    if (statistic.starts_with(refused)) return fail("NotImplemented", fmt::format("the statistic {} is not supported", statistic), 501);
  return fail("InvalidParameterValue", fmt::format("The value {} for parameter Stat is not supported.", statistic));
}

std::optional<double> statistic_of(const Summary& summary, std::string_view statistic) {
  if (statistic == "SampleCount") return summary.count;
  if (statistic == "Sum") return summary.sum;
  if (statistic == "Minimum") return summary.least;
  if (statistic == "Maximum") return summary.most;
  if (statistic == "Average") return summary.count == 0 ? 0 : summary.sum / summary.count;
  auto percentile = percentile_of(statistic);
  if (!percentile || summary.steps.empty()) return std::nullopt;
  return std::clamp(summary.steps.percentile(*percentile), summary.least, summary.most);
}

Summary& Series::minute_at(Timestamp at) {
  int64_t minute = std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
  Summary& summary = minutes_[minute];
  while (minutes_.size() > minutes_per_series_max && minutes_.begin()->first != minute) minutes_.erase(minutes_.begin());
  return summary;
}

void Series::record(Timestamp at, double value, double times) { minute_at(at).add(value, times); }
void Series::record(Timestamp at, const Distribution& distribution) { minute_at(at).add(distribution); }
void Series::record_set(Timestamp at, double sample_count, double sum, double minimum, double maximum) {
  minute_at(at).add_set(sample_count, sum, minimum, maximum);
}

std::vector<std::pair<Timestamp, Summary>> Series::summarize(Timestamp start, Timestamp end, std::chrono::seconds period) const {
  std::vector<std::pair<Timestamp, Summary>> out;
  int64_t length = std::max<int64_t>(1, period.count());
  auto begin_of = [&](int64_t seconds) { return seconds - ((seconds % length) + length) % length; };
  int64_t first = begin_of(std::chrono::floor<std::chrono::seconds>(start).time_since_epoch().count());
  int64_t last = std::chrono::ceil<std::chrono::seconds>(end).time_since_epoch().count();
  for (auto it = minutes_.lower_bound(first / 60); it != minutes_.end() && it->first * 60 < last; ++it) {
    int64_t begin = begin_of(it->first * 60);
    Timestamp name{std::chrono::seconds{begin}};
    if (out.empty() || out.back().first != name) out.emplace_back(name, Summary{});
    out.back().second.merge(it->second);
  }
  return out;
}

}  // namespace pds::cloud::cloudwatch
