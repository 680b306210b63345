"""podinfo as its users know it: every path, answer, flag and signal, asked from outside with Python's own clients."""
import base64
import gzip
import hashlib
import hmac
import json
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import exposition
from certificates import Authority
from harness import wait_until
from podinfo_process import LIMIT, Podinfo, free_port, run

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
RAW = "application/octet-stream"
NOT_FOUND = "404 page not found\n"
LIMIT_BYTES = 10 << 20


def error(code, message):
    return json.dumps({"code": code, "message": message}, indent=2)


class PodinfoTest(unittest.TestCase):
    flags = ()
    env = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="podinfo-", dir="/tmp")
        cls.podinfo = Podinfo(f"--data-path={cls.folder}", *cls.flags, env=cls.env)

    @classmethod
    def tearDownClass(cls):
        cls.podinfo.stop()
        shutil.rmtree(cls.folder)

    def ask(self, *arguments, **options):
        return self.podinfo.ask(*arguments, **options)

    def check(self, rows):
        """Method, path, status, Content-Type (None: there is none), body (a pattern where it is compiled)."""
        for method, path, status, kind, body in rows:
            with self.subTest(request=f"{method} {path}"):
                answer = self.ask(method, path)
                self.assertEqual(answer.status, status, answer.body)
                self.assertEqual(answer.headers["Content-Type"], kind)
                if isinstance(body, str):
                    self.assertEqual(answer.text, body)
                else:
                    self.assertRegex(answer.text, body)
                if kind == JSON:
                    self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
                self.assertIsNone(answer.headers["Server"])
                self.assertRegex(answer.headers["Date"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
                self.assertRegex(answer.headers["X-Correlation-ID"], r"^[0-9a-f-]{36}$")


class Endpoints(PodinfoTest):
    env = {"PODINFO_UI_MESSAGE": "<hi> & bye", "MY_SECRET": "hunter2", "PLAIN": "x=y", "ENVIRONMENT": "staging"}

    def test_each_path_and_method_leads_where_it_should(self):
        info = re.compile(r'^\{\n  "hostname": "[^"]+",\n  "version": "[^"]+",\n  "revision": "[^"]+",\n  "color": "#34577c",\n'
                          r'  "logo": "https://[^"]+",\n  "message": "\\u003chi\\u003e \\u0026 bye",\n  "goos": "linux",\n'
                          r'  "goarch": "(amd64|arm64)",\n  "runtime": "[^"]+",\n  "num_goroutine": "\d+",\n  "num_cpu": "\d+"\n\}$')
        version = re.compile(r'^\{\n  "commit": "[^"]+",\n  "version": "[^"]+"\n\}$')
        sample = re.compile(r'^\{\n  "id": "req-\d{6}",\n  "message": "sample data: no database is set",\n  "timestamp": "[0-9T:.-]+Z",\n'
                            r'  "environment": "staging",\n  "version": "[^"]+"\n\}$')
        offline = error(400, "cache server is offline")
        self.check([
            ("GET", "/", 200, JSON, info),
            ("GET", "/?x=1", 200, JSON, info),
            ("GET", "/api/info", 200, JSON, info),
            ("GET", "/version", 200, JSON, version),
            ("GET", "/%76ersion", 200, JSON, version),
            ("GET", "/healthz", 200, JSON, '{\n  "status": "OK"\n}'),
            ("GET", "/readyz", 200, JSON, '{\n  "status": "OK"\n}'),
            ("GET", "/api/data", 200, JSON, sample),
            ("GET", "/api/data?limit=x", 200, JSON, sample),
            ("GET", "/api/data/a", 404, JSON, error(404, "no database is set (--database-url)")),
            ("POST", "/api/data", 405, JSON, error(405, "no database is set (--database-url)")),
            ("PUT", "/api/data/a", 405, JSON, error(405, "no database is set (--database-url)")),
            ("DELETE", "/api/data/a", 405, JSON, error(405, "no database is set (--database-url)")),
            ("PATCH", "/api/data", 405, None, ""),
            ("GET", "/configs", 200, JSON, "{}"),
            ("GET", "/delay/0", 200, JSON, '{\n  "delay": 0\n}'),
            ("GET", "/delay/99999999999999999999", 200, JSON,
             error(400, 'strconv.Atoi: parsing "99999999999999999999": value out of range')),
            ("GET", "/delay/", 404, TEXT, NOT_FOUND),
            ("GET", "/delay/-1", 404, TEXT, NOT_FOUND),
            ("GET", "/store/../x", 301, None, ""),
            ("GET", "/store/abc", 200, JSON, error(400, "invalid hash")),
            ("GET", "/store/" + "A" * 40, 200, JSON, error(400, "invalid hash")),
            ("GET", "/store/" + "0" * 40, 200, JSON, error(500, "reading file failed")),
            ("POST", "/cache/a", 200, JSON, offline),
            ("PUT", "/cache/a", 200, JSON, offline),
            ("GET", "/cache/a", 200, JSON, offline),
            ("DELETE", "/cache/a", 200, JSON, offline),
            ("GET", "/cache/a%2Fb", 404, TEXT, NOT_FOUND),
            ("GET", "/fault_injection/status", 200, JSON, '{\n  "fault_injection": "disabled"\n}'),
            ("GET", "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", re.compile("^# HELP")),
            ("HEAD", "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", ""),
            ("HEAD", "/echo", 202, RAW, ""),
            ("GET", "/swagger.json", 200, TEXT, re.compile('^{\n  "schemes"')),
            ("GET", "/swagger/doc.json", 200, JSON, re.compile('^{\n  "schemes"')),
            ("GET", "/swagger/index.html", 200, "text/html; charset=utf-8", re.compile("doc.json")),
            ("GET", "/swagger/", 301, None, ""),
            ("POST", "/swagger/", 405, TEXT, "Method not allowed\n"),
            ("GET", "/swagger", 404, TEXT, NOT_FOUND),
            ("GET", "/nothing", 404, TEXT, NOT_FOUND),
            ("GET", "/version/", 404, TEXT, NOT_FOUND),
            ("GET", "/Version", 404, TEXT, NOT_FOUND),
            ("GET", "/echoes", 404, TEXT, NOT_FOUND),
            ("GET", "/ws/echo", 400, TEXT, "Bad Request\n"),
        ])

    def test_a_known_path_with_another_method_is_405_and_says_nothing(self):
        for method, path in (("HEAD", "/version"), ("POST", "/version"), ("POST", "/"), ("GET", "/readyz/enable"), ("GET", "/token"),
                             ("GET", "/store"), ("DELETE", "/store"), ("DELETE", "/status/200"), ("PATCH", "/cache/a"),
                             ("POST", "/delay/1"), ("GET", "/fault_injection/enable"), ("POST", "/token/validate"), ("PUT", "/env")):
            with self.subTest(request=f"{method} {path}"):
                answer = self.ask(method, path)
                self.assertEqual((answer.status, answer.body), (405, b""))
                self.assertEqual(answer.headers["Content-Length"], "0")
                self.assertIsNone(answer.headers["Allow"])
                self.assertIsNone(answer.headers["Content-Type"])

    def test_an_unclean_path_is_moved_for_every_method_and_never_to_another_host(self):
        for path, location in (("//version?x=1", "/version?x=1"), ("/store/../../etc/passwd", "/etc/passwd"), ("//evil.com", "/evil.com"),
                               ("//x%0d%0aA:b", "/x%0D%0AA:b"), ("/./version", "/version"), ("/a/..", "/"), ("//a/", "/a/")):
            for method in ("GET", "DELETE"):
                with self.subTest(path=path, method=method):
                    answer = self.ask(method, path)
                    self.assertEqual((answer.status, answer.headers["Location"], answer.body), (301, location, b""))

    def test_paths_that_cannot_be_decoded_and_the_whole_server(self):
        self.assertIn("HTTP/1.1 400 ", self.podinfo.talk("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"))
        answer = self.podinfo.talk("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertTrue(answer.startswith("HTTP/1.1 200 ") and "Content-Length: 0\r\n" in answer, answer)

    def test_statuses(self):
        for path, status, code in (("/status/200", 200, 200), ("/status/0404", 404, 404), ("/status/418", 418, 418),
                                   ("/status/999", 999, 999), ("/status/503", 503, 503)):
            for method in ("GET", "POST", "PUT"):
                answer = self.ask(method, path)
                self.assertEqual((answer.status, answer.text), (status, f'{{\n  "status": {code}\n}}'))
        self.assertEqual(self.ask("GET", "/status/999").reason, "status code 999")
        for path in ("/status/204", "/status/304"):
            self.assertEqual(self.ask("GET", path).body, b"")
        self.assertIsNone(self.ask("GET", "/status/304").headers["Content-Type"])
        for path in ("/status/0", "/status/99", "/status/101", "/status/1000"):
            answer = self.ask("GET", path)
            self.assertEqual((answer.status, json.loads(answer.text)["code"]), (200, 400))
        self.assertEqual(json.loads(self.ask("GET", "/status/99999999999999999999").text)["message"],
                         'strconv.Atoi: parsing "99999999999999999999": value out of range')

    def test_an_interim_status_comes_before_a_final_one(self):
        text = self.podinfo.talk("GET /status/103 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertEqual(re.findall(r"HTTP/1\.1 (\d+)", text), ["103", "200"])
        self.assertTrue(text.endswith('{\n  "status": 103\n}'), text)

    def test_headers_are_listed_canonically_with_our_version_and_without_host(self):
        answer = self.ask("GET", "/headers", headers={"x-my-THING": "1", "X-API-Version": "mine", "Accept-Encoding": "identity"})
        listed = json.loads(answer.text)
        self.assertEqual(listed["X-My-Thing"], ["1"])
        self.assertNotEqual(listed["X-Api-Version"], ["mine"])
        self.assertIn("X-Api-Revision", listed)
        self.assertNotIn("Host", listed)
        self.assertEqual(list(listed), sorted(listed))
        self.assertEqual(self.ask("POST", "/headers").status, 200)
        two = self.podinfo.talk("GET /headers HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx-b: 2\r\nX-B: 1\r\n\r\n")
        self.assertIn('  "X-B": [\n    "2",\n    "1"\n  ]', two)

    def test_the_environment_is_listed_without_secrets(self):
        for method in ("GET", "POST"):
            listed = json.loads(self.ask(method, "/env").text)
            self.assertIn("PLAIN=x=y", listed)
            self.assertIn("MY_SECRET=***", listed)
            self.assertIn("PODINFO_UI_MESSAGE=<hi> & bye", listed)

    def test_echo_gives_back_bytes_that_no_browser_runs(self):
        body = b"<script>\x00\xff"
        for method in ("POST", "PUT", "PATCH", "DELETE", "BREW"):
            for path in ("/echo", "/api/echo", "/echo/a/b", "/api/echo/"):
                with self.subTest(request=f"{method} {path}"):
                    answer = self.ask(method, path, body=body)
                    self.assertEqual((answer.status, answer.body), (202, body))
                    self.assertEqual(answer.headers["Content-Type"], RAW)
                    self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
                    self.assertEqual(answer.headers["Content-Security-Policy"], "default-src 'none'")
                    self.assertEqual(answer.headers["X-Color"], "#34577c")

    def test_bodies_end_at_ten_mebibytes(self):
        for path, status in (("/echo", 202), ("/store", 202), ("/token", 200)):
            with self.subTest(path=path):
                self.assertEqual(self.ask("POST", path, body=b"x" * LIMIT_BYTES).status, status)
                answer = self.ask("POST", path, body=b"x" * (LIMIT_BYTES + 1))
                self.assertEqual((answer.status, answer.text), (200, error(413, "request body too large")))

    def test_a_body_that_goes_wrong_is_400_in_the_document(self):
        for path in ("/echo", "/store", "/token"):
            text = self.podinfo.talk(f"POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
            self.assertTrue(text.startswith("HTTP/1.1 200 ") and text.endswith(error(400, "invalid request body")), text)

    def test_bodies_that_nobody_reads_do_not_disturb_the_next_request(self):
        head = "POST /{} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
        last = "GET /version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        text = self.podinfo.talk(head.format("nothing") + head.format("version") + head.format("env") + last)
        self.assertEqual(re.findall(r"HTTP/1\.1 (\d+)", text), ["404", "405", "200", "200"])

    def test_the_store_keeps_bytes_by_their_hash(self):
        for method, body in (("POST", b"<b>\x00"), ("PUT", b"")):
            answer = self.ask(method, "/store", body=body)
            name = hashlib.sha1(body).hexdigest()
            self.assertEqual((answer.status, answer.text), (202, f'{{\n  "hash": "{name}"\n}}'))
            path = os.path.join(self.folder, name)
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o644)
            read = self.ask("GET", f"/store/{name}")
            self.assertEqual((read.status, read.body, read.headers["Content-Type"]), (202, body, RAW))
            self.assertEqual(read.headers["Content-Security-Policy"], "default-src 'none'")

    def test_chunked_sends_its_head_first_and_names_no_type(self):
        for method in ("GET", "POST"):
            text = self.podinfo.talk(f"{method} /chunked/0 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            head, body = text.split("\r\n\r\n", 1)
            self.assertIn("Transfer-Encoding: chunked", head)
            self.assertIn("X-Content-Type-Options: nosniff", head)
            self.assertNotIn("\r\nContent-Type", head)
            self.assertEqual(body, '10\r\n{\n  "delay": 0\n}\r\n0\r\n\r\n')
        old = self.podinfo.talk("GET /chunked/0 HTTP/1.0\r\n\r\n")
        self.assertTrue(old.endswith('\r\n\r\n{\n  "delay": 0\n}') and "chunked" not in old, old)

    def test_correlation_ids_are_kept_when_they_are_short_and_plain(self):
        for path in ("/version", "/nothing", "/echo", "/chunked/0"):
            self.assertEqual(self.ask("GET", path, headers={"X-Correlation-ID": "abc-1"}).headers["X-Correlation-ID"], "abc-1")
        for bad in ("a b", "x" * 129, '"'):
            self.assertRegex(self.ask("GET", "/version", headers={"X-Correlation-ID": bad}).headers["X-Correlation-ID"], r"^[0-9a-f-]{36}$")

    def test_browsers_get_a_page_of_one_piece(self):
        answer = self.ask("GET", "/", headers={"User-Agent": "Mozilla/5.0 (X11)"})
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        self.assertIn("&lt;hi&gt; &amp; bye", answer.text)
        self.assertIn("background-color: #34577c", answer.text)
        self.assertNotRegex(answer.text, r'(src|href)="https?:')
        self.assertEqual(self.ask("GET", "/", headers={"User-Agent": "mozilla/5.0"}).headers["Content-Type"], JSON)
        self.assertEqual(self.ask("GET", "/api/info", headers={"User-Agent": "Mozilla/5.0"}).headers["Content-Type"], JSON)

    def test_openapi_says_what_is_so(self):
        answer = self.ask("GET", "/openapi.json")
        self.assertEqual(answer.headers["Content-Type"], JSON)
        document = json.loads(answer.text)
        self.assertEqual((document["openapi"], document["servers"]), ("3.0.3", [{"url": "/"}]))
        ids = [what["operationId"] for methods in document["paths"].values() for what in methods.values()]
        self.assertEqual(len(ids), len(set(ids)))
        values = {"key": "k", "id": "a", "hash": "0" * 40, "seconds": "1", "code": "200"}
        for path, methods in document["paths"].items():
            for method, what in methods.items():
                if path in ("/panic", "/ws/echo", "/chunked", "/fault_injection/enable", "/readyz/disable"):
                    continue
                self.assertEqual([p["name"] for p in what.get("parameters", [])], re.findall("{(.*?)}", path))
                status = self.ask(method.upper(), re.sub("{(.*?)}", lambda name: values[name[1]], path), b"x" if "requestBody" in what else None).status
                self.assertTrue(str(status) in what["responses"] or "default" in what["responses"], (method, path, status))
        for reference in set(re.findall('"#/components/schemas/(.*?)"', answer.text)):
            self.assertIn(reference, document["components"]["schemas"])

    def test_swagger_lists_its_paths(self):
        document = json.loads(self.ask("GET", "/swagger.json").text)
        self.assertEqual((document["swagger"], document["basePath"], document["host"]), ("2.0", "/", ""))
        self.assertEqual(document["info"]["title"], "Podinfo API")
        self.assertEqual(len(document["paths"]), 24)
        self.assertEqual(set(document["definitions"]), {"http.MapResponse", "http.RuntimeResponse", "http.TokenResponse",
                                                        "http.TokenValidationResponse"})
        self.assertEqual(self.ask("GET", "/swagger/").headers["Location"], "/swagger/index.html")


class Switches(PodinfoTest):
    """What changes the state of the process."""

    def test_readiness(self):
        answer = self.ask("POST", "/readyz/disable")
        self.assertEqual((answer.status, answer.body, answer.headers["Content-Type"]), (202, b"", None))
        refused = self.ask("GET", "/readyz")
        self.assertEqual((refused.status, refused.body, refused.headers["Content-Type"]), (503, b"", None))
        self.assertEqual(self.ask("GET", "/healthz").status, 200)
        self.assertEqual(self.ask("POST", "/readyz/enable").status, 202)
        self.assertEqual(self.ask("GET", "/readyz").status, 200)

    def test_fault_injection(self):
        enabled = self.ask("POST", "/fault_injection/enable")
        self.addCleanup(self.ask, "POST", "/fault_injection/disable")
        self.assertEqual((enabled.status, enabled.text), (202, '{\n  "fault_injection": "enabled"\n}'))
        self.check([
            ("GET", "/version", 500, TEXT, '{"status":"fault injection enabled"}\n'),
            ("POST", "/readyz/disable", 500, TEXT, '{"status":"fault injection enabled"}\n'),
            ("GET", "/healthz", 200, JSON, '{\n  "status": "OK"\n}'),
            ("GET", "/readyz", 200, JSON, '{\n  "status": "OK"\n}'),
            ("GET", "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", re.compile("")),
            ("GET", "/fault_injection/status", 200, JSON, '{\n  "fault_injection": "enabled"\n}'),
            ("GET", "/nothing", 404, TEXT, NOT_FOUND),
            ("PUT", "/version", 405, None, ""),
        ])
        disabled = self.ask("POST", "/fault_injection/disable")
        self.assertEqual((disabled.status, disabled.text), (202, '{\n  "fault_injection": "disabled"\n}'))
        self.assertEqual(self.ask("GET", "/version").status, 200)


class Tokens(PodinfoTest):
    secret = "a secret of this test"
    env = {"PODINFO_JWT_SECRET": secret}

    def sign(self, header, payload, digest="sha256"):
        text = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, payload))
        mac = hmac.new(self.secret.encode(), text, digest).digest()
        return (text + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()

    def validate(self, authorization):
        answer = self.ask("GET", "/token/validate", headers={"Authorization": authorization} if authorization is not None else {})
        self.assertEqual(answer.status, 200)
        return json.loads(answer.text)

    def test_a_token_is_what_every_library_reads(self):
        answer = self.ask("POST", "/token", body="<anna>")
        given = json.loads(answer.text)
        self.assertEqual(list(given), ["token", "expires_at"])
        header, payload, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in given["token"].split("."))
        self.assertEqual(header, b'{"alg":"HS256","typ":"JWT"}')
        claims = json.loads(payload)
        self.assertEqual(payload.decode(), '{"name":"\\u003canna\\u003e","iss":"podinfo","exp":%d}' % claims["exp"])
        self.assertEqual(given["expires_at"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(claims["exp"])))
        signed = given["token"].rpartition(".")[0].encode()
        self.assertEqual(signature, hmac.new(self.secret.encode(), signed, "sha256").digest())
        self.assertEqual(self.validate(f"bEaReR {given['token']}"), {"token_name": "<anna>", "expires_at": given["expires_at"]})

    def test_nobody_is_anonymous(self):
        token = json.loads(self.ask("POST", "/token").text)["token"]
        self.assertEqual(self.validate(f"Bearer {token}")["token_name"], "anonymous")

    def test_other_tokens_are_taken_or_refused_by_podinfos_rules(self):
        soon, past = time.time() + 600, time.time() - 600
        good = {"name": "n", "iss": "podinfo", "exp": soon}
        hs256 = {"alg": "HS256"}
        for digest in ("sha256", "sha384", "sha512"):
            self.assertEqual(self.validate("Bearer " + self.sign({"alg": "HS" + digest[3:]}, good, digest))["token_name"], "n")
        for authorization, message in (
            (None, "authorization bearer header required"),
            ("Bearer", "authorization bearer header required"),
            ("Bearer  x", "authorization bearer header required"),
            ("Bearer a b", "authorization bearer header required"),
            ("Basic x", "authorization bearer header required"),
            ("Bearer a.b", "token contains an invalid number of segments"),
            ("Bearer a*.b.c", "illegal base64 data at input byte 1"),
            ("Bearer YWJj.e30.x", "invalid character 'a' looking for beginning of value"),
            ("Bearer " + self.sign({}, good), "signing method (alg) is unspecified."),
            ("Bearer " + self.sign({"alg": "X"}, good), "signing method (alg) is unavailable."),
            ("Bearer " + self.sign({"alg": "none"}, good), "invalid signing method"),
            ("Bearer " + self.sign({"alg": "RS256"}, good), "invalid signing method"),
            ("Bearer " + self.sign({"alg": "HS512"}, good), "signature is invalid"),
            ("Bearer " + self.sign(hs256, {**good, "iat": soon}), "token used before issued"),
            ("Bearer " + self.sign(hs256, {**good, "nbf": soon}), "token is not valid yet"),
            ("Bearer " + self.sign(hs256, {**good, "iss": "x"}), "invalid issuer"),
            ("Bearer " + self.sign(hs256, {"exp": soon}), "invalid issuer"),
        ):
            with self.subTest(message=message):
                self.assertEqual(self.validate(authorization), {"code": 401, "message": message})
        expired = self.validate("Bearer " + self.sign(hs256, {**good, "exp": past}))
        self.assertRegex(expired["message"], r"^token is expired by 10m\d+(\.\d+)?s$")
        self.assertEqual(self.validate("Bearer " + self.sign(hs256, {"iss": "podinfo"}))["code"], 401)


class Prefix(PodinfoTest):
    flags = ("--prefix=foo/",)

    def test_everything_moves_below_it_and_nothing_stays(self):
        for path in ("/foo", "/foo/", "/foo/version", "/foo/healthz", "/foo/metrics", "/foo/swagger.json"):
            self.assertEqual(self.ask("GET", path).status, 200, path)
        for path in ("/", "/version", "/healthz", "/foobar", "/metrics"):
            self.assertEqual((self.ask("GET", path).status, self.ask("GET", path).text), (404, NOT_FOUND))
        self.assertEqual(self.ask("GET", "/foo/swagger/").headers["Location"], "/foo/swagger/index.html")
        self.assertEqual(json.loads(self.ask("GET", "/foo/swagger.json").text)["basePath"], "/foo")
        self.assertIn('"/foo"', self.ask("GET", "/foo", headers={"User-Agent": "Mozilla/5.0"}).text)

    def test_metrics_tell_it_unless_the_route_has_a_name(self):
        for path in ("/foo", "/foo/api/info", "/foo/delay/0", "/foo/status/200"):
            self.ask("GET", path)
        families = exposition.read(self.ask("GET", "/foo/metrics").text)
        paths = {labels["path"] for _, labels, _ in families["http_request_duration_seconds"]["samples"]}
        self.assertLessEqual({"foo", "foo_api_info", "delay", "status"}, paths)


class Numbers(PodinfoTest):
    port_metrics = free_port()
    flags = (f"--port-metrics={port_metrics}",)

    def read(self):
        return exposition.read(self.ask("GET", "/metrics").text)

    def test_they_are_compressed_for_who_takes_that(self):
        for port in (None, self.port_metrics):
            for wanted in ("gzip", "deflate, GZIP;q=0.5", "gzip;q=1.0"):
                answer = self.ask("GET", "/metrics", headers={"Accept-Encoding": wanted}, port=port)
                self.assertEqual(answer.headers["Content-Encoding"], "gzip", wanted)
                exposition.read(gzip.decompress(answer.body).decode())
            for wanted in ("identity", "gzip;q=0", "gzip;q=0.000", "br", "xgzip"):
                self.assertNotIn("Content-Encoding", self.ask("GET", "/metrics", headers={"Accept-Encoding": wanted}, port=port).headers, wanted)

    def test_only_matched_requests_are_counted_by_method_path_and_status(self):
        for method, path in (("GET", "/version"), ("GET", "/version"), ("GET", "/status/404"), ("BREW", "/echo"), ("POST", "/store"),
                             ("DELETE", "/cache/a"), ("GET", "/cache/a"), ("GET", "/chunked/0"), ("GET", "/status/103"),
                             ("GET", "/nothing"), ("HEAD", "/version"), ("GET", "//version"), ("GET", "/metrics")):
            self.ask(method, path)
        families = self.read()
        duration = families["http_request_duration_seconds"]
        self.assertEqual((duration["type"], duration["help"]), ("histogram", "Seconds spent serving HTTP requests."))
        self.assertEqual(families["http_requests_total"]["help"], "The total number of HTTP requests.")
        bounds = [labels["le"] for name, labels, _ in duration["samples"] if labels.get("path") == "version" and "le" in labels]
        self.assertEqual(bounds, "0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf".split())
        counts = {(labels["method"], labels["path"], labels["status"]): value
                  for name, labels, value in duration["samples"] if name.endswith("_count")}
        expected = {("GET", "version", "200"): 2, ("GET", "status", "404"): 1, ("other", "echo", "202"): 1, ("POST", "store", "202"): 1,
                    ("DELETE", "cache_key", "200"): 1, ("GET", "cache", "200"): 1, ("GET", "chunked_wait_0_9", "200"): 1,
                    ("GET", "status", "103"): 1}
        self.assertEqual({key: counts.get(key) for key in expected}, expected)
        self.assertNotIn("405", {status for _, _, status in counts})
        self.assertGreaterEqual(counts[("GET", "metrics", "200")], 1)
        total = sum(value for _, labels, value in families["http_requests_total"]["samples"] if labels["status"] == "404")
        self.assertEqual(total, 1)

    def test_the_process_is_measured(self):
        families = self.read()
        for name in ("process_cpu_seconds_total", "process_max_fds", "process_open_fds", "process_resident_memory_bytes",
                     "process_start_time_seconds", "process_virtual_memory_bytes", "process_virtual_memory_max_bytes",
                     "process_network_receive_bytes_total", "process_network_transmit_bytes_total",
                     "promhttp_metric_handler_requests_total", "promhttp_metric_handler_requests_in_flight"):
            self.assertIn(name, families)
        self.assertLess(abs(exposition.value_of(families, "process_start_time_seconds") - time.time()), 600)

    def test_a_port_of_their_own(self):
        exposition.read(self.ask("GET", "/metrics", port=self.port_metrics).text)
        health = self.ask("GET", "/healthz", port=self.port_metrics)
        self.assertEqual((health.status, health.text), (200, "OK"))
        self.assertEqual(self.ask("GET", "/version", port=self.port_metrics).status, 404)


class Flags(unittest.TestCase):
    def test_a_mistake_is_one_line_and_2(self):
        for flags, message in ((["--port"], "flag needs an argument: --port"),
                               (["--port=x"], 'invalid argument "x" for "--port" flag: strconv.ParseInt: parsing "x": invalid syntax'),
                               (["--h2c=7"], 'invalid argument "7" for "--h2c" flag: strconv.ParseBool: parsing "7": invalid syntax'),
                               (["--nope"], "unknown flag: --nope"), (["-x"], "unknown shorthand flag: 'x' in -x"),
                               (["--http-server-timeout=5x"],
                                'invalid argument "5x" for "--http-server-timeout" flag: time: invalid duration "5x"'),
                               (["--random-delay-max=1", "--random-delay-min=2"],
                                "`--random-delay-max` should be greater than `--random-delay-min`"),
                               (["--random-delay-unit=h"], "`random-delay-unit` accepted values are: s|ms")):
            with self.subTest(flags=flags):
                done = run(*flags)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(done.stderr.split("\n")[:2], ["Error: " + message, ""])
                self.assertIn("--random-delay-unit", done.stderr.split("\n\n", 1)[1])

    def test_version_and_help(self):
        for flag in ("--version", "-v"):
            done = run(flag)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r"^\S+\n$")
        for flag in ("--help", "-h"):
            done = run(flag)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertIn("--grpc-port", done.stderr)

    def test_a_port_in_use_and_a_missing_certificate_are_1(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done = run("--host=127.0.0.1", f"--port={port}")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"127.0.0.1:{port}", done.stderr)
            self.assertIn('"HTTP server crashed"', done.stderr)
        done = run("--host=127.0.0.1", f"--port={free_port()}", f"--secure-port={free_port()}", "--cert-path=/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere/tls.crt", done.stderr)
        self.assertIn('"HTTPS server crashed"', done.stderr)
        done = run("--host=nowhere", f"--port={free_port()}")
        self.assertEqual(done.returncode, 1)

    def test_a_metrics_port_in_use_is_passed_over(self):
        with socket.socket() as taken:
            taken.bind(("0.0.0.0", 0))
            taken.listen()
            with Podinfo(f"--port-metrics={taken.getsockname()[1]}") as podinfo:
                self.assertEqual(podinfo.ask("GET", "/metrics").status, 200)

    def test_flags_go_before_the_environment_and_that_before_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "config.yaml"), "w") as file:
                file.write("ui-color: blue\nui-message: 'from the file'\nui-logo: file.svg\nunready: true\njwt-secret: k\n")
            flags = (f"--config-path={folder}", "--ui-color=red")
            with Podinfo(*flags, env={"PODINFO_UI_COLOR": "green", "PODINFO_UI_LOGO": "env.svg", "PODINFO_PORT": "tcp://10.0.0.1:9898",
                                      "PODINFO_UI_MESSAGE": ""}) as podinfo:
                info = json.loads(podinfo.ask("GET", "/api/info").text)
                self.assertEqual((info["color"], info["logo"], info["message"]), ("red", "env.svg", "from the file"))
                self.assertEqual(podinfo.ask("GET", "/readyz").status, 503)
                self.assertIn("from the file", json.loads(podinfo.ask("GET", "/configs").text)["config.yaml"])

    def test_a_config_file_that_cannot_be_read_is_said_and_passed_over(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket() as taken:
            with open(os.path.join(folder, "config.yaml"), "w") as file:
                file.write("a:\n  b: 1\n")
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = run(f"--config-path={folder}", "--host=127.0.0.1", f"--port={taken.getsockname()[1]}")
            self.assertEqual(done.returncode, 1)   # for the port alone
            self.assertRegex(done.stdout, r"^Error reading config file, .*config\.yaml: line 2: [^\n]*\n$")

    def test_unhealthy_and_unready(self):
        with Podinfo("--unhealthy", "--unready") as podinfo:
            self.assertEqual([podinfo.ask("GET", path).status for path in ("/healthz", "/readyz")], [503, 503])
            podinfo.ask("POST", "/readyz/enable")
            self.assertEqual([podinfo.ask("GET", path).status for path in ("/healthz", "/readyz")], [503, 200])

    def test_random_errors_have_no_body_and_come_without_end(self):
        with Podinfo("--random-error") as podinfo:
            seen = set()

            def all_seen():
                answer = podinfo.ask("GET", "/healthz")
                if answer.status != 200:
                    self.assertEqual(answer.body, b"")
                seen.add(answer.status)
                return len(seen) == 4

            wait_until(all_seen, what="each of four statuses")
            self.assertEqual(seen, {200, 400, 409, 500})

    def test_random_delays_do_not_change_answers(self):
        with Podinfo("--random-delay", "--random-delay-unit=ms", "--random-delay-min=3", "--random-delay-max=3") as podinfo:
            self.assertEqual(podinfo.ask("GET", "/version").status, 200)

    def test_without_a_port_there_is_no_server(self):
        port = free_port()
        with Podinfo("--port=0", f"--port-metrics={port}", wait_for="Starting podinfo") as podinfo:
            wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, what="the metrics port")
            self.assertEqual(podinfo.ask("GET", "/healthz", port=port).text, "OK")
            podinfo.signal()
            self.assertEqual(podinfo.wait(), 0)

    def test_stress_is_said_and_does_not_keep_the_service_from_answering(self):
        with Podinfo("--stress-cpu=1", "--stress-memory=2") as podinfo:
            self.assertIn('"cores":1', podinfo.wait_for_line("starting CPU stress"))
            self.assertIn('"memory":2000000', podinfo.wait_for_line("starting MEMORY stress"))
            self.assertEqual(podinfo.ask("GET", "/version").status, 200)


