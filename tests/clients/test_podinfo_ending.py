"""How requests and podinfo itself end."""
import json
import os
import socket
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from podinfo_case import PodinfoTest
from podinfo_process import LIMIT, Podinfo


class Timeouts(PodinfoTest):
    flags = ("--http-server-timeout=1s",)

    def test_an_answer_that_would_come_too_late_does_not_come(self):
        self.assertEqual(self.podinfo.talk("GET /delay/60 HTTP/1.1\r\nHost: a\r\n\r\n"), "")
        text = self.podinfo.talk("GET /chunked/60 HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertTrue(text.startswith("HTTP/1.1 200 ") and text.endswith("\r\n\r\n"), text)
        self.assertEqual(self.ask("GET", "/version").status, 200)


class Ending(unittest.TestCase):
    def test_panic_is_255_and_no_answer(self):
        with Podinfo() as podinfo:
            self.assertEqual(podinfo.talk("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n"), "")
            podinfo.wait_for_line("Panic command received")
            self.assertEqual(podinfo.wait(), 255)

    def test_probes_fail_at_once_while_all_else_goes_on_until_the_end(self):
        with Podinfo() as podinfo:
            podinfo.signal()
            podinfo.wait_for_line("Shutting down HTTP/HTTPS server")
            self.assertEqual([podinfo.ask("GET", path).status for path in ("/readyz", "/healthz", "/version")], [503, 503, 200])
            self.assertEqual(podinfo.wait(), 0)

    def test_a_request_in_flight_is_answered(self):
        with Podinfo("--level=debug") as podinfo:
            answers = []
            asking = threading.Thread(target=lambda: answers.append(podinfo.ask("GET", "/delay/1")))
            asking.start()
            podinfo.wait_for_line("request started")
            podinfo.signal()
            asking.join(LIMIT)
            self.assertEqual([answer.text for answer in answers], ['{\n  "delay": 1\n}'])
            self.assertEqual(podinfo.wait(), 0)

    def test_a_request_that_takes_too_long_is_cut(self):
        with Podinfo("--level=debug", "--server-shutdown-timeout=100ms") as podinfo:
            with socket.create_connection(("127.0.0.1", podinfo.port), LIMIT) as connection:
                connection.sendall(b"GET /delay/25 HTTP/1.1\r\nHost: a\r\n\r\n")
                podinfo.wait_for_line("request started")
                podinfo.signal()
                self.assertEqual(connection.recv(100), b"")
            self.assertEqual(podinfo.wait(), 0)
            self.assertTrue(any(line and "HTTP server graceful shutdown failed" in line for line in podinfo.lines))

    def test_the_notice_is_as_long_however_little_time_there_is_after_it(self):
        with Podinfo("--server-shutdown-timeout=0s") as podinfo:
            answers = []
            asking = threading.Thread(target=lambda: answers.append(podinfo.ask("GET", "/delay/2")))
            podinfo.signal()
            podinfo.wait_for_line("Shutting down HTTP/HTTPS server")
            asking.start()
            asking.join(LIMIT)
            self.assertEqual([answer.text for answer in answers], ['{\n  "delay": 2\n}'])
            self.assertEqual(podinfo.wait(), 0)

    def test_a_second_signal_is_1(self):
        with Podinfo("--server-shutdown-timeout=1h") as podinfo:
            podinfo.signal()
            podinfo.wait_for_line("Shutting down HTTP/HTTPS server")
            podinfo.signal()
            self.assertEqual(podinfo.wait(), 1)

    def test_start_and_requests_are_logged_with_their_fields(self):
        with Podinfo("--level=debug") as podinfo:
            podinfo.ask("GET", "/version?a=1", headers={"User-Agent": "me", "X-Correlation-ID": "c-2"})
            started = json.loads(podinfo.wait_for_line("Starting podinfo"))
            self.assertEqual((started["level"], started["port"]), ("info", str(podinfo.port)))
            self.assertLessEqual({"version", "revision"}, set(started))
            self.assertEqual(json.loads(podinfo.wait_for_line("Starting HTTP Server."))["addr"], f"127.0.0.1:{podinfo.port}")
            request = json.loads(podinfo.wait_for_line("request started"))
            self.assertEqual([request[key] for key in ("proto", "uri", "method", "user-agent", "correlation_id")],
                             ["HTTP/1.1", "/version?a=1", "GET", "me", "c-2"])
            self.assertTrue(request["remote"].startswith("127.0.0.1:"))


if __name__ == "__main__":
    unittest.main()
