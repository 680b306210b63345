#!/usr/bin/env python3
"""podinfo beside nginx's `return 200`, and beside the same answer by Go's net/http where Go is installed, in interleaved rounds.

    bench/podinfo.py [--rounds 5] [--seconds 1] [--connections 64] [--starts 20]

Servers run on core 0, the load generator (wrk) on core 1. podinfo counts each request, gives it a correlation id and logs at error level, with
one thread. Then p99 at one arrival rate (an open load), and what it takes: from exec to the first answer of /readyz, memory when idle and
beside 10,000 idle connections.
"""
import argparse
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import common
from idle_connections import connect, memory

IDLE_CONNECTIONS = 10000
GO_SERVER = """package main

import (
	"encoding/json"
	"net/http"
	"os"
)

func main() {
	answer := map[string]string{"version": "1.0.0", "commit": "unknown"}
	http.HandleFunc("/version", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		body, _ := json.MarshalIndent(answer, "", "  ")
		w.Write(body)
	})
	http.ListenAndServe("127.0.0.1:"+os.Args[1], nil)
}
"""


def start_podinfo(directory):
    port = common.free_port()
    command = [os.path.join(common.BIN, "podinfo"), "--host=127.0.0.1", f"--port={port}", "--level=error", f"--data-path={directory}"]
    # Handed down instead of set by taskset, whose own beginning would count as podinfo's.
    os.sched_setaffinity(0, {0})
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.sched_setaffinity(0, {1})
    return process, port


class Servers:
    def __init__(self, directory):
        nginx, nginx_port = common.start_nginx(os.path.join(directory, "nginx"), 0, 40)
        ours, port = start_podinfo(directory)
        self.processes, self.ports = [nginx, ours], {"nginx": nginx_port, "ours": port}
        if shutil.which("go"):
            self.start_go(directory)
        self.pids = {name: process.pid for name, process in zip(self.ports, self.processes)}
        for port in self.ports.values():
            common.wait_for(port)

    def start_go(self, directory):
        source, program = os.path.join(directory, "main.go"), os.path.join(directory, "go_server")
        with open(source, "w") as file:
            file.write(GO_SERVER)
        subprocess.run(["go", "build", "-o", program, source], check=True, env={**os.environ, "GOFLAGS": "-mod=mod", "GOCACHE": os.path.join(directory, "cache")})
        self.ports["go"] = common.free_port()
        self.processes.append(subprocess.Popen(common.on_core(0, program, str(self.ports["go"])), env={**os.environ, "GOMAXPROCS": "1"}))

    def measure(self, name, path, connections, seconds):
        return common.measure_wrk(self.pids[name], f"http://127.0.0.1:{self.ports[name]}{path}", connections, seconds)


def compare(servers, path, connections, rounds, seconds):
    rows = []
    for peer, at_most in (("nginx", 1.15), ("go", 0.7)):
        if peer not in servers.ports or (peer == "go" and path != "/version"):
            continue
        for name in (peer, "ours"):
            servers.measure(name, path, connections, seconds)   # warm
        row = common.interleave(peer, rounds, lambda name: servers.measure(name, path, connections, seconds))
        for what, label, target, met in (("cpu_us", "CPU us per request", f"at most {at_most:.2f}", lambda r: r <= at_most),
                                         ("rps", "requests per second", "at least 0.95", lambda r: r >= 0.95)):
            rows.append(common.row(f"{path}, {connections} connections, {label}, beside {peer}", f"{row[what]['ours']}", f"{row[what][peer]}", row[what]["ratio"], target,
                                   met(row[what]["ratio"])))
    return rows


# Where even a generator that does nothing else cannot keep the pace, it measures itself: then less is asked for.
SHARES = (0.7, 0.5, 0.35, 0.25)
ON_TIME_US = 2000


def tail(servers, connections, rounds, seconds):
    """p99 at one arrival rate, a share of nginx's most."""
    ports = {name: servers.ports[name] for name in ("nginx", "ours")}
    most = common.wrk(f"http://127.0.0.1:{ports['nginx']}/version", connections, seconds)["rps"]
    for share in SHARES:
        rate = int(most * share)
        if all(common.open_load(port, "/version", rate, 2)["p50"] < ON_TIME_US for port in ports.values()):
            break
    seen = [{name: common.open_load(port, "/version", rate, max(seconds, 2))["p99"] for name, port in ports.items()} for _ in range(rounds)]
    ours, theirs = (common.median(r[name] for r in seen) for name in ("ours", "nginx"))
    ratio = common.median(r["ours"] / r["nginx"] for r in seen)
    return [common.row(f"p99 at {rate} arrivals/s ({share:.0%} of nginx's most)", f"{ours:.0f} us", f"{theirs:.0f} us", ratio, "at most 2.00", ratio <= 2)]


def start_to_ready(directory):
    """Milliseconds from exec to the first answer of /readyz that is 200."""
    began = time.monotonic()
    process, port = start_podinfo(directory)
    try:
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), 1) as connection:
                    connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                    if connection.recv(12) == b"HTTP/1.1 200":
                        return (time.monotonic() - began) * 1e3
            except OSError:
                if process.poll() is not None:
                    raise SystemExit("podinfo did not start")
    finally:
        common.stop([process])


def take(directory, starts):
    rows = []
    ready = common.median(start_to_ready(directory) for _ in range(starts))
    rows.append(common.row("from exec to ready, p50", f"{ready:.1f} ms", "", None, "at most 10 ms", ready <= 10))
    process, port = start_podinfo(directory)
    held = []
    try:
        common.wait_for(port)
        connect(port).close()
        idle = memory(process.pid)
        rows.append(common.row("private memory when idle", f"{idle / 2**20:.1f} MiB", "", None, "at most 12 MiB", idle <= 12 * 2**20))
        held = [connect(port) for _ in range(IDLE_CONNECTIONS)]
        more = memory(process.pid) - idle
        rows.append(common.row(f"... more beside {IDLE_CONNECTIONS} idle connections", f"{more / 2**20:.1f} MiB", "", None, "at most 60 MiB", more <= 60 * 2**20))
    finally:
        for connection in held:
            connection.close()
        common.stop([process])
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    needed, hard = IDLE_CONNECTIONS + 200, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if reason := common.missing("nginx", "wrk", "taskset") or ("" if hard >= needed else f"needs {needed} open files, {hard} are allowed"):
        print(f"skipped: {reason}")
        return 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    common.build("podinfo", "bench_open_load")
    directory = tempfile.mkdtemp(prefix="pds-bench-")
    rows = []
    try:
        servers = Servers(directory)
        try:
            for path in ("/version", "/healthz"):
                rows += compare(servers, path, args.connections, args.rounds, args.seconds)
            rows += tail(servers, args.connections, args.rounds, args.seconds)
        finally:
            common.stop(servers.processes)
        rows += take(directory, args.starts)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    common.report(rows, args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
