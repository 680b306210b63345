#!/usr/bin/env python3
"""What a request costs with two loops on two cores beside one loop on one, in interleaved rounds.

    bench/loops.py [--rounds 5] [--seconds 1] [--connections 64]

The balancer answers by itself (a fixed response after five rules, with its access log), so that no backend takes a share. With two loops the
load generator runs on the same two cores: what it takes of them is printed. A loop loses what a request costs more in processor time.
"""
import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

import common

LOSS_AT_MOST = 1.10


class Balancer:
    """Of so many loops, on as many cores."""

    def __init__(self, directory, loops):
        self.loops, self.port = loops, common.free_port()
        cores = ",".join(map(str, range(loops)))
        command = common.on_core(cores, os.path.join(common.BIN, "bench_proxy"), str(self.port), "0", os.path.join(directory, f"{loops}.log"), "--loops", str(loops))
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        common.wait_for(self.port)

    def measure(self, connections, seconds):
        def generator_seconds():
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            return used.ru_utime + used.ru_stime

        before = generator_seconds()
        load = common.measure_wrk(self.process.pid, f"http://127.0.0.1:{self.port}/", connections, seconds, cores="1" if self.loops == 1 else "0,1", threads=self.loops)
        return {**load, "generator": (generator_seconds() - before) / seconds}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    if reason := common.missing("wrk", "taskset"):
        print(f"skipped: {reason}")
        return 0
    common.build("bench_proxy")
    directory = tempfile.mkdtemp(prefix="pds-bench-")
    balancers = {}
    try:
        balancers = {"one": Balancer(directory, 1), "ours": Balancer(directory, 2)}
        for balancer in balancers.values():
            balancer.measure(args.connections, args.seconds)   # warm
        row = common.interleave("one", args.rounds, lambda name: balancers[name].measure(args.connections, args.seconds))
    finally:
        common.stop([b.process for b in balancers.values()])
        shutil.rmtree(directory, ignore_errors=True)
    if args.output == "json":
        print(json.dumps(row))
        return 0
    cpu, rps, generator = row["cpu_us"], row["rps"], row["generator"]
    met = cpu["ratio"] <= LOSS_AT_MOST
    common.print_table([
        common.row("CPU us per request, two loops beside one", f"{cpu['ours']}", f"{cpu['one']}", cpu["ratio"], f"at most {LOSS_AT_MOST:.2f}", met),
        common.row("requests per second", f"{rps['ours']:.0f}", f"{rps['one']:.0f}", rps["ratio"], "", None),
        common.row("cores that the load generator takes", f"{generator['ours']:.2f}", f"{generator['one']:.2f}", None, "", None),
    ])
    return 0


if __name__ == "__main__":
    sys.exit(main())
