"""Where the time of a backend's call goes, as a collector is told."""
import json
import os
import shutil
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import certificates
from harness import wait_until
from podinfo_process import LIMIT, free_port
from trace_case import TraceCase


class CallPartsTest(TraceCase):
    def parts_of_call(self, collector, number):
        """(name, whether it is within http.getconn, error) of each span in the client's span with that number."""
        def find():
            calls = sorted((found[2] for found in collector.spans() if found[2]["name"] == "HTTP POST"), key=lambda span: span["began"])
            return calls[number] if len(calls) > number else None

        call = wait_until(find, LIMIT, f"call {number}")
        spans = [span for _, scope, span in collector.spans() if scope.endswith("otelhttptrace") and span["trace_id"] == call["trace_id"]]
        connections = {span["span_id"] for span in spans if span["name"] == "http.getconn" and span["parent"] == call["span_id"]}
        own = [span for span in spans if span["parent"] in connections | {call["span_id"]}]
        for span in own:
            self.assertEqual(span["kind"], 3)
            self.assertLessEqual((call["began"], span["began"], span["ended"]), (span["began"], span["ended"], call["ended"]))
        self.by_name = {span["name"]: span for span in own}
        return [(span["name"], span["parent"] in connections, span["message"]) for span in own]

    def assert_parts(self, parts, *names):
        self.assertEqual(sorted(name for name, _, _ in parts), sorted(names))
        for name, in_connection, message in parts:
            self.assertEqual((in_connection, message), (name in ("http.dns", "http.connect", "http.tls"), ""), name)

    def test_a_backends_call_has_parts(self):
        collector = self.collector()
        backend = self.podinfo(env={})
        podinfo = self.podinfo(f"--backend-url=http://localhost:{backend.port}/echo", env=collector.env())
        for body in (b"hi", b""):
            self.assertEqual(json.loads(podinfo.ask("POST", "/echo", body).text), [body.decode()])
        self.assert_parts(self.parts_of_call(collector, 0), "http.getconn", "http.dns", "http.connect", "http.headers", "http.send", "http.receive")
        self.assertIn("127.0.0.1", self.by_name["http.dns"]["attributes"]["http.dns.addrs"])
        self.assertEqual(self.by_name["http.connect"]["attributes"]["http.remote"], f"127.0.0.1:{backend.port}")
        self.assertFalse(self.by_name["http.getconn"]["attributes"]["http.conn.reused"])
        self.assert_parts(self.parts_of_call(collector, 1), "http.getconn", "http.headers", "http.send", "http.receive")
        self.assertTrue(self.by_name["http.getconn"]["attributes"]["http.conn.reused"])

    @unittest.skipUnless(shutil.which("openssl"), "the openssl command is not on this machine")
    def test_a_handshake_is_a_part_of_its_own(self):
        folder = tempfile.mkdtemp(prefix="authority-", dir="/tmp")
        self.addCleanup(shutil.rmtree, folder)
        authority = certificates.Authority(folder)
        for name, path in zip(("tls.crt", "tls.key"), authority.issue("localhost")):
            shutil.copy(path, os.path.join(folder, name))
        collector, port = self.collector(), free_port()
        self.podinfo(f"--secure-port={port}", f"--cert-path={folder}", env={})
        podinfo = self.podinfo(f"--backend-url=https://localhost:{port}/echo", env=collector.env())
        self.assertIn("certificate is not accepted", podinfo.ask("POST", "/echo", b"hi").text)   # only the system's authorities are, or SSL_CERT_FILE's
        parts = self.parts_of_call(collector, 0)
        self.assertEqual(sorted((name, bool(message)) for name, _, message in parts),
                         [("http.connect", False), ("http.dns", False), ("http.getconn", True), ("http.tls", True)])
        self.assertEqual([name for name, in_connection, _ in parts if not in_connection], ["http.getconn"])
        trusting = self.podinfo(f"--backend-url=https://localhost:{port}/echo", env={**collector.env(), "SSL_CERT_FILE": authority.file})
        self.assertEqual(json.loads(trusting.ask("POST", "/echo", b"hi").text), ["hi"])
        self.assert_parts(self.parts_of_call(collector, 1), "http.getconn", "http.dns", "http.connect", "http.tls", "http.headers", "http.send", "http.receive")

    def test_what_fails_of_a_call_is_told_of_its_part(self):
        collector, nobody = self.collector(), free_port()
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            podinfo = self.podinfo(f"--backend-url=http://127.0.0.1:{nobody}/", env=collector.env())
            podinfo.ask("POST", "/echo", b"hi")
            parts = self.parts_of_call(collector, 0)
            self.assertEqual({name for name, _, message in parts if "refused" in message}, {"http.getconn", "http.connect"})
            waits = self.podinfo(f"--backend-url=http://127.0.0.1:{silent.getsockname()[1]}/", "--http-client-timeout=2s", env=collector.env())
            self.assertIn("context deadline exceeded", waits.ask("POST", "/echo", b"hi").text)
            self.assert_parts(self.parts_of_call(collector, 1), "http.getconn", "http.connect", "http.headers", "http.send")


if __name__ == "__main__":
    unittest.main()
