"""A release survives kill -9, of the program that runs it and of the cloud it runs on, at every step of its journal."""
import os
import re
import signal
import unittest

from stack import FixedPortCloud, Stack

# The event after which the knife falls, and how the release may end. What has not touched anything that serves is given up; the rest is finished.
STEPS = [
    (" begins", {"reverted", "released"}),
    ("staged: fleet", {"reverted", "released"}),
    ("fleet: a copy of", {"released"}),
    ("fleet: deployment", {"released"}),
    ("function: version", {"released"}),
    ("function: deployment", {"released"}),
    ("all traffic is on the new version", {"released"}),
    ("the guardrail is content", {"released"}),
    ("released after", {"released"}),
]
# And whether the old fleet has to live through it: from the last step on it is told to go.
CLOUD_STEPS = [
    ("staged: fleet", True),
    ("function: deployment", True),
    ("all traffic is on the new version", True),
    ("the guardrail is content", False),
]


def containers(data):
    """The podinfo processes of the instances below `data`: {instance: (pid, start time in ticks)}. Environments of the function, which may come and go, are not among them."""
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                program = file.read().split(b"\0")[0]
            with open(f"/proc/{entry}/mountinfo") as file:
                root = next((line for line in file if line.split()[4] == "/"), "")
            with open(f"/proc/{entry}/stat") as file:
                ticks = file.read().rsplit(")", 1)[1].split()[19]
        except OSError:
            continue
        if program.endswith(b"/podinfo") and f"{data}/ec2/" in root:
            found[re.search(r"/(i-[0-9a-f]+)/", root)[1]] = (entry, ticks)
    return found


class CrashTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            import boto3  # noqa: F401
        except ImportError:
            raise unittest.SkipTest("boto3 is not on this machine")
        cls.cloud = FixedPortCloud(time_scale=60).start()
        cls.addClassCleanup(cls.cloud.stop)
        cls.stack = Stack(cls.cloud)
        cls.addClassCleanup(cls.stack.remove)
        cls.stack.pds("deploy", "1.0.0")
        cls.stack.settled()

    def serving(self):
        return self.stack.status()["serving"]["version"]

    def other_version(self):
        return "1.1.0" if self.serving() == "1.0.0" else "1.0.0"

    def assert_whole(self, version):
        status = self.stack.settled()
        self.assertFalse(status["alias_split"], status)
        self.assertFalse(status["locked"], status)
        self.assertEqual(status["serving"]["version"], version, status)
        self.assertEqual(self.stack.versions(status), {version})
        self.assertEqual([i["health"] for i in status["instances"]], ["healthy"] * 3, status)

    def finish(self, before, new):
        """Takes the release up, as a person would, and gives its phase."""
        watched = self.stack.pds("watch", "--output", "json", check=False)
        release = self.stack.releases()[0]
        self.assertIn(watched.returncode, (0, 5, 9), watched.stderr)
        self.assertEqual(watched.returncode == 5, release["phase"] == "reverted", watched.stdout[-500:] + watched.stderr)
        self.assert_whole(new if release["phase"] == "released" else before)
        return release["phase"]

    def test_a_release_is_finished_after_kill_9_of_its_program_at_each_step(self):
        for text, ends in STEPS:
            with self.subTest(killed_after=text):
                before, new = self.serving(), self.other_version()
                running = self.stack.begin("deploy", new)
                self.assertTrue(running.read_until(text), running.seen)
                self.assertEqual(running.kill(), -signal.SIGKILL)
                self.assertIn(self.finish(before, new), ends)

    def test_a_release_goes_on_after_kill_9_of_the_cloud_at_each_step(self):
        for text, old_fleet_stays in CLOUD_STEPS:
            with self.subTest(killed_after=text):
                before, new = self.serving(), self.other_version()
                old = set(containers(self.cloud.data))
                self.assertEqual(len(old), 3)
                running = self.stack.begin("deploy", new)
                self.assertTrue(running.read_until(text), running.seen)
                running_before, listed = containers(self.cloud.data), self.resources()
                self.cloud.kill()
                orphans = containers(self.cloud.data)
                self.cloud.start()
                running_after = containers(self.cloud.data)
                for instance in running_before if old_fleet_stays else set(running_before) - old:
                    self.assertEqual(orphans.get(instance), running_before[instance], f"{instance} lives on while the cloud is dead")
                    self.assertEqual(running_after.get(instance), running_before[instance], f"{instance} is taken over as it is")
                self.assertLessEqual(listed, self.resources(), "what was acknowledged is still there")
                code = running.end()
                if code == 0:
                    self.assert_whole(new)
                else:
                    self.assertIn(code, (1, 5), running.stderr)
                    self.finish(before, new)

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

    def test_abort_during_a_release_goes_back_on_both_targets(self):
        before, new = self.serving(), self.other_version()
        running = self.stack.begin("deploy", new)
        self.assertTrue(running.read_until("function: deployment"), running.seen)
        aborted = self.stack.pds("abort", check=False)
        self.assertEqual(aborted.returncode, 0, aborted.stderr)
        self.assertEqual(running.end(), 5, running.stderr)
        self.assert_whole(before)

    def test_ctrl_c_detaches_and_says_how_to_go_on(self):
        before, new = self.serving(), self.other_version()
        running = self.stack.begin("deploy", new)
        self.assertTrue(running.read_until("fleet: deployment"), running.seen)
        self.assertEqual(running.signal(signal.SIGINT), 130, running.stderr)
        told = running.stderr + running.rest
        self.assertIn("pds watch", told)
        self.assertIn("pds abort", told)
        self.assertTrue(self.stack.status()["locked"])
        self.stack.pds("abort")
        self.assert_whole(before)

    def test_a_second_deploy_is_refused_and_names_the_holder(self):
        before, new = self.serving(), self.other_version()
        running = self.stack.begin("deploy", new)
        self.assertTrue(running.read_until("fleet: deployment"), running.seen)
        second = self.stack.pds("deploy", before, check=False)
        self.assertEqual(second.returncode, 7, second.stderr)
        self.assertIn(f" {running.process.pid}", second.stderr)
        self.assertEqual(running.end(), 0, running.stderr)
        self.assert_whole(new)


if __name__ == "__main__":
    unittest.main()
