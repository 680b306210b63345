"""podinfo's /api/data on real PostgreSQL servers, with a streaming replica, PgBouncer and Redis."""
import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import certificates
import exposition
from harness import PDS, Cloud, wait_until
from podinfo_process import Podinfo, run
from postgres import ENCODED_PASSWORD, PASSWORD, Bouncer, Server, missing, program

PATH = "/api/data"
UNCACHED = "--data-cache-bytes=0"
TOKEN = "X-Data-Token"


class DataPodinfo(Podinfo):
    def json(self, method, path, message=None, token=None):
        """Status and document."""
        body = None if message is None else json.dumps({"message": message})
        answer = self.ask(method, path, body=body, headers={TOKEN: token} if token else {})
        return answer.status, json.loads(answer.body) if answer.body else None

    def write(self, name, message):
        """The token."""
        answer = self.ask("PUT", f"{PATH}/{name}", body=json.dumps({"message": message}))
        if answer.status not in (200, 201):
            raise AssertionError(f"{answer.status} {answer.text}")
        return answer.headers[TOKEN]

    def read(self, name, token=None):
        """The message, or the status."""
        status, document = self.json("GET", f"{PATH}/{name}", token=token)
        return document["message"] if status == 200 else status

    def metric(self, series):
        for line in self.ask("GET", "/metrics").text.splitlines():
            if line.startswith(series + " "):
                return float(line.rsplit(" ", 1)[1])
        return 0

    def queries(self, server):
        return self.metric(f'podinfo_database_query_duration_seconds_count{{server="{server}",outcome="ok"}}')

    def cached(self, result, level="memory"):
        return self.metric(f'podinfo_data_cache_requests_total{{level="{level}",result="{result}"}}')

    def log(self):
        return "".join(line for line in self.lines if line)


