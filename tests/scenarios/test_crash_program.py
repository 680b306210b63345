"""A release survives kill -9 of the program that runs it, after every single write that the program makes.

The writes are enumerated by doing: the program is killed after its first, second, third ... write, when the cloud has done it and the
program has not heard of it, until a release gets through to its end.
"""
import itertools
import signal
import threading
import unittest

from gate import Gate
from releases import QUICK, WRITES_MAX, ReleaseTest


class ProgramCrashTest(ReleaseTest):
    time_scale = 30   # the cloud's minutes leave room for a slow machine's seconds
    settings = QUICK + "  desired: 1\n  min: 1\n"
    instances = 1

    def run_to_write(self, at, *arguments):
        """Kills `pds arguments` at its write number `at`. The write's name and what is left of the run; no name when it got through."""
        started = threading.Event()
        running = None

        def cut(name):
            started.wait()
            running.process.kill()
            running.process.wait()
            return False

        with Gate(self.cloud, at, cut) as gate:
            running = self.stack.begin(*arguments, environment={"AWS_ENDPOINT_URL": gate.url})
            started.set()
            code = running.end()
        self.assertEqual(code == -signal.SIGKILL, gate.name is not None, running.stderr)
        return gate.name, code

    def known(self):
        return {release["id"] for release in self.stack.releases()}

    def test_a_release_ends_well_when_its_program_is_killed_after_any_write(self):
        ends = []
        for at in range(WRITES_MAX):
            before, new, known = self.serving(), self.other_version(), self.known()
            name, code = self.run_to_write(at, "deploy", new)
            if name is None:
                self.assertEqual(code, 0)
                self.assert_whole(new)
                break
            ends.append((name, self.finish(before, new, known)))
        names = [name.split("/")[0] for name, _ in ends]
        for name in ("PUT lock.json", "PUT releases", "PUT bundles", "RegisterApplicationRevision", "PUT functions", "CreateDeployment",
                     "ContinueDeployment", "UpdateAutoScalingGroup", "PUT current.json", "DELETE lock.json"):
            self.assertIn(name, names)
        # What has not touched anything that serves is given up, everything after that is finished: there is one change from one to the other.
        self.assertEqual([end for end, _ in itertools.groupby(end for _, end in ends)], ["not begun", "reverted", "released"], ends)

    def test_a_release_goes_back_when_its_abort_is_killed_after_any_write(self):
        # While both deployments are under way, and when one has ended: then going back is a deployment of its own.
        for after, expected in (("function: deployment", "StopDeployment"), ("all traffic is on the new version", "CreateDeployment")):
            names = []
            for at in range(WRITES_MAX):
                before, new = self.serving(), self.other_version()
                running = self.stack.begin("deploy", new)
                self.assertTrue(running.read_until(after), running.seen)
                self.assertEqual(running.kill(), -signal.SIGKILL)
                name, code = self.run_to_write(at, "abort")
                if name is None:
                    self.assertEqual(code, 0)
                    self.assert_whole(before)
                    break
                names.append(name)
                aborted = self.stack.pds("abort", check=False)
                self.assertIn(aborted.returncode, (0, 5, 9), aborted.stderr)
                newest = self.stack.releases()[0]
                self.assertEqual(newest["phase"], "reverted", newest)
                self.assert_begun_once(newest)
                self.assert_whole(before)
            self.assertIn(expected, names)

    def test_an_abort_finds_the_deployments_that_nobody_heard_of(self):
        for number in (0, 1):   # the fleet's, the function's
            before, new = self.serving(), self.other_version()
            name, code = self.run_to_write(("CreateDeployment", number), "deploy", new)
            self.assertEqual((name, code), ("CreateDeployment", -signal.SIGKILL))
            self.assertEqual(self.stack.pds("abort").returncode, 0)
            newest = self.stack.releases()[0]
            self.assertEqual(newest["phase"], "reverted", newest)
            self.assertTrue(newest["function" if number else "fleet"]["deployment_id"], newest)
            self.assert_begun_once(newest)
            self.assert_whole(before)


if __name__ == "__main__":
    unittest.main()
