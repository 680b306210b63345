"""Elastic Load Balancing v2 as the stock SDK sees it, and as its users' clients see the balancers it makes."""
import socket
import urllib.error
import urllib.request

from harness import CloudTest, wait_until


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class KeepRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def get(url, **headers):
    """Status, headers and body, whatever the status is."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        answer = urllib.request.build_opener(KeepRedirects).open(request, timeout=20)
    except urllib.error.HTTPError as refused:
        answer = refused
    return answer.status, dict(answer.headers), answer.read().decode()


class Elbv2Test(CloudTest):
    time_scale = 60

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ec2 = cls.cloud.client("ec2")
        cls.vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        cls.subnets = [
            ec2.create_subnet(VpcId=cls.vpc, CidrBlock=f"10.20.{i}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
            for i, zone in enumerate("ab")
        ]
        cls.group = ec2.create_security_group(GroupName="lb", Description="lb", VpcId=cls.vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=cls.group, IpProtocol="tcp", FromPort=1, ToPort=65535, CidrIp="0.0.0.0/0")

    def setUp(self):
        self.elb = self.cloud.client("elbv2")

    def make(self, name):
        made = self.elb.create_load_balancer(Name=name, Subnets=self.subnets, SecurityGroups=[self.group])["LoadBalancers"][0]
        self.addCleanup(self.elb.delete_load_balancer, LoadBalancerArn=made["LoadBalancerArn"])
        return made

    def listen(self, balancer, *actions):
        port = free_port()
        listener = self.elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=port, DefaultActions=list(actions))
        return listener["Listeners"][0]["ListenerArn"], f"http://127.0.0.1:{port}"

    def make_group(self, name):
        made = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc)["TargetGroups"][0]["TargetGroupArn"]
        self.addCleanup(self.elb.delete_target_group, TargetGroupArn=made)
        return made

    @staticmethod
    def fixed(status, text):
        return {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": str(status), "ContentType": "text/plain", "MessageBody": text}}

    def test_a_balancer_becomes_available_and_is_described(self):
        made = self.make("described")
        self.assertEqual(made["State"]["Code"], "provisioning")
        self.assertRegex(made["DNSName"], r"^described-\d+\.us-east-1\.elb\.localhost$")
        self.elb.get_waiter("load_balancer_available").wait(Names=["described"], WaiterConfig={"Delay": 1})
        found = self.elb.describe_load_balancers(Names=["described"])["LoadBalancers"][0]
        self.assertEqual(found["State"]["Code"], "active")
        self.assertEqual({z["SubnetId"] for z in found["AvailabilityZones"]}, set(self.subnets))
        self.assertEqual((found["VpcId"], found["SecurityGroups"], found["Type"]), (self.vpc, [self.group], "application"))

    def test_rules_act_on_its_port_and_by_its_name(self):
        made = self.make("rules")
        listener, url = self.listen(made, self.fixed(404, "nothing here"))
        self.elb.create_rule(ListenerArn=listener, Priority=10, Actions=[self.fixed(200, "api")],
                             Conditions=[{"Field": "path-pattern", "Values": ["/api/*"]},
                                         {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}}])
        moved = {"Type": "redirect", "RedirectConfig": {"Path": "/api/#{path}", "StatusCode": "HTTP_301"}}
        self.elb.create_rule(ListenerArn=listener, Priority=20, Actions=[moved], Conditions=[{"Field": "path-pattern", "Values": ["/old*"]}])
        self.assertEqual(get(url + "/api/x")[::2], (200, "api"))
        self.assertEqual(get(url + "/x")[::2], (404, "nothing here"))
        status, headers, _ = get(url + "/old?a=1")
        self.assertEqual((status, headers["Location"]), (301, url + "/api/old?a=1"))
        self.assertEqual(get(self.cloud.url + "/api/x", Host=made["DNSName"])[::2], (200, "api"))
        priorities = [r["Priority"] for r in self.elb.describe_rules(ListenerArn=listener)["Rules"]]
        self.assertEqual(priorities, ["10", "20", "default"])

    def test_a_target_group_in_use_without_targets_is_503_and_cannot_be_deleted(self):
        made = self.make("empty")
        group = self.elb.create_target_group(Name="empty", Protocol="HTTP", Port=80, VpcId=self.vpc, Matcher={"HttpCode": "200-299"})
        arn = group["TargetGroups"][0]["TargetGroupArn"]
        self.assertEqual(group["TargetGroups"][0]["Matcher"], {"HttpCode": "200-299"})
        listener, url = self.listen(made, {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn, "Weight": 10}]}})
        self.assertEqual(get(url)[0], 503)
        self.assert_error("ResourceInUse", self.elb.delete_target_group, TargetGroupArn=arn)
        described = self.elb.describe_target_groups(LoadBalancerArn=made["LoadBalancerArn"])["TargetGroups"]
        self.assertEqual([g["LoadBalancerArns"] for g in described], [[made["LoadBalancerArn"]]])
        self.elb.delete_listener(ListenerArn=listener)
        self.elb.delete_target_group(TargetGroupArn=arn)

    def test_counts_reach_cloudwatch_each_minute(self):
        made = self.make("counted")
        _, url = self.listen(made, self.fixed(200, "ok"))
        for _ in range(5):
            get(url)
        dimension = {"Name": "LoadBalancer", "Value": made["LoadBalancerArn"].split(":loadbalancer/")[1]}
        metrics = self.cloud.client("cloudwatch")
        found = wait_until(lambda: metrics.list_metrics(Namespace="AWS/ApplicationELB", MetricName="HTTP_Fixed_Response_Count",
                                                        Dimensions=[dimension])["Metrics"], what="the metric")
        self.assertEqual(found[0]["Dimensions"], [dimension])

    def test_attributes_that_do_not_act_are_refused(self):
        arn = self.make("attributes")["LoadBalancerArn"]
        set_one = lambda key, value: self.elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": value}])
        answer = {a["Key"]: a["Value"] for a in set_one("idle_timeout.timeout_seconds", "30")["Attributes"]}
        self.assertEqual(answer["idle_timeout.timeout_seconds"], "30")
        self.assertEqual(answer["routing.http2.enabled"], "true")
        self.assert_error("NotImplemented", set_one, "connection_logs.s3.enabled", "true", status=501)
        self.assert_error("InvalidConfigurationRequest", set_one, "idle_timeout.timeout_seconds", "never")

    def test_attributes_of_target_groups_are_checked_together(self):
        group = self.make_group("attributes-of-group")
        set_some = lambda **values: self.elb.modify_target_group_attributes(
            TargetGroupArn=group, Attributes=[{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()])
        set_some(load_balancing__algorithm__type="weighted_random", load_balancing__algorithm__anomaly_mitigation="on")
        self.assert_error("InvalidConfigurationRequest", set_some, slow_start__duration_seconds="30")
        self.assert_error("InvalidConfigurationRequest", set_some, load_balancing__algorithm__type="round_robin")  # mitigation is on
        set_some(load_balancing__algorithm__type="round_robin", load_balancing__algorithm__anomaly_mitigation="off", slow_start__duration_seconds="30")
        set_some(stickiness__enabled="true", stickiness__type="app_cookie", stickiness__app_cookie__cookie_name="session")
        self.assert_error("InvalidConfigurationRequest", set_some, stickiness__app_cookie__cookie_name="AWSALBAPP")
        self.assert_error("InvalidConfigurationRequest", set_some, load_balancing__cross_zone__enabled="false")  # clients are kept
        set_some(stickiness__enabled="false", load_balancing__cross_zone__enabled="false")
        found = {a["Key"]: a["Value"] for a in self.elb.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]}
        self.assertEqual((found["slow_start.duration_seconds"], found["load_balancing.cross_zone.enabled"]), ("30", "false"))

    def test_listener_attributes_set_fields_of_answers(self):
        listener, url = self.listen(self.make("fields"), self.fixed(200, "ok"))
        self.assertEqual(get(url)[1]["Server"], "awselb/2.0")
        start = "routing.http.response."
        self.elb.modify_listener_attributes(ListenerArn=listener, Attributes=[
            {"Key": start + "server.enabled", "Value": "false"},
            {"Key": start + "strict_transport_security.header_value", "Value": "max-age=31536000"},
            {"Key": start + "access_control_allow_origin.header_value", "Value": "https://example.com"}])
        fields = get(url)[1]
        self.assertNotIn("Server", fields)
        self.assertEqual(fields["Strict-Transport-Security"], "max-age=31536000")
        self.assertEqual(fields["Access-Control-Allow-Origin"], "https://example.com")
        described = {a["Key"]: a["Value"] for a in self.elb.describe_listener_attributes(ListenerArn=listener)["Attributes"]}
        self.assertEqual(described[start + "server.enabled"], "false")
        self.assert_error("InvalidConfigurationRequest", self.elb.modify_listener_attributes, ListenerArn=listener,
                          Attributes=[{"Key": start + "x_frame_options.header_value", "Value": "NEVER"}])

    def test_rules_look_at_all_that_a_request_has(self):
        listener, url = self.listen(self.make("conditions"), self.fixed(404, "none"))
        conditions = {
            "host": {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}},
            "header": {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Kind", "Values": ["be?a*"]}},
            "query": {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v*", "Value": "2"}]}},
            "elsewhere": {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8", "2001:db8::/32"]}},
            "method": {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["DELETE"]}},
            "path": {"Field": "path-pattern", "Values": ["/p/*/q"]},
            "here": {"Field": "source-ip", "SourceIpConfig": {"Values": ["127.0.0.0/8"]}},
        }
        for priority, (name, condition) in enumerate(conditions.items(), 1):
            self.elb.create_rule(ListenerArn=listener, Priority=priority, Conditions=[condition], Actions=[self.fixed(200, name)])
        self.assertEqual(get(url, Host="a.Example.com:8080")[2], "host")
        self.assertEqual(get(url, X_Kind="Beta-1")[2], "header")
        self.assertEqual(get(url + "/?x=1&version=2")[2], "query")
        self.assertEqual(get(url + "/p/a/b/q")[2], "path")
        self.assertEqual(get(url)[2], "here")
        too_many = [{"Field": "path-pattern", "Values": [f"/{i}" for i in range(6)]}]
        self.assert_error("ValidationError", self.elb.create_rule, ListenerArn=listener, Priority=50, Conditions=too_many,
                          Actions=[self.fixed(200, "")])
        self.assert_error("ValidationError", self.elb.create_rule, ListenerArn=listener, Priority=50001,
                          Conditions=[conditions["path"]], Actions=[self.fixed(200, "")])

    def test_anomalies_can_be_asked_for(self):
        group = self.make_group("anomalies")
        answer = self.elb.describe_target_health(TargetGroupArn=group, Include=["AnomalyDetection"])
        self.assertEqual(answer["TargetHealthDescriptions"], [])
        self.assert_error("ValidationError", self.elb.describe_target_health, TargetGroupArn=group, Include=["Everything"])

    def test_functions_may_be_checked(self):
        group = self.elb.create_target_group(Name="functions", TargetType="lambda", HealthCheckEnabled=True, HealthCheckPath="/well",
                                             HealthCheckIntervalSeconds=40, Matcher={"HttpCode": "200-299"})["TargetGroups"][0]
        self.addCleanup(self.elb.delete_target_group, TargetGroupArn=group["TargetGroupArn"])
        self.assertEqual((group["HealthCheckEnabled"], group["HealthCheckPath"], group["HealthCheckTimeoutSeconds"]), (True, "/well", 30))
        changed = self.elb.modify_target_group(TargetGroupArn=group["TargetGroupArn"], HealthCheckEnabled=False)["TargetGroups"][0]
        self.assertFalse(changed["HealthCheckEnabled"])

    def test_mistakes_get_awss_errors(self):
        made = self.make("mistakes")
        arn = made["LoadBalancerArn"]
        self.assert_error("LoadBalancerNotFound", self.elb.describe_load_balancers, Names=["nope"])
        self.assert_error("ValidationError", self.elb.create_load_balancer, Name="bad_name", Subnets=self.subnets)
        self.assert_error("SubnetNotFound", self.elb.create_load_balancer, Name="n", Subnets=["subnet-1", "subnet-2"])
        self.assert_error("TargetGroupNotFound", self.elb.describe_target_groups, Names=["nope"])
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            message = self.assert_error("InvalidConfigurationRequest", self.elb.create_listener, LoadBalancerArn=arn, Protocol="HTTP",
                                        Port=taken.getsockname()[1], DefaultActions=[self.fixed(200, "")])
        self.assertIn("another program uses this port", message)
        self.assert_error("ValidationError", self.elb.create_listener, LoadBalancerArn=arn, Protocol="HTTPS", Port=443,
                          DefaultActions=[self.fixed(200, "")])
        self.assert_error("NotImplemented", self.elb.describe_trust_stores, status=501)
        self.assertEqual(self.elb.describe_listeners(LoadBalancerArn=arn)["Listeners"], [])
