"""The whole life of podinfo by stock clients alone: boto3, the AWS CLI and skopeo make what `pds up`, `push` and `deploy` would make.

Only the images come from `pds build` and `pds sign`, as an OCI layout on disk. Everything else is what any user of AWS would write.
"""
import collections
import datetime
import http.client
import json
import os
import threading
import unittest
import uuid

from harness import wait_until
from stock import FIRST, HOOK, SECOND, SECRET, StockTest, ask, bundle


class Load:
    """One request after another to one endpoint until told to stop; no request is tried twice."""

    def __init__(self, netloc, host=None):
        self.netloc, self.host = netloc, host
        self.sent, self.failures, self.versions = 0, [], collections.Counter()
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.done.wait(0.03):
            self.sent += 1
            try:
                status, headers, body = ask(self.netloc, "/api/data", self.host)
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                continue
            if status != 200:
                self.failures.append(f"{status} {body[:200]!r}")
            self.versions[headers.get("x-podinfo-version")] += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


class StockFlowTest(StockTest):
    programs = ("aws", "skopeo")
    steps = ("images", "network", "roles", "secret", "fleet", "functions", "delivery")

    def balancer_netloc(self):
        return f"127.0.0.1:{self.balancer_port}"

    def put_bundle(self, version):
        """By the CLI; the revision as CodeDeploy wants it named."""
        path = os.path.join(self.folder, f"{version}.tar")
        with open(path, "wb") as file:
            file.write(bundle(self.images[version], self.public_key))
        self.aws("s3", "cp", path, f"s3://flow-bundles/{version}.tar", "--only-show-errors")
        return {"revisionType": "S3", "s3Location": {"bucket": "flow-bundles", "key": f"{version}.tar", "bundleType": "tar"}}

    def weights(self):
        return self.functions.get_alias(FunctionName="flow", Name="live").get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def deploy_function(self, current, target):
        content = json.dumps({
            "version": 0.0,
            "Resources": [{"function": {"Type": "AWS::Lambda::Function", "Properties": {
                "Name": "flow", "Alias": "live", "CurrentVersion": current, "TargetVersion": target}}}],
            "Hooks": [{"BeforeAllowTraffic": HOOK}]})
        return self.codedeploy.create_deployment(applicationName="flow-function", deploymentGroupName="function", revision={
            "revisionType": "AppSpecContent", "appSpecContent": {"content": content}})["deploymentId"]

    def test_1_the_fleet_is_one_instance_per_zone_and_takes_its_first_release(self):
        def in_service():
            instances = self.fleet_groups()[0]["Instances"]
            return len(instances) == 3 and all(i["LifecycleState"] == "InService" for i in instances) and instances

        self.assertEqual({i["AvailabilityZone"] for i in wait_until(in_service, what="three instances in service")}, set(self.zones))
        revision = self.put_bundle(FIRST)
        id = self.codedeploy.create_deployment(applicationName="flow-fleet", deploymentGroupName="fleet", revision=revision)["deploymentId"]
        self.wait_for_success(id)

        def healthy():
            health = self.elbv2.describe_target_health(TargetGroupArn=self.target_group)["TargetHealthDescriptions"]
            return [h["TargetHealth"]["State"] for h in health] == ["healthy"] * 3

        wait_until(healthy, what="three healthy targets")
        status, headers, _ = ask(self.balancer_netloc(), "/version")
        self.assertEqual((status, headers["x-podinfo-version"]), (200, FIRST))
        status, headers, _ = ask(self.netloc, "/version", self.function_host)
        self.assertEqual((status, headers["x-podinfo-version"]), (200, FIRST))

    def test_2_a_release_to_both_targets_loses_no_request(self):
        revision = self.put_bundle(SECOND)
        self.functions.update_function_code(FunctionName="flow", ImageUri=self.images[SECOND])
        self.functions.get_waiter("function_updated_v2").wait(FunctionName="flow", WaiterConfig={"Delay": 1})
        version = self.functions.publish_version(FunctionName="flow")["Version"]
        before = {g["AutoScalingGroupName"] for g in self.fleet_groups()}
        with Load(self.balancer_netloc()) as fleet, Load(self.netloc, self.function_host) as function:
            fleet_id = self.aws("deploy", "create-deployment", "--application-name", "flow-fleet", "--deployment-group-name", "fleet",
                                "--revision", json.dumps(revision))["deploymentId"]
            self.assert_error("DeploymentLimitExceededException", self.codedeploy.create_deployment,
                              applicationName="flow-fleet", deploymentGroupName="fleet", revision=revision)
            function_id = self.deploy_function("1", version)
            self.assertEqual(wait_until(self.weights, what="the canary's weight"), {version: 0.1})
            self.wait_for_success(function_id)
            self.assertEqual(self.weights(), {})
            self.wait_for_success(fleet_id)
            # Sees both sides of the change, and the new one alone at its end.
            seen = fleet.versions[SECOND], function.versions[SECOND]
            wait_until(lambda: fleet.versions[SECOND] > seen[0] + 10 and function.versions[SECOND] > seen[1] + 10, what="answers after the release")
        for load in (fleet, function):
            self.assertEqual(load.failures, [], f"{len(load.failures)} of {load.sent} failed")
            self.assertEqual(set(load.versions), {FIRST, SECOND})
        self.assertEqual(self.functions.get_alias(FunctionName="flow", Name="live")["FunctionVersion"], version)
        groups = wait_until(lambda: [g for g in self.fleet_groups() if g["AutoScalingGroupName"] not in before] == self.fleet_groups()
                            and self.fleet_groups(), what="the end of the old group")
        self.assertEqual([g["AutoScalingGroupName"] for g in groups], [f"CodeDeploy_fleet_{fleet_id}"])
        self.assertEqual({i["AvailabilityZone"] for i in groups[0]["Instances"]}, set(self.zones))

    def test_3_the_secret_is_rotated_by_its_function_and_both_targets_notice(self):
        self.functions.add_permission(FunctionName="flow-rotate", StatementId="secretsmanager", Action="lambda:InvokeFunction",
                                      Principal="secretsmanager.amazonaws.com")
        arn = self.functions.get_function_configuration(FunctionName="flow-rotate")["FunctionArn"]
        new = self.secretsmanager.rotate_secret(SecretId=SECRET, RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30})["VersionId"]
        self.assertNotEqual(new, self.first_secret)

        def stages():
            return self.secretsmanager.describe_secret(SecretId=SECRET)["VersionIdsToStages"]

        wait_until(lambda: "AWSCURRENT" in stages().get(new, []), what="the four steps of the rotation")
        self.assertEqual(stages()[self.first_secret], ["AWSPREVIOUS"])
        value = json.loads(self.secretsmanager.get_secret_value(SecretId=SECRET)["SecretString"])
        previous = json.loads(self.secretsmanager.get_secret_value(SecretId=SECRET, VersionStage="AWSPREVIOUS")["SecretString"])
        self.assertEqual(value["username"], "podinfo")
        self.assertNotEqual(value["password"], previous["password"])
        for netloc, host in ((self.balancer_netloc(), None), (self.netloc, self.function_host)):
            # Each polls every 15 seconds of real time, and needs no restart.
            wait_until(lambda: new.encode() in ask(netloc, "/api/secret", host)[2], what=f"version {new} at {host or netloc}")

    def test_4_logs_tell_what_happened(self):
        correlation = "stock-flow-" + uuid.uuid4().hex
        self.assertEqual(ask(self.netloc, "/api/data", self.function_host, {"X-Correlation-ID": correlation})[0], 200)
        found = wait_until(lambda: self.logs.filter_log_events(logGroupName="/aws/lambda/flow", filterPattern=f'"{correlation}"')["events"],
                           what="the request in the function's log")
        self.assertIn(correlation, found[0]["message"])
        rotated = self.logs.filter_log_events(logGroupName="/aws/lambda/flow-rotate", filterPattern='"rotation step done"')["events"]
        steps = [json.loads(event["message"])["step"] for event in rotated]
        self.assertEqual(steps, ["createSecret", "setSecret", "testSecret", "finishSecret"])

    def test_5_metrics_count_the_requests_of_both_targets(self):
        for netloc, host in ((self.balancer_netloc(), None), (self.netloc, self.function_host)):
            self.assertEqual(ask(netloc, "/api/data", host)[0], 200)

        def query(id, namespace, name, dimension, value):
            return {"Id": id, "MetricStat": {"Stat": "Sum", "Period": 60, "Metric": {
                "Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": dimension, "Value": value}]}}}

        queries = [query("balancer", "AWS/ApplicationELB", "RequestCount", "LoadBalancer", self.balancer.split("loadbalancer/")[1]),
                   query("url", "AWS/Lambda", "UrlRequestCount", "FunctionName", "flow"),
                   query("invocations", "AWS/Lambda", "Invocations", "FunctionName", "flow")]
        began = self.codedeploy.get_application(applicationName="flow-fleet")["application"]["createTime"] - datetime.timedelta(hours=1)
        missing = []

        def all_counted():
            answer = self.cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=began, EndTime=began + datetime.timedelta(hours=23))
            missing[:] = [result["Id"] for result in answer["MetricDataResults"] if sum(result["Values"]) == 0]
            return len(answer["MetricDataResults"]) == len(queries) and not missing

        try:
            wait_until(all_counted, 20, what="requests in GetMetricData")
        except AssertionError as late:
            self.fail(f"{late}: nothing in {missing}")

    def test_6_what_cannot_be_is_refused_with_the_codes_of_aws(self):
        group = self.fleet_groups()[0]["AutoScalingGroupName"]
        self.assert_error("ResourceInUse", self.autoscaling.delete_auto_scaling_group, AutoScalingGroupName=group)
        self.assert_error("ResourceNotFoundException", self.functions.update_alias, FunctionName="flow", Name="live",
                          RoutingConfig={"AdditionalVersionWeights": {"99": 0.1}})
        self.assert_error("LoadBalancerNotFound", self.elbv2.describe_load_balancers, Names=["none"])
        self.assert_error("ResourceInUse", self.elbv2.delete_target_group, TargetGroupArn=self.target_group)
        self.assert_error("ApplicationDoesNotExistException", self.codedeploy.get_application, applicationName="none")
        self.assert_error("DeploymentGroupDoesNotExistException", self.codedeploy.create_deployment, applicationName="flow-fleet",
                          deploymentGroupName="none")
        self.assert_error("RepositoryNotEmptyException", self.ecr.delete_repository, repositoryName="flow/podinfo")
        self.assert_error("DependencyViolation", self.ec2.delete_vpc, VpcId=self.vpc)
        self.assert_error("DeleteConflict", self.iam.delete_role, RoleName="flow-instance")

    def test_7_nobody_gets_in_with_wrong_keys(self):
        wrong = {"aws_secret_access_key": "x" * 40}
        unknown = {"aws_access_key_id": "AKIA" + "X" * 16}
        calls = (("sts", "get_caller_identity", {}, "SignatureDoesNotMatch", "InvalidClientTokenId"),
                 ("autoscaling", "describe_auto_scaling_groups", {}, "SignatureDoesNotMatch", "InvalidClientTokenId"),
                 ("codedeploy", "list_applications", {}, "InvalidSignatureException", "UnrecognizedClientException"),
                 ("lambda", "list_functions", {}, "InvalidSignatureException", "UnrecognizedClientException"),
                 ("ec2", "describe_vpcs", {}, "AuthFailure", "AuthFailure"),
                 ("s3", "list_buckets", {}, "SignatureDoesNotMatch", "InvalidAccessKeyId"))
        for service, operation, arguments, bad_signature, bad_key in calls:
            with self.subTest(service=service):
                self.assert_error(bad_signature, getattr(self.cloud.client(service, **wrong), operation), **arguments)
                self.assert_error(bad_key, getattr(self.cloud.client(service, **unknown), operation), **arguments)

    def test_8_an_operation_that_is_not_here_is_501_and_named(self):
        message = self.assert_error("NotImplemented", self.ec2.describe_nat_gateways, status=501)
        self.assertIn("DescribeNatGateways", message)
        status, body = self.send_signed("ecr", {"X-Amz-Target": "AmazonEC2ContainerRegistry_V20150921.StartImageScan"}, b"{}")
        self.assertEqual(status, 501, body)
        self.assertIn(b"NotImplemented", body)
        self.assertIn(b"StartImageScan", body)

    def send_signed(self, service, headers, body):
        """One request as no client would send it, but signed by a client's own signer."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        request = AWSRequest("POST", self.cloud.url + "/", {**headers, "Content-Type": "application/x-amz-json-1.1"}, body)
        SigV4Auth(Credentials(self.cloud.env["AWS_ACCESS_KEY_ID"], self.cloud.env["AWS_SECRET_ACCESS_KEY"]), service,
                  self.cloud.env["AWS_REGION"]).add_auth(request)
        connection = http.client.HTTPConnection(self.netloc, timeout=20)
        connection.request("POST", "/", body, dict(request.headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content


if __name__ == "__main__":
    unittest.main()
