#!/usr/bin/env python3
"""TLS 1.3 of the balancer against HAProxy's, in interleaved rounds: requests on kept connections, and full handshakes.

    bench/tls.py [--rounds 5] [--seconds 1] [--connections 64]

Both answer by themselves, with one ECDSA P-256 certificate, one thread, the same preferred suite and curve. No tickets are given out, so
that every connection of the handshake rounds is a full handshake and one request. Servers run on core 0, wrk on core 1. Ours evaluates five
rules and writes an access-log line per request; HAProxy logs nothing. The figure that counts is CPU time per request; ratios are medians
over rounds of ours / HAProxy within one round.
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

CLOSE = "wrk.headers['Connection'] = 'close'\n"


def make_certificate(directory):
    """One PEM file with key and certificate, as both programs read it."""
    key, certificate, both = (os.path.join(directory, name) for name in ("key.pem", "cert.pem", "both.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with open(both, "w") as out:
        for path in (certificate, key):
            with open(path) as part:
                out.write(part.read())
    return both


class Servers:
    def __init__(self, directory):
        self.processes, self.ports, self.pids = [], {}, {}
        certificate = make_certificate(directory)
        self.start_haproxy(directory, certificate)
        port = free_port()
        self.start("ours", port, [os.path.join(common.BIN, "bench_proxy"), str(port), "0", os.path.join(directory, "access.log"), "--tls", certificate])

    def start(self, name, port, command):
        process = subprocess.Popen(common.on_core(0, *command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        self.ports[name], self.pids[name] = port, process.pid
        wait_for(port)

    def start_haproxy(self, directory, certificate):
        port, conf = free_port(), os.path.join(directory, "haproxy.cfg")
        with open(conf, "w") as f:
            f.write(f"""global
  nbthread 1
  maxconn 4096
  tune.ssl.cachesize 0
  ssl-default-bind-options ssl-min-ver TLSv1.3 no-tls-tickets
  ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256
  ssl-default-bind-curves X25519:P-256:P-384
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend in
  bind 127.0.0.1:{port} ssl crt {certificate}
  acl a path_beg /admin/
  acl b path_beg /static/
  acl c path_beg /v1/
  acl d path_end .php
  acl e path /health
  http-request deny if a or b or c or d or e
  http-request return status 200 content-type text/plain string "hello from the balancer"
""")
        self.start("haproxy", port, ["haproxy", "-db", "-f", conf])

    def stop(self):
        common.stop(self.processes)


def measure(servers, name, connections, seconds, script):
    return common.measure_wrk(servers.pids[name], f"https://127.0.0.1:{servers.ports[name]}/api/data", connections, seconds, script)


def compare(servers, kind, connections, rounds, seconds, script):
    for name in servers.ports:
        measure(servers, name, connections, seconds, script)   # warm
    row = common.interleave("haproxy", rounds, lambda name: measure(servers, name, connections, seconds, script))
    return {"kind": kind, "connections": connections, **row}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    if reason := common.missing("haproxy", "openssl", "wrk", "taskset"):
        print(f"skipped: {reason}")
        return 0
    common.build("bench_proxy")
    directory = tempfile.mkdtemp(prefix="pds-bench-")
    try:
        script = os.path.join(directory, "close.lua")
        with open(script, "w") as file:
            file.write(CLOSE)
        servers = Servers(directory)
        try:
            rows = [compare(servers, "TLS 1.3, kept connections", args.connections, args.rounds, args.seconds, None),
                    compare(servers, "TLS 1.3, full handshake and one request", args.connections, args.rounds, args.seconds, script)]
        finally:
            servers.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    for row in rows:
        if args.output == "json":
            print(json.dumps(row))
            continue
        common.print_ratios(f"{row['kind']}: {row['connections']} connections, {row['rounds']} rounds of {args.seconds} s", row, "haproxy", "HAProxy")
    return 0


if __name__ == "__main__":
    sys.exit(main())
