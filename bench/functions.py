#!/usr/bin/env python3
"""Invocations through the API endpoint against nginx and HAProxy, in interleaved rounds.

    bench/functions.py [--rounds 5] [--seconds 1]

The cloud, its functions and the peers run on core 0, the load generator (wrk) on core 1. Every Invoke is signed and its signature verified
(one signature serves all requests of a round: it is valid for five minutes). The function is the static bootstrap of the tests, which
answers with its event. Ratios are medians over rounds of ours / peer within one round:

    warm invoke      p50 at one connection / p50 of nginx's `return 200` at one connection      (at most 2.5)
    16 environments  invocations per second / requests per second of HAProxy before nginx, 64 connections (at least 0.45)
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "tests"), os.path.join(ROOT, "tests", "clients"), os.path.join(ROOT, "bench")]

WRK = "wrk.method = 'POST'\nwrk.body = '{}'\n"


def on_core(core, *command):
    return ["taskset", "-c", str(core), *command]


def wrk(url, connections, seconds, script=None):
    extra = ["-s", script] if script else []
    out = subprocess.run(on_core(1, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *extra, url), capture_output=True, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(f"{url}: {out}: a comparison of failures means nothing")
    p50 = re.search(r"50%\s+([\d.]+)(us|ms|s)", out)
    return {"p50_us": float(p50.group(1)) * {"us": 1, "ms": 1e3, "s": 1e6}[p50.group(2)],
            "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))}


class Function:
    def __init__(self):
        from harness import Cloud
        from test_lambda import TRUST, push_image

        self.cloud = Cloud().start()
        subprocess.run(["taskset", "-a", "-cp", "0", str(self.cloud.pid)], check=True, stdout=subprocess.DEVNULL)
        for child in self.children():   # the spawner, which hands its core down
            subprocess.run(["taskset", "-a", "-cp", "0", child], check=True, stdout=subprocess.DEVNULL)
        role = self.cloud.client("iam").create_role(RoleName="f", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        self.cloud.client("ecr").create_repository(repositoryName="fn")
        image = push_image(self.cloud, "fn", "1")
        functions = self.cloud.client("lambda")
        functions.create_function(FunctionName="f", Role=role, PackageType="Image", Code={"ImageUri": image}, Timeout=30)
        functions.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 1})
        self.url = self.cloud.url + "/2015-03-31/functions/f/invocations"

    def children(self):
        out = subprocess.run(["pgrep", "-f", f"__spawner {self.cloud.data}"], capture_output=True, text=True).stdout
        return out.split()

    def sign(self, directory):
        """A wrk script whose requests carry a signature of now."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        request = AWSRequest("POST", self.url, data=b"{}", headers={"Content-Type": "application/json"})
        keys = Credentials(self.cloud.env["AWS_ACCESS_KEY_ID"], self.cloud.env["AWS_SECRET_ACCESS_KEY"])
        SigV4Auth(keys, "lambda", self.cloud.env["AWS_REGION"]).add_auth(request)
        path = os.path.join(directory, "invoke.lua")
        with open(path, "w") as script:
            script.write(WRK)
            for name, value in request.headers.items():
                script.write(f"wrk.headers['{name}'] = '{value}'\n")
        return path


def compare(rounds, seconds, directory):
    from proxy import Proxies

    peers = Proxies(directory, 2)
    function = None
    try:
        function = Function()
        nginx, haproxy = f"http://127.0.0.1:{peers.backend}/", f"http://127.0.0.1:{peers.ports['haproxy']}/api/data"
        wrk(function.url, 16, seconds, function.sign(directory))   # the environments start here
        wrk(haproxy, 64, seconds)
        results = []
        for _ in range(rounds):
            script = function.sign(directory)
            results.append({"nginx": wrk(nginx, 1, seconds), "warm": wrk(function.url, 1, seconds, script), "haproxy": wrk(haproxy, 64, seconds),
                            "sixteen": wrk(function.url, 16, seconds, script)})
    finally:
        peers.stop()
        if function:
            function.cloud.stop()
    median = lambda values: round(statistics.median(values), 3)
    return {"rounds": rounds,
            "warm_p50_us": median(r["warm"]["p50_us"] for r in results),
            "nginx_p50_us": median(r["nginx"]["p50_us"] for r in results),
            "warm_ratio": median(r["warm"]["p50_us"] / r["nginx"]["p50_us"] for r in results),
            "invocations_per_second": median(r["sixteen"]["rps"] for r in results),
            "haproxy_per_second": median(r["haproxy"]["rps"] for r in results),
            "throughput_ratio": median(r["sixteen"]["rps"] / r["haproxy"]["rps"] for r in results)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    missing = [p for p in ("haproxy", "nginx", "wrk", "taskset") if not shutil.which(p)]
    if missing or (os.cpu_count() or 1) < 2:
        print("skipped: needs " + (", ".join(missing) or "two cores"))
        return 0
    subprocess.run(["ninja", "-C", os.path.join(ROOT, "build", "release"), "pds", "lambda_bootstrap", "bench_proxy"], check=True, stdout=subprocess.DEVNULL)
    directory = tempfile.mkdtemp(prefix="pds-bench-")
    try:
        row = compare(args.rounds, args.seconds, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    if args.output == "json":
        print(json.dumps(row))
        return 0
    print(f"warm invoke p50      ours {row['warm_p50_us']:>10} us    nginx   {row['nginx_p50_us']:>10} us    ratio {row['warm_ratio']} (at most 2.5)")
    print(f"16 environments      ours {row['invocations_per_second']:>10} /s    HAProxy {row['haproxy_per_second']:>10} /s    "
          f"ratio {row['throughput_ratio']} (at least 0.45)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
