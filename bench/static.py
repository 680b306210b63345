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


class Servers:
    def __init__(self, directory):
        nginx, port = common.start_nginx(os.path.join(directory, "nginx"), 0, 2)
        ours = subprocess.Popen(common.on_core(0, os.path.join(common.BIN, "http_probe"), "0"), stdout=subprocess.PIPE, text=True)
        self.processes = [nginx, ours]
        self.ports = {"nginx": port, "ours": int(ours.stdout.readline())}
        self.pids = {"nginx": nginx.pid, "ours": ours.pid}

    def stop(self):
        common.stop(self.processes)


def measure(servers, name, connections, seconds):
    return common.measure_wrk(servers.pids[name], f"http://127.0.0.1:{servers.ports[name]}/static", connections, seconds)


def compare(servers, connections, rounds, seconds):
    for name in servers.ports:
        measure(servers, name, connections, seconds)   # warm
    return {"connections": connections, **common.interleave("nginx", rounds, lambda name: measure(servers, name, connections, seconds))}


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
            common.print_ratios(f"{connections} connections, {args.rounds} rounds of {args.seconds} s", row, "nginx", "nginx")
    finally:
        servers.stop()
        shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
