"""How podinfo's gRPC port comes and goes."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import PODINFO
from podinfo_grpc import LONG, Code, Server, grpc, text_field
from podinfo_process import LIMIT, Podinfo, free_port


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


class EndTest(unittest.TestCase):
    def test_a_call_in_flight_is_answered(self):
        with Server("--level=debug", "--server-shutdown-timeout=1h") as server:
            delay = server.begin("delay.DelayService/Delay", seconds=2)
            server.call("echo.EchoService/Echo")   # behind it on the same connection
            server.podinfo.signal()
            self.assertEqual(json.loads(server.podinfo.wait_for_line("Shutting down GRPC server"))["timeout"], 3600)
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


if __name__ == "__main__":
    unittest.main()
