"""podinfo's own switches, off by default, and the way of /echo through a proxy."""
import base64
import gzip
import http.server
import json
import threading
import unittest

import exposition
from podinfo_process import Podinfo


class SwitchesTest(unittest.TestCase):
    def podinfo(self, *flags, env=None):
        podinfo = Podinfo(*flags, env=env)
        self.addCleanup(podinfo.stop)
        return podinfo

    def test_error_documents_may_have_the_status_that_they_name(self):
        cases = (("GET", "/cache/a", 400), ("GET", "/token/validate", 401), ("GET", "/store/x", 400), ("GET", "/version", 200))
        plain, real = self.podinfo(), self.podinfo("--real-status")
        for method, path, status in cases:
            with self.subTest(path=path):
                usual, changed = plain.ask(method, path), real.ask(method, path)
                self.assertEqual((usual.status, changed.status, changed.body), (200, status, usual.body))

    def test_what_is_echoed_is_never_taken_for_an_error_document(self):
        document = b'{\n  "code": 404,\n  "message": "mine"\n}'
        answer = self.podinfo("--real-status").ask("POST", "/echo", document)
        self.assertEqual((answer.status, answer.body), (202, document))

    def test_each_request_may_have_a_line(self):
        podinfo = self.podinfo("--access-log")
        podinfo.ask("GET", "/version", headers={"X-Correlation-ID": "abc"})
        line = json.loads(podinfo.wait_for_line("request served"))
        self.assertEqual((line["level"], line["path"], line["status"], line["correlation_id"]), ("info", "/version", 200, "abc"))

    def test_no_request_has_a_line_unless_it_was_asked_for(self):
        for flags, served in (((), []), (("--level=debug",), ["/status/500", "/version"]),
                              (("--access-log",), ["/status/500", "/nowhere", "//version", "/env", "/version"])):
            with self.subTest(flags=flags):
                podinfo = self.podinfo(*flags)
                for method, path in (("GET", "/status/500"), ("GET", "/nowhere"), ("GET", "//version"), ("DELETE", "/env"), ("GET", "/version")):
                    podinfo.ask(method, path)
                podinfo.signal()
                podinfo.wait_for_line("Shutting down")
                lines = [json.loads(line) for line in podinfo.lines if line]
                self.assertEqual([line["path"] for line in lines if line["msg"] == "request served"], served)
                self.assertEqual(len([line for line in lines if line["msg"] == "request started"]), 2 if "--level=debug" in flags else 0)

    def test_settings_may_be_hidden(self):
        podinfo = self.podinfo("--hide-settings")
        for path in ("/env", "/configs"):
            answer = podinfo.ask("GET", path)
            self.assertEqual((answer.status, answer.body), (404, b"404 page not found\n"))
        self.assertEqual(self.podinfo().ask("GET", "/env").status, 200)

    def test_methods_may_be_hinted_at(self):
        podinfo, plain = self.podinfo("--method-hints"), self.podinfo()
        answer = podinfo.ask("POST", "/version")
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "GET, HEAD"))
        self.assertEqual(podinfo.ask("PATCH", "/cache/a").headers["Allow"], "GET, HEAD, POST, PUT, DELETE")
        head = podinfo.ask("HEAD", "/version")
        self.assertEqual((head.status, head.body, head.headers["Content-Length"]), (200, b"", str(len(podinfo.ask("GET", "/version").body))))
        answer = plain.ask("POST", "/version")
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, None))
        self.assertEqual(plain.ask("HEAD", "/version").status, 405)

    def test_what_leads_nowhere_may_be_counted(self):
        for flags, counted in (((), False), (("--count-unmatched",), True)):
            podinfo = self.podinfo(*flags)
            podinfo.ask("GET", "/nowhere")
            podinfo.ask("GET", "/version")
            families = exposition.read(podinfo.ask("GET", "/metrics").text)
            paths = {labels["path"] for _, labels, _ in families["http_request_duration_seconds"]["samples"]}
            self.assertEqual("unmatched" in paths, counted, paths)
            self.assertNotIn("nowhere", paths)


class Proxy:
    """A proxy that answers for whatever is beyond it, and keeps what it was asked."""

    def __init__(self):
        self.asked = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                proxy.asked.append((self.command, self.path, dict(self.headers), body))
                answer = gzip.compress(b"from beyond: " + body)
                self.send_response(200)
                self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def do_CONNECT(self):
                proxy.asked.append((self.command, self.path, dict(self.headers), b""))
                self.send_response(403)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class ProxyTest(unittest.TestCase):
    def setUp(self):
        self.proxy = Proxy()
        self.addCleanup(self.proxy.close)

    def echo(self, backend, **env):
        with Podinfo(f"--backend-url={backend}", "--http-client-timeout=5s", env=env) as podinfo:
            return json.loads(podinfo.ask("POST", "/echo", b"hello").text)[0]

    def test_a_backend_beyond_a_proxy(self):
        answer = self.echo("http://backend.example:8080/in?x=1", HTTP_PROXY=f"http://me:secret@{self.proxy.address}")
        self.assertEqual(answer, "from beyond: hello")   # and unpacked
        method, target, headers, body = self.proxy.asked[0]
        self.assertEqual((method, target, headers["Host"], body), ("POST", "http://backend.example:8080/in?x=1", "backend.example:8080", b"hello"))
        self.assertEqual(headers["Proxy-Authorization"], "Basic " + base64.b64encode(b"me:secret").decode())
        self.assertEqual(headers["Accept-Encoding"], "gzip")

    def test_a_secure_backend_is_reached_by_a_tunnel(self):
        answer = self.echo("https://backend.example/in", HTTPS_PROXY=self.proxy.address)
        self.assertIn("the proxy answered CONNECT backend.example:443 with 403", answer)
        self.assertEqual(self.proxy.asked[0][:2], ("CONNECT", "backend.example:443"))

    def test_what_is_excepted_goes_its_own_way(self):
        with Podinfo() as backend:
            self.assertEqual(self.echo(f"http://127.0.0.1:{backend.port}/echo", HTTP_PROXY=self.proxy.address), "hello")
        self.assertIn("call failed", self.echo("http://backend.invalid/", HTTP_PROXY=self.proxy.address, NO_PROXY="invalid"))
        self.assertEqual(self.proxy.asked, [])


if __name__ == "__main__":
    unittest.main()
