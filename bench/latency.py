#!/usr/bin/env python3
"""What a proxy adds to an answer's latency below saturation, ours against HAProxy's, in interleaved rounds.

    bench/latency.py [--rounds 5] [--seconds 3] [--load 0.5]

The load is open (`bench/open_load.cc`): a request is due at a fixed rate and its latency counts from then. Each round sends it to the backend alone, to
HAProxy before it and to ours before it; what a proxy adds is its percentile less the backend's own. The rate is a share of what HAProxy
carries at its most.
"""
import argparse
import os
import shutil
import sys
import tempfile

import common
from proxy import Proxies

SATURATING_CONNECTIONS = 64


def one_round(proxies, rate, seconds):
    ports = {"backend": proxies.backend, **proxies.ports}
    seen = {name: common.open_load(port, "/api/data", rate, seconds) for name, port in ports.items()}
    return {name: {p: seen[name][p] - seen["backend"][p] for p in ("p50", "p99")} for name in proxies.ports}


def compare(directory, rounds, seconds, load):
    proxies = Proxies(directory, 2)
    try:
        most = common.wrk(f"http://127.0.0.1:{proxies.ports['haproxy']}/api/data", SATURATING_CONNECTIONS, seconds)["rps"]
        rate = int(most * load)
        one_round(proxies, rate, 1)   # warm
        results = [one_round(proxies, rate, seconds) for _ in range(rounds)]
    finally:
        proxies.stop()
    rows = []
    for p in ("p50", "p99"):
        ours, theirs = (common.median(r[name][p] for r in results) for name in ("ours", "haproxy"))
        # Added latencies may be near nothing, or below it: the ratio is that of the medians.
        ratio = ours / theirs if theirs > 0 else None
        rows.append(common.row(f"latency added at {rate} requests/s, {p}", f"{ours:.0f} us", f"{theirs:.0f} us", ratio, "at most 1.00",
                               None if ratio is None else ratio <= 1.0))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--load", type=float, default=0.5)
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    if reason := common.missing("haproxy", "nginx", "wrk", "taskset"):
        print(f"skipped: {reason}")
        return 0
    common.build("bench_proxy", "bench_open_load")
    directory = tempfile.mkdtemp(prefix="pds-bench-")
    try:
        rows = compare(directory, args.rounds, args.seconds, args.load)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    common.report(rows, args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
