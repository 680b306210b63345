"""What the tests of /api/data share: a podinfo that knows of databases, and real PostgreSQL servers for it."""
import contextlib
import json
import subprocess
import unittest

from podinfo_process import Podinfo
from postgres import Server, program

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


class PairCase(DataCase):
    """One primary and its replica for all tests of a class."""

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
