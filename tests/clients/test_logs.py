"""CloudWatch Logs and metrics as the stock SDK sees them."""
import datetime
import time
import uuid

from harness import CloudTest


class LogsTest(CloudTest):
    def setUp(self):
        self.logs = self.cloud.client("logs")
        self.group = "/test/" + uuid.uuid4().hex
        self.logs.create_log_group(logGroupName=self.group, tags={"team": "blue"})
        self.logs.create_log_stream(logGroupName=self.group, logStreamName="a")

    def put(self, *messages):
        now = int(time.time() * 1000)
        self.logs.put_log_events(logGroupName=self.group, logStreamName="a", logEvents=[{"timestamp": now + i, "message": m} for i, m in enumerate(messages)])

    def find(self, pattern):
        return [e["message"] for e in self.logs.filter_log_events(logGroupName=self.group, filterPattern=pattern)["events"]]

    def test_events_come_back_in_order(self):
        self.put(*[f"line {i}" for i in range(10)])
        first = self.logs.get_log_events(logGroupName=self.group, logStreamName="a", startFromHead=True, limit=6)
        self.assertEqual([e["message"] for e in first["events"]], [f"line {i}" for i in range(6)])
        second = self.logs.get_log_events(logGroupName=self.group, logStreamName="a", startFromHead=True, nextToken=first["nextForwardToken"])
        self.assertEqual([e["message"] for e in second["events"]], [f"line {i}" for i in range(6, 10)])
        third = self.logs.get_log_events(logGroupName=self.group, logStreamName="a", startFromHead=True, nextToken=second["nextForwardToken"])
        self.assertEqual((third["events"], third["nextForwardToken"]), ([], second["nextForwardToken"]))

    def test_patterns(self):
        self.put("ERROR disk full", "INFO disk ok", '{"level":"error","latency":120}', '{"level":"info","latency":80}')
        self.assertEqual(self.find("ERROR"), ["ERROR disk full"])
        self.assertEqual(self.find("disk -INFO"), ["ERROR disk full"])
        self.assertEqual(self.find('"disk ok"'), ["INFO disk ok"])
        self.assertEqual(len(self.find("?ERROR ?INFO")), 2)
        self.assertEqual(self.find('{ $.level = "error" && $.latency > 100 }'), ['{"level":"error","latency":120}'])
        self.assertEqual(self.find("{ $.latency < 100 }"), ['{"level":"info","latency":80}'])
        self.assert_error("InvalidParameterException", self.logs.filter_log_events, logGroupName=self.group, filterPattern="{ $.a = ")

    def test_groups_streams_retention(self):
        group = self.logs.describe_log_groups(logGroupNamePrefix=self.group)["logGroups"][0]
        self.assertNotIn("retentionInDays", group)
        self.logs.put_retention_policy(logGroupName=self.group, retentionInDays=7)
        self.assertEqual(self.logs.describe_log_groups(logGroupNamePrefix=self.group)["logGroups"][0]["retentionInDays"], 7)
        self.assert_error("InvalidParameterException", self.logs.put_retention_policy, logGroupName=self.group, retentionInDays=8)
        self.assertEqual([s["logStreamName"] for s in self.logs.describe_log_streams(logGroupName=self.group)["logStreams"]], ["a"])
        self.assert_error("ResourceAlreadyExistsException", self.logs.create_log_stream, logGroupName=self.group, logStreamName="a")
        self.logs.delete_log_stream(logGroupName=self.group, logStreamName="a")
        self.assert_error("ResourceNotFoundException", self.logs.get_log_events, logGroupName=self.group, logStreamName="a")
        self.logs.delete_log_group(logGroupName=self.group)
        self.assert_error("ResourceNotFoundException", self.logs.describe_log_streams, logGroupName=self.group)

    def test_what_is_not_done_is_refused_by_name(self):
        self.assert_error("NotImplemented", self.logs.start_query, logGroupName=self.group, startTime=0, endTime=1, queryString="fields @message", status=501)

    def test_events_outlive_kill_nine(self):
        self.put("kept")
        self.cloud.kill()
        self.cloud.start()
        self.logs = self.cloud.client("logs")
        self.assertEqual(self.find(""), ["kept"])


