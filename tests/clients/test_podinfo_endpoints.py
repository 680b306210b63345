"""podinfo as its users know it: every path and its answer, asked from outside with Python's own clients."""
import hashlib
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import exposition
from podinfo_case import JSON, LIMIT_BYTES, NOT_FOUND, RAW, TEXT, PodinfoTest, error


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
        self.assertIn("reading the request body failed", self.podinfo.wait_for_line('"error":"http: request body too large"'))

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
            self.assertEqual(re.findall("Connection: .*", head), ["Connection: close"])
            self.assertEqual(self.ask(method, "/chunked/0").headers.get_all("Connection"), ["Keep-Alive"])
        old = self.podinfo.talk("GET /chunked/0 HTTP/1.0\r\n\r\n")
        self.assertTrue(old.endswith('\r\n\r\n{\n  "delay": 0\n}') and "chunked" not in old, old)

    def test_http_1_0_is_answered_as_http_1_0(self):
        closes = self.podinfo.talk("GET /version HTTP/1.0\r\n\r\n")
        self.assertTrue(closes.startswith("HTTP/1.0 200 OK\r\n") and "\r\nConnection: close\r\n" in closes, closes)
        stays = self.podinfo.talk("GET /status/404 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /no HTTP/1.0\r\n\r\n")
        self.assertEqual(re.findall(r"HTTP/\S+ \d+", stays), ["HTTP/1.0 404"] * 2)
        self.assertIn("\r\nConnection: keep-alive\r\n", stays)

    def test_correlation_ids_are_kept_when_they_are_short_and_plain(self):
        for path in ("/version", "/nothing", "/echo", "/chunked/0"):
            self.assertEqual(self.ask("GET", path, headers={"X-Correlation-ID": "abc-1"}).headers["X-Correlation-ID"], "abc-1")
        for good in ("Root=1-5759e988", "a@b/c:d,{e}", '"x"', "YWJj=="):
            self.assertEqual(self.ask("GET", "/version", headers={"X-Correlation-ID": good}).headers["X-Correlation-ID"], good)
        for bad in ("a b", "x" * 129, "\u00e9"):
            self.assertRegex(self.ask("GET", "/version", headers={"X-Correlation-ID": bad}).headers["X-Correlation-ID"], r"^[0-9a-f-]{36}$")

    def test_answers_to_what_cannot_be_read_have_one_too(self):
        for head in ("GET / HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
                     "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"):
            self.assertRegex(self.podinfo.talk(head), r"HTTP/1\.1 [45]\d\d .*\r\n(?s:.*)X-Correlation-ID: [0-9a-f-]{36}\r\n", head)
        self.assertIn("missing required Host header", self.podinfo.talk("GET / HTTP/1.1\r\n\r\n"))

    def test_bytes_that_are_not_escaped_are_taken_as_they_are(self):
        for target in (b"/version?q=\xc3\xa9", b"/store/\xff"):
            self.assertIn("HTTP/1.1 200 OK", self.podinfo.talk(b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
        moved = self.podinfo.talk(b"GET //caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertIn("Location: /caf%C3%A9\r\n", moved)

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


if __name__ == "__main__":
    unittest.main()
