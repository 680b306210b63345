#!/usr/bin/env python3
"""A fixed answer from our HTTP server against nginx's `return 200`, in interleaved rounds.

    bench/static.py [--rounds 5] [--seconds 1] [--connections 64,256]

Servers run on core 0, the load generator (wrk) on core 1, where it is the bottleneck: so the figure that counts is CPU time per request.
Ratios are medians over rounds of ours / nginx within one round. Both answer with a Date and two bytes.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import common
import proxy


class Servers:
    def __init__(self, directory):
        self.nginx = proxy.Proxies.__new__(proxy.Proxies)
        self.nginx.processes = []
        port = self.nginx.start_nginx(os.path.join(directory, "nginx"), 0, 2)
        ours = subprocess.Popen(common.on_core(0, os.path.join(common.BIN, "http_probe"), "0"), stdout=subprocess.PIPE, text=True)
        self.nginx.processes.append(ours)
        self.ports = {"nginx": port, "ours": int(ours.stdout.readline())}
        self.pids = {"nginx": self.nginx.processes[0].pid, "ours": ours.pid}

    def stop(self):
        self.nginx.stop()


def measure(servers, name, connections, seconds):
    before = proxy.cpu_seconds(servers.pids[name])
    load = common.wrk(f"http://127.0.0.1:{servers.ports[name]}/static", connections, seconds)
    used = proxy.cpu_seconds(servers.pids[name]) - before
    return {"cpu_us": used / load["requests"] * 1e6, "rps": load["rps"], "p99_us": load["p99_us"]}


def compare(servers, connections, rounds, seconds):
    for name in servers.ports:
        measure(servers, name, connections, seconds)   # warm
    results = []
    for i in range(rounds):
        order = ["nginx", "ours"] if i % 2 == 0 else ["ours", "nginx"]
        results.append({name: measure(servers, name, connections, seconds) for name in order})
    row = {"connections": connections, "rounds": rounds}
    for what in ("cpu_us", "rps", "p99_us"):
        row[what] = {name: round(common.median(r[name][what] for r in results), 2) for name in ("nginx", "ours")}
        row[what]["ratio"] = round(common.median(r["ours"][what] / r["nginx"][what] for r in results), 3)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--connections", default="64,256")
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    if reason := common.missing("nginx", "wrk", "taskset"):
        print(f"skipped: {reason}")
        return 0
    common.build("http_probe")
    directory = tempfile.mkdtemp(prefix="pds-bench-")
    servers = Servers(directory)
    try:
        for connections in map(int, args.connections.split(",")):
            row = compare(servers, connections, args.rounds, args.seconds)
            if args.output == "json":
                print(json.dumps(row))
                continue
            print(f"{connections} connections, {args.rounds} rounds of {args.seconds} s")
            for what, label in (("cpu_us", "CPU us per request"), ("rps", "requests per second"), ("p99_us", "p99 us")):
                print(f"  {label:22} ours {row[what]['ours']:>10}   nginx {row[what]['nginx']:>10}   ratio {row[what]['ratio']}")
    finally:
        servers.stop()
        shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
