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
from common import cpu_seconds, free_port, wait_for

TARGETS = {"cpu_us": ("CPU us per request", 1.0, "at most"), "rps": ("requests per second", 1.0, "at least")}


class Servers:
    def __init__(self, directory):
        nginx, nginx_port = common.start_nginx(os.path.join(directory, "nginx"), 0, 2, "http2")
        port = free_port()
        ours = subprocess.Popen(common.on_core(0, os.path.join(common.BIN, "http2_probe"), str(port)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes = [nginx, ours]
        wait_for(port)
        self.ports = {"nginx": nginx_port, "ours": port}
        self.pids = {"nginx": nginx.pid, "ours": ours.pid}

    def stop(self):
        common.stop(self.processes)


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
    row = common.interleave("nginx", rounds, lambda name: measure(servers, name, connections, streams, seconds))
    return {"connections": connections, "streams": streams, **row}


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
