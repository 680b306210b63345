"""A release goes on after kill -9 of the cloud that it runs on: at every write of the program that runs it, and at every lifecycle event of its fleet.

The writes are enumerated by doing, as in test_crash_program. Writes of the journal are acknowledged before the cloud goes on to be used;
all others are done, and then nobody hears of them: what a client is left with when a server dies at the worst moment.
"""
import unittest
import urllib.parse

from gate import Gate
from harness import wait_until
from processes import containers
from releases import IN_FLIGHT, QUICK, WRITES_MAX, ReleaseTest


class CloudCrashTest(ReleaseTest):
    time_scale = 30   # the cloud's minutes leave room for a slow machine's seconds
    settings = QUICK + "  desired: 2\n  min: 2\n"
    instances = 2

    def resources(self):
        """Names of what only a person removes."""
        client = self.cloud.client
        names = {v["VpcId"] for v in client("ec2").describe_vpcs()["Vpcs"]}
        names |= {s["SubnetId"] for s in client("ec2").describe_subnets()["Subnets"]}
        names |= {r["RoleName"] for r in client("iam").list_roles()["Roles"]}
        names |= {f["FunctionName"] for f in client("lambda").list_functions()["Functions"]}
        names |= {f"version {v['Version']}" for v in client("lambda").list_versions_by_function(FunctionName="podinfo")["Versions"]}
        names |= {i["imageDigest"] for i in client("ecr").list_images(repositoryName="podinfo")["imageIds"]}
        names |= {b["Name"] for b in client("s3").list_buckets()["Buckets"]}
        names |= {s["ARN"] for s in client("secretsmanager").list_secrets()["SecretList"]}
        names |= set(client("codedeploy").list_deployments()["deployments"])
        return names

    def crash(self, must_live=lambda instance: True):
        """kill -9, and a new cloud on the same data: what must have outlived it has, as the same processes."""
        listed, before = self.resources(), containers(self.cloud.data)
        self.cloud.kill()
        orphans = containers(self.cloud.data)
        self.cloud.start()
        after = containers(self.cloud.data)
        for instance in filter(must_live, before):
            self.assertEqual(orphans.get(instance), before[instance], f"{instance} lives on while the cloud is dead")
            self.assertEqual(after.get(instance), before[instance], f"{instance} is taken over as it is")
        self.assertLessEqual(listed, self.resources(), "what was acknowledged is still there")

    def assert_objects(self, acknowledged):
        """Each object of the stack's bucket has the bytes whose PUT was acknowledged last."""
        for path, body in acknowledged.items():
            bucket, _, key = urllib.parse.unquote(path).lstrip("/").partition("/")
            if key.startswith(("releases/", "bundles/", "aborts/", "lock.json", "current.json")):
                self.assertEqual(self.cloud.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read(), body, key)

    def run_through_crash(self, at, must_live, *arguments):
        """The name of the write at which the cloud died, if it did, and the program's exit code."""
        problems = []

        def cut(name):
            try:
                self.crash(must_live)
                self.assert_objects(gate.acknowledged)
            except Exception as problem:  # noqa: BLE001: raised again where the test sees it
                problems.append(problem)
            return name.startswith("PUT releases/")

        with Gate(self.cloud, at, cut) as gate:
            running = self.stack.begin(*arguments, environment={"AWS_ENDPOINT_URL": gate.url})
            code = running.end()
        for problem in problems:
            raise problem
        return gate.name, code, running.stderr

    def test_a_release_ends_well_when_the_cloud_dies_at_any_write(self):
        names = []
        for at in range(WRITES_MAX):
            before, new = self.serving(), self.other_version()
            known = {release["id"] for release in self.stack.releases()}
            old = set(containers(self.cloud.data))
            told_to_go = {"ContinueDeployment", "UpdateAutoScalingGroup", "PUT current.json", "DELETE lock.json"}
            name, code, stderr = self.run_through_crash(at, lambda i: i not in old or not told_to_go & set(names), "deploy", new)
            if name is None:
                self.assertEqual(code, 0, stderr)
                self.assert_whole(new)
                break
            names.append(name)
            if code == 0:
                self.assert_begun_once(self.stack.releases()[0])
                self.assert_whole(new)
            else:
                self.assertIn(code, (1, 5, 7), f"{name}: {stderr}")
                self.finish(before, new, known)
        self.assertGreater(len(names), 15, names)

    def test_a_release_goes_back_when_the_cloud_dies_at_any_write_of_its_abort(self):
        names = []
        for at in range(WRITES_MAX):
            before, new = self.serving(), self.other_version()
            old = set(containers(self.cloud.data))
            running = self.stack.begin("deploy", new)
            self.assertTrue(running.read_until("function: deployment"), running.seen)
            running.kill()
            name, code, stderr = self.run_through_crash(at, lambda i: i in old, "abort")
            if code != 0:
                again = self.stack.pds("abort", check=False)
                self.assertIn(again.returncode, (0, 5, 9), f"{name}: {stderr}\n{again.stderr}")
            newest = self.stack.releases()[0]
            self.assertEqual(newest["phase"], "reverted", newest)
            self.assert_begun_once(newest)
            self.assert_whole(before)
            if name is None:
                break
            names.append(name)
        self.assertIn("StopDeployment", names)

    def test_a_release_gets_through_although_the_cloud_dies_at_each_lifecycle_event_of_its_fleet(self):
        new = self.other_version()
        known = {release["id"] for release in self.stack.releases()}
        codedeploy = self.cloud.client("codedeploy")
        running = self.stack.begin("deploy", new)
        self.assertTrue(running.read_until("fleet: deployment"), running.seen)
        id = next(id for id in codedeploy.list_deployments(includeOnlyStatuses=IN_FLIGHT)["deployments"]
                  if codedeploy.get_deployment(deploymentId=id)["deploymentInfo"]["applicationName"] == "podinfo-fleet")
        seen = set()

        def step():
            """Whether the deployment is over; a new event is the cloud's death."""
            events = set()
            for target in codedeploy.list_deployment_targets(deploymentId=id)["targetIds"]:
                told = codedeploy.get_deployment_target(deploymentId=id, targetId=target)["deploymentTarget"]["instanceTarget"]
                events |= {(e["lifecycleEventName"], e["status"]) for e in told["lifecycleEvents"] if e["status"] != "Pending"}
            info = codedeploy.get_deployment(deploymentId=id)["deploymentInfo"]
            new_events = events - seen
            seen.update(events)   # the last of them may be seen only when traffic has moved
            if new_events and not info.get("instanceTerminationWaitTimeStarted"):
                self.crash()
            return info.get("instanceTerminationWaitTimeStarted") or info["status"] not in IN_FLIGHT

        wait_until(step, 900, "the new fleet's traffic")
        if running.end() != 0:
            self.stack.pds("watch")
        newest = self.stack.releases()[0]
        self.assertNotIn(newest["id"], known)
        self.assertEqual(newest["phase"], "released", newest)
        self.assert_begun_once(newest)
        self.assert_whole(new)
        self.assertLessEqual({("DownloadBundle", "Succeeded"), ("ApplicationStart", "Succeeded"), ("ValidateService", "Succeeded")}, seen)


if __name__ == "__main__":
    unittest.main()
