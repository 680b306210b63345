"""podinfo's telemetry as a collector receives it: spans and logs over gRPC and HTTP, every propagator, and collectors that are away."""
import http.server
import json
import re
import signal
import socket
import threading
import time
import unittest

import otlp
from harness import wait_until
from podinfo_process import LIMIT, Podinfo, free_port
from trace_case import FAST, HANDLERS, SERVER, SPAN, TRACE, Collector, GrpcCollector, TraceCase


class TraceTest(TraceCase):
    def test_a_request_is_a_server_span_and_its_handlers(self):
        collector = self.collector()
        podinfo = self.podinfo(env=collector.env(OTEL_RESOURCE_ATTRIBUTES="team=blue%20sky,service.name=other"))
        podinfo.ask("GET", "/delay/0?x=1", headers={"User-Agent": "tester", "X-Forwarded-For": "203.0.113.9, 10.0.0.1"})
        resource, scope, server = collector.wait_for_span("GET /delay/{wait:[0-9]+}")
        self.assertEqual((resource["service.name"], resource["team"], resource["telemetry.sdk.language"]), ("shop", "blue sky", "cpp"))
        self.assertIn("service.version", resource)
        self.assertIn(SERVER, scope)
        own = server["attributes"]
        self.assertEqual((server["kind"], server["parent"], server["status"]), (2, "", 0))
        self.assertEqual({name: own[name] for name in ("http.request.method", "url.scheme", "url.path", "url.query", "http.route", "server.address",
                                                       "network.peer.address", "client.address", "user_agent.original", "network.protocol.version",
                                                       "http.response.status_code")},
                         {"http.request.method": "GET", "url.scheme": "http", "url.path": "/delay/0", "url.query": "x=1",
                          "http.route": "/delay/{wait:[0-9]+}", "server.address": "shop", "network.peer.address": "127.0.0.1",
                          "client.address": "203.0.113.9", "user_agent.original": "tester", "network.protocol.version": "1.1",
                          "http.response.status_code": 200})
        _, scope, handler = collector.wait_for_span("delayHandler")
        self.assertEqual((scope, handler["parent"], handler["trace_id"], handler["kind"]), (HANDLERS, server["span_id"], server["trace_id"], 1))
        self.assertLessEqual(server["began"], handler["began"])
        self.assertLessEqual(handler["ended"], server["ended"])

    def test_each_handler_has_its_name_and_some_have_none(self):
        collector = self.collector()
        podinfo = self.podinfo("--data-path=/tmp", env=collector.env())
        for method, path, name, handler in (("GET", "/", "GET /", "indexHandler"), ("GET", "/version", "GET /version", None),
                                            ("GET", "/healthz", "GET /healthz", None), ("POST", "/token", "POST /token", "tokenGenerateHandler"),
                                            ("GET", "/cache/a", "GET /cache/{key}", "cacheReadHandler"), ("PUT", "/cache/a", "PUT /cache/{key}", "cacheWriteHandler"),
                                            ("GET", "/store/" + "0" * 40, "GET /store/{hash}", "storeReadHandler"), ("BREW", "/echo", "HTTP /echo", "echoHandler"),
                                            ("GET", "/env", "GET /env", "envHandler"), ("GET", "/headers", "GET /headers", "echoHeadersHandler")):
            with self.subTest(path=path, method=method):
                podinfo.ask(method, path)
                _, _, server = collector.wait_for_span(name)
                if handler:
                    self.assertEqual(collector.wait_for_span(handler)[2]["parent"], server["span_id"])
                else:
                    self.assertEqual([s for _, _, s in collector.spans() if s["parent"] == server["span_id"]], [])
        podinfo.ask("GET", "/nowhere")
        podinfo.ask("GET", "/version")
        self.assertEqual([s["name"] for _, _, s in collector.spans() if "nowhere" in json.dumps(s)], [])

    def test_errors(self):
        collector = self.collector()
        podinfo = self.podinfo(env=collector.env())
        podinfo.ask("GET", "/status/500")
        _, _, server = collector.wait_for_span("GET /status/{code:[0-9]+}")
        self.assertEqual((server["status"], server["attributes"]["http.response.status_code"]), (2, 500))
        podinfo.ask("GET", "/cache/key")
        _, _, handler = collector.wait_for_span("cacheReadHandler")
        self.assertEqual((handler["status"], handler["message"]), (2, "cache server is offline"))
        _, _, server = collector.wait_for_span("GET /cache/{key}")
        self.assertEqual(server["status"], 0)   # its HTTP status is 200

    def test_every_propagator_is_read(self):
        collector = self.collector()
        podinfo = self.podinfo(env=collector.env())
        short = "a3ce929d0e0e4736"
        for fields, trace in (({"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "a=b"}, TRACE), ({"b3": f"{TRACE}-{SPAN}-1"}, TRACE),
                              ({"X-B3-TraceId": short, "X-B3-SpanId": SPAN, "X-B3-Sampled": "1"}, "0" * 16 + short),
                              ({"uber-trace-id": f"{TRACE}:{SPAN}:0:1"}, TRACE),
                              ({"ot-tracer-traceid": short, "ot-tracer-spanid": SPAN, "ot-tracer-sampled": "true"}, "0" * 16 + short),
                              ({"X-Amzn-Trace-Id": f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={SPAN};Sampled=1"}, TRACE)):
            with self.subTest(fields=fields):
                collector.calls.clear()
                podinfo.ask("GET", "/version", headers=fields)
                _, _, server = collector.wait_for_span("GET /version")
                self.assertEqual((server["trace_id"], server["parent"]), (trace, SPAN))
                self.assertEqual(server["state"], fields.get("tracestate", ""))

    def test_backends_are_called_with_every_propagator(self):
        collector = self.collector()
        backend = self.podinfo(env={})
        podinfo = self.podinfo(f"--backend-url=http://127.0.0.1:{backend.port}/headers", env=collector.env())
        # /headers takes POST, and answers with what it was sent.
        answer = podinfo.ask("POST", "/echo", b"hi", {"traceparent": f"00-{TRACE}-{SPAN}-01", "baggage": "user=ann%20b"})
        sent = {name.lower(): values[0] for name, values in json.loads(json.loads(answer.text)[0]).items()}
        _, _, client = collector.wait_for_span("HTTP POST")
        own = client["span_id"]
        self.assertEqual((client["trace_id"], client["kind"], client["attributes"]["http.response.status_code"]), (TRACE, 3, 200))
        self.assertEqual(sent["traceparent"], f"00-{TRACE}-{own}-01")
        self.assertEqual(sent["baggage"], "user=ann%20b")
        self.assertEqual(sent["b3"], f"{TRACE}-{own}-1")
        self.assertEqual(sent["uber-trace-id"], f"{TRACE}:{own}:0:1")
        self.assertEqual((sent["ot-tracer-traceid"], sent["ot-tracer-spanid"], sent["ot-tracer-sampled"]), (TRACE[16:], own, "true"))
        self.assertEqual(sent["ot-baggage-user"], "ann%20b")
        self.assertEqual(sent["x-amzn-trace-id"], f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={own};Sampled=1")
        self.assertEqual(collector.wait_for_span("echoHandler")[2]["span_id"], client["parent"])

    def test_without_a_service_name_nothing_is_told_and_nothing_passed_on(self):
        backend = self.podinfo(env={})
        podinfo = self.podinfo(f"--backend-url=http://127.0.0.1:{backend.port}/headers", env={})
        answer = podinfo.ask("POST", "/echo", b"hi", {"traceparent": f"00-{TRACE}-{SPAN}-01", "x-b3-traceid": TRACE})
        sent = {name.lower() for name in json.loads(json.loads(answer.text)[0])}
        self.assertNotIn("traceparent", sent)
        self.assertIn("x-b3-traceid", sent)
        self.assertNotIn("podinfo_otel", podinfo.ask("GET", "/metrics").text)
        self.assertFalse(any("trace_id" in line for line in podinfo.lines if line))

    def test_logs_are_told_with_their_trace(self):
        collector = self.collector()
        podinfo = self.podinfo(env=collector.env())
        podinfo.ask("GET", "/version", headers={"traceparent": f"00-{TRACE}-{SPAN}-01", "X-Correlation-ID": "abc"})
        line = json.loads(podinfo.wait_for_line("request started"))
        self.assertEqual(line["trace_id"], TRACE)

        def find():
            return next((r for _, _, r in collector.records() if r["body"] == "request started"), None)

        record = wait_until(find, LIMIT, "the record")
        self.assertEqual((record["severity"], record["level"], record["trace_id"], record["attributes"]["correlation_id"]), (5, "debug", TRACE, "abc"))
        wait_until(lambda: any(r["body"] == "Starting podinfo" and r["severity"] == 9 for _, _, r in collector.records()), LIMIT, "the first line")

    def test_samplers(self):
        for name, argument, header, told in (("always_off", "", {}, False), ("parentbased_always_off", "", {"traceparent": f"00-{TRACE}-{SPAN}-01"}, True),
                                             ("parentbased_always_on", "", {"traceparent": f"00-{TRACE}-{SPAN}-00"}, False),
                                             ("traceidratio", "0", {"traceparent": f"00-{TRACE}-{SPAN}-01"}, False), ("traceidratio", "1", {}, True)):
            with self.subTest(sampler=name, header=header):
                collector = Collector()
                podinfo = Podinfo("--level=debug", env=collector.env(OTEL_TRACES_SAMPLER=name, OTEL_TRACES_SAMPLER_ARG=argument))
                try:
                    podinfo.ask("GET", "/version", headers=header)
                    podinfo.signal(signal.SIGTERM)
                    self.assertEqual(podinfo.wait(), 0)
                    self.assertEqual(bool(collector.spans()), told)
                finally:
                    podinfo.stop()
                    collector.close()

    def test_what_is_left_is_told_at_the_end(self):
        collector = self.collector()
        podinfo = self.podinfo(env=collector.env(OTEL_BSP_SCHEDULE_DELAY="3600000", OTEL_BLRP_SCHEDULE_DELAY="3600000"))
        podinfo.ask("GET", "/version")
        self.assertEqual(collector.spans(), [])
        podinfo.signal(signal.SIGTERM)
        self.assertEqual(podinfo.wait(), 0)
        self.assertEqual([s["name"] for _, _, s in collector.spans()], ["GET /version"])
        self.assertIn("Shutting down HTTP/HTTPS server", [r["body"] for _, _, r in collector.records()])

    def test_over_http_with_headers_compression_and_paths(self):
        collector = self.collector()
        base = f"http://127.0.0.1:{collector.port}"
        podinfo = self.podinfo(env={**FAST, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_ENDPOINT": base + "/otel/",
                                    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": base + "/own", "OTEL_EXPORTER_OTLP_HEADERS": "x-api-key=a%20b, x-two=2",
                                    "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"})
        podinfo.ask("GET", "/version")
        collector.wait_for_span("GET /version")
        wait_until(lambda: {"/otel/v1/traces", "/own"} <= {call["path"] for call in list(collector.calls)}, LIMIT, "both paths")
        headers = {name.lower(): value for name, value in collector.calls[0]["headers"].items()}
        self.assertEqual((headers["x-api-key"], headers["x-two"], headers["content-type"], headers["content-encoding"]),
                         ("a b", "2", "application/x-protobuf", "gzip"))

    def test_over_grpc(self):
        collector = GrpcCollector()
        self.addCleanup(collector.close)
        for compression in ("none", "gzip"):
            podinfo = self.podinfo(env={**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=v",
                                        "OTEL_EXPORTER_OTLP_COMPRESSION": compression})
            podinfo.ask("GET", "/version?" + compression)
            wait_until(lambda: any(s["attributes"].get("url.query") == compression for _, _, s in collector.taken("TraceService/Export", otlp.span)), LIMIT, "a span")
            wait_until(lambda: collector.taken("LogsService/Export", otlp.record), LIMIT, "a record")
        self.assertEqual(collector.calls[0]["metadata"]["x-key"], "v")
        self.assertTrue(collector.calls[0]["method"].startswith("/opentelemetry.proto.collector."))

    def test_an_endpoint_without_a_scheme_is_plain_where_that_is_said(self):
        collector = GrpcCollector()
        self.addCleanup(collector.close)
        podinfo = self.podinfo(env={**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": f"127.0.0.1:{collector.port}", "OTEL_EXPORTER_OTLP_INSECURE": "true"})
        podinfo.ask("GET", "/version")
        wait_until(lambda: collector.taken("TraceService/Export", otlp.span), LIMIT, "a span")

    def test_a_grpc_collector_that_is_not_ready_is_asked_again(self):
        collector = GrpcCollector("14")   # UNAVAILABLE
        self.addCleanup(collector.close)
        podinfo = self.podinfo(env={**FAST, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}"})
        podinfo.ask("GET", "/version")
        wait_until(lambda: any(call["refused"] for call in list(collector.calls)), LIMIT, "a refusal")
        collector.process.stdin.write("go on\n")
        collector.process.stdin.flush()
        wait_until(lambda: collector.taken("TraceService/Export", otlp.span), LIMIT, "a span")

    def test_a_collector_is_asked_again_when_it_may_pass_and_not_when_it_refuses(self):
        collector = self.collector()
        collector.statuses = [503, 429, 400]
        podinfo = self.podinfo(env=collector.env(OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=f"http://127.0.0.1:{free_port()}/"))
        podinfo.ask("GET", "/version?lost")
        wait_until(lambda: [call["status"] for call in list(collector.calls)] == [503, 429, 400], LIMIT, "three attempts")
        podinfo.ask("GET", "/version?taken")
        collector.wait_for_span("GET /version")
        self.assertEqual([s["attributes"]["url.query"] for _, _, s in collector.spans()], ["taken"])
        lost = re.search(r'podinfo_otel_lost_total{signal="traces"} (\d+)', podinfo.ask("GET", "/metrics").text)
        self.assertEqual(int(lost[1]), 1)

    def test_a_collector_that_is_away_costs_nobody_anything_and_is_found_again(self):
        port = free_port()
        podinfo = self.podinfo(env={**FAST, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
                                    "OTEL_BSP_EXPORT_TIMEOUT": "2000", "OTEL_BLRP_EXPORT_TIMEOUT": "300", "OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "5"})
        for _ in range(100):
            self.assertEqual(podinfo.ask("GET", "/version").status, 200)
        podinfo.wait_for_line("telemetry is not taken")
        podinfo.wait_for_line("its queue is full")
        lost = re.search(r'podinfo_otel_lost_total{signal="traces"} (\d+)', podinfo.ask("GET", "/metrics").text)
        self.assertGreater(int(lost[1]), 50)
        collector = self.collector(port)

        def back():
            podinfo.ask("GET", "/version")
            return collector.spans()

        wait_until(back, LIMIT, "spans again")
        podinfo.wait_for_line("telemetry is taken again")

    def test_bad_values_are_named_and_their_defaults_used(self):
        collector = self.collector()
        podinfo = self.podinfo(env=collector.env(OTEL_BSP_MAX_QUEUE_SIZE="many", OTEL_TRACES_SAMPLER="sometimes", OTEL_EXPORTER_OTLP_TIMEOUT="-1",
                                                 OTEL_PROPAGATORS="pigeon", OTEL_EXPORTER_OTLP_HEADERS="nonsense"))
        podinfo.ask("GET", "/version")
        collector.wait_for_span("GET /version")
        for name in ("OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_TRACES_SAMPLER", "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_PROPAGATORS", "OTEL_EXPORTER_OTLP_HEADERS"):
            podinfo.wait_for_line(name)

    def test_it_can_be_switched_off(self):
        collector = self.collector()
        podinfo = self.podinfo(env=collector.env(OTEL_SDK_DISABLED="true"))
        podinfo.ask("GET", "/version")
        podinfo.signal(signal.SIGTERM)
        self.assertEqual(podinfo.wait(), 0)
        self.assertEqual(collector.calls, [])


class RuntimeApi:
    """The least of Lambda's Runtime API: hands out one event after the other and keeps what comes back."""

    def __init__(self, events):
        self.events, self.answers, self.changed = list(events), [], threading.Condition()
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with api.changed:
                    api.changed.wait_for(lambda: api.events)
                    trace_id, event = api.events.pop(0)
                body = json.dumps(event).encode()
                self.send_response(200)
                for name, value in (("Lambda-Runtime-Aws-Request-Id", "r-1"), ("Lambda-Runtime-Trace-Id", trace_id), ("Lambda-Runtime-Invoked-Function-Arn", "arn:f"),
                                    ("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 20) * 1000))), ("Content-Length", str(len(body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with api.changed:
                    api.answers.append((time.monotonic(), json.loads(body)))
                    api.changed.notify_all()
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None   # podinfo is ended in the middle of its question
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next_answer(self, count):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.answers) >= count, LIMIT):
                raise AssertionError("no answer")
            return self.answers[count - 1][1]

    def offer(self, event):
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()


class FunctionTest(unittest.TestCase):
    def function(self, api, env):
        podinfo = Podinfo(env={**env, "AWS_LAMBDA_RUNTIME_API": api.address}, wait_for="Starting podinfo")
        self.addCleanup(podinfo.stop)
        return podinfo

    def test_all_is_told_before_the_answer_and_belongs_to_lambdas_trace(self):
        collector = Collector()
        self.addCleanup(collector.close)
        api = RuntimeApi([(f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={SPAN};Sampled=1", {"path": "/version"})])
        self.function(api, collector.env(OTEL_BSP_SCHEDULE_DELAY="3600000", OTEL_BLRP_SCHEDULE_DELAY="3600000"))
        self.assertEqual(api.next_answer(1)["statusCode"], 200)
        (_, _, span), = collector.spans()   # there already
        self.assertEqual((span["name"], span["trace_id"], span["parent"]), ("GET /version", TRACE, SPAN))
        self.assertEqual((span["attributes"]["faas.invocation_id"], span["attributes"]["cloud.resource_id"]), ("r-1", "arn:f"))

    def test_a_collector_that_does_not_answer_fails_no_invocation(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:   # takes connections, and says nothing
            api = RuntimeApi([("", {"path": "/version"})])
            self.function(api, {**FAST, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}"})
            for number in range(1, 4):
                self.assertEqual(api.next_answer(number)["statusCode"], 200)
                api.offer(("", {"path": "/version"}))


if __name__ == "__main__":
    unittest.main()
