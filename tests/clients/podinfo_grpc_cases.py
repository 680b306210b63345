"""podinfo's gRPC port, as stock gRPC clients see it. Messages are made of what the server says by reflection, so that is proved, too."""
import base64
import gzip
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

try:
    import grpc
    from google.protobuf import descriptor_pool, message_factory
except ImportError:
    raise unittest.SkipTest("grpcio and protobuf (python3-grpcio) are not on this machine")

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from harness import PDS, PODINFO
from otlp import fields
from podinfo_process import LIMIT, Podinfo, free_port

Code = grpc.StatusCode
SERVICES = ["delay.DelayService", "echo.EchoService", "env.EnvService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection", "header.HeaderService", "info.InfoService", "panic.PanicService",
            "status.StatusService", "token.TokenService", "version.VersionService"]
LONG = 3600   # seconds that no test waits for
SECRET = "key"


def varint(value):
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7f | 0x80]), value >> 7
    return out + bytes([value])


def text_field(number, text):
    return varint(number << 3 | 2) + varint(len(text)) + text


class Reflection:
    """A server's services, described by itself."""

    def __init__(self, channel, version="v1"):
        self.channel = channel
        self.info = channel.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
        self.pool = descriptor_pool.DescriptorPool()
        self.files = {}
        self.names = [dict(fields(service))[1].decode() for service in self.ask(7, b"*", 6)]
        for name in self.names:
            (self.files[name],) = self.ask(4, name.encode(), 4)
            self.pool.AddSerializedFile(self.files[name])

    def ask(self, number, text, answer):
        """The values of the first field of that part of the answer."""
        (response,) = self.info(iter([text_field(number, text)]), timeout=LIMIT)
        return [value for field, value in fields(dict(fields(response))[answer]) if field == 1]

    def message(self, descriptor):
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(descriptor)
        return message_factory.MessageFactory(self.pool).GetPrototype(descriptor)

    def stub(self, name):
        """Of "echo.EchoService/Echo": what makes its requests, and what calls it."""
        service, method = name.split("/")
        described = self.pool.FindServiceByName(service).methods_by_name[method]
        request, response = self.message(described.input_type), self.message(described.output_type)
        streams = method == "Watch"
        kind = self.channel.unary_stream if streams else self.channel.unary_unary
        return request, kind("/" + name, request_serializer=request.SerializeToString, response_deserializer=response.FromString)


class Server:
    """A podinfo with a gRPC port, and a client for it."""

    def __init__(self, *flags, env=None):
        self.grpc_port = free_port()
        self.podinfo = Podinfo(f"--grpc-port={self.grpc_port}", *flags, env={"PODINFO_JWT_SECRET": SECRET, **(env or {})})
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.grpc_port}")
        self.reflection = Reflection(self.channel)

    def begin(self, name, metadata=(), **fields):
        request, stub = self.reflection.stub(name)
        return (stub if name.endswith("/Watch") else stub.future)(request(**fields), timeout=None, metadata=metadata)

    def call(self, name, metadata=(), **fields):
        request, stub = self.reflection.stub(name)
        return stub(request(**fields), timeout=LIMIT, metadata=metadata)

    def fail(self, name, metadata=(), **fields):
        """The code and the details of a call that fails."""
        try:
            answer = self.call(name, metadata, **fields)
        except grpc.RpcError as error:
            return error.code(), error.details()
        raise AssertionError(f"{name} answered {answer}")

    def send(self, path, message, **options):
        """The same for bytes that no message gives."""
        try:
            answer = self.channel.unary_unary(path)(message, timeout=LIMIT, **options)
        except grpc.RpcError as error:
            return error.code(), error.details()
        raise AssertionError(f"{path} answered {answer}")

    def end(self):
        """The exit status. An idle client of this kind answers no ping, and would be waited for."""
        self.channel.close()
        return self.podinfo.wait()

    def stop(self):
        self.channel.close()
        self.podinfo.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def token(claims, secret=SECRET):
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    text = encode(b'{"alg":"HS256","typ":"JWT"}') + b"." + encode(json.dumps(claims).encode())
    return (text + b"." + encode(hmac.new(secret.encode(), text, hashlib.sha256).digest())).decode()


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


