"""podinfo's /api/data on a primary and its replicas: what is read where."""
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import wait_until
from podinfo_data import PATH, UNCACHED, PairCase
from postgres import missing


@unittest.skipIf(missing(), missing())
class DataReplicaTest(PairCase):
    def test_reads_go_to_the_replica_and_writes_to_the_primary(self):
        podinfo = self.pair(UNCACHED)
        podinfo.write("routed", "x")
        self.replica.caught_up_with(self.primary)
        primary, replica = podinfo.queries("primary"), podinfo.queries("replica-1")
        for _ in range(10):
            self.assertEqual(podinfo.read("routed"), "x")
        self.assertEqual(podinfo.queries("replica-1") - replica, 10)
        self.assertEqual(podinfo.queries("primary"), primary)
        replica = podinfo.queries("replica-1")
        podinfo.write("routed", "y")
        self.assertEqual(podinfo.queries("replica-1"), replica)
        self.assertEqual(podinfo.queries("primary") - primary, 2)   # the write, and where the log then was

    def test_who_wrote_reads_it_though_the_replica_has_not_replayed_it(self):
        for flags in ((UNCACHED,), ()):
            podinfo = self.pair(*flags)
            podinfo.write("mine", "old")
            self.replica.caught_up_with(self.primary)
            self.replica.sql("SELECT pg_wal_replay_pause()")
            try:
                self.assertEqual(podinfo.read("mine"), "old")
                token = podinfo.write("mine", "new")
                self.assertEqual(podinfo.read("mine"), "old")   # of the replica, into the cache if there is one
                primary = podinfo.queries("primary")
                self.assertEqual(podinfo.read("mine", token), "new")
                self.assertGreater(podinfo.queries("primary"), primary)
                self.assertIn("new", [item["message"] for item in podinfo.json("GET", f"{PATH}?limit=100", token=token)[1]["items"]])
            finally:
                self.replica.sql("SELECT pg_wal_replay_resume()")
            self.replica.caught_up_with(self.primary)
            primary = podinfo.queries("primary")
            other = self.pair(UNCACHED)
            before = other.queries("primary")
            self.assertEqual(other.read("mine", token), "new")   # the token means the same to every podinfo
            self.assertEqual(other.queries("primary"), before)
            podinfo.stop()

    def test_a_token_that_was_made_up_harms_nobody(self):
        one, two = self.alone("--data-cache-ttl=1h"), self.alone("--data-cache-ttl=1h")
        one.write("forged", "old")
        self.assertEqual(one.read("forged", "f" * 16), "old")
        token = two.write("forged", "new")
        self.assertEqual(one.read("forged", token), "new")

    def test_a_replica_that_is_away_is_done_without_and_found_again(self):
        podinfo = self.pair(UNCACHED)
        podinfo.write("there", "x")
        self.replica.stop(signal.SIGQUIT)
        try:
            for _ in range(5):
                self.assertEqual(podinfo.read("there"), "x")
            self.assertEqual(podinfo.metric('podinfo_database_up{server="replica-1"}'), 0)
        finally:
            self.replica.start()
        wait_until(lambda: podinfo.metric('podinfo_database_up{server="replica-1"}') == 1)
        replica = podinfo.queries("replica-1")
        self.assertEqual(podinfo.read("there"), "x")
        self.assertGreater(podinfo.queries("replica-1"), replica)

    def test_a_replica_that_says_nothing_any_more_costs_no_answer(self):
        podinfo = self.pair(UNCACHED)
        podinfo.write("frozen", "x")
        self.replica.caught_up_with(self.primary)
        self.assertEqual(podinfo.read("frozen"), "x")
        self.replica.freeze()
        try:
            self.assertEqual(podinfo.read("frozen"), "x")
            self.assertEqual(podinfo.metric('podinfo_database_query_duration_seconds_count{server="replica-1",outcome="timeout"}'), 1)
            self.assertEqual(podinfo.metric('podinfo_database_up{server="replica-1"}'), 0)
            self.assertEqual(podinfo.read("frozen"), "x")
        finally:
            self.replica.freeze(signal.SIGCONT)
        wait_until(lambda: podinfo.metric('podinfo_database_up{server="replica-1"}') == 1)

    def test_several_replicas_take_turns(self):
        podinfo = self.ready(f"--database-url={self.primary.url()}", f"--database-replica-url={self.replica.url()},{self.primary.url()}", UNCACHED)
        podinfo.write("turns", "x")
        self.replica.caught_up_with(self.primary)
        before = [podinfo.queries(f"replica-{n}") for n in (1, 2)]
        for _ in range(10):
            self.assertEqual(podinfo.read("turns"), "x")
        self.assertEqual([podinfo.queries(f"replica-{n}") - before[n - 1] for n in (1, 2)], [5, 5])


if __name__ == "__main__":
    unittest.main()
