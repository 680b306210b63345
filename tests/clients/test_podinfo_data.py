"""podinfo's /api/data on a real PostgreSQL server, straight and through PgBouncer."""
import concurrent.futures
import json
import os
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import certificates
import exposition
from harness import wait_until
from podinfo_data import PATH, TOKEN, UNCACHED, Lock, PairCase
from podinfo_process import run
from postgres import ENCODED_PASSWORD, PASSWORD, Bouncer, missing, program


@unittest.skipIf(missing(), missing())
class DataTest(PairCase):
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


if __name__ == "__main__":
    unittest.main()
