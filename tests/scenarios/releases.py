"""What the tests of interrupted releases share: a stack that serves 1.0.0, and what must be true of it when a release is over."""
import unittest

from harness import wait_until
from stack import FixedPortCloud, Stack

WRITES_MAX = 100   # of one release: an enumeration that does not end by itself ends here
IN_FLIGHT = ["Created", "Queued", "InProgress", "Ready"]


# Releases that are quick to watch: each takes its steps, but the waits between them are short.
QUICK = "function:\n  strategy: quick\nguardrail:\n  bake: 10s\nfleet:\n  drain: 10s\n"


class ReleaseTest(unittest.TestCase):
    time_scale = 60
    settings = ""
    instances = 3

    @classmethod
    def setUpClass(cls):
        try:
            import boto3  # noqa: F401
        except ImportError:
            raise unittest.SkipTest("boto3 is not on this machine")
        cls.cloud = FixedPortCloud(time_scale=cls.time_scale).start()
        cls.addClassCleanup(cls.cloud.stop)
        cls.cloud.client("codedeploy").create_deployment_config(
            deploymentConfigName="quick", computePlatform="Lambda",
            trafficRoutingConfig={"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 1}})
        cls.stack = Stack(cls.cloud, settings=cls.settings)
        cls.addClassCleanup(cls.stack.remove)
        cls.stack.pds("deploy", "1.0.0")
        cls.stack.settled()

    def serving(self):
        return self.stack.status()["serving"]["version"]

    def other_version(self):
        return "1.1.0" if self.serving() == "1.0.0" else "1.0.0"

    def assert_whole(self, version):
        """`version` serves from as many healthy instances as there should be and one alias, and nothing of another is left or under way."""
        status = wait_until(lambda: (status := self.stack.settled()) and [i["health"] for i in status["instances"]] == ["healthy"] * self.instances
                            and status, 300, f"{self.instances} healthy instances")
        self.assertFalse(status["alias_split"], status)
        self.assertFalse(status["locked"], status)
        self.assertEqual(status["serving"]["version"], version, status)
        self.assertEqual(self.stack.versions(status), {version})
        self.assert_no_deployment_is_under_way()

    def assert_no_deployment_is_under_way(self):
        """One of an instance that was replaced may be; it ends by itself."""
        codedeploy = self.cloud.client("codedeploy")
        under_way = lambda: codedeploy.list_deployments(includeOnlyStatuses=IN_FLIGHT)["deployments"]  # noqa: E731
        own = [info for id in under_way() if (info := codedeploy.get_deployment(deploymentId=id)["deploymentInfo"])["creator"] != "autoscaling"]
        self.assertEqual(own, [])
        wait_until(lambda: not under_way(), 300, "the end of the replaced instances' deployments")

    def assert_begun_once(self, release):
        """A release that was taken up found what its dead holder had begun, and did not begin it again."""
        codedeploy = self.cloud.client("codedeploy")
        ids = codedeploy.list_deployments()["deployments"][:50]
        described = [(info.get("description") or "") for info in
                     (codedeploy.get_deployment(deploymentId=id)["deploymentInfo"] for id in ids) if info["creator"] == "user"]
        mine = [text for text in described if text.startswith(release["id"])]
        self.assertEqual(len(mine), len(set(mine)), mine)

    def finish(self, before, new, known):
        """Takes the release up, as a person would, and asserts its end. `known`: the ids of the releases there were before it."""
        watched = self.stack.pds("watch", "--output", "json", check=False)
        newest = self.stack.releases()[0]
        if newest["id"] in known:
            self.assertEqual(watched.returncode, 9, "nothing was begun but the lock, and that is given back")
            self.assert_whole(before)
            return "not begun"
        self.assertIn(watched.returncode, (0, 5, 9), watched.stderr)
        self.assertIn(newest["phase"], ("released", "reverted"), newest)
        self.assertEqual(watched.returncode == 5, newest["phase"] == "reverted", watched.stdout[-500:] + watched.stderr)
        self.assert_begun_once(newest)
        self.assert_whole(new if newest["phase"] == "released" else before)
        return newest["phase"]
