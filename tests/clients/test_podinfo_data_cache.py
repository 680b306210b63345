"""What podinfo keeps of /api/data in memory and in Redis."""
import concurrent.futures
import os
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import wait_until
from podinfo_data import PATH, Lock, PairCase
from postgres import missing


@unittest.skipIf(missing(), missing())
class DataCacheTest(PairCase):
    def test_what_is_read_often_is_read_once(self):
        podinfo = self.alone("--data-cache-ttl=1h")
        podinfo.write("hot", "x")
        podinfo.read("hot")
        queries, hits = podinfo.queries("primary"), podinfo.cached("hit")
        for _ in range(20):
            self.assertEqual(podinfo.read("hot"), "x")
        self.assertEqual(podinfo.cached("hit") - hits, 20)
        self.assertEqual(podinfo.queries("primary"), queries)
        self.assertGreater(podinfo.metric("podinfo_data_cache_bytes"), 0)
        podinfo.write("hot", "y")
        self.assertEqual(podinfo.read("hot"), "y")
        self.assertEqual(podinfo.json("DELETE", f"{PATH}/hot")[0], 204)
        self.assertEqual(podinfo.read("hot"), 404)

    def test_many_who_ask_at_once_are_one_query(self):
        podinfo = self.alone("--data-cache-ttl=1h")
        podinfo.write("crowd", "x")
        queries = podinfo.queries("primary")
        with concurrent.futures.ThreadPoolExecutor(20) as readers:
            with Lock(self.primary) as lock:
                answers = [readers.submit(podinfo.read, "crowd") for _ in range(20)]
                wait_until(lambda: podinfo.metric("podinfo_data_cache_joined_total") == 19)
                self.assertEqual(lock.waiters(), 1)
            self.assertEqual({answer.result() for answer in answers}, {"x"})
        self.assertEqual(podinfo.queries("primary") - queries, 1)

    def test_what_is_stale_is_given_out_until_it_is_fetched_anew(self):
        podinfo = self.alone("--data-cache-ttl=1ms", "--data-cache-stale=1h")
        podinfo.write("stale", "old")
        self.assertEqual(podinfo.read("stale"), "old")
        self.primary.sql("UPDATE podinfo_data SET message = 'new' WHERE id = 'stale'", "podinfo")
        with Lock(self.primary) as lock:
            for _ in range(3):
                self.assertEqual(podinfo.read("stale"), "old")
            self.assertEqual(lock.waiters(), 1)
        self.assertGreaterEqual(podinfo.cached("stale"), 3)
        wait_until(lambda: podinfo.read("stale") == "new")

    def test_the_cache_stays_within_its_bytes(self):
        podinfo = self.alone("--data-cache-ttl=1h", "--data-cache-bytes=50000")
        for number in range(30):
            podinfo.write(f"large-{number}", "x" * 4000)
            podinfo.read(f"large-{number}")
            self.assertLessEqual(podinfo.metric("podinfo_data_cache_bytes"), 50000)
        self.assertGreater(podinfo.metric("podinfo_data_cache_evictions_total"), 0)

    def test_that_there_is_nothing_is_known_for_a_moment_only(self):
        podinfo = self.alone("--data-cache-ttl=1h", "--data-cache-stale=1h")
        self.assertEqual(podinfo.read("later"), 404)
        self.primary.sql("INSERT INTO podinfo_data (id, message) VALUES ('later', 'x')", "podinfo")
        wait_until(lambda: podinfo.read("later") == "x")

    @unittest.skipUnless(shutil.which("redis-server"), "redis-server is not on this machine")
    def test_redis_is_the_second_level_for_all(self):
        from test_podinfo_cache import Server as Redis
        folder = tempfile.mkdtemp(prefix="redis-", dir="/tmp")
        self.addCleanup(shutil.rmtree, folder)
        redis = Redis(folder)
        self.addCleanup(redis.stop)
        flags = (f"--cache-server=127.0.0.1:{redis.port}", "--data-cache-ttl=1h")
        one, two = self.alone(*flags), self.alone(*flags)
        one.write("shared", "x")
        self.assertEqual(one.read("shared"), "x")
        wait_until(lambda: redis.command("--scan", "--pattern", "podinfo:data:*:item/shared"))
        queries = two.queries("primary")
        self.assertEqual(two.read("shared"), "x")
        self.assertEqual((two.cached("hit", "redis"), two.queries("primary")), (1, queries))
        token = two.write("shared", "y")
        self.assertEqual(redis.command("--scan", "--pattern", "podinfo:data:*:item/shared"), b"")
        self.assertEqual(two.read("shared"), "y")
        self.assertEqual(one.read("shared", token), "y")   # in spite of what it has in memory
        redis.stop()
        one.write("shared", "z")
        self.assertEqual(one.read("shared"), "z")
        for number in range(10):
            one.read(f"other-{number}")
        self.assertGreater(one.cached("error", "redis"), 0)
        self.assertEqual(one.log().count("data cache in Redis is away"), 1)


if __name__ == "__main__":
    unittest.main()
