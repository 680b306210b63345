"""What becomes of a query of /api/data that misses its time."""
import concurrent.futures
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import wait_until
from podinfo_data import PATH, UNCACHED, DataCase, Lock
from postgres import Bouncer, missing, program


@unittest.skipIf(missing(), missing())
class DataLateTest(DataCase):
    """What misses its time does not go on at the server. It waits there for ever, for a lock or asleep."""

    def setUp(self):
        self.primary = self.server()

    def make_writes_sleep(self):
        self.primary.sql("CREATE FUNCTION sleep_for_ever() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1e6); RETURN NEW; END'; "
                         "CREATE TRIGGER sleeps BEFORE INSERT ON podinfo_data FOR EACH ROW EXECUTE FUNCTION sleep_for_ever()", "podinfo")

    def sleepers(self):
        return int(self.primary.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'podinfo' AND wait_event = 'PgSleep'"))

    def assert_a_write_is_cancelled(self, podinfo):
        with concurrent.futures.ThreadPoolExecutor(1) as writer:
            asked = writer.submit(podinfo.json, "PUT", f"{PATH}/slow", "x")
            wait_until(lambda: self.sleepers() == 1)
            self.assertEqual(asked.result()[0], 503)
        wait_until(lambda: self.sleepers() == 0)
        self.assertEqual(self.primary.sql("SELECT count(*) FROM podinfo_data WHERE id = 'slow'", "podinfo"), "0")

    def test_a_write_that_is_late_is_cancelled(self):
        podinfo = self.ready(f"--database-url={self.primary.url()}")
        self.make_writes_sleep()
        self.assert_a_write_is_cancelled(podinfo)
        self.assertEqual(podinfo.read("slow"), 404)

    def test_all_that_wait_for_a_lock_are_cancelled(self):
        podinfo = self.ready(f"--database-url={self.primary.url()}", "--database-pool-max=4", UNCACHED)
        podinfo.write("held", "x")
        with concurrent.futures.ThreadPoolExecutor(4) as readers, Lock(self.primary) as lock:
            asked = [readers.submit(podinfo.read, "held") for _ in range(4)]
            wait_until(lambda: lock.waiters() == 4)
            self.assertEqual([one.result() for one in asked], [503] * 4)
            wait_until(lambda: lock.waiters() == 0)
        self.assertEqual(podinfo.read("held"), "x")

    def test_one_through_a_unix_socket_is_cancelled(self):
        podinfo = self.ready(f"--database-url=postgresql:///podinfo?host={self.primary.folder}&port={self.primary.port}&user=podinfo")
        self.make_writes_sleep()
        self.assert_a_write_is_cancelled(podinfo)

    @unittest.skipUnless(program("pgbouncer"), "pgbouncer is not on this machine")
    def test_one_through_pgbouncer_is_cancelled(self):
        bouncer = Bouncer(self.primary)
        self.addCleanup(bouncer.remove)
        podinfo = self.ready(f"--database-url={bouncer.url()}")
        self.make_writes_sleep()
        self.assert_a_write_is_cancelled(podinfo)

    def test_a_server_that_says_nothing_does_not_hold_up_the_end(self):
        podinfo = self.ready(f"--database-url={self.primary.url()}", "--level=debug", UNCACHED)
        self.primary.freeze()
        try:
            self.assertEqual(podinfo.read("frozen"), 503)
            podinfo.signal()
            self.assertEqual(podinfo.wait(), 0)
        finally:
            self.primary.freeze(signal.SIGCONT)


if __name__ == "__main__":
    unittest.main()
