#!/usr/bin/env python3
"""Invocations through the API endpoint against nginx and HAProxy, in interleaved rounds.

    bench/functions.py [--rounds 5] [--seconds 1]

What is measured runs on core 0: the cloud, the nginx it is held against, HAProxy. What stands around it runs on core 1: the load generator
(wrk), the functions, HAProxy's backend. Every Invoke is signed and its signature verified (one signature serves all requests of a round: it
is valid for five minutes). The event is an API Gateway request for /version. Three functions are measured: a static program that gives its
event back, so that the cloud's own part shows; the same awaiting the receipt for its answer before it asks again, as the runtimes of other
languages do ("patient"); and podinfo, from an image that `pds build` made. Ratios are medians over rounds of ours / peer within one round:

    warm invoke      p50 at one connection / p50 of nginx's `return 200` at one connection      (at most 2.5)
    16 environments  invocations per second / requests per second of HAProxy before nginx, 64 connections (at least 0.45)
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

import common
from common import cpu_seconds
from proxy import Proxies

STACK = "bench"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
EVENT = json.dumps({"version": "2.0", "routeKey": "$default", "rawPath": "/version", "rawQueryString": "", "headers": {"host": "bench"},
                    "requestContext": {"http": {"method": "GET", "path": "/version", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}},
                    "isBase64Encoded": False}, separators=(",", ":"))


class Functions:
    """Functions on core 1, of a cloud of their own on core 0."""

    def __init__(self, directory):
        from harness import Cloud

        self.directory = directory
        self.cloud = Cloud().start()
        common.move_to_core(0, self.cloud.pid)
        common.move_to_core(1, *self.spawners())   # which hand their core down
        self.role = self.cloud.client("iam").create_role(RoleName="f", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]

    def spawners(self):
        out = subprocess.run(["pgrep", "-f", f"__spawner {self.cloud.data}/"], capture_output=True, text=True).stdout
        return out.split()

    def echo_image(self):
        """A static program that answers with its event."""
        from test_lambda import push_image

        self.cloud.client("ecr").create_repository(repositoryName="echo")
        return push_image(self.cloud, "echo", "1")

    def create(self, name, image, proof, environment=None):
        """A function that answers; `proof` is in its answer."""
        functions = self.cloud.client("lambda")
        functions.create_function(FunctionName=name, Role=self.role, PackageType="Image", Code={"ImageUri": image}, Timeout=30, MemorySize=256,
                                  Environment={"Variables": environment or {}})
        functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        answer = functions.invoke(FunctionName=name, Payload=EVENT)["Payload"].read().decode()
        if proof not in answer:
            raise SystemExit(f"the function {name} does not answer: {answer}")
        return f"{self.cloud.url}/2015-03-31/functions/{name}/invocations"

    def sign(self, url):
        return common.signed_script(os.path.join(self.directory, "invoke.lua"), url, "lambda", self.cloud.env, {"Content-Type": "application/json"}, EVENT)


class Comparison:
    def __init__(self, directory):
        self.peers, self.functions = Proxies(directory, 2, ours=False), None
        try:
            self.nginx = f"http://127.0.0.1:{self.peers.start_nginx(os.path.join(directory, 'nginx'), 0, 2)}/"
            self.haproxy = f"http://127.0.0.1:{self.peers.ports['haproxy']}/api/data"
            self.functions = Functions(directory)
            echo = self.functions.echo_image()
            self.urls = {"echo": self.functions.create("echo", echo, "routeKey"),
                         "patient": self.functions.create("patient", echo, "routeKey", {"PATIENT": "1"}),
                         "podinfo": self.functions.create("podinfo", self.functions.cloud.podinfo_image(directory, STACK, "1.0.0"), "1.0.0")}
        except BaseException:
            self.stop()
            raise

    def stop(self):
        self.peers.stop()
        if self.functions:
            self.functions.cloud.stop()

    def invoke(self, name, connections, seconds):
        url = self.urls[name]
        script, before = self.functions.sign(url), cpu_seconds(self.functions.cloud.pid)
        load = common.wrk(url, connections, seconds, script)
        return {**load, "cpu_us": (cpu_seconds(self.functions.cloud.pid) - before) / load["requests"] * 1e6}

    def round(self, seconds):
        results = {"nginx": common.wrk(self.nginx, 1, seconds), "haproxy": common.wrk(self.haproxy, 64, seconds)}
        for name in self.urls:
            results[name, 1], results[name, 16] = self.invoke(name, 1, seconds), self.invoke(name, 16, seconds)
        return results

    def run(self, rounds, seconds):
        self.round(seconds)   # the environments start here
        return [self.round(seconds) for _ in range(rounds)]


def rows_of(results):
    def middle(who, what):
        return common.median(r[who][what] for r in results)

    rows = []
    for name in ("echo", "patient", "podinfo"):
        warm = common.median(r[name, 1]["p50_us"] / r["nginx"]["p50_us"] for r in results)
        sixteen = common.median(r[name, 16]["rps"] / r["haproxy"]["rps"] for r in results)
        target = name == "echo"
        rows += [
            common.row(f"warm invoke p50 of {name}, beside nginx", f"{middle((name, 1), 'p50_us'):.0f} us", f"{middle('nginx', 'p50_us'):.0f} us", warm,
                       "at most 2.5" if target else "", warm <= 2.5 if target else None),
            common.row(f"16 environments of {name}, beside HAProxy", f"{middle((name, 16), 'rps'):.0f} /s", f"{middle('haproxy', 'rps'):.0f} /s", sixteen,
                       "at least 0.45" if target else "", sixteen >= 0.45 if target else None),
            common.row("... the cloud's CPU time for each", f"{middle((name, 16), 'cpu_us'):.1f} us", "", None, "", None),
        ]
    podinfos_own = common.median(r["podinfo", 1]["p50_us"] - r["echo", 1]["p50_us"] for r in results)
    rows.append(common.row("what podinfo itself adds to a warm invoke, p50", f"{podinfos_own:.0f} us", "", None, "at most 100 us", podinfos_own <= 100))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    reason = common.missing("haproxy", "nginx", "wrk", "taskset", "pgrep")
    try:
        import boto3  # noqa: F401
    except ImportError:
        reason = reason or "needs boto3"
    if reason:
        print(f"skipped: {reason}")
        return 0
    common.build("pds", "podinfo", "lambda_bootstrap")
    directory = tempfile.mkdtemp(prefix="pds-bench-", dir="/tmp")
    try:
        comparison = Comparison(directory)
        try:
            rows = rows_of(comparison.run(args.rounds, args.seconds))
        finally:
            comparison.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    common.report(rows, args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
