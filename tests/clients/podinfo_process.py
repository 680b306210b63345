"""A podinfo of a test's own, on free ports, asked with Python's own clients."""
import http.client
import os
import signal
import socket
import subprocess
import threading

from harness import PODINFO

LIMIT = 30


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Answer:
    def __init__(self, response):
        self.status, self.reason, self.headers = response.status, response.reason, response.headers
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()


class Podinfo:
    def __init__(self, *flags, env=None, wait_for="Starting HTTP Server."):
        self.port = free_port()
        self.lines, self.seen = [], threading.Condition()
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PODINFO_", "AWS_")) and name != "PORT"}
        self.process = subprocess.Popen([PODINFO, "--host=127.0.0.1", f"--port={self.port}", *flags], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True, env={**clean, "TZ": "UTC0", **(env or {})})
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        if wait_for:
            self.wait_for_line(wait_for)

    def read_log(self):
        for line in self.process.stderr:
            with self.seen:
                self.lines.append(line)
                self.seen.notify_all()
        with self.seen:
            self.lines.append(None)   # the end
            self.seen.notify_all()

    def wait_for_line(self, text):
        """The first line of the log that holds the text."""
        def find():
            return next((line for line in self.lines if line and text in line), None)

        with self.seen:
            self.seen.wait_for(lambda: find() or self.lines[-1:] == [None], LIMIT)
            if not find():
                raise AssertionError(f"no {text!r} in the log: {self.lines}")
            return find()

    def ask(self, method, path, body=None, headers=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=LIMIT)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def talk(self, text):
        """All bytes that come back until the connection closes."""
        with socket.create_connection(("127.0.0.1", self.port), LIMIT) as connection:
            connection.sendall(text if isinstance(text, bytes) else text.encode("latin-1"))
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
            return received.decode("latin-1")

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self):
        status = self.process.wait(LIMIT)
        self.reader.join(LIMIT)
        self.process.stderr.close()
        return status

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        if not self.process.stderr.closed:
            self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def run(*flags, env=None):
    """What a podinfo that does not serve says and returns."""
    return subprocess.run([PODINFO, *flags], capture_output=True, text=True, timeout=LIMIT, env={**os.environ, **(env or {})})
