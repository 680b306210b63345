"""A release and the people around it: one stops it, one leaves it to itself, one comes second."""
import signal
import unittest

from gate import Gate
from releases import ReleaseTest


class DetachedReleaseTest(ReleaseTest):
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
        with Gate(self.cloud) as gate:
            second = self.stack.begin("deploy", before, environment={"AWS_ENDPOINT_URL": gate.url})
            self.assertEqual(second.end(), 7, second.stderr)
        self.assertIn(f" {running.process.pid}", second.stderr)
        self.assertEqual(gate.writes, [], "who comes second changes nothing")
        self.assertEqual(running.end(), 0, running.stderr)
        self.assert_whole(new)

    def test_right_after_a_release_the_old_fleet_is_on_its_way_out_and_not_counted(self):
        old, new = self.stack.status()["fleet_group"], self.other_version()
        self.stack.pds("deploy", new)
        status = self.stack.status()
        self.assertEqual(status["fleet_groups"], 1, status)
        self.assertNotEqual(status["fleet_group"], old)
        self.assertLessEqual(set(status["retiring_groups"]), {old})
        shown = self.stack.pds("status").stdout
        self.assertNotIn("beside", shown)
        if old in shown:
            self.assertIn(f"going   {old}", shown)
        self.assert_whole(new)
        self.assertNotIn(old, self.stack.pds("status").stdout)

    def test_looking_changes_nothing(self):
        with Gate(self.cloud) as gate:
            for command in ("plan", "status", "history"):
                running = self.stack.begin(command, environment={"AWS_ENDPOINT_URL": gate.url})
                self.assertEqual(running.end(), 0, running.stderr)
        self.assertEqual(gate.writes, [])


if __name__ == "__main__":
    unittest.main()
