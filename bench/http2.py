#!/usr/bin/env python3
"""The server's HTTP/2 against nginx's, as interleaved rounds of h2load on plain connections (prior knowledge).

    bench/http2.py [--rounds 5] [--seconds 2] [--connections 8,64] [--streams 10]

Both answer a short text from memory on core 0; h2load runs on core 1. Ratios are medians over rounds of ours / nginx within one round; CPU
time per request counts wherever the load generator is the bottleneck.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import common
from common import free_port, wait_for
from proxy import cpu_seconds

TARGETS = {"cpu_us": ("CPU us per request", 1.0, "at most"), "rps": ("requests per second", 1.0, "at least")}


class Servers:
    def __init__(self, directory):
        self.processes, self.ports, self.pids = [], {}, {}
        port, conf = free_port(), os.path.join(directory, "nginx.conf")
        with open(conf, "w") as f:
            f.write(f"""daemon off; master_process off; worker_processes 1; pid {directory}/nginx.pid; error_log {directory}/nginx.err;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; http2_max_concurrent_streams 128; default_type text/plain;
  client_body_temp_path {directory}/b; proxy_temp_path {directory}/p; fastcgi_temp_path {directory}/f; uwsgi_temp_path {directory}/u;
  scgi_temp_path {directory}/s;
  server {{ listen 127.0.0.1:{port} http2 backlog=4096; location / {{ return 200 "ok"; }} }} }}
""")
        self.spawn("nginx", port, ["nginx", "-c", conf, "-p", directory])
        port = free_port()
        self.spawn("ours", port, [os.path.join(common.BIN, "http2_probe"), str(port)])

    def spawn(self, name, port, command):
        process = subprocess.Popen(common.on_core(0, *command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        self.ports[name], self.pids[name] = port, process.pid
        wait_for(port)

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(10)


def h2load(port, connections, streams, seconds):
    """One round. Failures end the comparison: it would mean nothing."""
    command = common.on_core(1, "h2load", f"-c{connections}", f"-m{streams}", "-D", str(seconds), "--warm-up-time", "0", f"http://127.0.0.1:{port}/")
    out = subprocess.run(command, capture_output=True, text=True).stdout
    counts = re.search(r"requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored", out)
    ok = re.search(r"status codes: (\d+) 2xx, 0 3xx, 0 4xx, 0 5xx", out)
    if not counts or not ok or int(counts.group(2)) == 0 or int(counts.group(4)) > 0:
        raise SystemExit(f"port {port}: {out}: a comparison of failures means nothing")
    return int(counts.group(2)), float(re.search(r"finished in [\d.]+\w+, ([\d.]+) req/s", out).group(1))


def measure(servers, name, connections, streams, seconds):
    before = cpu_seconds(servers.pids[name])
    requests, rps = h2load(servers.ports[name], connections, streams, seconds)
    return {"cpu_us": (cpu_seconds(servers.pids[name]) - before) / requests * 1e6, "rps": rps}


def compare(servers, connections, streams, rounds, seconds):
    for name in servers.ports:
        measure(servers, name, connections, streams, 1)   # warm: memory grown, tables filled
    results = []
    for i in range(rounds):
        order = ["nginx", "ours"] if i % 2 == 0 else ["ours", "nginx"]
        results.append({name: measure(servers, name, connections, streams, seconds) for name in order})
    row = {"connections": connections, "streams": streams, "rounds": rounds}
    for what in TARGETS:
        row[what] = {name: round(common.median(r[name][what] for r in results), 2) for name in ("ours", "nginx")}
        row[what]["ratio"] = round(common.median(r["ours"][what] / r["nginx"][what] for r in results), 3)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--connections", default="8,64")
    parser.add_argument("--streams", type=int, default=10)
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    if reason := common.missing("nginx", "h2load", "taskset"):
        print(f"skipped: {reason}")
        return 0
    common.build("http2_probe")
    directory = tempfile.mkdtemp(prefix="pds-bench-")
    servers = Servers(directory)
    rows = []
    try:
        for connections in map(int, args.connections.split(",")):
            result = compare(servers, connections, args.streams, args.rounds, args.seconds)
            if args.output == "json":
                print(json.dumps(result))
            for what, (label, target, bound) in TARGETS.items():
                ratio = result[what]["ratio"]
                met = ratio <= target if bound == "at most" else ratio >= target
                rows.append(common.row(f"HTTP/2, {connections} connections of {args.streams} streams: {label}", str(result[what]["ours"]),
                                       str(result[what]["nginx"]), ratio, f"{bound} {target:.2f}", met))
    finally:
        servers.stop()
        shutil.rmtree(directory, ignore_errors=True)
    if args.output == "text":
        common.print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
