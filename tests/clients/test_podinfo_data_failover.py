"""podinfo's /api/data while its servers come, go and change their parts."""
import json
import os
import signal
import socket
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import wait_until
from podinfo_data import PATH, TOKEN, UNCACHED, DataCase
from postgres import ENCODED_PASSWORD, missing


@unittest.skipIf(missing(), missing())
class DataFailureTest(DataCase):
    def test_a_database_that_comes_later_is_awaited(self):
        server = self.server()
        server.stop()
        podinfo = self.podinfo(f"--database-url={server.url()}")
        podinfo.wait_for_line("database server is away")
        for method, path, message in (("GET", PATH, None), ("GET", f"{PATH}/a", None), ("POST", PATH, "x"), ("DELETE", f"{PATH}/a", None)):
            self.assertEqual(podinfo.json(method, path, message), (503, {"code": 503, "message": "the database cannot be reached"}))
        for path in ("/version", "/readyz", "/healthz"):
            self.assertEqual(podinfo.ask("GET", path).status, 200)
        server.start()
        wait_until(lambda: podinfo.ask("GET", PATH).status == 200)
        self.assertEqual(podinfo.json("POST", PATH, "x")[0], 201)

    def test_writes_go_on_at_the_replica_that_becomes_the_primary(self):
        primary = self.server()
        replica = self.server(primary)
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")   # what was acknowledged is on both
        primary.sql("SELECT pg_reload_conf()")
        wait_until(lambda: primary.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1")
        url = f"postgresql://podinfo:{ENCODED_PASSWORD}@127.0.0.1:{primary.port},127.0.0.1:{replica.port}/podinfo"
        podinfo = self.ready(f"--database-url={url}", f"--database-replica-url={replica.url()}")
        acknowledged, ended, answers = [], threading.Event(), []

        def write():
            while not ended.is_set():
                status, document = podinfo.json("POST", PATH, "x")
                answers.append(status)
                if status == 201:
                    acknowledged.append(document["id"])

        writers = [threading.Thread(target=write) for _ in range(4)]
        for writer in writers:
            writer.start()
        try:
            wait_until(lambda: len(acknowledged) > 20)
            primary.stop(signal.SIGQUIT)
            replica.promote()
            before = len(acknowledged)
            wait_until(lambda: len(acknowledged) > before + 20)
        finally:
            ended.set()
            for writer in writers:
                writer.join()
        self.assertLessEqual(set(answers), {201, 503})
        kept = set(replica.sql("SELECT id FROM podinfo_data", "podinfo").splitlines())
        self.assertEqual(set(acknowledged) - kept, set())
        self.assertGreater(podinfo.metric("podinfo_database_retries_total"), 0)
        self.assertEqual(podinfo.read(acknowledged[-1], podinfo.write("after", "y")), "x")

    def test_a_primary_that_has_become_a_standby_is_left(self):
        old = self.server()
        new = self.server(old)
        url = f"postgresql://podinfo:{ENCODED_PASSWORD}@127.0.0.1:{old.port},127.0.0.1:{new.port}/podinfo"
        podinfo = self.ready(f"--database-url={url}", UNCACHED)
        podinfo.write("moved", "1")
        old.sql("ALTER SYSTEM SET default_transaction_read_only = on")   # as an operator makes a switch-over begin
        old.sql("SELECT pg_reload_conf()")
        new.caught_up_with(old)
        new.promote()
        wait_until(lambda: old.sql("SHOW default_transaction_read_only") == "on")
        podinfo.write("moved", "2")
        self.assertEqual(new.sql("SELECT message FROM podinfo_data WHERE id = 'moved'", "podinfo"), "2")
        self.assertEqual(podinfo.read("moved"), "2")

    def test_a_restart_under_load_gives_no_wrong_answer(self):
        server = self.server()
        podinfo = self.ready(f"--database-url={server.url()}")
        ended, wrong, counts = threading.Event(), [], {"write": 0, "refused": 0}

        def use(name):
            number, sent, token = 0, 0, None
            while not ended.is_set():
                sent += 1
                answer = podinfo.ask("PUT", f"{PATH}/{name}", body=json.dumps({"message": str(sent)}))
                if answer.status in (200, 201):
                    number, token = sent, answer.headers[TOKEN]
                    counts["write"] += 1
                elif answer.status == 503:
                    counts["refused"] += 1
                else:
                    wrong.append((answer.status, answer.text))
                seen = podinfo.read(name, token)
                # An answer that said it did not know may have been a change all the same.
                if seen != 503 and not (token is None and seen == 404) and not (isinstance(seen, str) and number <= int(seen) <= sent):
                    wrong.append((name, number, sent, seen))

        users = [threading.Thread(target=use, args=(f"user-{n}",)) for n in range(6)]
        for user in users:
            user.start()
        try:
            for number in (signal.SIGINT, signal.SIGQUIT):
                before = counts["write"]
                wait_until(lambda: counts["write"] > before + 50)
                server.stop(number)
                server.start()
            before = counts["write"]
            wait_until(lambda: counts["write"] > before + 50)
        finally:
            ended.set()
            for user in users:
                user.join()
        self.assertEqual(wrong, [])

    def test_connections_that_were_ended_meanwhile_are_replaced(self):
        server = self.server()
        podinfo = self.ready(f"--database-url={server.url()}", UNCACHED)
        podinfo.write("kept", "x")
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'podinfo'")
        self.assertEqual(podinfo.read("kept"), "x")
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'podinfo'")
        podinfo.write("kept", "y")
        self.assertEqual(podinfo.read("kept"), "y")

    def test_a_server_that_says_nothing_is_given_up(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            podinfo = self.podinfo(f"--database-url=postgresql://u:hidden@127.0.0.1:{silent.getsockname()[1]}/d")
            self.assertIn("did not let us in in time", podinfo.wait_for_line("database server is away"))
            self.assertEqual(podinfo.ask("GET", PATH).status, 503)
            self.assertEqual(podinfo.ask("GET", "/readyz").status, 200)
            server = self.server()
            hosts = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1:{server.port}"
            found = self.ready(f"--database-url=postgresql://podinfo:{ENCODED_PASSWORD}@{hosts}/podinfo")
            found.write("behind", "x")
            self.assertEqual(found.read("behind"), "x")
            self.assertNotIn("database server is away", found.log())


if __name__ == "__main__":
    unittest.main()