class Lock:
    """Holds the table, so that whoever asks for it waits."""

    def __init__(self, server):
        self.server = server
        self.psql = subprocess.Popen([program("psql"), "-XAtq", "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "-d", "podinfo"],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        self.psql.stdin.write("BEGIN; LOCK TABLE podinfo_data IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n")
        self.psql.stdin.flush()
        assert self.psql.stdout.readline() == "locked\n"
        return self

    def waiters(self):
        return int(self.server.sql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'podinfo_data'::regclass", "podinfo"))

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):
            self.psql.communicate("COMMIT;\n", timeout=30)


class DataCase(unittest.TestCase):
    def podinfo(self, *flags, **options):
        podinfo = DataPodinfo(*flags, **options)
        self.addCleanup(podinfo.stop)
        return podinfo

    def ready(self, *flags, **options):
        podinfo = self.podinfo(*flags, **options)
        podinfo.wait_for_line("data table is there")
        return podinfo

    def server(self, source=None):
        server = Server(source)
        self.addCleanup(server.remove)
        if not source:
            server.make_user()
        return server


@unittest.skipIf(missing(), missing())
class DataTest(DataCase):
    @classmethod
    def setUpClass(cls):
        cls.primary = Server()
        cls.addClassCleanup(cls.primary.remove)
        cls.primary.make_user()
        cls.replica = Server(cls.primary)
        cls.addClassCleanup(cls.replica.remove)

    def alone(self, *flags):
        return self.ready(f"--database-url={self.primary.url()}", *flags)

    def pair(self, *flags):
        return self.ready(f"--database-url={self.primary.url()}", f"--database-replica-url={self.replica.url()}", *flags)

    def test_items_are_made_read_changed_and_removed(self):
        podinfo = self.alone("--prefix=/")
        answer = podinfo.ask("POST", PATH, body=json.dumps({"message": "first <b>"}))
        self.assertEqual(answer.status, 201)
        item = json.loads(answer.text)
        self.assertEqual(list(item), ["id", "message", "timestamp", "environment", "version"])
        self.assertEqual((item["message"], item["environment"]), ("first <b>", "dev"))
        self.assertRegex(item["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(answer.headers["Location"], f"{PATH}/{item['id']}")
        self.assertRegex(answer.headers[TOKEN], "^[0-9a-f]{16}$")
        self.assertEqual(podinfo.json("GET", f"{PATH}/{item['id']}"), (200, item))
        changed = podinfo.json("PUT", f"{PATH}/{item['id']}", "second")
        self.assertEqual((changed[0], changed[1]["message"]), (200, "second"))
        self.assertEqual(podinfo.json("GET", f"{PATH}/{item['id']}")[1], changed[1])
        self.assertEqual(podinfo.json("PUT", f"{PATH}/of-my-own", "x")[0], 201)
        self.assertEqual(podinfo.json("DELETE", f"{PATH}/of-my-own"), (204, None))
        self.assertEqual(podinfo.json("DELETE", f"{PATH}/of-my-own"), (404, {"code": 404, "message": "there is no item of that id"}))
        self.assertEqual(podinfo.read("of-my-own"), 404)
        self.assertEqual(self.primary.sql("SELECT message FROM podinfo_data WHERE id = '%s'" % item["id"], "podinfo"), "second")

    def test_what_is_wrong_is_told_with_its_status(self):
        podinfo = self.alone()
        for method, path, body, status, message in (
                ("POST", PATH, "", 400, "the body is not valid JSON"),
                ("POST", PATH, "[1]", 400, 'the body is {"message": "..."} and nothing else'),
                ("POST", PATH, '{"message": 1}', 400, 'the body is {"message": "..."} and nothing else'),
                ("POST", PATH, '{"message": ""}', 400, "a message has 1 to 4096 bytes"),
                ("POST", PATH, '{"message": "a\\u0000"}', 400, "a message cannot hold U+0000"),
                ("PUT", f"{PATH}/a", json.dumps({"message": "x" * 4097}), 400, "a message has 1 to 4096 bytes"),
                ("PUT", f"{PATH}/a", " " * 30000, 413, "the body is larger than 25600 bytes"),
                ("PUT", f"{PATH}/a%20b", '{"message": "x"}', 400, "an id is made of letters, digits"),
                ("GET", f"{PATH}/{'x' * 65}", None, 400, "an id has 1 to 64 characters"),
                ("GET", f"{PATH}/a%27", None, 400, "an id is made of letters, digits"),
                ("DELETE", f"{PATH}/%24", None, 400, "an id is made of letters, digits"),
                ("GET", f"{PATH}?limit=0", None, 400, "limit is a number from 1 to 100"),
                ("GET", f"{PATH}?limit=101", None, 400, "limit is a number from 1 to 100"),
                ("GET", f"{PATH}?after=a%20b", None, 400, "an id is made of letters, digits")):
            with self.subTest(method=method, path=path, body=(body or "")[:40]):
                answer = podinfo.ask(method, path, body=body)
                self.assertEqual(answer.status, status, answer.text)
                self.assertEqual(json.loads(answer.text)["code"], status)
                self.assertIn(message, json.loads(answer.text)["message"])
        for token in ("x", "0" * 15, "0" * 17, "00000000000000AA", "0/1"):
            for path in (PATH, f"{PATH}/a"):
                self.assertEqual(podinfo.ask("GET", path, headers={TOKEN: token}).status, 400, token)
        self.assertEqual(podinfo.ask("PATCH", PATH).status, 405)
        self.assertEqual(podinfo.ask("GET", f"{PATH}/a/b").status, 404)

    def test_lists_have_pages(self):
        self.primary.sql("DELETE FROM podinfo_data", "podinfo")
        podinfo = self.alone()
        names = sorted(["a", "B", "c-1", "c.2", "c_3", "d", "e"])
        for name in names:
            podinfo.write(name, name)
        seen, after = [], ""
        while True:
            status, page = podinfo.json("GET", f"{PATH}?limit=3&after={after}")
            self.assertEqual(status, 200)
            self.assertEqual(page["count"], len(page["items"]))
            seen += [item["id"] for item in page["items"]]
            if "next" not in page:
                break
            after = page["next"]
        self.assertEqual(seen, names)
        self.assertEqual([item["id"] for item in podinfo.json("GET", PATH)[1]["items"]], names)

    def test_statements_cannot_be_reached_by_what_clients_say(self):
        podinfo = self.alone()
        for text in ("'; DROP TABLE podinfo_data; --", "$1", "\\'; SELECT 1", "');DELETE FROM podinfo_data;--", "a\"b", "%s%n",
                     "\u00e4\u2028\U0001f600", "E'\\000'"):
            podinfo.write("shape", text)
            self.assertEqual(podinfo.read("shape"), text)
        for name in ("x'%20OR%20'1'='1", "x%27%3B--", "x%22", "x%5C", "x%00"):
            self.assertEqual(podinfo.ask("DELETE", f"{PATH}/{name}").status, 400, name)
        self.assertEqual(podinfo.ask("GET", f"{PATH}?after=%27%20UNION%20SELECT%20rolname,rolpassword,now()%20FROM%20pg_authid--").status, 400)
        self.assertEqual(podinfo.read("shape"), "E'\\000'")

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

    @unittest.skipUnless(shutil.which("openssl"), "the openssl command is not on this machine")
    def test_the_servers_certificate_is_verified(self):
        folder = tempfile.mkdtemp(prefix="authority-", dir="/tmp")
        self.addCleanup(shutil.rmtree, folder)
        authority = certificates.Authority(folder)
        self.primary.use_certificate(*authority.issue("localhost"))
        verified = f"sslmode=verify-full&sslrootcert={authority.file}"
        podinfo = self.ready(f"--database-url={self.primary.url(host='localhost')}?{verified}", UNCACHED)
        long = "x" * 4000   # more than one record and one packet
        for number in range(30):
            podinfo.write(f"tls-{number:02}", long)
        page = podinfo.json("GET", f"{PATH}?limit=100&after=tls-")[1]
        self.assertEqual([item["message"] for item in page["items"] if item["id"].startswith("tls-")], [long] * 30)
        secure = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'podinfo'"
        wait_until(lambda: self.primary.sql(secure) == "t")
        other = self.podinfo(f"--database-url={self.primary.url()}?{verified}")
        self.assertIn("certificate", other.wait_for_line("database server is away"))
        self.assertEqual(other.ask("GET", PATH).status, 503)

    def test_metrics_are_in_prometheus_format(self):
        podinfo = self.pair()
        podinfo.write("counted", "x")
        podinfo.read("counted")
        families = exposition.read(podinfo.ask("GET", "/metrics").text)
        self.assertEqual(exposition.value_of(families, "podinfo_database_connections", server="primary", state="idle"), 1)
        self.assertEqual(exposition.value_of(families, "podinfo_data_cache_requests_total", level="memory", result="miss"), 1)

    def test_several_replicas_take_turns(self):
        podinfo = self.ready(f"--database-url={self.primary.url()}", f"--database-replica-url={self.replica.url()},{self.primary.url()}", UNCACHED)
        podinfo.write("turns", "x")
        self.replica.caught_up_with(self.primary)
        before = [podinfo.queries(f"replica-{n}") for n in (1, 2)]
        for _ in range(10):
            self.assertEqual(podinfo.read("turns"), "x")
        self.assertEqual([podinfo.queries(f"replica-{n}") - before[n - 1] for n in (1, 2)], [5, 5])

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

    def test_whoever_finds_no_connection_is_told_when_to_come_again(self):
        podinfo = self.alone(UNCACHED, "--database-pool-max=1")
        podinfo.write("full", "x")
        with concurrent.futures.ThreadPoolExecutor(1) as readers:
            with Lock(self.primary) as lock:
                holder = readers.submit(podinfo.read, "full")
                wait_until(lambda: lock.waiters() == 1)
                refused = podinfo.ask("GET", f"{PATH}/full")
                self.assertEqual((refused.status, refused.headers["Retry-After"]), (503, "1"))
                self.assertEqual(json.loads(refused.text), {"code": 503, "message": "no connection to the database became free in time"})
                self.assertEqual(podinfo.ask("GET", "/version").status, 200)
            self.assertEqual(holder.result(), "x")
        self.assertEqual(podinfo.metric('podinfo_database_refused_total{server="primary"}'), 1)
        self.assertEqual(podinfo.read("full"), "x")
        self.assertEqual(podinfo.metric('podinfo_database_connections_opened_total{server="primary"}'), 1)

    def test_it_ends_while_requests_wait_for_the_database(self):
        for flags in ((), (UNCACHED,)):
            podinfo = self.alone("--database-pool-max=1", "--server-shutdown-timeout=500ms", "--level=debug", *flags)
            podinfo.write("busy", "x")
            with concurrent.futures.ThreadPoolExecutor(4) as readers:
                with Lock(self.primary) as lock:
                    asked = [readers.submit(podinfo.read, name) for name in ("busy", "busy", "other", "third")]
                    wait_until(lambda: lock.waiters() == 1 and podinfo.metric('podinfo_database_waiting{server="primary"}') >= 2)
                    podinfo.signal()
                    self.assertEqual(podinfo.wait(), 0)
                for one in asked:
                    with self.assertRaises(OSError):
                        one.result()

    def test_a_table_that_may_not_be_made_is_awaited(self):
        self.primary.sql("CREATE ROLE reader LOGIN PASSWORD 'p'")
        self.primary.sql("CREATE DATABASE readers")   # whose public schema is not the reader's to write to
        podinfo = self.podinfo(f"--database-url=postgresql://reader:p@127.0.0.1:{self.primary.port}/readers")
        podinfo.wait_for_line("data table is not there yet")
        answer = podinfo.ask("GET", PATH)
        self.assertEqual((answer.status, json.loads(answer.text)["message"]), (503, "the database refused the query (SQLSTATE 42501)"))
        self.primary.sql("CREATE TABLE podinfo_data (id text PRIMARY KEY, message text, changed_at timestamptz); "
                         "GRANT SELECT ON podinfo_data TO reader", "readers")
        wait_until(lambda: podinfo.ask("GET", PATH).status == 200)
        self.assertEqual(podinfo.json("PUT", f"{PATH}/a", "x")[0], 503)

    def test_many_that_start_at_once_make_one_table(self):
        self.primary.make_user("many")
        started = [self.podinfo(f"--database-url={self.primary.url('many')}", wait_for="Starting podinfo") for _ in range(6)]
        for podinfo in started:
            podinfo.wait_for_line("data table is there")
            podinfo.wait_for_line("Starting HTTP Server.")
            self.assertEqual(podinfo.json("POST", PATH, "x")[0], 201)
            self.assertNotIn('"level":"warn"', podinfo.log())
        self.assertEqual(self.primary.sql("SELECT count(*) FROM podinfo_data", "many"), "6")

    def test_passwords_stay_out_of_the_log_and_of_answers(self):
        podinfo = self.alone("--level=debug")
        podinfo.write("quiet", "x")
        shown = podinfo.log() + podinfo.ask("GET", "/env").text + podinfo.ask("GET", "/metrics").text
        wrong = self.podinfo(f"--database-url=postgresql://podinfo:hidden@127.0.0.1:{self.primary.port}/podinfo", "--level=debug",
                             env={"PODINFO_DATABASE_REPLICA_URL": f"postgresql://podinfo:hidden@127.0.0.1:{self.primary.port}/podinfo"})
        self.assertIn("password authentication failed", wrong.wait_for_line("database server is away"))
        answer = wrong.ask("GET", PATH)
        self.assertEqual((answer.status, json.loads(answer.text)["message"]), (503, "the database cannot be reached"))
        shown += wrong.log() + wrong.ask("GET", "/env").text
        bad = run(f"--database-url=postgresql://podinfo:hidden@127.0.0.1:{self.primary.port}/podinfo?nope=hidden")
        self.assertEqual(bad.returncode, 2)
        self.assertIn("--database-url: the text is no database's URL", bad.stderr)
        for secret in ("hidden", PASSWORD, ENCODED_PASSWORD):
            self.assertNotIn(secret, shown + bad.stderr + bad.stdout)

    @unittest.skipUnless(program("pgbouncer"), "pgbouncer is not on this machine")
    def test_it_works_through_pgbouncer_in_transaction_mode(self):
        bouncer = Bouncer(self.primary, pool=2)
        self.addCleanup(bouncer.remove)
        readers = Bouncer(self.replica, pool=2)
        self.addCleanup(readers.remove)
        podinfo = self.ready(f"--database-url={bouncer.url()}", f"--database-replica-url={readers.url()}", UNCACHED,
                             env={"PGOPTIONS": "-c geqo=off", "PGTZ": "Asia/Tokyo"})

        def use(number):
            for turn in range(10):
                token = podinfo.write(f"pooled-{number}", f"{turn}")
                self.assertEqual(podinfo.read(f"pooled-{number}", token), f"{turn}")
            return podinfo.json("DELETE", f"{PATH}/pooled-{number}")[0]

        with concurrent.futures.ThreadPoolExecutor(8) as users:
            self.assertEqual(list(users.map(use, range(8))), [204] * 8)
        for outcome in ("error", "lost", "timeout"):
            for server in ("primary", "replica-1"):
                self.assertEqual(podinfo.metric(f'podinfo_database_query_duration_seconds_count{{server="{server}",outcome="{outcome}"}}'), 0)
        self.assertGreater(podinfo.queries("replica-1"), 0)

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


@unittest.skipIf(missing(), missing())
@unittest.skipUnless(os.path.exists(PDS), "pds is not built")
class DataSecretTest(DataCase):
    def test_a_secret_names_the_database_and_a_new_version_another(self):
        import boto3
        cloud = Cloud().start()
        self.addCleanup(cloud.stop)
        server = self.server()
        server.make_user("second", "other")
        secrets = boto3.client("secretsmanager", endpoint_url=cloud.url, region_name=cloud.env["AWS_REGION"],
                               aws_access_key_id=cloud.env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=cloud.env["AWS_SECRET_ACCESS_KEY"])
        secrets.create_secret(Name="db", SecretString=json.dumps({"DATABASE_URL": server.url(), "API_KEY": "k"}))
        podinfo = self.ready("--secret-id=db", "--secret-refresh=100ms", env=cloud.env)
        podinfo.write("of", "the first")
        secrets.put_secret_value(SecretId="db", SecretString=json.dumps({"database_url": server.url("second", "other")}))
        wait_until(lambda: podinfo.read("of") == 404)
        podinfo.write("of", "the second")
        self.assertEqual(server.sql("SELECT message FROM podinfo_data", "second"), "the second")
        self.assertEqual(server.sql("SELECT message FROM podinfo_data", "podinfo"), "the first")
        wait_until(lambda: server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'podinfo'") == "0")
        secrets.put_secret_value(SecretId="db", SecretString=json.dumps({"API_KEY": "k"}))
        wait_until(lambda: podinfo.json("GET", PATH)[1].get("id", "").startswith("req-"))
        for secret in (PASSWORD, ENCODED_PASSWORD, "other"):
            self.assertNotIn(secret, podinfo.log())


if __name__ == "__main__":
    unittest.main()
