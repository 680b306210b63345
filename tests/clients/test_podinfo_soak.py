"""podinfo under mixed load with faults, random errors and delays on, beside peers that misbehave: every request gets an answer, memory stays.

Seconds unless PDS_SOAK_SECONDS says more: PDS_SOAK_SECONDS=600 python3 tests/harness.py test_podinfo_soak.py tests/clients
"""
import hashlib
import http.client
import json
import os
import random
import socket
import tempfile
import threading
import time
import unittest

from podinfo_process import LIMIT, Podinfo

SECONDS = float(os.environ.get("PDS_SOAK_SECONDS", "5"))
WORKERS = 8
GROWTH_MAX_KIB = 4096
EXPECTED = {200, 202, 400, 409, 500}   # what random errors and injected faults may make of a request


def memory_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_"))


class Worker(threading.Thread):
    """Asks over a connection that it keeps, and knows what each answer may be."""

    def __init__(self, port, end, seed):
        super().__init__(daemon=True)
        self.port, self.end, self.random = port, end, random.Random(seed)
        self.answered, self.wrong = 0, []

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)
        while time.monotonic() < self.end:
            method, path, body = self.next_request()
            try:
                connection.request(method, path, body=body)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(f"{method} {path}: {error!r}")
                connection.close()
                continue
            self.answered += 1
            if not self.is_right(path, body, answer.status, content):
                self.wrong.append(f"{method} {path}: {answer.status} {content[:80]!r}")
        connection.close()

    def next_request(self):
        body = self.random.randbytes(self.random.choice((0, 10, 3000, 100000)))
        return self.random.choice((("GET", "/version", None), ("GET", "/healthz", None), ("POST", "/echo", body), ("POST", "/store", body),
                                   ("POST", "/token", b"me"), ("GET", "/headers", None), ("GET", "/metrics", None), ("GET", "/status/409", None)))

    @staticmethod
    def is_right(path, body, status, content):
        if status not in EXPECTED:
            return False
        if path == "/echo" and status == 202:
            return content == body
        if path == "/store" and status == 202:
            return json.loads(content)["hash"] == hashlib.sha1(body).hexdigest()
        return path != "/version" or status != 200 or "version" in json.loads(content)


class Troublemaker(threading.Thread):
    """Peers that leave too early, stop in the middle, or speak nonsense."""

    def __init__(self, port, end):
        super().__init__(daemon=True)
        self.port, self.end, self.random = port, end, random.Random(0)

    def run(self):
        openings = (b"", b"GET /ver", b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nsome", b"\x16\x03\x01garbage\r\n\r\n",
                    b"GET /delay/1 HTTP/1.1\r\nHost: h\r\n\r\n", b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                    b"GET /ws/echo HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n", b"GET /version HTTP/1.1\r\nHost: h\r\n\r\n" * 50)
        while time.monotonic() < self.end:
            with socket.create_connection(("127.0.0.1", self.port), LIMIT) as connection:
                connection.sendall(self.random.choice(openings))
                if self.random.random() < 0.5:
                    connection.settimeout(0.01)
                    try:
                        connection.recv(100)
                    except OSError:
                        pass


class SoakTest(unittest.TestCase):
    def test_every_request_is_answered_and_memory_stays(self):
        with tempfile.TemporaryDirectory(prefix="pds-", dir="/tmp") as directory:
            podinfo = Podinfo("--random-error", "--random-delay", "--random-delay-unit=ms", "--random-delay-min=0", "--random-delay-max=3", "--level=error",
                              f"--data-path={directory}", wait_for=None)
            self.addCleanup(podinfo.stop)
            self.wait_until_it_answers(podinfo)
            self.load(podinfo, 2)   # what grows to its usual size does so here
            before, faults = memory_kib(podinfo.process.pid), threading.Event()
            switch = threading.Thread(target=self.switch_faults, args=(podinfo, faults), daemon=True)
            switch.start()
            answered, wrong = self.load(podinfo, SECONDS)
            faults.set()
            switch.join()
            after = memory_kib(podinfo.process.pid)
            print(f"{answered} answered, {len(wrong)} wrong, memory {before} KiB then {after}")
            self.assertEqual(wrong[:5], [])
            self.assertGreater(answered, 100)
            if not os.environ.get("PDS_SANITIZED"):   # a sanitizer holds on to what was freed
                self.assertLess(after, before + GROWTH_MAX_KIB)
            self.assertIsNone(podinfo.process.poll())

    @staticmethod
    def wait_until_it_answers(podinfo):
        end = time.monotonic() + LIMIT
        while True:
            try:
                return podinfo.ask("GET", "/healthz")
            except OSError:
                if time.monotonic() > end:
                    raise

    @staticmethod
    def load(podinfo, seconds):
        end = time.monotonic() + seconds
        workers = [Worker(podinfo.port, end, seed) for seed in range(WORKERS)]
        everybody = [*workers, Troublemaker(podinfo.port, end)]
        for thread in everybody:
            thread.start()
        for thread in everybody:
            thread.join()
        return sum(worker.answered for worker in workers), [text for worker in workers for text in worker.wrong]

    @staticmethod
    def switch_faults(podinfo, end):
        on = False
        while not end.wait(0.5):
            podinfo.ask("POST", "/fault_injection/" + ("disable" if on else "enable"))
            on = not on


if __name__ == "__main__":
    unittest.main()
