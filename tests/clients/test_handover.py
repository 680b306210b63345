"""A server that replaces itself (exec) while clients use it: every request is answered, none is refused."""
import http.client
import json
import os
import signal
import subprocess
import threading
import unittest

from harness import BIN

REPLACEMENTS = 5


class Client(threading.Thread):
    """Requests without a pause, each on a connection of its own or all on as few as the server allows."""

    def __init__(self, port, kept):
        super().__init__()
        self.port, self.kept = port, kept
        self.answered, self.failures, self.reconnections = 0, [], 0
        self.ended = threading.Event()

    def run(self):
        connection = None
        while not self.ended.is_set():
            fresh = connection is None
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                connection.request("GET", "/some?x=1")
                answer = connection.getresponse()
                if json.load(answer) != {"method": "GET", "target": "/some?x=1", "body": 0}:
                    self.failures.append("another answer")
                self.answered += 1
                if self.kept and not answer.will_close:
                    continue
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as closed:
                # A kept connection may close between two requests, as any server may do; a new one may not.
                self.reconnections += 1
                if fresh:
                    self.failures.append(repr(closed))
            except OSError as refused:
                self.failures.append(repr(refused))
            connection.close()
            connection = None


class HandoverTest(unittest.TestCase):
    def test_no_request_fails_while_the_server_is_replaced(self):
        server = subprocess.Popen([os.path.join(BIN, "http_probe"), "0"], stdout=subprocess.PIPE, text=True)
        port = int(server.stdout.readline())
        clients = [Client(port, kept) for kept in (False, False, True, True)]
        try:
            for client in clients:
                client.start()
            for _ in range(REPLACEMENTS):
                answered = sum(client.answered for client in clients)
                while sum(client.answered for client in clients) < answered + 50:   # traffic flows
                    self.assertTrue(any(client.is_alive() for client in clients))
                server.send_signal(signal.SIGHUP)
                self.assertEqual(int(server.stdout.readline()), port)   # the successor, which has the same process id
            for client in clients:
                client.ended.set()
            for client in clients:
                client.join(60)
                self.assertEqual(client.failures, [])
            self.assertIsNone(server.poll())
        finally:
            for client in clients:
                client.ended.set()
            server.kill()
            server.wait()
            server.stdout.close()


if __name__ == "__main__":
    unittest.main()
