// CloudWatch 2010-08-01: metrics. Alarms and dashboards are not here yet.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::cloudwatch {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "monitoring", .id = "CloudWatch", .protocol = Protocol::json, .version = "2010-08-01",
                                .target_prefix = "GraniteServiceVersion20100801", .json_version = "1.0",
                                .xml_namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/", .endpoint_prefix = "monitoring",
                                .speaks_cbor = true, .speaks_query = true};
  return info;
}

struct Dimension {
  std::string name, value;
};
PDS_WIRE_SHAPE(Dimension, FIELD(name, "Name").required().bounds(1, 255), FIELD(value, "Value").required().bounds(1, 1024))

struct DimensionFilter {
  std::string name;
  std::optional<std::string> value;
};
PDS_WIRE_SHAPE(DimensionFilter, FIELD(name, "Name").required(), FIELD(value, "Value"))

struct StatisticSet {
  double sample_count = 0, sum = 0, minimum = 0, maximum = 0;
};
PDS_WIRE_SHAPE(StatisticSet, FIELD(sample_count, "SampleCount").required(), FIELD(sum, "Sum").required(), FIELD(minimum, "Minimum").required(),
               FIELD(maximum, "Maximum").required())

struct MetricDatum {
  std::string metric_name;
  std::vector<Dimension> dimensions;
  std::optional<Timestamp> timestamp;
  std::optional<double> value;
  std::optional<StatisticSet> statistic_values;
  std::vector<double> values, counts;
  std::optional<std::string> unit;
  std::optional<int> storage_resolution;
};
PDS_WIRE_SHAPE(MetricDatum, FIELD(metric_name, "MetricName").required().bounds(1, 255), FIELD(dimensions, "Dimensions"), FIELD(timestamp, "Timestamp"),
               FIELD(value, "Value"), FIELD(statistic_values, "StatisticValues"), FIELD(values, "Values"), FIELD(counts, "Counts"), FIELD(unit, "Unit"),
               FIELD(storage_resolution, "StorageResolution"))

struct PutMetricDataRequest {
  std::string metric_namespace;
  std::vector<MetricDatum> metric_data;
  std::optional<bool> strict_entity_validation;
  std::optional<Unsupported> entity_metric_data;
};
PDS_WIRE_SHAPE(PutMetricDataRequest, FIELD(metric_namespace, "Namespace").required().bounds(1, 255), FIELD(metric_data, "MetricData").bounds(0, 1000),
               FIELD(strict_entity_validation, "StrictEntityValidation"), FIELD(entity_metric_data, "EntityMetricData"))
using PutMetricDataReply = Empty;

struct Metric {
  std::string metric_namespace, metric_name;
  std::vector<Dimension> dimensions;
};
PDS_WIRE_SHAPE(Metric, FIELD(metric_namespace, "Namespace"), FIELD(metric_name, "MetricName"), FIELD(dimensions, "Dimensions"))

struct MetricStat {
  Metric metric;
  int period = 0;
  std::string stat;
  std::optional<std::string> unit;
};
PDS_WIRE_SHAPE(MetricStat, FIELD(metric, "Metric").required(), FIELD(period, "Period").required(), FIELD(stat, "Stat").required(), FIELD(unit, "Unit"))

struct MetricDataQuery {
  std::string id;
  std::optional<MetricStat> metric_stat;
  std::optional<std::string> label;
  std::optional<bool> return_data;
  std::optional<int> period;
  std::optional<Unsupported> expression, account_id;
};
PDS_WIRE_SHAPE(MetricDataQuery, FIELD(id, "Id").required().bounds(1, 255), FIELD(metric_stat, "MetricStat"), FIELD(label, "Label"),
               FIELD(return_data, "ReturnData"), FIELD(period, "Period"), FIELD(expression, "Expression"), FIELD(account_id, "AccountId"))

