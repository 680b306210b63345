"""podinfo as a function of the cloud: its real image, behind every door a function has, asked by stock clients."""
import base64
import http.client
import json
import shutil
import socket
import tempfile
import time
import unittest
from urllib.parse import urlparse

from harness import CloudTest, wait_until
from test_lambda import TRUST, ask

BYTES = bytes(range(256))


class FunctionTest(CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        _, health = ask(cls.cloud, "GET", "/_pds/health")
        if not json.loads(health)["sandboxes"]:
            raise unittest.SkipTest("this machine cannot run sandboxes")
        cls.directory = tempfile.mkdtemp(prefix="pds-", dir="/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.image = cls.cloud.podinfo_image(cls.directory, "functions", "1.2.3")
        iam = cls.cloud.client("iam")
        cls.role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        iam.put_role_policy(RoleName="function", PolicyName="secrets", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]}))

    def setUp(self):
        self.functions = self.cloud.client("lambda")
        self.name = self.id().rsplit(".", 1)[1].replace("_", "-")

    def create(self, timeout=20, **variables):
        made = self.functions.create_function(FunctionName=self.name, Role=self.role, PackageType="Image", Code={"ImageUri": self.image},
                                              Timeout=timeout, MemorySize=256, Environment={"Variables": variables})
        self.functions.get_waiter("function_active_v2").wait(FunctionName=self.name, WaiterConfig={"Delay": 1})
        return made["FunctionArn"]

    def invoke(self, event, **kwargs):
        answer = self.functions.invoke(FunctionName=self.name, Payload=json.dumps(event), **kwargs)
        return json.loads(answer["Payload"].read()), answer

    def make_url(self, mode="BUFFERED"):
        url = self.functions.create_function_url_config(FunctionName=self.name, AuthType="NONE", InvokeMode=mode)
        self.assertEqual(url["InvokeMode"], mode)
        self.functions.add_permission(FunctionName=self.name, StatementId="public", Action="lambda:InvokeFunctionUrl", Principal="*",
                                      FunctionUrlAuthType="NONE")
        return urlparse(url["FunctionUrl"]).netloc

    def version_2(self, method, path, **more):
        return {"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": {"host": "h"},
                "requestContext": {"http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "1.2.3.4"}},
                "isBase64Encoded": False, **more}

    def test_events_of_api_gateway_and_of_a_load_balancer(self):
        self.create()
        answer, _ = self.invoke(self.version_2("GET", "/version"))
        self.assertEqual((answer["statusCode"], json.loads(answer["body"])["version"], answer["isBase64Encoded"]), (200, "1.2.3", False))
        self.assertEqual(answer["headers"]["content-type"], "application/json; charset=utf-8")
        answer, _ = self.invoke({"resource": "/{proxy+}", "path": "/headers", "httpMethod": "GET", "headers": {"X-A": "2"},
                                 "multiValueHeaders": {"X-A": ["1", "2"]}, "requestContext": {"stage": "prod"}, "body": None})
        self.assertEqual(json.loads(answer["body"])["X-A"], ["1", "2"])
        self.assertEqual(answer["multiValueHeaders"]["x-podinfo-version"], ["1.2.3"])
        balancer = {"requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "GET", "path": "/status/404", "body": "",
                    "queryStringParameters": {"a": "1"}, "headers": {"host": "h"}, "isBase64Encoded": False}
        answer, _ = self.invoke(balancer)
        self.assertEqual((answer["statusCode"], answer["statusDescription"]), (404, "404 Not Found"))
        self.assertIn("headers", answer)

    def test_bytes_go_both_ways_as_base64(self):
        self.create()
        answer, _ = self.invoke(self.version_2("POST", "/echo", body=base64.b64encode(BYTES).decode(), isBase64Encoded=True))
        self.assertEqual((answer["statusCode"], answer["isBase64Encoded"], base64.b64decode(answer["body"])), (202, True, BYTES))

    def test_what_is_no_request_is_400_to_who_speaks_http(self):
        self.create()
        answer, told = self.invoke(self.version_2("POST", "/echo", body="%", isBase64Encoded=True))
        self.assertNotIn("FunctionError", told)
        self.assertEqual((answer["statusCode"], answer["headers"]["x-podinfo-version"]), (400, "1.2.3"))
        error, told = self.invoke({"path": "/version", "headers": {"a b": "c"}})
        self.assertEqual((told["FunctionError"], error["errorType"]), ("Unhandled", "InvalidEvent"))

    def test_paths_are_those_of_the_api(self):
        self.create()
        event = self.version_2("GET", "/prod/version")
        event["requestContext"]["stage"] = "prod"
        self.assertEqual(self.invoke(event)[0]["statusCode"], 200)
        answer, _ = self.invoke(self.version_2("GET", "/cache/a b\u00e9?#%"))
        self.assertIn("cache server is offline", answer["body"])

    def test_what_was_stored_is_there(self):
        self.create()
        answer, _ = self.invoke(self.version_2("POST", "/store", body="kept"))
        digest = json.loads(answer["body"])["hash"]
        answer, _ = self.invoke(self.version_2("GET", f"/store/{digest}"))
        self.assertEqual((answer["statusCode"], answer["body"], answer["isBase64Encoded"]), (202, "kept", False))

    def test_a_start_that_fails_says_why(self):
        self.create(PODINFO_DATABASE_URL="mysql://user:hunter2@host/data")
        error, told = self.invoke({})
        self.assertEqual((told["FunctionError"], error["errorType"]), ("Unhandled", "Runtime.ConfigInvalid"))
        self.assertNotIn("hunter2", json.dumps(error))

    def test_its_url(self):
        self.create()
        host = self.make_url()
        answer, body = ask(self.cloud, "GET", "/version", host=host)
        self.assertEqual((answer.status, json.loads(body)["version"]), (200, "1.2.3"))
        answer, body = ask(self.cloud, "POST", "/echo", BYTES, {"Content-Type": "application/octet-stream", "X-Correlation-ID": "abc"}, host)
        self.assertEqual((answer.status, body, answer.headers["X-Correlation-ID"]), (202, BYTES, "abc"))
        answer, body = ask(self.cloud, "GET", "/chunked/1", host=host)
        self.assertEqual((answer.status, json.loads(body)), (200, {"delay": 1}))
        self.assertEqual(ask(self.cloud, "GET", "/nowhere", host=host)[0].status, 404)

    def test_its_url_streams(self):
        self.create(PODINFO_LAMBDA_RESPONSE_STREAM="true")
        host = self.make_url("RESPONSE_STREAM")
        endpoint = urlparse(self.cloud.url)
        connection = http.client.HTTPConnection(endpoint.hostname, endpoint.port, timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/chunked/2", headers={"Host": host})
        answer = connection.getresponse()
        head_came = time.monotonic()
        self.assertEqual((answer.status, answer.headers["X-Podinfo-Version"]), (200, "1.2.3"))
        self.assertEqual(json.loads(answer.read()), {"delay": 2})
        self.assertGreater(time.monotonic() - head_came, 1)   # the head did not wait for the body
        answer, body = ask(self.cloud, "GET", "/version", host=host)
        self.assertEqual((answer.status, json.loads(body)["version"]), (200, "1.2.3"))
        answer, body = ask(self.cloud, "POST", "/echo", BYTES, host=host)
        self.assertEqual((answer.status, body), (202, BYTES))
        self.assertEqual(ask(self.cloud, "GET", "/status/404", host=host)[0].status, 404)
        # Who invokes it directly gets all of it at once.
        self.functions.update_function_url_config(FunctionName=self.name, InvokeMode="BUFFERED")
        whole = self.functions.invoke(FunctionName=self.name, Payload=json.dumps(self.version_2("GET", "/version")))["Payload"].read()
        prelude, body = whole.split(b"\0" * 8)
        self.assertEqual((json.loads(prelude)["statusCode"], json.loads(body)["version"]), (200, "1.2.3"))

    def test_a_stream_that_is_cut_by_the_time_is_not_taken_for_whole(self):
        self.create(timeout=3, PODINFO_LAMBDA_RESPONSE_STREAM="true")
        host = self.make_url("RESPONSE_STREAM")
        endpoint = urlparse(self.cloud.url)
        connection = http.client.HTTPConnection(endpoint.hostname, endpoint.port, timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/chunked/9", headers={"Host": host})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        with self.assertRaises(http.client.IncompleteRead):
            answer.read()
        self.assertEqual(ask(self.cloud, "GET", "/version", host=host)[0].status, 200)

    def test_a_caller_who_leaves_a_stream_leaves_the_function_well(self):
        self.create(PODINFO_LAMBDA_RESPONSE_STREAM="true")
        host = self.make_url("RESPONSE_STREAM")
        endpoint = urlparse(self.cloud.url)
        with socket.create_connection((endpoint.hostname, endpoint.port), 60) as connection:
            connection.sendall(f"GET /chunked/1 HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            self.assertTrue(connection.recv(12).startswith(b"HTTP/1.1 200"))
        self.assertEqual(ask(self.cloud, "GET", "/version", host=host)[0].status, 200)

    def test_behind_a_load_balancer_with_single_and_multiple_values(self):
        arn = self.create()
        vpcs = self.cloud.client("ec2")
        vpc = vpcs.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        zones = [zone["ZoneName"] for zone in vpcs.describe_availability_zones()["AvailabilityZones"]][:2]
        subnets = [vpcs.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{i}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
                   for i, zone in enumerate(zones)]
        door = vpcs.create_security_group(GroupName="door", Description="door", VpcId=vpc)["GroupId"]
        vpcs.authorize_security_group_ingress(GroupId=door, IpProtocol="tcp", FromPort=1, ToPort=65535, CidrIp="0.0.0.0/0")
        balancers = self.cloud.client("elbv2")
        group = balancers.create_target_group(Name="podinfo-function", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
        self.functions.add_permission(FunctionName=self.name, StatementId="balancer", Action="lambda:InvokeFunction",
                                      Principal="elasticloadbalancing.amazonaws.com", SourceArn=group)
        balancers.register_targets(TargetGroupArn=group, Targets=[{"Id": arn}])
        balancer = balancers.create_load_balancer(Name="podinfo-function", Subnets=subnets, SecurityGroups=[door])["LoadBalancers"][0]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        balancers.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=port,
                                  DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])

        def through(method, path, body=None, headers=()):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.putrequest(method, path)
            for name, value in headers:
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body or b"")))
            connection.endheaders(body)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            return answer, content

        repeated = [("X-A", "1"), ("X-A", "2")]
        answer, body = through("GET", "/headers?a=%20b", headers=repeated)
        self.assertEqual((answer.status, json.loads(body)["X-A"]), (200, ["2"]))
        answer, body = through("POST", "/echo", BYTES, [("Content-Type", "application/octet-stream")])
        self.assertEqual((answer.status, body), (202, BYTES))
        balancers.modify_target_group_attributes(TargetGroupArn=group, Attributes=[{"Key": "lambda.multi_value_headers.enabled", "Value": "true"}])

        def values():
            answer, body = through("GET", "/headers", headers=repeated)
            return answer.status == 200 and json.loads(body)["X-A"]

        wait_until(lambda: values() == ["1", "2"], what="both values of a field")

    def test_it_answers_before_lambda_would_end_it(self):
        self.create(timeout=2)
        answer, told = self.invoke(self.version_2("GET", "/delay/25"), LogType="Tail")
        self.assertEqual((answer["statusCode"], answer["headers"]["x-podinfo-version"]), (504, "1.2.3"))
        self.assertNotIn("FunctionError", told)
        numbers, _ = self.invoke(self.version_2("GET", "/metrics"))
        self.assertIn('http_requests_total{status="504"} 1\n', numbers["body"])
        _, told = self.invoke(self.version_2("GET", "/version"), LogType="Tail")
        self.assertNotIn("Init Duration", base64.b64decode(told["LogResult"]).decode())   # the same environment

    def test_a_panic_ends_the_environment_and_not_the_function(self):
        self.create()
        error, answer = self.invoke(self.version_2("GET", "/panic"))
        self.assertEqual((answer["FunctionError"], error["errorType"]), ("Unhandled", "Runtime.ExitError"))
        self.assertIn("exit status 255", error["errorMessage"])
        self.assertEqual(self.invoke(self.version_2("GET", "/version"))[0]["statusCode"], 200)

    def test_its_secret_is_there_before_the_first_event(self):
        self.cloud.client("secretsmanager").create_secret(Name="function/secret", SecretString='{"API_KEY": "nobody sees this"}')
        self.create(SECRET_ARN="function/secret")
        answer, told = self.invoke(self.version_2("GET", "/readyz"), LogType="Tail")
        self.assertEqual(answer["statusCode"], 200)
        told = json.loads(self.invoke(self.version_2("GET", "/api/secret"))[0]["body"])
        self.assertTrue(told["loaded"] and told["secret_status"]["api_key_loaded"])


if __name__ == "__main__":
    unittest.main()
