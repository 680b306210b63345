"""A rotated secret reaches every instance and the function while they run, and stands in nothing that is written down."""
import json
import os
import unittest

from harness import wait_until
from processes import containers, environments
from releases import ReleaseTest
from stack import free_port, get_json

LATEST_SECONDS = 120  # each polls every 15 seconds of real time


class RotationTest(ReleaseTest):
    def doors(self, instances):
        """A listener of its own in front of each instance: {instance: url}. What the stack's balancer answers says nothing of who answered."""
        elbv2, ec2 = self.cloud.client("elbv2"), self.cloud.client("ec2")
        balancer = elbv2.describe_load_balancers()["LoadBalancers"][0]
        doors = {}
        for number, instance in enumerate(instances):
            port = free_port()
            ec2.authorize_security_group_ingress(GroupId=balancer["SecurityGroups"][0], IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
            group = elbv2.create_target_group(Name=f"door-{number}", Protocol="HTTP", Port=9898, VpcId=balancer["VpcId"], TargetType="instance",
                                              HealthCheckPath="/readyz")["TargetGroups"][0]["TargetGroupArn"]
            elbv2.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=port,
                                  DefaultActions=[{"Type": "forward", "TargetGroupArn": group}])
            elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": instance}])
            elbv2.get_waiter("target_in_service").wait(TargetGroupArn=group, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
            doors[instance] = f"http://{balancer['DNSName']}:{port}"
        return doors

    def values(self):
        """Every value that the secret has had and that is still to be had, without the words that stand in it for all to see."""
        client = self.cloud.client("secretsmanager")
        texts = [client.get_secret_value(SecretId="podinfo/app", VersionStage=stage)["SecretString"] for stage in ("AWSCURRENT", "AWSPREVIOUS")]
        values = [json.loads(text)["password"].encode() for text in texts]
        self.assertEqual(len(set(values)), 2)
        self.assertGreaterEqual(min(map(len, values)), 20)
        return values

    def log_events(self):
        logs = self.cloud.client("logs")
        for group in logs.describe_log_groups()["logGroups"]:
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                for event in page["events"]:
                    yield group["logGroupName"], event

    def assert_nowhere(self, values):
        seen = 0
        for group, event in self.log_events():
            seen += 1
            self.assertFalse(any(value.decode() in event["message"] for value in values), f"in {group}")
        self.assertGreater(seen, 0)
        files = []
        for folder, _, names in os.walk(self.cloud.data):
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.isfile(path) or os.path.islink(path):
                    continue
                with open(path, "rb") as file:
                    content = file.read()
                files.append(path)
                self.assertFalse(any(value in content for value in values), f"in {path}")
        for part in ("/cloud.log", "/store.db", "/containers/", "/logs/", "/s3/"):
            self.assertTrue(any(part in path for path in files), f"nothing was looked at in {part}")
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    self.assertFalse(any(value in file.read() for value in values), f"in the arguments of process {pid}")
            except OSError:
                continue

    def test_each_instance_and_the_function_have_the_new_version_without_a_restart_and_nothing_tells_the_value(self):
        status = self.stack.status()
        url = status["function_url"].rstrip("/")
        doors = self.doors([instance["id"] for instance in status["instances"]])
        self.assertEqual(len(doors), 3)
        everywhere = {**doors, "function": url}
        described = self.cloud.client("secretsmanager").describe_secret(SecretId="podinfo/app")["VersionIdsToStages"]
        first = next(version for version, stages in described.items() if "AWSCURRENT" in stages)

        def versions():
            # Asked often enough, the function's environment stays the same: an idle one is removed after ten minutes of the cloud's clock.
            return {name: get_json(url + "/api/secret").get("version_id") for name, url in everywhere.items()}

        wait_until(lambda: set(versions().values()) == {first}, LATEST_SECONDS, "the first version everywhere")
        before, before_function = containers(self.cloud.data), environments(self.cloud.data)
        self.assertEqual(set(before), set(doors))

        rotated = json.loads(self.stack.pds("secrets", "rotate", "--output", "json").stdout.splitlines()[-1])
        self.assertEqual(rotated["from"], first)
        self.assertNotEqual(rotated["to"], first)
        wait_until(lambda: set(versions().values()) == {rotated["to"]}, LATEST_SECONDS, f"version {rotated['to']} everywhere")

        self.assertEqual(containers(self.cloud.data), before, "each instance's podinfo is the process that it was")
        self.assertLessEqual(environments(self.cloud.data), before_function, "no environment of the function was started anew")
        told = [(event["logStreamName"], json.loads(event["message"])) for group, event in self.log_events()
                if group == "/aws/lambda/podinfo" and '"secret ' in event["message"]]
        streams = {stream for stream, line in told if line["msg"] == "secret rotated" and line["version"] == rotated["to"]}
        self.assertTrue(streams, told)
        self.assertLessEqual(streams, {stream for stream, line in told if line["msg"] == "secret loaded" and line["version"] == first}, told)

        self.assert_nowhere(self.values())
        scanned = self.stack.pds("secrets", "scan", self.cloud.data, "--output", "json")
        self.assertEqual(json.loads(scanned.stdout.splitlines()[-1])["found"], [])


if __name__ == "__main__":
    unittest.main()
