"""HTTP/2 as stock clients speak it: nghttp, h2load and curl with the server, gRPC's own client and server around the balancer."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

from harness import BIN, python_with_grpc, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))


def program(name):
    path = os.path.join(BIN, name)
    if not os.path.exists(path):
        raise unittest.SkipTest(f"{name} is not built")
    return path


def needs(tool):
    return unittest.skipUnless(shutil.which(tool), f"{tool} is not on this machine")


class Started:
    """A process that prints its port first."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()


class ServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Started(program("http2_probe"), "0")
        cls.url = f"http://127.0.0.1:{cls.server.port}"
        cls.directory = tempfile.mkdtemp(prefix="pds-h2-")
        cls.large = os.path.join(cls.directory, "large")
        with open(cls.large, "wb") as file:
            file.write(os.urandom(3_000_000))

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        shutil.rmtree(cls.directory)

    def run_tool(self, *command):
        done = subprocess.run(command, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, (command, done.stdout[-2000:], done.stderr[-2000:]))
        return done.stdout

    def curl(self, path, *options):
        return self.run_tool("curl", "-sS", "--http2-prior-knowledge", *options, self.url + path)

    @needs("curl")
    def test_curl_is_answered_in_http2_and_in_http1_on_the_same_port(self):
        self.assertEqual(self.curl("/", "-w", " %{http_version} %{response_code}"), b"ok 2 200")
        self.assertEqual(self.run_tool("curl", "-sS", "-w", " %{http_version}", self.url + "/"), b"ok 1.1")
        self.assertIn(b"HTTP/2 404", self.curl("/status?404", "-i"))
        self.assertIn(b"content-length: 2", self.curl("/", "-I"))

    @needs("curl")
    def test_curl_uploads_and_downloads_what_is_larger_than_any_window(self):
        with open(self.large, "rb") as file:
            self.assertEqual(self.curl("/echo", "--data-binary", "@" + self.large), file.read())
        self.assertEqual(len(self.curl("/bytes?20000000")), 20_000_000)

    @needs("curl")
    def test_curl_waits_for_100_continue(self):
        self.assertEqual(self.curl("/echo", "-H", "Expect: 100-continue", "-d", "body"), b"body")

    @needs("nghttp")
    def test_nghttp_sends_trailers_and_gets_them_back(self):
        out = self.run_tool("nghttp", "-v", "--trailer", "x-sum: 7", "-d", self.large, self.url + "/echo").decode(errors="replace")
        received = [line for line in out.splitlines() if re.search(r"recv \(stream_id=\d+\) x-", line)]
        self.assertTrue(any("x-sum: 7" in line for line in received), received)
        self.assertTrue(any("x-bytes: 3000000" in line for line in received), received)

    @needs("nghttp")
    def test_nghttp_asks_for_many_at_once(self):
        out = self.run_tool("nghttp", "-ns", "-m", "50", self.url + "/", self.url + "/bytes?100000").decode()
        self.assertEqual(len(re.findall(r" 200 ", out)), 100, out)

    @needs("h2load")
    def test_h2load_gets_an_answer_to_each_request(self):
        # Small ones side by side; uploads of many windows; windows of 1023 bytes.
        rounds = (["-c4", "-m10", "-n4000", "/"], ["-c2", "-m32", "-n40", "-d", self.large, "/echo"], ["-c2", "-m100", "-n400", "-w", "10", "/bytes?10000"])
        for *options, path in rounds:
            out = self.run_tool("h2load", *options, self.url + path).decode()
            self.assertRegex(out, r"requests: (\d+) total, \1 started, \1 done, \1 succeeded, 0 failed, 0 errored, 0 timeout", options)

    def test_a_stock_grpc_client_talks_to_it(self):
        out = self.run_tool(python_with_grpc(), os.path.join(HERE, "grpc_peer.py"), "call", str(self.server.port))
        self.assertEqual(out.strip(), b"ok")


class BalancerTest(unittest.TestCase):
    """A stock gRPC client, the balancer, a stock gRPC server."""

    def test_grpc_passes_with_its_streams_and_statuses(self):
        python, peer = python_with_grpc(), os.path.join(HERE, "grpc_peer.py")
        target = Started(python, peer, "serve")
        self.addCleanup(target.stop)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        log = tempfile.NamedTemporaryFile(prefix="pds-h2-")
        self.addCleanup(log.close)
        balancer = subprocess.Popen([program("bench_proxy"), str(port), str(target.port), log.name, "--speak", "grpc"])
        self.addCleanup(balancer.wait, 20)
        self.addCleanup(balancer.terminate)

        def listens():
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", port)) == 0

        wait_until(listens, 20, "the balancer")
        for what in ("call", "call-failing"):
            done = subprocess.run([python, peer, what, str(port)], capture_output=True, text=True, timeout=120)
            self.assertEqual((done.returncode, done.stdout.strip()), (0, "ok"), done.stderr[-3000:])


if __name__ == "__main__":
    unittest.main()