class Files(unittest.TestCase):
    def test_files_of_the_config_path_are_shown_as_they_are_now(self):
        with tempfile.TemporaryDirectory() as folder:
            def swap(version):
                """As the kubelet does it."""
                os.mkdir(os.path.join(folder, f"..{version}"))
                with open(os.path.join(folder, f"..{version}", "key"), "w") as file:
                    file.write(version)
                os.symlink(f"..{version}", os.path.join(folder, "..data_tmp"))
                os.rename(os.path.join(folder, "..data_tmp"), os.path.join(folder, "..data"))

            swap("one")
            os.symlink("..data/key", os.path.join(folder, "key"))
            with Podinfo(f"--config-path={folder}") as podinfo:
                def shown():
                    return json.loads(podinfo.ask("GET", "/configs").text)

                wait_until(lambda: shown() == {"key": "one"}, what="the first version")
                swap("two")
                wait_until(lambda: shown() == {"key": "two"}, what="the second version")
                with open(os.path.join(folder, "plain"), "w") as file:
                    file.write("x")
                wait_until(lambda: shown() == {"key": "two", "plain": "x"}, what="a plain file")
                os.unlink(os.path.join(folder, "plain"))
                wait_until(lambda: shown() == {"key": "two"}, what="its end")


class Backends(unittest.TestCase):
    def test_each_is_asked_and_its_answer_stands_in_its_place(self):
        with Podinfo() as first:
            dead = f"http://127.0.0.1:{free_port()}/echo"
            urls = [f"http://127.0.0.1:{first.port}{path}" for path in ("/echo", "/headers", "/status/503")] + [dead, "nonsense"]
            urls.append(f"http://127.0.0.1:{first.port}//headers")   # moved
            with Podinfo("--ui-color=red", *(f"--backend-url={url}" for url in urls)) as front:
                answer = front.ask("POST", "/api/echo", body="hi", headers={"X-Request-Id": "r-1", "X-Correlation-ID": "c-1", "X-Other": "o"})
                self.assertEqual((answer.status, answer.headers["Content-Type"], answer.headers["X-Color"]), (200, JSON, "red"))
                echoed, headers, failed, unreachable, nonsense, moved = json.loads(answer.text)
                self.assertEqual(echoed, "hi")
                seen = json.loads(headers)
                self.assertEqual((seen["X-Request-Id"], seen["X-Correlation-Id"]), (["r-1"], ["c-1"]))
                self.assertNotIn("X-Other", seen)
                self.assertNotIn("Content-Type", seen)
                self.assertEqual(failed, f"backend {urls[2]} response status code 503")
                self.assertTrue(unreachable.startswith(f'backend {dead} call failed Post "{dead}": '), unreachable)
                self.assertEqual(nonsense, "")
                self.assertEqual(json.loads(moved)["X-Request-Id"], ["r-1"])
                self.assertEqual(len([line for line in front.lines if line and "backend call failed" in line]), 3)


    def test_one_that_does_not_answer_in_time_is_given_up_alone(self):
        with socket.socket() as silent, Podinfo() as first:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            urls = [f"http://127.0.0.1:{silent.getsockname()[1]}/", f"http://127.0.0.1:{first.port}/echo"]
            with Podinfo("--http-client-timeout=1s", "--backend-url=" + ",".join(urls)) as front:
                late, echoed = json.loads(front.ask("POST", "/echo", body="hi").text)
                self.assertTrue(late.startswith(f"backend {urls[0]} call failed Post "), late)
                self.assertEqual(echoed, "hi")


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
            done = self.stock("nghttp", "-nvu", url)
            self.assertIn("HTTP Upgrade success", done.stdout)
            self.assertIn(":status: 200", done.stdout)

    def test_an_upgrade_is_passed_over_where_it_is_off(self):
        with Podinfo() as podinfo:
            done = self.stock("curl", "-s", "--http2", "-w", "\n%{http_version} %{http_code}", f"http://127.0.0.1:{podinfo.port}/version")
            self.assertTrue(done.stdout.endswith("\n1.1 200"), done.stdout)

    def test_and_refused_otherwise(self):
        self.assertTrue(self.first_frame().startswith(b"HTTP/1.1 "))


