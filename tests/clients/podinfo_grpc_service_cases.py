"""The methods of podinfo's gRPC services."""
import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import PODINFO
from otlp import fields
from podinfo_grpc import LONG, SERVICES, Code, Reflection, Server, grpc, text_field, token
from podinfo_process import LIMIT


class ServicesTest(unittest.TestCase):
    """What leaves the server as it was, on one server."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server("--ui-message=hello", env={"SOME_PASSWORD": "hidden"})

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def call(self, name, **fields):
        return self.server.call(name, **fields)

    def document(self, path):
        return json.loads(self.server.podinfo.ask("GET", path).text)

    def test_both_versions_of_reflection_describe_the_same_services(self):
        newer, older = Reflection(self.server.channel), Reflection(self.server.channel, "v1alpha")
        self.assertEqual(newer.names, SERVICES)
        self.assertEqual((older.names, older.files), (newer.names, newer.files))
        self.assertEqual(newer.pool.FindServiceByName("echo.EchoService").file.name, "echo/echo.proto")
        self.assertEqual(newer.ask(3, b"echo/echo.proto", 4), [newer.files["echo.EchoService"]])
        self.assertEqual(newer.ask(4, b"no.Such", 7), [Code.NOT_FOUND.value[0]])

    def test_a_conversation_with_reflection_goes_on_until_the_client_ends_it(self):
        requests = [text_field(4, name.encode()) for name in SERVICES]
        answers = list(self.server.reflection.info(iter(requests), timeout=LIMIT))
        self.assertEqual([dict(fields(dict(fields(answer))[4]))[1] for answer in answers], [self.server.reflection.files[name] for name in SERVICES])

    def test_echo_gives_back_what_it_gets(self):
        for body in ("", "héllo", "x" * 3_000_000):
            self.assertEqual(self.call("echo.EchoService/Echo", body=body).body, body)
        told = [json.loads(line) for line in self.server.podinfo.lines if line and "Received message body from client:" in line]
        self.assertTrue({"héllo", "x" * 1024} <= {line["input body"] for line in told})

    def test_echo_takes_what_is_compressed(self):
        request, stub = self.server.reflection.stub("echo.EchoService/Echo")
        self.assertEqual(stub(request(body="x" * 1000), timeout=LIMIT, compression=grpc.Compression.Gzip).body, "x" * 1000)

    def test_version_info_and_environment_are_those_of_http(self):
        version, document = self.call("version.VersionService/Version"), self.document("/version")
        self.assertEqual((version.version, version.commit), (document["version"], document["commit"]))
        info, document = self.call("info.InfoService/Info"), self.document("/api/info")
        self.assertEqual({field.name: value for field, value in info.ListFields()},
                         {name.replace("_", ""): value for name, value in document.items()})
        self.assertEqual(info.message, "hello")
        env = list(self.call("env.EnvService/Env").envVars)
        self.assertEqual(env, self.document("/env"))
        self.assertIn("SOME_PASSWORD=***", env)

    def test_headers_are_the_metadata_of_the_call(self):
        headers = self.server.call("header.HeaderService/Header", metadata=[("a", "1"), ("a", "2"), ("b-bin", "bü".encode())]).headers
        self.assertIn("a=1,2", headers)
        self.assertIn("b-bin=bü", headers)
        self.assertIn(f":authority=127.0.0.1:{self.server.grpc_port}", headers)
        self.assertIn("content-type=application/grpc", headers)
        self.assertTrue(any(header.startswith("user-agent=grpc-python/") for header in headers), headers)
        self.assertEqual(self.server.fail("header.HeaderService/Header", metadata=[("b-bin", b"\xff")]),
                         (Code.INTERNAL, "grpc: error while marshaling: string field contains invalid UTF-8"))

    def test_a_delay_is_answered_with_its_seconds(self):
        for seconds in (0, 1, -1):
            self.assertEqual(self.call("delay.DelayService/Delay", seconds=seconds).message, seconds)

    def test_a_status_is_answered_with_itself(self):
        self.assertEqual(self.call("status.StatusService/Status", code="Ok").status, "Ok")
        names = ("Canceled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied ResourceExhausted "
                 "FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss Unauthenticated").split()
        codes = {code.value[0]: code for code in Code}
        for number, name in enumerate(names, 1):
            self.assertEqual(self.server.fail("status.StatusService/Status", code=name), (codes[number], ""))
        for name in ("", "ok", "NOT_FOUND"):
            code, details = self.server.fail("status.StatusService/Status", code=name)
            self.assertEqual(code, Code.UNKNOWN)
            self.assertTrue(details.startswith("Unknown status code for more information check https://chromium.googlesource.com/"), details)

    def test_tokens_are_made_and_are_good_here_and_over_http(self):
        made = self.call("token.TokenService/TokenGenerate")
        self.assertEqual(made.message, "Token generated successfully")
        self.assertRegex(made.expiresAt, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC$")
        answer = json.loads(self.server.podinfo.ask("GET", "/token/validate", headers={"Authorization": "Bearer " + made.token}).text)
        self.assertEqual(answer["token_name"], "anonymous")
        checked = self.validate("Bearer " + made.token)
        self.assertEqual((checked.token, checked.expiresAt, checked.message), ("anonymous", made.expiresAt, ""))
        other = json.loads(self.server.podinfo.ask("POST", "/token", body="anna").text)["token"]
        self.assertEqual(self.validate(other).token, "anna")

    def validate(self, authorization):
        return self.server.call("token.TokenService/TokenValidate", metadata=[("authorization", authorization)])

    def test_what_is_wrong_with_a_token_is_told_as_podinfo_tells_it(self):
        later = int(time.time()) + LONG
        for bad, message in ((token({"iss": "podinfo", "exp": 1}), r"^token is expired by \d+h\d+m"),
                             (token({"iss": "podinfo", "exp": later}, "another"), "^signature is invalid$")):
            answer = self.validate("Bearer " + bad)
            self.assertRegex(answer.message, message)
            self.assertEqual((answer.token, answer.expiresAt), ("", ""))
        for metadata, expected in (
                ([], (Code.UNAUTHENTICATED, "Authorization token not found in metadata")),
                ([("authorization", "Bearer nonsense")], (Code.UNAUTHENTICATED, "Unable to parse token")),
                ([("authorization", "bearer " + token({"iss": "podinfo", "exp": later}))], (Code.UNAUTHENTICATED, "Unable to parse token")),
                ([("authorization", token({"iss": "podinfo", "exp": later, "nbf": later}))], (Code.UNAUTHENTICATED, "Unable to parse token")),
                ([("authorization", token({"iss": "other", "exp": later}))],
                 (Code.INTERNAL, "grpc: error while marshaling: proto: Marshal called with nil"))):
            self.assertEqual(self.server.fail("token.TokenService/TokenValidate", metadata=metadata), expected)

    def test_what_is_not_served_is_named(self):
        for path, details in (("/grpc.EchoService/Echo", "unknown service grpc.EchoService"),
                              ("/echo.EchoService/Other", "unknown method Other for service echo.EchoService"),
                              ("/grpc.health.v1.Health/Other", "unknown method Other for service grpc.health.v1.Health")):
            self.assertEqual(self.server.send(path, b""), (Code.UNIMPLEMENTED, details))

    def test_what_cannot_be_read_is_internal(self):
        for path in ("/echo.EchoService/Echo", "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/List"):
            self.assertEqual(self.server.send(path, b"\xff")[0], Code.INTERNAL)
        self.assertEqual(self.server.send("/echo.EchoService/Echo", text_field(1, b"\xff"))[0], Code.INTERNAL)
        for path in ("/grpc.health.v1.Health/Watch", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"):
            with self.assertRaises(grpc.RpcError) as caught:
                list(self.server.channel.stream_stream(path)(iter([b"\xff"]), timeout=LIMIT))
            self.assertEqual(caught.exception.code(), Code.INTERNAL)

    def test_a_call_without_a_request_ends(self):
        for path in ("/echo.EchoService/Echo", "/grpc.health.v1.Health/Watch"):
            with self.assertRaises(grpc.RpcError) as caught:
                list(self.server.channel.stream_stream(path)(iter([]), timeout=LIMIT))
            self.assertEqual(caught.exception.code(), Code.INTERNAL)

    def test_a_message_has_at_most_four_mebibytes(self):
        largest = text_field(1, b"x" * ((4 << 20) - 5))
        self.assertEqual(len(largest), 4 << 20)
        self.assertEqual(self.server.channel.unary_unary("/echo.EchoService/Echo")(largest, timeout=LIMIT), largest)
        self.assertEqual(self.server.send("/echo.EchoService/Echo", largest + b"\0")[0], Code.RESOURCE_EXHAUSTED)

    @unittest.skipUnless(shutil.which("curl"), "curl is not on this machine")
    def test_a_compression_that_nobody_knows_is_not_understood(self):
        message = gzip.compress(text_field(1, b"x" * 100))
        out = subprocess.run(["curl", "-sS", "-i", "--http2-prior-knowledge", "--max-time", str(LIMIT), "-H", "content-type: application/grpc",
                              "-H", "te: trailers", "-H", "grpc-encoding: none-such", "--data-binary", "@-",
                              f"http://127.0.0.1:{self.server.grpc_port}/echo.EchoService/Echo"],
                             input=b"\x01" + len(message).to_bytes(4, "big") + message, capture_output=True)
        self.assertIn(b"grpc-status: 13", out.stdout, out.stderr)

    def test_it_listens_on_all_interfaces_whatever_host_says(self):
        for address in ("[::1]", "127.0.0.2"):
            with grpc.insecure_channel(f"{address}:{self.server.grpc_port}") as channel:
                try:
                    self.assertEqual(channel.unary_unary("/echo.EchoService/Echo")(b"", timeout=LIMIT), b"")
                except grpc.RpcError as error:
                    if address != "[::1]" or socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
                        raise error

    def test_many_calls_wait_at_once_and_hold_up_nobody(self):
        delays = [self.server.begin("delay.DelayService/Delay", seconds=LONG) for _ in range(900)]
        self.assertEqual(self.call("echo.EchoService/Echo", body="x").body, "x")
        self.assertEqual(self.call("delay.DelayService/Delay", seconds=1).message, 1)
        self.assertFalse(any(delay.done() for delay in delays))
        for delay in delays:
            delay.cancel()

    def test_a_deadline_ends_a_call(self):
        request, stub = self.server.reflection.stub("delay.DelayService/Delay")
        with self.assertRaises(grpc.RpcError) as caught:
            stub(request(seconds=LONG), timeout=0.1)
        self.assertEqual(caught.exception.code(), Code.DEADLINE_EXCEEDED)

    def test_podinfos_own_probe_finds_it(self):
        address = f"127.0.0.1:{self.server.grpc_port}"
        for flags, status, text in (([], 0, '"status": "SERVING"'), (["--service", "podinfo"], 0, '"status": "SERVING"'),
                                    (["--service", "other"], 1, "gRPC status 5: unknown service")):
            done = subprocess.run([PODINFO, "check", "grpc", address, "--asks-at-once", *flags], capture_output=True, text=True, timeout=LIMIT)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(text, done.stderr)


if __name__ == "__main__":
    unittest.main()
