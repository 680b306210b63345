"""Collectors of OTLP for tests, over HTTP and over gRPC, and a podinfo that tells them."""
import base64
import gzip
import http.server
import json
import os
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import otlp
from harness import python_with_grpc, wait_until
from podinfo_process import LIMIT, Podinfo

HERE = os.path.dirname(os.path.abspath(__file__))
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
FAST = {"PODINFO_OTEL_SERVICE_NAME": "shop", "OTEL_BSP_SCHEDULE_DELAY": "20", "OTEL_BLRP_SCHEDULE_DELAY": "20"}
HANDLERS, SERVER = "github.com/stefanprodan/podinfo/pkg/api", "otelmux"


class Collector:
    """Takes OTLP over HTTP, and answers as it is told."""

    def __init__(self, port=0):
        self.calls, self.statuses, self.changed = [], [], threading.Condition()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers["Content-Encoding"] == "gzip":
                    body = gzip.decompress(body)
                with collector.changed:
                    status = collector.statuses.pop(0) if collector.statuses else 200
                    collector.calls.append({"path": self.path, "headers": dict(self.headers), "message": body, "status": status})
                    collector.changed.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def env(self, **more):
        return {**FAST, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.port}", **more}

    def taken(self, path, read):
        with self.changed:
            calls = [call for call in self.calls if call["path"].endswith(path) and call["status"] == 200]
        return [item for call in calls for item in otlp.export(call["message"], read)]

    def spans(self):
        return self.taken("/v1/traces", otlp.span)

    def records(self):
        return self.taken("/v1/logs", otlp.record)

    def wait_for_span(self, name):
        def find():
            return next((found for found in self.spans() if found[2]["name"] == name), None)

        return wait_until(find, LIMIT, f"the span {name!r}")

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class GrpcCollector:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([python_with_grpc(), os.path.join(HERE, "otlp_peer.py"), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.port, self.calls = int(self.process.stdout.readline()), []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            call = json.loads(line)
            call["message"] = base64.b64decode(call["message"])
            self.calls.append(call)

    def taken(self, service, read):
        return [item for call in list(self.calls) if service in call["method"] and not call["refused"] for item in otlp.export(call["message"], read)]

    def close(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait(LIMIT)
        self.process.stdout.close()


class TraceCase(unittest.TestCase):
    def collector(self, port=0):
        collector = Collector(port)
        self.addCleanup(collector.close)
        return collector

    def podinfo(self, *flags, env):
        podinfo = Podinfo("--level=debug", *flags, env=env)
        self.addCleanup(podinfo.stop)
        return podinfo