class MetricsTest(CloudTest):
    def setUp(self):
        self.metrics = self.cloud.client("cloudwatch")
        self.namespace = "Test/" + uuid.uuid4().hex
        now = datetime.datetime.now(datetime.timezone.utc)
        self.minute = now.replace(second=0, microsecond=0) - datetime.timedelta(minutes=5)

    def put(self, *values, name="Latency", dimensions=(), **more):
        self.metrics.put_metric_data(Namespace=self.namespace, MetricData=[dict(MetricName=name, Dimensions=list(dimensions), Timestamp=self.minute + datetime.timedelta(seconds=i % 60), Value=v,
                                                                                Unit="Milliseconds", **more) for i, v in enumerate(values)])

    def span(self):
        return dict(StartTime=self.minute, EndTime=self.minute + datetime.timedelta(minutes=5))

    def test_statistics_of_a_minute(self):
        self.put(*range(1, 101))
        points = self.metrics.get_metric_statistics(Namespace=self.namespace, MetricName="Latency", Period=60, Statistics=["SampleCount", "Sum", "Average", "Minimum", "Maximum"], **self.span())["Datapoints"]
        self.assertEqual(len(points), 1)
        point = points[0]
        self.assertEqual((point["SampleCount"], point["Sum"], point["Average"], point["Minimum"], point["Maximum"]), (100, 5050, 50.5, 1, 100))
        self.assertEqual((point["Unit"], point["Timestamp"]), ("Milliseconds", self.minute))
        exact = self.metrics.get_metric_statistics(Namespace=self.namespace, MetricName="Latency", Period=60, ExtendedStatistics=["p50", "p99"], **self.span())["Datapoints"][0]["ExtendedStatistics"]
        self.assertAlmostEqual(exact["p50"], 50, delta=3)
        self.assertAlmostEqual(exact["p99"], 99, delta=4)

    def test_metric_data_by_dimension(self):
        for version, value in (("1.0.0", 1), ("1.1.0", 5)):
            self.put(value, value, name="Requests", dimensions=[{"Name": "Version", "Value": version}])
        queries = [{"Id": f"q{i}", "MetricStat": {"Metric": {"Namespace": self.namespace, "MetricName": "Requests", "Dimensions": [{"Name": "Version", "Value": v}]}, "Period": 60, "Stat": "Sum"}}
                   for i, v in enumerate(("1.0.0", "1.1.0", "2.0.0"))]
        results = self.metrics.get_metric_data(MetricDataQueries=queries, **self.span())["MetricDataResults"]
        self.assertEqual([r["Values"] for r in results], [[2], [10], []])
        listed = self.metrics.list_metrics(Namespace=self.namespace, Dimensions=[{"Name": "Version", "Value": "1.1.0"}])["Metrics"]
        self.assertEqual(len(listed), 1)

    def test_statistic_sets_and_counted_values(self):
        self.metrics.put_metric_data(Namespace=self.namespace, MetricData=[{"MetricName": "S", "Timestamp": self.minute, "StatisticValues": {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4}}])
        self.metrics.put_metric_data(Namespace=self.namespace, MetricData=[{"MetricName": "S", "Timestamp": self.minute, "Values": [1, 9], "Counts": [3, 1]}])
        point = self.metrics.get_metric_statistics(Namespace=self.namespace, MetricName="S", Period=60, Statistics=["SampleCount", "Sum", "Maximum"], **self.span())["Datapoints"][0]
        self.assertEqual((point["SampleCount"], point["Sum"], point["Maximum"]), (8, 22, 9))

    def test_what_is_not_done_is_refused_by_name(self):
        query = [{"Id": "e", "Expression": "m1 / 2", "Label": "x"}]
        self.assert_error("NotImplemented", self.metrics.get_metric_data, MetricDataQueries=query, status=501, **self.span())
        self.assert_error("NotImplemented", self.metrics.put_dashboard, DashboardName="d", DashboardBody="{}", status=501)
        self.assert_error("NotImplemented", self.metrics.describe_alarms, status=501)


del CloudTest
