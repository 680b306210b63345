"""podinfo over TLS, and HTTP/2 in the clear."""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from certificates import Authority
from harness import wait_until
from podinfo_process import LIMIT, Podinfo, free_port


class Secure(unittest.TestCase):
    def setUp(self):
        if not shutil.which("openssl"):
            self.skipTest("the openssl command is not on this machine")
        self.folder = tempfile.mkdtemp(prefix="podinfo-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.folder)
        self.certs = os.path.join(self.folder, "certs")
        os.mkdir(self.certs)
        self.authority = Authority(self.folder)
        self.install("one.test")
        self.port = free_port()

    def install(self, name):
        """The pair is renamed into place, key first: in between they do not fit each other."""
        certificate, key = self.authority.issue(name)
        for source, target in ((key, "tls.key"), (certificate, "tls.crt")):
            os.rename(source, os.path.join(self.certs, target))

    def connect(self, name, protocols=(), **versions):
        context = ssl.create_default_context(cafile=self.authority.file)
        for key, value in versions.items():
            setattr(context, key, value)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), LIMIT), server_hostname=name)

    def test_the_same_routes_over_tls_with_a_certificate_that_is_renewed_without_a_restart(self):
        with Podinfo(f"--secure-port={self.port}", f"--cert-path={self.certs}", wait_for="Starting HTTPS Server.") as podinfo:
            with self.connect("one.test", ["h2", "http/1.1"]) as stream:
                self.assertEqual(stream.selected_alpn_protocol(), "h2")
            with self.connect("one.test", ["http/1.1"], maximum_version=ssl.TLSVersion.TLSv1_2) as stream:
                self.assertEqual((stream.version(), stream.selected_alpn_protocol()), ("TLSv1.2", "http/1.1"))
                stream.sendall(b"GET /version HTTP/1.1\r\nHost: one.test\r\nConnection: close\r\n\r\n")
                self.assertTrue(stream.recv(1000).startswith(b"HTTP/1.1 200 OK"))
            plain = podinfo.ask("GET", "/version", port=self.port)
            self.assertEqual(plain.status, 400)

            def renewed():
                try:
                    self.connect("two.test").close()
                    return True
                except ssl.SSLError:
                    return False

            self.assertFalse(renewed())
            self.install("two.test")
            wait_until(renewed, what="the new certificate")

    def test_of_what_is_cut_at_the_end_the_log_says_on_which_port_it_was(self):
        with Podinfo(f"--secure-port={self.port}", f"--cert-path={self.certs}", "--level=debug", "--server-shutdown-timeout=100ms",
                     wait_for="Starting HTTPS Server.") as podinfo:
            with self.connect("one.test", ["http/1.1"]) as stream:
                stream.sendall(b"GET /delay/25 HTTP/1.1\r\nHost: one.test\r\n\r\n")
                podinfo.wait_for_line("request started")
                podinfo.signal()
                self.assertEqual(podinfo.wait(), 0)
            self.assertEqual(sum("HTTPS server graceful shutdown failed" in line for line in podinfo.lines if line), 1)
            self.assertFalse(any("HTTP server graceful shutdown failed" in line for line in podinfo.lines if line))


class Cleartext(unittest.TestCase):
    PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0"

    def first_frame(self, *flags):
        with Podinfo(*flags) as podinfo, socket.create_connection(("127.0.0.1", podinfo.port), LIMIT) as connection:
            connection.sendall(self.PREFACE)
            return connection.recv(9)

    def test_http2_is_spoken_in_the_clear_where_it_was_asked_for(self):
        settings = self.first_frame("--h2c")
        self.assertEqual((len(settings), settings[3]), (9, 4))

    def stock(self, program, *arguments):
        if not shutil.which(program):
            self.skipTest(f"{program} is not on this machine")
        return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=LIMIT)

    def test_stock_clients_ask_for_it_by_an_upgrade(self):
        with Podinfo("--h2c") as podinfo:
            url = f"http://127.0.0.1:{podinfo.port}/version"
            for how, version in (("--http2", "2"), ("--http2-prior-knowledge", "2"), ("--http1.1", "1.1")):
                done = self.stock("curl", "-s", how, "-w", "\n%{http_version} %{http_code}", url)
                self.assertTrue(done.stdout.endswith(f"}}\n{version} 200"), (how, done.stdout, done.stderr))
            # A request with a body stays in HTTP/1.1.
            done = self.stock("curl", "-s", "--http2", "-d", "hello", "-w", "\n%{http_version} %{http_code}", url.replace("version", "echo"))
            self.assertEqual(done.stdout, "hello\n1.1 202")
            # What HTTP/1.1 says of its connection has no place here.
            done = self.stock("curl", "-si", "--http2-prior-knowledge", url.replace("version", "chunked/0"))
            self.assertTrue(done.stdout.startswith("HTTP/2 200"), done.stdout)
            self.assertNotIn("connection:", done.stdout.lower())
            done = self.stock("nghttp", "-nvu", url)
            self.assertIn("HTTP Upgrade success", done.stdout)
            self.assertIn(":status: 200", done.stdout)

    def test_an_upgrade_is_passed_over_where_it_is_off(self):
        with Podinfo() as podinfo:
            done = self.stock("curl", "-s", "--http2", "-w", "\n%{http_version} %{http_code}", f"http://127.0.0.1:{podinfo.port}/version")
            self.assertTrue(done.stdout.endswith("\n1.1 200"), done.stdout)

    def test_and_refused_otherwise(self):
        self.assertTrue(self.first_frame().startswith(b"HTTP/1.1 "))


if __name__ == "__main__":
    unittest.main()
