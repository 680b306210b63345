"""`podinfo check`, as exec probes call it, against real servers."""
import http.server
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from certificates import openssl
from harness import PODINFO, python_with_grpc
from podinfo_process import LIMIT, Podinfo, free_port

AT_ONCE = "--asks-at-once"


def check(*arguments):
    return subprocess.run([PODINFO, "check", *arguments], capture_output=True, text=True, timeout=LIMIT)


class Flaky(http.server.BaseHTTPRequestHandler):
    """Fails as often as its server says, then is well; sends /there, and what is beside it, here by a redirect."""

    def do_GET(self):
        self.server.asked.append(self.path)
        status = 503 if len(self.server.asked) <= self.server.failures else 302 if self.path.endswith("/there") else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/here" if self.path == "/there" else "here")
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"well")

    def log_message(self, *arguments):
        pass


class CheckTest(unittest.TestCase):
    def expect(self, done, status, *parts):
        self.assertEqual(done.returncode, status, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    def flaky(self, failures):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Flaky)
        server.failures, server.asked = failures, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, f"127.0.0.1:{server.server_address[1]}"

    def test_http_passes_below_400_and_says_what_came(self):
        podinfo = Podinfo()
        self.addCleanup(podinfo.stop)
        self.expect(check("http", f"127.0.0.1:{podinfo.port}/healthz", AT_ONCE), 0, "\tINFO\t", "check succeed", '"status code": 200,', '"response size": "')
        self.expect(check("http", f"127.0.0.1:{podinfo.port}/status/399", AT_ONCE), 0)
        self.expect(check("http", f"http://127.0.0.1:{podinfo.port}/status/404", AT_ONCE), 1, "check failed", "HTTP status 404")
        self.expect(check("http", f"127.0.0.1:{podinfo.port}/api/echo", AT_ONCE, "--method", "POST", "--body", "0123456789"), 0)

    def test_http_is_tried_again_as_often_as_asked(self):
        server, address = self.flaky(2)
        self.expect(check("http", address, AT_ONCE, "--retry", "1", "--delay", "10ms"), 1)
        self.assertEqual(len(server.asked), 2)
        server, address = self.flaky(2)
        self.expect(check("http", address, AT_ONCE, "--retry", "2", "--delay", "10ms"), 0)
        self.assertEqual(len(server.asked), 3)

    def test_redirects_are_followed(self):
        server, address = self.flaky(0)
        self.expect(check("http", f"{address}/there", AT_ONCE), 0)
        self.assertEqual(server.asked, ["/there", "/here"])
        self.expect(check("http", f"{address}/deep/there", AT_ONCE), 0)
        self.assertEqual(server.asked[2:], ["/deep/there", "/deep/here"])

    def test_tcp_passes_where_somebody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.expect(check("tcp", f"127.0.0.1:{listener.getsockname()[1]}", AT_ONCE), 0, "check succeed")
        self.expect(check("tcp", f"127.0.0.1:{free_port()}", AT_ONCE, "--timeout", "1s"), 1, "check failed")
        self.expect(check("tcp", "nowhere", AT_ONCE), 1, "a host and a port")

    def grpc_peer(self, *flags):
        peer = subprocess.Popen([python_with_grpc(), os.path.join(HERE, "grpc_health_peer.py"), *flags], stdout=subprocess.PIPE, text=True)
        self.addCleanup(peer.wait)
        self.addCleanup(peer.kill)
        self.addCleanup(peer.stdout.close)
        return f"127.0.0.1:{peer.stdout.readline().strip()}"

    def test_grpc_passes_with_any_answer(self):
        address = self.grpc_peer()
        self.expect(check("grpc", address, AT_ONCE), 0, '"status": "SERVING"')
        self.expect(check("grpc", address, AT_ONCE, "--service", "tired"), 0, '"status": "NOT_SERVING"')
        self.expect(check("grpc", address, AT_ONCE, "--service=other"), 1, "gRPC status 5: unknown service")

    def test_grpc_without_the_health_protocol_fails(self):
        self.expect(check("grpc", self.grpc_peer("--without-health"), AT_ONCE), 1, "gRPC health protocol not implemented")
        self.expect(check("grpc", f"127.0.0.1:{free_port()}", AT_ONCE, "--timeout", "1s"), 1, "check failed")

    def podcli(self, *arguments, **options):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "podcli")
            os.symlink(PODINFO, program)
            return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=LIMIT, **options)

    def test_podcli_is_what_an_image_calls_it(self):
        podinfo = Podinfo()
        self.addCleanup(podinfo.stop)
        done = self.podcli("check", "http", f"localhost:{podinfo.port}/healthz", AT_ONCE)
        self.assertRegex(done.stderr, r'^\S+Z\tINFO\tpodcli/check\.go:\d+\tcheck succeed\t\{"address": "[^"]+", "status code": 200, "response size": "20 B"\}\n$')
        self.assertEqual((self.podcli("version").stdout, self.podcli("check", "--help").returncode), ("0.0.0-dev\n", 0))
        wrong = self.podcli("check", "http")
        self.assertEqual((wrong.returncode, wrong.stdout, wrong.stderr.splitlines()[0]), (1, "Address is required\n", "Error: address is required"))
        self.assertIn('Error: unknown command "x" for "podcli"', self.podcli("x").stderr)

    def test_podcli_ws_sends_lines_and_prints_what_comes(self):
        podinfo = Podinfo()
        self.addCleanup(podinfo.stop)
        done = self.podcli("ws", f"127.0.0.1:{podinfo.port}/ws/echo", input="hello\n" + "x" * 70000 + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('"msg":"hello"}\n', done.stdout)
        self.assertIn("x" * 70000, done.stdout)
        refused = self.podcli("ws", f"127.0.0.1:{podinfo.port}/ws/echo", "--origin=http://elsewhere")
        self.assertEqual((refused.returncode, "403" in refused.stderr), (1, True), refused.stderr)

    def test_ws_passes_when_something_comes_back(self):
        podinfo = Podinfo()
        self.addCleanup(podinfo.stop)
        self.expect(check("ws", f"ws://127.0.0.1:{podinfo.port}/ws/echo", AT_ONCE), 0, "check succeed")
        self.expect(check("ws", f"ws://127.0.0.1:{podinfo.port}/healthz", AT_ONCE), 1, "bad handshake: HTTP status 200")

    def test_cert_passes_until_the_certificate_ends(self):
        for ends, status, part in (("20990101000000Z", 0, "days left"), ("20200201000000Z", 1, "expired")):
            with self.subTest(ends=ends), tempfile.TemporaryDirectory() as folder:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*self.certificate(folder, ends))
                try:
                    listener = socket.create_server(("127.77.0.1", 443))
                except PermissionError:
                    self.skipTest("port 443 is not ours to take")
                with listener:
                    threading.Thread(target=self.shake_hands, args=(listener, context), daemon=True).start()
                    self.expect(check("cert", "127.77.0.1"), status, part)

    def certificate(self, folder, ends):
        """Paths of a server's certificate that ends then, and of its key."""
        key, request, certificate, config = (os.path.join(folder, name) for name in ("k.pem", "r.pem", "c.pem", "ca.cnf"))
        with open(config, "w") as file:
            file.write(f"[ca]\ndefault_ca=it\n[it]\ndatabase={folder}/index\nserial={folder}/serial\nnew_certs_dir={folder}\n"
                       "default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n")
        open(os.path.join(folder, "index"), "w").close()
        with open(os.path.join(folder, "serial"), "w") as file:
            file.write("01")
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=probe", "-keyout", key, "-out", request)
        openssl("ca", "-batch", "-selfsign", "-config", config, "-keyfile", key, "-in", request, "-out", certificate, "-notext",
                "-startdate", "20200101000000Z", "-enddate", ends)
        return certificate, key

    @staticmethod
    def shake_hands(listener, context):
        connection, _ = listener.accept()
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            pass

    def test_mistakes_are_told_with_the_usage(self):
        for arguments, message in ((["code"], 'unknown command "code"'), (["http"], "address is required"), (["tcp", "a:1", "--retry", "x"], 'invalid argument "x"'),
                                   (["ws", "http://a"], "begins with ws:// or wss://")):
            self.expect(check(*arguments), 1, "Error: ", message, "Usage:")


if __name__ == "__main__":
    unittest.main()
