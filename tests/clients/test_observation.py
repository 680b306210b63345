"""What a balancer tells of its traffic: CloudWatch with true percentiles, access logs in S3, the Prometheus page, the slow-request log."""
import gzip
import json
import re
import socket
import subprocess
import unittest
import urllib.error
import urllib.request

import exposition
from harness import PDS, CloudTest, wait_until


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url, **headers):
    """The status, whatever it is."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        return urllib.request.urlopen(request, timeout=20).status
    except urllib.error.HTTPError as refused:
        return refused.status


class ExpositionReaderTest(unittest.TestCase):
    """The reader itself: a checker that takes everything would prove nothing."""

    def test_what_the_format_forbids_is_found(self):
        head = "# HELP a_total x\n# TYPE a_total counter\n"
        histogram = '# HELP h x\n# TYPE h histogram\nh_bucket{le="1"} %s\nh_bucket{le="+Inf"} %s\nh_sum 1\nh_count %s\n'
        exposition.read(head + 'a_total{z="\\"\\\\\\n"} 1\n')
        exposition.read(histogram % (1, 2, 2))
        for bad in (head + "a_total 1", head + "a_total -1\n", head + "a_total x\n", head + 'a_total{z="1" 1\n', head + 'a_total{z="1",z="2"} 1\n',
                    head + "a_total 1\na_total 1\n", head + "\n", "a_total 1\n", "# TYPE a gauge\na 1\n", head + "b 1\n",
                    "# HELP a x\n# TYPE a counter\na 1\n", head + head, histogram % (3, 2, 2), histogram % (1, 2, 3)):
            with self.assertRaises(exposition.FormatError, msg=bad):
                exposition.read(bad)


class ObservationTest(CloudTest):
    time_scale = 60

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ec2 = cls.cloud.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        cls.subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{i}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
                       for i, zone in enumerate("ab")]
        cls.group = ec2.create_security_group(GroupName="lb", Description="lb", VpcId=vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=cls.group, IpProtocol="tcp", FromPort=1, ToPort=65535, CidrIp="0.0.0.0/0")

    def setUp(self):
        self.elb = self.cloud.client("elbv2")

    def serve(self, name, status):
        """A balancer that answers everything with this status: its description and its URL."""
        made = self.elb.create_load_balancer(Name=name, Subnets=self.subnets, SecurityGroups=[self.group])["LoadBalancers"][0]
        self.addCleanup(self.elb.delete_load_balancer, LoadBalancerArn=made["LoadBalancerArn"])
        port = free_port()
        fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": str(status), "ContentType": "text/plain", "MessageBody": "x"}}
        self.elb.create_listener(LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=port, DefaultActions=[fixed])
        return made, f"http://127.0.0.1:{port}"

    def page(self):
        with urllib.request.urlopen(self.cloud.url + "/_pds/metrics", timeout=10) as answer:
            self.assertEqual(answer.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
            return exposition.read(answer.read().decode())

    def test_the_page_is_valid_and_counts(self):
        _, url = self.serve("paged", 404)
        for _ in range(3):
            get(url)
        families = self.page()
        self.assertEqual(exposition.value_of(families, "pds_balancer_requests_total", balancer="paged"), 3)
        self.assertEqual(exposition.value_of(families, "pds_balancer_own_responses_total", balancer="paged", code="4xx"), 3)
        self.assertGreater(exposition.value_of(families, "process_cpu_seconds_total"), 0)
        self.assertGreater(exposition.value_of(families, "process_resident_memory_bytes"), 1 << 20)
        self.assertGreater(exposition.value_of(families, "process_open_fds"), 3)
        self.assertEqual(families["pds_loop_lag_seconds"]["type"], "histogram")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(self.cloud.url + "/_pds/metrics", data=b"x", timeout=10)
        self.assertEqual(refused.exception.code, 405)

    def test_access_logs_are_delivered_where_the_buckets_policy_lets_them(self):
        s3 = self.cloud.client("s3")
        s3.create_bucket(Bucket="access-logs")
        made, url = self.serve("logged", 200)
        arn = made["LoadBalancerArn"]
        ask_for_logs = lambda: self.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[
            {"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": "access-logs"},
            {"Key": "access_logs.s3.prefix", "Value": "web"}])
        self.assertIn("Access Denied for bucket", self.assert_error("InvalidConfigurationRequest", ask_for_logs))
        self.assert_error("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket="access-logs", status=404)
        statement = {"Effect": "Allow", "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}, "Action": "s3:PutObject",
                     "Resource": "arn:aws:s3:::access-logs/web/AWSLogs/000000000000/*"}
        s3.put_bucket_policy(Bucket="access-logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        self.assertEqual(json.loads(s3.get_bucket_policy(Bucket="access-logs")["Policy"])["Statement"], [statement])
        everybody = {"Version": "2012-10-17", "Statement": [{**statement, "Principal": "*"}]}
        self.assert_error("NotImplemented", s3.put_bucket_policy, Bucket="access-logs", Policy=json.dumps(everybody), status=501)
        ask_for_logs()
        keys = lambda: [o["Key"] for o in s3.list_objects_v2(Bucket="access-logs").get("Contents", [])]
        self.assertEqual(keys(), ["web/AWSLogs/000000000000/ELBAccessLogTestFile"])
        self.assertEqual(get(url + "/a?b=c", User_Agent='evil" agent'), 200)
        log = wait_until(lambda: [k for k in keys() if k.endswith(".log.gz")], what="a log file")[0]
        self.assertRegex(log, r"^web/AWSLogs/000000000000/elasticloadbalancing/us-east-1/\d{4}/\d\d/\d\d/"
                              r"000000000000_elasticloadbalancing_us-east-1_app\.logged\.[0-9a-f]{16}_\d{8}T\d\d\d[05]Z_127\.0\.0\.1_\w+\.log\.gz$")
        line = gzip.decompress(s3.get_object(Bucket="access-logs", Key=log)["Body"].read()).decode()
        fields = re.findall(r'"[^"]*"|\S+', line)
        self.assertEqual(len(fields), 30, line)
        self.assertEqual((fields[0], fields[2].rsplit("/", 1)[0], fields[8]), ("http", "app/logged", "200"))
        self.assertEqual(fields[12], f'"GET {url}/a?b=c HTTP/1.1"')
        self.assertEqual(fields[13], '"evil\\x22 agent"')
        self.assertRegex(fields[29], r"^TID_[0-9a-f]{16}$")

    def test_percentiles_of_counts_can_be_asked_for(self):
        made, url = self.serve("percentiles", 200)
        for _ in range(5):
            get(url)
        metrics = self.cloud.client("cloudwatch")
        dimension = {"Name": "LoadBalancer", "Value": made["LoadBalancerArn"].split(":loadbalancer/")[1]}

        def total():
            now = urllib.request.urlopen(self.cloud.url + "/_pds/health").read()
            end = json.loads(now)["clock"]
            points = metrics.get_metric_statistics(Namespace="AWS/ApplicationELB", MetricName="HTTP_Fixed_Response_Count", Dimensions=[dimension],
                                                   StartTime="2020-01-01T00:00:00Z", EndTime=end, Period=86400 * 365 * 20, Statistics=["Sum", "SampleCount", "Maximum"],
                                                   ExtendedStatistics=["p99", "p99.9"])["Datapoints"]
            return points if points and points[0]["Sum"] == 5 else None

        point = wait_until(total, what="five requests")[0]
        self.assertEqual((point["SampleCount"], point["Maximum"], point["Unit"]), (5, 1, "Count"))
        self.assertEqual(point["ExtendedStatistics"], {"p99": 1, "p99.9": 1})

    def test_the_threshold_of_slow_requests_is_a_time_with_its_unit(self):
        done = subprocess.run([PDS, "cloud", "start", "--slow-request", "500", "--data", self.cloud.data + "-none"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2, done.stderr)
