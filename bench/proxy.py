#!/usr/bin/env python3
"""The balancer's data plane against HAProxy, on the same backend, in interleaved rounds.

    bench/proxy.py [--rounds 5] [--seconds 1] [--connections 64,256]

Proxies run on core 0; backend (nginx) and load generator (wrk) on core 1. HAProxy has one thread, adds the same headers, reuses connections,
and writes no log; ours evaluates five rules, draws from two weighted groups and writes an access-log line per request. The figure that
counts is CPU time per request; ratios are medians over rounds of ours / HAProxy within one round.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import common
from common import free_port, wait_for


class Proxies:
    """nginx as the backend, and before it HAProxy and, if asked for, our proxy."""

    def __init__(self, directory, body, ours=True):
        self.processes = []
        self.backend = self.start_nginx(os.path.join(directory, "backend"), 1, body)
        self.ports, self.pids = {}, {}
        self.start_haproxy(directory)
        if ours:
            self.start_ours(directory)

    def spawn(self, core, command):
        process = subprocess.Popen(common.on_core(core, *command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process.pid

    def start_nginx(self, directory, core, body):
        process, port = common.start_nginx(directory, core, body)
        self.processes.append(process)
        return port

    def start_haproxy(self, directory):
        port = free_port()
        conf = os.path.join(directory, "haproxy.cfg")
        with open(conf, "w") as f:
            f.write(f"""global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend in
  bind 127.0.0.1:{port}
  acl a path_beg /admin/
  acl b path_beg /static/
  acl c path_beg /v1/
  acl d path_end .php
  acl e path /health
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port {port}
  http-request set-header X-Amzn-Trace-Id Root=1-%[date,hex]-%[rand(1000000000),hex]
  use_backend blue if a or b or c or d or e
  default_backend both
backend blue
  server s1 127.0.0.1:{self.backend}
backend both
  balance roundrobin
  server s1 127.0.0.1:{self.backend} weight 90
  server s2 127.0.0.1:{self.backend} weight 10
""")
        self.pids["haproxy"] = self.spawn(0, ["haproxy", "-db", "-f", conf])
        self.ports["haproxy"] = port
        wait_for(port)

    def start_ours(self, directory):
        port = free_port()
        self.pids["ours"] = self.spawn(0, [os.path.join(common.BIN, "bench_proxy"), str(port), str(self.backend), os.path.join(directory, "access.log")])
        self.ports["ours"] = port
        wait_for(port)

    def stop(self):
        common.stop(self.processes)


def measure(proxies, name, connections, seconds):
    return common.measure_wrk(proxies.pids[name], f"http://127.0.0.1:{proxies.ports[name]}/api/data", connections, seconds)


def compare(connections, body, rounds, seconds, directory):
    proxies = Proxies(directory, body)
    try:
        for name in proxies.ports:
            measure(proxies, name, connections, seconds)   # warm: connections open, memory grown
        row = common.interleave("haproxy", rounds, lambda name: measure(proxies, name, connections, seconds))
    finally:
        proxies.stop()
    return {"connections": connections, "body_bytes": body, **row}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--connections", default="64,256")
    parser.add_argument("--bodies", default="2")
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    if reason := common.missing("haproxy", "nginx", "wrk", "taskset"):
        print(f"skipped: {reason}")
        return 0
    common.build("bench_proxy")
    for body in map(int, args.bodies.split(",")):
        for connections in map(int, args.connections.split(",")):
            directory = tempfile.mkdtemp(prefix="pds-bench-")
            try:
                row = compare(connections, body, args.rounds, args.seconds, directory)
            finally:
                shutil.rmtree(directory, ignore_errors=True)
            if args.output == "json":
                print(json.dumps(row))
                continue
            common.print_ratios(f"{connections} connections, {body} byte answers, {args.rounds} rounds of {args.seconds} s", row, "haproxy", "HAProxy")
    return 0


if __name__ == "__main__":
    sys.exit(main())
