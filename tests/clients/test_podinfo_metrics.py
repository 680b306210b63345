"""podinfo's numbers, read as Prometheus does."""
import gzip
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import exposition
from podinfo_case import PodinfoTest
from podinfo_process import Podinfo, free_port


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

    def test_what_is_asked_of_go_is_answered_as_far_as_it_can_be(self):
        runtime = json.loads(self.ask("GET", "/api/info").text)["runtime"]
        for port in (None, self.port_metrics):
            families = exposition.read(self.ask("GET", "/metrics", port=port).text)
            self.assertEqual(list(families), sorted(families))
            self.assertEqual(families["go_info"]["samples"], [("go_info", {"version": runtime}, 1)])
            self.assertEqual(exposition.value_of(families, "go_goroutines"), 1)
            self.assertGreaterEqual(exposition.value_of(families, "go_threads"), 1)
            pauses = families["go_gc_duration_seconds"]
            self.assertEqual((pauses["type"], [labels["quantile"] for _, labels, _ in pauses["samples"] if labels]),
                             ("summary", ["0", "0.25", "0.5", "0.75", "1"]))
            self.assertEqual({value for _, _, value in pauses["samples"]}, {0})
            used, idle, heap, whole = (exposition.value_of(families, f"go_memstats_{name}_bytes")
                                       for name in ("heap_inuse", "heap_idle", "heap_sys", "sys"))
            self.assertEqual(used + idle, heap)
            self.assertLessEqual(heap, whole)
            self.assertEqual({exposition.value_of(families, f"go_memstats_{name}_bytes") for name in ("alloc", "heap_alloc")}, {used})

    def test_a_family_without_a_value_is_not_there(self):
        with Podinfo() as podinfo:
            self.assertNotIn("http_request", podinfo.ask("GET", "/metrics").text)
            self.assertIn("http_requests_total{status=\"200\"} 1", podinfo.ask("GET", "/metrics").text)

    def test_a_port_of_their_own(self):
        exposition.read(self.ask("GET", "/metrics", port=self.port_metrics).text)
        health = self.ask("GET", "/healthz", port=self.port_metrics)
        self.assertEqual((health.status, health.text), (200, "OK"))
        lost = self.ask("GET", "/version", port=self.port_metrics)
        self.assertEqual((lost.status, lost.headers["X-Content-Type-Options"]), (404, "nosniff"))
        self.assertRegex(lost.headers["X-Correlation-ID"], r"^[0-9a-f-]{36}$")

    def test_their_port_knows_neither_prefix_nor_faults_nor_limits(self):
        port = free_port()
        with Podinfo("--prefix=/foo", f"--port-metrics={port}", "--random-error", "--http-server-timeout=1s", "--level=debug") as podinfo:
            for _ in range(20):
                self.assertEqual(podinfo.ask("GET", "/debug/pprof/cmdline", port=port).status, 200)
            self.assertEqual(podinfo.ask("GET", "/debug/pprof/profile?seconds=2", port=port).status, 200)
            self.assertNotIn("pprof", podinfo.ask("GET", "/metrics", port=port).text)
            self.assertFalse([line for line in podinfo.lines if line and "request started" in line])


if __name__ == "__main__":
    unittest.main()
