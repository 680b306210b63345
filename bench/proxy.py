#!/usr/bin/env python3
"""The balancer's data plane against HAProxy, on the same backend, in interleaved rounds.

    bench/proxy.py [--rounds 5] [--seconds 1] [--connections 64,256] [--kinds small,browser,large,upload]

Proxies run on core 0; backend (nginx) and load generator (wrk) on core 1. HAProxy has one thread, adds the same headers, reuses connections,
and writes no log; ours evaluates five rules, draws from two weighted groups and writes an access-log line per request. The figure that
counts is CPU time per request; ratios are medians over rounds of ours / HAProxy within one round.

    small     no fields but Host, two bytes back
    browser   the fields a browser sends, two bytes back
    large     64 KiB back
    upload    1 MiB there, two bytes back
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

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Accept-Language": "en-GB,en;q=0.9,de;q=0.8",
    "Accept-Encoding": "gzip, deflate, br",
    "Referer": "https://shop.example.com/catalogue/lamps?page=3",
    "Cookie": "session=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b; theme=dark; basket=3",
    "Cache-Control": "max-age=0",
    "Sec-Fetch-Mode": "navigate",
}
LARGE, UPLOAD = 64 * 1024, 1024 * 1024


class Kind:
    """What is sent, and how much comes back. `at_most`: the ratio of CPU time that is aimed at."""

    def __init__(self, body, at_most, connections=None, script=""):
        self.body, self.at_most, self.connections, self.script = body, at_most, connections, script

    def write_script(self, directory):
        if not self.script:
            return None
        path = os.path.join(directory, "load.lua")
        with open(path, "w") as file:
            file.write(self.script)
        return path


KINDS = {
    "small": Kind(2, 0.80),
    "browser": Kind(2, 0.80, script="".join(f"wrk.headers['{name}'] = '{value}'\n" for name, value in BROWSER.items())),
    "large": Kind(LARGE, 0.95, connections=64),
    "upload": Kind(2, 1.0, connections=16, script=f"wrk.method = 'POST'\nwrk.body = string.rep('x', {UPLOAD})\n"),
}


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


def compare(kind, connections, rounds, seconds, directory):
    proxies = Proxies(directory, kind.body)
    script = kind.write_script(directory)

    def measure(name):
        return common.measure_wrk(proxies.pids[name], f"http://127.0.0.1:{proxies.ports[name]}/api/data", connections, seconds, script)

    try:
        for name in proxies.ports:
            measure(name)   # warm: connections open, memory grown
        return common.interleave("haproxy", rounds, measure)
    finally:
        proxies.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--connections", default="64,256")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    if reason := common.missing("haproxy", "nginx", "wrk", "taskset"):
        print(f"skipped: {reason}")
        return 0
    common.build("bench_proxy")
    for name in args.kinds.split(","):
        kind = KINDS[name]
        for connections in [kind.connections] if kind.connections else map(int, args.connections.split(",")):
            directory = tempfile.mkdtemp(prefix="pds-bench-")
            try:
                row = compare(kind, connections, args.rounds, args.seconds, directory)
            finally:
                shutil.rmtree(directory, ignore_errors=True)
            if args.output == "json":
                print(json.dumps({"kind": name, "connections": connections, "cpu_at_most": kind.at_most, **row}))
                continue
            common.print_ratios(f"{name}, {connections} connections, {args.rounds} rounds of {args.seconds} s (CPU aimed at: {kind.at_most})", row, "haproxy", "HAProxy")
    return 0


if __name__ == "__main__":
    sys.exit(main())
