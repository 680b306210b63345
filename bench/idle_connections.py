#!/usr/bin/env python3
"""What an idle connection of our HTTP server takes: memory in user space, and time of the requests of others.

    bench/idle_connections.py [--connections 10000] [--seconds 1]

Each connection has had one request with browser-like headers, so that what a connection keeps between requests is there. Aimed at: at most
8 KiB each, and the same CPU time per request beside them as without them.
"""
import argparse
import json
import os
import resource
import socket
import subprocess
import sys

import common

REQUEST = (b"GET /api/data?page=1 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
           b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n"
           b"Accept-Encoding: gzip, deflate, br\r\nConnection: keep-alive\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n\r\n")


def memory(pid):
    """Private memory in bytes."""
    with open(f"/proc/{pid}/smaps_rollup") as f:
        return sum(int(line.split()[1]) for line in f if line.startswith("Private_")) * 1024


def cpu_per_request(pid, port, seconds):
    before = common.cpu_seconds(pid)
    load = common.wrk(f"http://127.0.0.1:{port}/static", 64, seconds)
    return (common.cpu_seconds(pid) - before) / load["requests"] * 1e6


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), 30)
    connection.sendall(REQUEST)
    connection.recv(4096)
    return connection


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--connections", type=int, default=10000)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    needed = args.connections + 200
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    reason = common.missing("wrk", "taskset") or ("" if hard >= needed else f"needs {needed} open files, {hard} are allowed")
    if reason:
        print(f"skipped: {reason}")
        return 0
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
    common.build("http_probe")
    server = subprocess.Popen(common.on_core(0, os.path.join(common.BIN, "http_probe"), "0"), stdout=subprocess.PIPE, text=True)
    held = []
    try:
        port = int(server.stdout.readline())
        held = [connect(port) for _ in range(100)]   # what the first connections make is kept for all
        alone = min(cpu_per_request(server.pid, port, args.seconds) for _ in range(3))
        before = memory(server.pid)
        held += [connect(port) for _ in range(args.connections)]
        each = (memory(server.pid) - before) / args.connections
        beside = min(cpu_per_request(server.pid, port, args.seconds) for _ in range(3))
    finally:
        for connection in held:
            connection.close()
        server.kill()
        server.wait()
    row = {"connections": args.connections, "bytes_each": round(each), "cpu_us_alone": round(alone, 2), "cpu_us_beside": round(beside, 2)}
    if args.output == "json":
        print(json.dumps(row))
    else:
        print(f"{args.connections} idle connections: {each / 1024:.2f} KiB each in user space")
        print(f"  CPU us per request     beside them {beside:.2f}   without them {alone:.2f}   ratio {beside / alone:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
