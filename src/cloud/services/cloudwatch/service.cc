#include "cloud/services/cloudwatch/service.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "io/clock.h"

namespace pds::cloud::cloudwatch {
namespace {

using aws::cloudwatch::Dimension;

void sort(std::vector<Dimension>& dimensions) {
  std::sort(dimensions.begin(), dimensions.end(), [](const Dimension& a, const Dimension& b) { return a.name < b.name; });
}

std::string key_of(std::string_view metric_namespace, std::string_view name, const std::vector<Dimension>& sorted) {
  std::string key = fmt::format("{}\x01{}", metric_namespace, name);
  for (const Dimension& dimension : sorted) key += fmt::format("\x01{}\x02{}", dimension.name, dimension.value);
  return key;
}

}  // namespace

CloudWatch::CloudWatch(Core& core) : core_(core), hours_(core.store, core.table("cloudwatch", "hours")) {
  for (const auto& [key, hour] : hours_.rows()) {
    Known* known = series_at(hour.metric_namespace, hour.name, hour.dimensions, hour.unit);
    if (!known) break;
    for (const auto& [minute, summary] : hour.minutes) known->series.minutes()[parse_int(minute).value_or(0)] = from_stored(summary);
  }
}

Api CloudWatch::api() {
  Api api(aws::cloudwatch::service_info());
  api.add<aws::cloudwatch::PutMetricData>(this, &CloudWatch::put_metric_data);
  api.add<aws::cloudwatch::GetMetricData>(this, &CloudWatch::get_metric_data).missing = "metric math and SQL expressions";
  api.add<aws::cloudwatch::GetMetricStatistics>(this, &CloudWatch::get_metric_statistics).missing = "trimmed means and percentile ranks";
  api.add<aws::cloudwatch::ListMetrics>(this, &CloudWatch::list_metrics);
  return api;
}

void CloudWatch::start() { tasks_.spawn(flush_every_minute()); }

io::Task<void> CloudWatch::stop() {
  tasks_.cancel_all();
  flush();
  co_return;
}

io::Task<void> CloudWatch::flush_every_minute() {
  while (true) {
    co_await io::sleep_on(core_.loop, core_.clock, 1min);
    flush();
  }
}

void CloudWatch::flush() {
  int64_t oldest_hour = std::chrono::floor<std::chrono::hours>(core_.clock.now()).time_since_epoch().count() - static_cast<int64_t>(minutes_per_series_max / 60);
  for (auto& [key, known] : series_) {
    for (int64_t hour : known.dirty_hours) {
      StoredHour stored{known.metric_namespace, known.name, known.unit, known.dimensions, {}};
      const auto& minutes = known.series.minutes();
      for (auto it = minutes.lower_bound(hour * 60); it != minutes.end() && it->first < (hour + 1) * 60; ++it)
        stored.minutes[std::to_string(it->first)] = to_stored(it->second);
      if (!stored.minutes.empty()) hours_.put(fmt::format("{:012}\x01{}", hour, key), std::move(stored));
    }
    known.dirty_hours.clear();
  }
  // Rows begin with their hour: those past the retention are at the front.
  while (!hours_.rows().empty() && parse_int(hours_.rows().begin()->first.substr(0, 12)).value_or(0) < oldest_hour)
    hours_.erase(std::string(hours_.rows().begin()->first));
}

CloudWatch::Known* CloudWatch::series_at(std::string_view metric_namespace, std::string_view name, std::vector<Dimension> dimensions,
                                         std::string_view unit) {
  sort(dimensions);
  std::string key = key_of(metric_namespace, name, dimensions);
  auto it = series_.find(key);
  if (it == series_.end()) {
    if (series_.size() >= series_max) return nullptr;
    it = series_.emplace(key, Known{std::string(metric_namespace), std::string(name), std::string(unit), std::move(dimensions), {}, {}}).first;
  }
  return &it->second;
}

const CloudWatch::Known* CloudWatch::find(std::string_view metric_namespace, std::string_view name, std::vector<Dimension> dimensions) const {
  sort(dimensions);
  auto it = series_.find(key_of(metric_namespace, name, dimensions));
  return it == series_.end() ? nullptr : &it->second;
}

void CloudWatch::record(std::string_view metric_namespace, std::string_view name, const Dimensions& dimensions, Timestamp at, double value,
                        std::string_view unit, double count) {
  std::vector<Dimension> list;
  for (const auto& [dimension, text] : dimensions) list.push_back({dimension, text});
  Known* known = series_at(metric_namespace, name, std::move(list), unit);
  if (!known) return;   // full: the emitter cannot help it, and ListMetrics shows what fills it
  known->series.record(at, value, count);
  known->dirty_hours.insert(std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count());
}

void CloudWatch::record_distribution(std::string_view metric_namespace, std::string_view name, const Dimensions& dimensions, Timestamp at,
                                     const Distribution& distribution, std::string_view unit) {
  std::vector<Dimension> list;
  for (const auto& [dimension, text] : dimensions) list.push_back({dimension, text});
  Known* known = series_at(metric_namespace, name, std::move(list), unit);
  if (!known) return;
  known->series.record(at, distribution);
  known->dirty_hours.insert(std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count());
}

Result<aws::cloudwatch::PutMetricDataReply> CloudWatch::put_metric_data(const Call&, const aws::cloudwatch::PutMetricDataRequest& request) {
  if (request.metric_namespace.starts_with("AWS/"))
    return fail("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.");
  Timestamp now = core_.clock.now();
  // All are checked before any is taken.
  for (const auto& datum : request.metric_data) {
    int forms = datum.value.has_value() + datum.statistic_values.has_value() + !datum.values.empty();
    if (forms != 1)
      return fail("InvalidParameterCombination", fmt::format("The parameters MetricData.member {} must have exactly one of Value, Values and StatisticValues.", datum.metric_name));
    if (!datum.counts.empty() && datum.counts.size() != datum.values.size())
      return fail("InvalidParameterValue", "The parameters Values and Counts must have the same number of elements.");
    if (datum.values.size() > 150) return fail("InvalidParameterValue", "The collection MetricData.member.Values must not have a size greater than 150.");
    if (datum.dimensions.size() > 30) return fail("InvalidParameterValue", "The collection MetricData.member.Dimensions must not have a size greater than 30.");
    if (datum.storage_resolution.value_or(60) != 60 && datum.storage_resolution.value_or(60) != 1)
      return fail("InvalidParameterValue", "StorageResolution must be 1 or 60.");
    if (datum.storage_resolution == 1) return fail("NotImplemented", "PutMetricData: StorageResolution 1 is not supported: metrics are kept by the minute", 501);
    Timestamp at = datum.timestamp.value_or(now);
    if (at < now - 24h * 14 || at > now + 2h)
      return fail("InvalidParameterValue", fmt::format("The parameter MetricData.member.Timestamp with value {} is out of range.", to_iso8601(at)));
    if (series_.size() >= series_max && !find(request.metric_namespace, datum.metric_name, datum.dimensions))
      return fail("LimitExceeded", fmt::format("this cloud keeps at most {} metrics", series_max));
  }
  for (const auto& datum : request.metric_data) {
    Known* known = series_at(request.metric_namespace, datum.metric_name, datum.dimensions, datum.unit.value_or("None"));
    if (!known) return fail("LimitExceeded", fmt::format("this cloud keeps at most {} metrics", series_max));
    Timestamp at = datum.timestamp.value_or(now);
    if (datum.value) known->series.record(at, *datum.value, 1);
    if (const auto& set = datum.statistic_values) known->series.record_set(at, set->sample_count, set->sum, set->minimum, set->maximum);
    for (size_t i = 0; i < datum.values.size(); ++i) known->series.record(at, datum.values[i], datum.counts.empty() ? 1 : datum.counts[i]);
    known->dirty_hours.insert(std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count());
  }
  return aws::cloudwatch::PutMetricDataReply{};
}

namespace {

Result<void> check_window(Timestamp start, Timestamp end, int period) {
  if (start >= end) return fail("ValidationError", "The parameter StartTime must be less than the parameter EndTime.");
  if (period < 60 || period % 60 != 0) return fail("ValidationError", fmt::format("The value {} for parameter Period must be a multiple of 60.", period));
  return {};
}

}  // namespace

Result<aws::cloudwatch::GetMetricDataReply> CloudWatch::get_metric_data(const Call&, const aws::cloudwatch::GetMetricDataRequest& request) {
  aws::cloudwatch::GetMetricDataReply reply;
  if (request.next_token) return fail("InvalidNextToken", "The next token is invalid: results of this cloud have one page");
  bool ascending = request.scan_by == "TimestampAscending";
  for (const auto& query : request.metric_data_queries) {
    if (!query.metric_stat) return fail("ValidationError", fmt::format("MetricDataQuery {} must have a MetricStat.", query.id));
    const auto& stat = *query.metric_stat;
    CHECK(check_window(request.start_time, request.end_time, stat.period));
    CHECK(check_statistic(stat.stat));
    if (query.return_data == false) continue;
    aws::cloudwatch::MetricDataResult result{.id = query.id, .label = query.label.value_or(stat.metric.metric_name), .status_code = "Complete"};
    const Known* known = find(stat.metric.metric_namespace, stat.metric.metric_name, stat.metric.dimensions);
    if (known && (!stat.unit || *stat.unit == known->unit)) {
      for (const auto& [at, summary] : known->series.summarize(request.start_time, request.end_time, std::chrono::seconds{stat.period})) {
        auto value = statistic_of(summary, stat.stat);
        if (!value) continue;
        result.timestamps.push_back(at);
        result.values.push_back(*value);
      }
    }
    if (!ascending) {
      std::reverse(result.timestamps.begin(), result.timestamps.end());
      std::reverse(result.values.begin(), result.values.end());
    }
    reply.metric_data_results.push_back(std::move(result));
  }
  return reply;
}

Result<aws::cloudwatch::GetMetricStatisticsReply> CloudWatch::get_metric_statistics(const Call&,
                                                                                    const aws::cloudwatch::GetMetricStatisticsRequest& request) {
  CHECK(check_window(request.start_time, request.end_time, request.period));
  if (request.statistics.empty() && request.extended_statistics.empty())
    return fail("InvalidParameterCombination", "At least one of the parameters Statistics and ExtendedStatistics must be specified.");
  for (const std::string& statistic : request.statistics) CHECK(check_statistic(statistic));
  for (const std::string& statistic : request.extended_statistics) CHECK(check_statistic(statistic));
  aws::cloudwatch::GetMetricStatisticsReply reply{.label = request.metric_name, .datapoints = {}};
  const Known* known = find(request.metric_namespace, request.metric_name, request.dimensions);
  if (!known || (request.unit && *request.unit != known->unit)) return reply;
  for (const auto& [at, summary] : known->series.summarize(request.start_time, request.end_time, std::chrono::seconds{request.period})) {
    aws::cloudwatch::Datapoint point{.timestamp = at, .unit = known->unit};
    for (const std::string& statistic : request.statistics) {
      auto value = statistic_of(summary, statistic);
      if (statistic == "SampleCount") point.sample_count = value;
      else if (statistic == "Average") point.average = value;
      else if (statistic == "Sum") point.sum = value;
      else if (statistic == "Minimum") point.minimum = value;
      else if (statistic == "Maximum") point.maximum = value;
    }
    for (const std::string& statistic : request.extended_statistics)
      if (auto value = statistic_of(summary, statistic)) point.extended_statistics[statistic] = *value;
    reply.datapoints.push_back(std::move(point));
  }
  return reply;
}

Result<aws::cloudwatch::ListMetricsReply> CloudWatch::list_metrics(const Call&, const aws::cloudwatch::ListMetricsRequest& request) {
  constexpr size_t page = 500;
  aws::cloudwatch::ListMetricsReply reply;
  std::string after;
  if (request.next_token) {
    Result<std::string> decoded = from_base64(*request.next_token);
    if (!decoded) return fail("InvalidParameterValue", "The next token is invalid");
    after = *decoded;
  }
  Timestamp now = core_.clock.now();
  for (auto it = series_.upper_bound(after); it != series_.end(); ++it) {
    const Known& known = it->second;
    if (request.metric_namespace && *request.metric_namespace != known.metric_namespace) continue;
    if (request.metric_name && *request.metric_name != known.name) continue;
    bool matches = std::all_of(request.dimensions.begin(), request.dimensions.end(), [&](const auto& wanted) {
      return std::any_of(known.dimensions.begin(), known.dimensions.end(),
                         [&](const Dimension& one) { return one.name == wanted.name && (!wanted.value || *wanted.value == one.value); });
    });
    if (request.recently_active == "PT3H") {
      const auto& minutes = known.series.minutes();
      matches = matches && !minutes.empty() && Timestamp{std::chrono::minutes{minutes.rbegin()->first}} > now - 3h;
    }
    if (!matches) continue;
    if (reply.metrics.size() == page) {
      reply.next_token = to_base64(std::prev(it)->first);
      break;
    }
    reply.metrics.push_back({known.metric_namespace, known.name, known.dimensions});
  }
  return reply;
}

}  // namespace pds::cloud::cloudwatch