class HealthTest(unittest.TestCase):
    SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3

    def server(self, *flags, **options):
        server = Server(*flags, **options)
        self.addCleanup(server.stop)
        return server

    def check(self, server, service=""):
        return server.call("grpc.health.v1.Health/Check", service=service).status

    def test_it_follows_readiness(self):
        server = self.server("--grpc-service-name=mine")
        watches = [server.begin("grpc.health.v1.Health/Watch", service=service) for service in ("", "mine")]
        for path, status in ((None, self.SERVING), ("/readyz/disable", self.NOT_SERVING), ("/readyz/enable", self.SERVING)):
            if path:
                server.podinfo.ask("POST", path)
            for service, watch in zip(("", "mine"), watches):
                self.assertEqual(self.check(server, service), status)
                self.assertEqual(next(watch).status, status)
            listed = server.call("grpc.health.v1.Health/List").statuses
            self.assertEqual({name: listed[name].status for name in listed}, {"": status, "mine": status})

    def test_other_services_are_not_known(self):
        server = self.server("--grpc-service-name=mine")
        for service in ("podinfo", "echo.EchoService"):
            self.assertEqual(server.fail("grpc.health.v1.Health/Check", service=service), (Code.NOT_FOUND, "unknown service"))
        watch = server.begin("grpc.health.v1.Health/Watch", service="podinfo")
        self.assertEqual(next(watch).status, self.SERVICE_UNKNOWN)
        watch.cancel()

    def test_who_is_not_ready_is_not_serving(self):
        self.assertEqual(self.check(self.server("--unready")), self.NOT_SERVING)

    def test_the_end_is_told_before_it_comes(self):
        # Not with --level=debug: for three seconds balancers may find out.
        server = self.server()
        watch = server.begin("grpc.health.v1.Health/Watch")
        self.assertEqual(next(watch).status, self.SERVING)
        server.podinfo.signal()
        self.assertEqual(next(watch).status, self.NOT_SERVING)
        self.assertEqual(self.check(server), self.NOT_SERVING)
        with self.assertRaises(grpc.RpcError) as caught:
            next(watch)
        self.assertEqual((caught.exception.code(), caught.exception.details()), (Code.UNAVAILABLE, "the server is shutting down"))
        self.assertEqual(server.end(), 0)


class EndTest(unittest.TestCase):
    def test_a_call_in_flight_is_answered(self):
        with Server("--level=debug", "--server-shutdown-timeout=1h") as server:
            delay = server.begin("delay.DelayService/Delay", seconds=2)
            server.call("echo.EchoService/Echo")   # behind it on the same connection
            server.podinfo.signal()
            server.podinfo.wait_for_line("Shutting down")
            self.assertEqual(delay.result(LIMIT).message, 2)
            self.assertEqual(server.end(), 0)

    def test_what_takes_too_long_is_cut(self):
        with Server("--level=debug", "--server-shutdown-timeout=1s") as server:
            delays = [server.begin("delay.DelayService/Delay", seconds=LONG) for _ in range(50)]
            server.call("echo.EchoService/Echo")
            server.podinfo.signal()
            self.assertEqual(server.podinfo.wait(), 0)
            for delay in delays:
                self.assertIn(delay.exception(LIMIT).code(), (Code.UNAVAILABLE, Code.CANCELLED))

    def test_calls_that_were_cancelled_and_conversations_are_not_waited_for(self):
        with Server("--level=debug", "--server-shutdown-timeout=1h") as server:
            delays = [server.begin("delay.DelayService/Delay", seconds=LONG) for _ in range(200)]
            server.call("echo.EchoService/Echo")
            for delay in delays:
                delay.cancel()
            watch = server.begin("grpc.health.v1.Health/Watch")
            next(watch)
            more = threading.Event()
            talk = server.reflection.info((more.wait() and b"" for _ in range(1)), timeout=None)
            server.call("echo.EchoService/Echo")
            server.podinfo.signal()
            self.assertEqual(server.podinfo.wait(), 0)
            more.set()
            with self.assertRaises(grpc.RpcError):
                next(talk)

    def test_panic_ends_it_with_a_status_of_its_own(self):
        with Server() as server:
            self.assertEqual(server.fail("panic.PanicService/Panic")[0], Code.UNAVAILABLE)
            self.assertEqual(server.podinfo.wait(), 225)
            server.podinfo.wait_for_line("Panic command received")

    def test_all_that_is_logged_is_podinfos(self):
        with Server("--level=debug") as server:
            server.send("/echo.EchoService/Echo", text_field(1, b"\xff"))
            server.podinfo.talk("nonsense\r\n\r\n")
            with socket.create_connection(("127.0.0.1", server.grpc_port), LIMIT) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
                while connection.recv(4096):
                    pass
            server.podinfo.signal()
            self.assertEqual(server.end(), 0)
            for line in server.podinfo.lines[:-1]:
                self.assertIn("msg", json.loads(line))


