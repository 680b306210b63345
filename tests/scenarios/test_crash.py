"""A release survives kill -9 of the program that runs it, at the steps of its journal."""
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
]


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


if __name__ == "__main__":
    unittest.main()
