// CloudWatch metrics: PutMetricData and what the cloud's own services record, read back by GetMetricData and its kin.
#pragma once

#include <set>

#include "aws/shapes/cloudwatch.h"
#include "cloud/core.h"
#include "cloud/services/cloudwatch/series.h"
#include "cloud/telemetry.h"

namespace pds::cloud::cloudwatch {

inline constexpr size_t series_max = 20'000;

// An hour of one series, as it is stored.
struct StoredHour {
  std::string metric_namespace, name, unit;
  std::vector<aws::cloudwatch::Dimension> dimensions;
  std::map<std::string, StoredSummary> minutes;
};
PDS_SHAPE(StoredHour, FIELD(metric_namespace, "namespace"), FIELD(name, "name"), FIELD(unit, "unit"), FIELD(dimensions, "dimensions"),
          FIELD(minutes, "minutes"))

class CloudWatch final : public CloudService, public MetricSink {
 public:
  explicit CloudWatch(Core& core);

  Api api() override;
  void start() override;
  io::Task<void> stop() override;

  void record(std::string_view metric_namespace, std::string_view name, const Dimensions& dimensions, Timestamp at, double value,
              std::string_view unit, double count) override;
  void record_distribution(std::string_view metric_namespace, std::string_view name, const Dimensions& dimensions, Timestamp at,
                           const Distribution& distribution, std::string_view unit) override;

  Result<aws::cloudwatch::PutMetricDataReply> put_metric_data(const Call&, const aws::cloudwatch::PutMetricDataRequest& request);
  Result<aws::cloudwatch::GetMetricDataReply> get_metric_data(const Call&, const aws::cloudwatch::GetMetricDataRequest& request);
  Result<aws::cloudwatch::GetMetricStatisticsReply> get_metric_statistics(const Call&, const aws::cloudwatch::GetMetricStatisticsRequest& request);
  Result<aws::cloudwatch::ListMetricsReply> list_metrics(const Call&, const aws::cloudwatch::ListMetricsRequest& request);

 private:
  struct Known {
    std::string metric_namespace, name, unit;
    std::vector<aws::cloudwatch::Dimension> dimensions;      // sorted by name
    Series series;
    std::set<int64_t> dirty_hours;
  };
  // Null when there are series_max already.
  Known* series_at(std::string_view metric_namespace, std::string_view name, std::vector<aws::cloudwatch::Dimension> dimensions, std::string_view unit);
  const Known* find(std::string_view metric_namespace, std::string_view name, std::vector<aws::cloudwatch::Dimension> dimensions) const;
  void flush();
  io::Task<void> flush_every_minute();

  Core& core_;
  Table<StoredHour> hours_;
  std::map<std::string, Known, std::less<>> series_;         // by a key of namespace, name and dimensions
  io::TaskSet tasks_;
};

}  // namespace pds::cloud::cloudwatch