class StartTest(unittest.TestCase):
    def fail_to_start(self, program, grpc_port):
        """What the only line of an error says."""
        done = subprocess.run([program, f"--port={free_port()}", f"--grpc-port={grpc_port}"], capture_output=True, text=True, timeout=LIMIT)
        self.assertEqual(done.returncode, 1, done.stderr)
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        errors = [line for line in lines if line["level"] != "info"]
        self.assertEqual([(line["level"], line["msg"], line["port"]) for line in errors], [("error", "failed to listen", grpc_port)])
        return errors[0]["error"]

    def test_a_port_that_is_in_use_is_fatal(self):
        for address in ("127.0.0.1", "0.0.0.0"):
            with socket.create_server((address, 0)) as listener:
                self.assertIn("in use", self.fail_to_start(PODINFO, listener.getsockname()[1]))

    def test_another_podinfos_port_is_not_shared(self):
        with Server() as server:
            self.assertIn("in use", self.fail_to_start(PODINFO, server.grpc_port))

    def test_without_its_module_there_is_no_port(self):
        with tempfile.TemporaryDirectory() as folder:
            alone = shutil.copy(PODINFO, folder)
            self.assertIn(os.path.join(folder, "podinfo_grpc.so") + ": cannot open shared object file", self.fail_to_start(alone, free_port()))

    def test_who_does_not_ask_for_it_does_not_load_it(self):
        with Podinfo() as podinfo, open(f"/proc/{podinfo.process.pid}/maps") as maps:
            self.assertNotRegex(maps.read(), "podinfo_grpc|libgrpc|libprotobuf")


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="pds-grpc-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        with open(os.path.join(cls.folder, "deploy.yaml"), "w") as file:
            file.write("name: podinfo\n")
        cls.built = cls.build("data")

    @classmethod
    def pds(cls, *arguments, data="data"):
        done = subprocess.run([PDS, *arguments, "--data", data], capture_output=True, text=True, cwd=cls.folder, timeout=300)
        if done.returncode != 0:
            raise AssertionError(f"pds {arguments} gave {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    @classmethod
    def build(cls, data):
        return cls.pds("build", "--version", "1.0.0", "--output", "json", data=data)

    def blob(self, digest):
        return os.path.join(self.folder, "data/images/blobs", digest.replace(":", "/"))

    def test_the_image_has_the_module_beside_the_program_and_its_libraries(self):
        names = [os.path.basename(path) for path in self.built["libraries"]]
        self.assertIn("/usr/local/bin/podinfo_grpc.so", self.built["libraries"])
        for library in ("libgrpc++.so", "libgrpc.so", "libprotobuf.so"):
            self.assertTrue(any(name.startswith(library) for name in names), names)
        self.assertEqual(self.build("again")["digest"], self.built["digest"])

    def test_the_sbom_names_the_packages_that_they_are_from(self):
        packages = [package["name"] for package in self.pds("sbom", "1.0.0")["packages"]]
        for package in ("libgrpc++", "libprotobuf", "libabsl"):
            self.assertTrue(any(name.startswith(package) for name in packages), packages)

    def test_it_serves_in_the_image(self):
        root = os.path.join(self.folder, "root")
        os.mkdir(root)
        with open(self.blob(self.built["digest"])) as file:
            layers = json.load(file)["layers"]
        for layer in layers:
            subprocess.run(["tar", "-xf", self.blob(layer["digest"]), "-C", root], check=True)
        port, grpc_port = free_port(), free_port()
        inside = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child", "--root", root, "--mount-proc"]
        if subprocess.run([*inside, "/usr/local/bin/podinfo", "--version"], capture_output=True).returncode != 0:
            self.skipTest("there are no user namespaces on this machine")
        process = subprocess.Popen([*inside, "/usr/local/bin/podinfo", "--host=127.0.0.1", f"--port={port}", f"--grpc-port={grpc_port}"],
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertIn("Starting gRPC Server.", next(line for line in process.stderr if "Starting gRPC" in line or '"error"' in line))
        with grpc.insecure_channel(f"127.0.0.1:{grpc_port}") as channel:
            version = channel.unary_unary("/version.VersionService/Version")(b"", timeout=LIMIT)
            self.assertEqual(version, text_field(1, b"1.0.0") + text_field(2, b"unknown"))


if __name__ == "__main__":
    unittest.main()
