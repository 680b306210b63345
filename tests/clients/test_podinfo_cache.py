"""podinfo's /cache on a real Redis."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import wait_until
from podinfo_process import Podinfo, free_port, run

PASSWORD = "open:sesame@cave"


class Server:
    def __init__(self, folder, port=None, password=None):
        self.port = port or free_port()
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", folder, "--save", "", "--appendonly", "no"]
        if password:
            command += ["--requirepass", password]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.listens)

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def command(self, *words):
        """By redis-cli, which is not ours."""
        return subprocess.run(["redis-cli", "-p", str(self.port), "--raw", *words], capture_output=True, check=True).stdout.rstrip(b"\n")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@unittest.skipUnless(shutil.which("redis-server"), "redis-server is not on this machine")
class CacheTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="redis-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.folder)

    def redis(self, **options):
        server = Server(self.folder, **options)
        self.addCleanup(server.stop)
        return server

    def podinfo(self, address):
        podinfo = Podinfo(f"--cache-server={address}")
        self.addCleanup(podinfo.stop)
        return podinfo

    def expect(self, podinfo, method, path, status, body=b"", sent=None):
        answer = podinfo.ask(method, path, body=sent)
        self.assertEqual((answer.status, answer.body), (status, body), f"{method} {path}")

    def test_what_is_written_is_read_and_deleted(self):
        redis = self.redis()
        for address in (f"tcp://127.0.0.1:{redis.port}", f"127.0.0.1:{redis.port}", f"redis://127.0.0.1:{redis.port}"):
            podinfo = self.podinfo(address)
            self.expect(podinfo, "GET", "/cache/colour", 404)
            self.expect(podinfo, "POST", "/cache/colour", 202, sent="blue")
            self.expect(podinfo, "GET", "/cache/colour", 200, b"blue")
            self.assertEqual(redis.command("GET", "colour"), b"blue")
            self.expect(podinfo, "PUT", "/cache/colour", 202, sent="green")
            self.expect(podinfo, "GET", "/cache/colour", 200, b"green")
            self.expect(podinfo, "DELETE", "/cache/colour", 202)
            self.expect(podinfo, "DELETE", "/cache/colour", 202)
            self.expect(podinfo, "GET", "/cache/colour", 404)

    def test_keys_and_values_are_bytes_of_any_kind_and_size(self):
        redis = self.redis()
        podinfo = self.podinfo(f"127.0.0.1:{redis.port}")
        large = bytes(range(256)) * 8192   # 2 MiB, with every byte there is
        self.expect(podinfo, "PUT", "/cache/a%20b%0D%0Ac", 202, sent=large)
        self.assertEqual(redis.command("STRLEN", "a b\r\nc"), str(len(large)).encode())
        self.expect(podinfo, "GET", "/cache/a%20b%0D%0Ac", 200, large)
        self.expect(podinfo, "PUT", "/cache/empty", 202, sent=b"")
        self.expect(podinfo, "GET", "/cache/empty", 200, b"")

    def test_credentials_and_database_are_used(self):
        redis = self.redis(password=PASSWORD)
        encoded = PASSWORD.replace(":", "%3A").replace("@", "%40")
        podinfo = self.podinfo(f"redis://:{encoded}@127.0.0.1:{redis.port}/2")
        self.expect(podinfo, "PUT", "/cache/k", 202, sent="v")
        self.assertEqual(redis.command("-a", PASSWORD, "-n", "2", "GET", "k"), b"v")
        podinfo = self.podinfo(f"redis://default:{encoded}@127.0.0.1:{redis.port}")
        self.expect(podinfo, "PUT", "/cache/k", 202, sent="w")
        podinfo = self.podinfo(f"tcp://:wrong@127.0.0.1:{redis.port}")
        self.assertEqual(json.loads(podinfo.wait_for_line("cache server is offline"))["server"], f"127.0.0.1:{redis.port}")
        self.assertEqual(podinfo.ask("PUT", "/cache/k", body="v").text, '{\n  "code": 500,\n  "message": "cache set failed"\n}')
        self.assertNotIn("wrong", "".join(line for line in podinfo.lines if line))

    def test_its_presence_is_told_for_a_minute(self):
        redis = self.redis()
        self.podinfo(f"127.0.0.1:{redis.port}")
        wait_until(lambda: redis.command("EXISTS", socket.gethostname()) == b"1")
        self.assertLessEqual(int(redis.command("TTL", socket.gethostname())), 60)

    def test_a_server_that_is_away_is_found_again(self):
        redis = self.redis()
        podinfo = self.podinfo(f"127.0.0.1:{redis.port}")
        self.expect(podinfo, "PUT", "/cache/k", 202, sent="v")
        redis.stop()
        self.assertEqual(podinfo.ask("PUT", "/cache/k", body="v").text, '{\n  "code": 500,\n  "message": "cache set failed"\n}')
        self.expect(podinfo, "GET", "/cache/k", 404)
        self.expect(podinfo, "DELETE", "/cache/k", 400)
        for message in ("cache set failed", "cache get failed", "cache delete failed"):
            self.assertEqual(json.loads(podinfo.wait_for_line(message))["key"], "k")
        self.redis(port=redis.port)
        self.expect(podinfo, "PUT", "/cache/k", 202, sent="w")
        self.expect(podinfo, "GET", "/cache/k", 200, b"w")

    def test_a_connection_that_died_meanwhile_is_replaced(self):
        redis = self.redis()
        podinfo = self.podinfo(f"127.0.0.1:{redis.port}")
        self.expect(podinfo, "PUT", "/cache/k", 202, sent="v")
        redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        self.expect(podinfo, "GET", "/cache/k", 200, b"v")
        self.expect(podinfo, "GET", "/cache/nothing", 404)
        self.assertEqual(json.loads(podinfo.wait_for_line("cache key not found"))["key"], "nothing")

    def test_an_address_that_is_none_is_told_at_the_start(self):
        done = run("--cache-server=tcp://:hidden@")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--cache-server: no host is named", done.stderr)
        self.assertNotIn("hidden", done.stderr)


if __name__ == "__main__":
    unittest.main()
