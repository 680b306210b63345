#!/usr/bin/env python3
"""Invocations through the API endpoint against nginx and HAProxy, in interleaved rounds.

    bench/functions.py [--rounds 5] [--seconds 1]

The cloud, its functions and the peers run on core 0, the load generator (wrk) on core 1. Every Invoke is signed and its signature verified
(one signature serves all requests of a round: it is valid for five minutes). The function is podinfo, from an image that `pds build` made;
the event is an API Gateway request for /version. Ratios are medians over rounds of ours / peer within one round:

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
from proxy import Proxies

STACK = "bench"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
EVENT = json.dumps({"version": "2.0", "routeKey": "$default", "rawPath": "/version", "rawQueryString": "", "headers": {"host": "bench"},
                    "requestContext": {"http": {"method": "GET", "path": "/version", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}},
                    "isBase64Encoded": False}, separators=(",", ":"))


class Function:
    """podinfo as a function of a cloud of its own, on core 0 with all that the cloud starts."""

    def __init__(self, directory):
        from harness import Cloud

        self.cloud = Cloud().start()
        common.move_to_core(0, self.cloud.pid, *self.spawners())   # the spawners hand their core down
        functions = self.cloud.client("lambda")
        role = self.cloud.client("iam").create_role(RoleName="f", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        functions.create_function(FunctionName="f", Role=role, PackageType="Image", Code={"ImageUri": self.image(directory)}, Timeout=30,
                                  MemorySize=256)
        functions.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 1})
        answer = json.loads(functions.invoke(FunctionName="f", Payload=EVENT)["Payload"].read())
        if answer.get("statusCode") != 200 or "1.0.0" not in answer.get("body", ""):
            raise SystemExit(f"the function does not answer: {answer}")
        self.url = self.cloud.url + "/2015-03-31/functions/f/invocations"

    def image(self, directory):
        """Built, signed and pushed as any release is; named by digest."""
        with open(os.path.join(directory, "deploy.yaml"), "w") as file:
            file.write(f"name: {STACK}\n")
        for command in ("build --version 1.0.0", "sign 1.0.0", "push 1.0.0"):
            done = self.cloud.pds(*command.split(), "--output", "json", cwd=directory)
            if command.startswith("build"):
                digest = json.loads(done.stdout.splitlines()[-1])["digest"]
        (repository,) = self.cloud.client("ecr").describe_repositories()["repositories"]
        return f"{repository['repositoryUri']}@{digest}"

    def spawners(self):
        out = subprocess.run(["pgrep", "-f", f"__spawner {self.cloud.data}/"], capture_output=True, text=True).stdout
        return out.split()

    def sign(self, directory):
        return common.signed_script(os.path.join(directory, "invoke.lua"), self.url, "lambda", self.cloud.env, {"Content-Type": "application/json"}, EVENT)


def compare(rounds, seconds, directory):
    peers, function = Proxies(directory, 2, ours=False), None
    try:
        function = Function(directory)
        nginx, haproxy = f"http://127.0.0.1:{peers.backend}/", f"http://127.0.0.1:{peers.ports['haproxy']}/api/data"
        common.wrk(function.url, 16, seconds, function.sign(directory))   # the environments start here
        common.wrk(haproxy, 64, seconds)
        results = []
        for _ in range(rounds):
            script = function.sign(directory)
            results.append({"nginx": common.wrk(nginx, 1, seconds), "warm": common.wrk(function.url, 1, seconds, script),
                            "haproxy": common.wrk(haproxy, 64, seconds), "sixteen": common.wrk(function.url, 16, seconds, script)})
    finally:
        peers.stop()
        if function:
            function.cloud.stop()

    def middle(name, what):
        return common.median(r[name][what] for r in results)

    warm = common.median(r["warm"]["p50_us"] / r["nginx"]["p50_us"] for r in results)
    sixteen = common.median(r["sixteen"]["rps"] / r["haproxy"]["rps"] for r in results)
    return [
        common.row("warm invoke p50, beside nginx", f"{middle('warm', 'p50_us'):.0f} us", f"{middle('nginx', 'p50_us'):.0f} us", warm, "at most 2.5", warm <= 2.5),
        common.row("16 environments, beside HAProxy", f"{middle('sixteen', 'rps'):.0f} /s", f"{middle('haproxy', 'rps'):.0f} /s", sixteen,
                   "at least 0.45", sixteen >= 0.45),
    ]


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
    common.build("pds", "podinfo")
    directory = tempfile.mkdtemp(prefix="pds-bench-", dir="/tmp")
    try:
        rows = compare(args.rounds, args.seconds, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    if args.output == "json":
        for r in rows:
            print(json.dumps(r))
        return 0
    common.print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