class WebSocket(PodinfoTest):
    def open(self, **changes):
        fields = {"Host": f"127.0.0.1:{self.podinfo.port}", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        fields.update({name.replace("_", "-"): value for name, value in changes.items() if name != "method"})
        lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        connection = socket.create_connection(("127.0.0.1", self.podinfo.port), LIMIT)
        self.addCleanup(connection.close)
        connection.sendall("\r\n".join([f"{changes.get('method', 'GET')} /ws/echo HTTP/1.1", *lines, "", ""]).encode())
        reader = connection.makefile("rb")
        self.addCleanup(reader.close)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = reader.read(1)
            self.assertTrue(byte, head)
            head += byte
        return connection, reader, head.decode()

    def send(self, connection, opcode, payload, final=True, mask=True):
        length = struct.pack("!B", len(payload)) if len(payload) < 126 else \
            struct.pack("!BH", 126, len(payload)) if len(payload) < 65536 else struct.pack("!BQ", 127, len(payload))
        length = bytes([length[0] | (0x80 if mask else 0)]) + length[1:]
        connection.sendall(bytes([(0x80 if final else 0) | opcode]) + length + (b"\0\0\0\0" if mask else b"") + payload)

    def receive(self, reader):
        """Opcode and payload of the next frame that is not about the server."""
        while True:
            first, second = reader.read(2)
            length = second & 0x7f
            if length == 126:
                length, = struct.unpack("!H", reader.read(2))
            elif length == 127:
                length, = struct.unpack("!Q", reader.read(8))
            payload = reader.read(length)
            if not (first & 15 == 1 and b'"server":' in payload and b'"msg":' not in payload):
                return first & 15, payload

    def test_the_handshake_is_accepted_or_refused_by_name(self):
        for changes, status in (({}, 101), ({"Origin": f"http://127.0.0.1:{self.podinfo.port}"}, 101), ({"Origin": "http://evil.com"}, 403),
                                ({"Connection": "close"}, 400), ({"Upgrade": "x"}, 400), ({"method": "POST"}, 405),
                                ({"Sec_WebSocket_Version": "8"}, 400), ({"Sec_WebSocket_Key": "x"}, 400)):
            with self.subTest(changes=changes):
                _, _, head = self.open(**changes)
                self.assertTrue(head.startswith(f"HTTP/1.1 {status} "), head)
                if status == 101:
                    self.assertIn("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", head)
                else:
                    self.assertIn("Sec-Websocket-Version: 13\r\n", head)
                    self.assertIn("Content-Type: text/plain; charset=utf-8\r\n", head)

    def test_each_message_comes_back_as_text_with_its_time(self):
        connection, reader, _ = self.open()
        for opcode, message, text in ((1, b"hi", "hi"), (2, b"<\xff>", "<\ufffd>"), (1, b"\xff", "\ufffd"), (1, b"", ""),
                                      (2, b"x" * (1 << 20), "x" * (1 << 20))):
            self.send(connection, opcode, message)
            kind, payload = self.receive(reader)
            self.assertEqual((kind, payload[-2:]), (1, b"}\n"))
            said = json.loads(payload)
            self.assertEqual((list(said), said["msg"]), (["ts", "msg"], text))
            self.assertRegex(said["ts"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        self.assertIn(b'"msg":"\\u003c', self.echo(connection, reader, 1, b"<"))

    def echo(self, connection, reader, opcode, message):
        self.send(connection, opcode, message)
        return self.receive(reader)[1]

    def test_fragments_pings_and_closes(self):
        connection, reader, _ = self.open()
        self.send(connection, 1, b"in ", final=False)
        self.send(connection, 9, b"there?")
        self.send(connection, 0, b"parts")
        self.assertEqual(self.receive(reader), (10, b"there?"))
        self.assertEqual(json.loads(self.receive(reader)[1])["msg"], "in parts")
        self.send(connection, 8, struct.pack("!H", 4000) + b"done")
        kind, payload = self.receive(reader)
        self.assertEqual((kind, payload[:2]), (8, struct.pack("!H", 4000)))

    def test_what_breaks_the_protocol_or_is_too_big_is_closed_with_its_code(self):
        for what, send, code in (("unmasked", lambda c: self.send(c, 1, b"x" * 8, mask=False), 1002),
                                 ("an unknown opcode", lambda c: self.send(c, 3, b"x"), 1002),
                                 ("a continuation of nothing", lambda c: self.send(c, 0, b"x"), 1002),
                                 ("a long ping", lambda c: self.send(c, 9, b"x" * 126), 1002),
                                 ("one byte too many", lambda c: self.send(c, 2, b"x" * ((1 << 20) + 1)), 1009)):
            with self.subTest(what=what):
                connection, reader, _ = self.open()
                send(connection)
                kind, payload = self.receive(reader)
                self.assertEqual((kind, struct.unpack("!H", payload[:2])[0]), (8, code))

    def test_the_server_says_who_it_is_between_messages(self):
        _, reader, _ = self.open()
        first, length = reader.read(2)
        said = json.loads(reader.read(length))
        self.assertEqual((first & 15, list(said)), (1, ["ts", "server"]))
        self.assertEqual(said["server"], json.loads(self.ask("GET", "/api/info").text)["hostname"])

    def test_a_conversation_is_counted_when_it_has_ended(self):
        def counted():
            families = exposition.read(self.ask("GET", "/metrics").text)
            return exposition.value_of(families, "http_request_duration_seconds_count", path="ws_echo", status="200")

        with Podinfo() as podinfo:
            kept, type(self).podinfo = self.podinfo, podinfo
            self.addCleanup(setattr, type(self), "podinfo", kept)
            connection, reader, _ = self.open()
            self.assertIsNone(counted())
            self.send(connection, 8, struct.pack("!H", 1000))
            self.receive(reader)
            connection.close()
            wait_until(lambda: counted() == 1, what="the count")

    def test_an_open_conversation_does_not_hold_up_the_end(self):
        with Podinfo("--level=debug", "--server-shutdown-timeout=1h") as podinfo:
            kept, type(self).podinfo = self.podinfo, podinfo
            self.addCleanup(setattr, type(self), "podinfo", kept)
            self.open()
            podinfo.signal()
            self.assertEqual(podinfo.wait(), 0)


if __name__ == "__main__":
    unittest.main()