struct GetMetricDataRequest {
  std::vector<MetricDataQuery> metric_data_queries;
  Timestamp start_time{}, end_time{};
  std::optional<std::string> next_token, scan_by;
  std::optional<int> max_datapoints;
  std::optional<Unsupported> label_options;
};
PDS_WIRE_SHAPE(GetMetricDataRequest, FIELD(metric_data_queries, "MetricDataQueries").required().bounds(1, 500), FIELD(start_time, "StartTime").required(),
               FIELD(end_time, "EndTime").required(), FIELD(next_token, "NextToken"), FIELD(scan_by, "ScanBy"), FIELD(max_datapoints, "MaxDatapoints"),
               FIELD(label_options, "LabelOptions"))

struct MetricDataResult {
  std::string id, label;
  std::vector<Timestamp> timestamps;
  std::vector<double> values;
  std::string status_code;
};
PDS_WIRE_SHAPE(MetricDataResult, FIELD(id, "Id"), FIELD(label, "Label"), FIELD(timestamps, "Timestamps"), FIELD(values, "Values"),
               FIELD(status_code, "StatusCode"))

struct GetMetricDataReply {
  std::vector<MetricDataResult> metric_data_results;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(GetMetricDataReply, FIELD(metric_data_results, "MetricDataResults"), FIELD(next_token, "NextToken"))

struct GetMetricStatisticsRequest {
  std::string metric_namespace, metric_name;
  std::vector<Dimension> dimensions;
  Timestamp start_time{}, end_time{};
  int period = 0;
  std::vector<std::string> statistics, extended_statistics;
  std::optional<std::string> unit;
};
PDS_WIRE_SHAPE(GetMetricStatisticsRequest, FIELD(metric_namespace, "Namespace").required(), FIELD(metric_name, "MetricName").required(),
               FIELD(dimensions, "Dimensions"), FIELD(start_time, "StartTime").required(), FIELD(end_time, "EndTime").required(),
               FIELD(period, "Period").required(), FIELD(statistics, "Statistics"), FIELD(extended_statistics, "ExtendedStatistics"), FIELD(unit, "Unit"))

struct Datapoint {
  Timestamp timestamp{};
  std::optional<double> sample_count, average, sum, minimum, maximum;
  std::string unit;
  std::map<std::string, double> extended_statistics;
};
PDS_WIRE_SHAPE(Datapoint, FIELD(timestamp, "Timestamp"), FIELD(sample_count, "SampleCount"), FIELD(average, "Average"), FIELD(sum, "Sum"),
               FIELD(minimum, "Minimum"), FIELD(maximum, "Maximum"), FIELD(unit, "Unit"), FIELD(extended_statistics, "ExtendedStatistics").omit_empty())

struct GetMetricStatisticsReply {
  std::string label;
  std::vector<Datapoint> datapoints;
};
PDS_WIRE_SHAPE(GetMetricStatisticsReply, FIELD(label, "Label"), FIELD(datapoints, "Datapoints"))

struct ListMetricsRequest {
  std::optional<std::string> metric_namespace, metric_name, next_token, recently_active;
  std::vector<DimensionFilter> dimensions;
  std::optional<bool> include_linked_accounts;
  std::optional<Unsupported> owning_account;
};
PDS_WIRE_SHAPE(ListMetricsRequest, FIELD(metric_namespace, "Namespace"), FIELD(metric_name, "MetricName"), FIELD(next_token, "NextToken"),
               FIELD(recently_active, "RecentlyActive"), FIELD(dimensions, "Dimensions").bounds(0, 10), FIELD(include_linked_accounts, "IncludeLinkedAccounts"),
               FIELD(owning_account, "OwningAccount"))

struct ListMetricsReply {
  std::vector<Metric> metrics;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(ListMetricsReply, FIELD(metrics, "Metrics"), FIELD(next_token, "NextToken"))

PDS_OPERATION(PutMetricData)
PDS_OPERATION(GetMetricData)
PDS_OPERATION(GetMetricStatistics)
PDS_OPERATION(ListMetrics)

}  // namespace pds::aws::cloudwatch
