#!/usr/bin/env python3
"""The embedded cloud beside moto's server: start, idle memory, and API requests per second, in interleaved rounds.

    bench/cloud.py [--rounds 5] [--seconds 1] [--starts 5]

Servers run on core 0, the load generator (wrk, 8 connections) on core 1. Both get the same requests with the same kind of signature; ours
verifies it, moto does not look. Ratios are medians over rounds of ours / moto within one round; where other work shares the cores, CPU
time per request says more than requests per second. Start is the time from exec to the first answered API call (signed
GetCallerIdentity); memory is the resident set of the idle daemon, with and without the pool that sandboxes are started from.
"""
import argparse
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import common

QUERY = "application/x-www-form-urlencoded; charset=utf-8"
CALLS = {   # measure: service, headers, body
    "GetSecretValue": ("secretsmanager", {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.GetSecretValue"},
                       '{"SecretId":"bench"}'),
    "DescribeAutoScalingGroups": ("autoscaling", {"Content-Type": QUERY}, "Action=DescribeAutoScalingGroups&Version=2011-01-01"),
}
WHO = ("sts", {"Content-Type": QUERY}, "Action=GetCallerIdentity&Version=2011-06-15")


def signed_headers(port, credentials, call):
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    service, headers, body = call
    request = AWSRequest("POST", f"http://127.0.0.1:{port}/", data=body.encode(), headers=headers)
    SigV4Auth(Credentials(credentials["AWS_ACCESS_KEY_ID"], credentials["AWS_SECRET_ACCESS_KEY"]), service, "us-east-1").add_auth(request)
    return dict(request.headers.items())


def answered(port, headers, body):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
    except OSError:
        return False
    if answer.status != 200:
        raise SystemExit(f"the first call was answered {answer.status}: {content[:300]}")
    return True


def resident_mib(*pids):
    """Resident and proportional set, in MiB: pages that processes share count once in the second."""
    rss = pss = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                lines = file.readlines()
        except OSError:
            continue   # it ended meanwhile: the pool is still being made, and the next look differs from this one
        for line in lines:
            if line.startswith("Rss:"):
                rss += int(line.split()[1])
            if line.startswith("Pss:"):
                pss += int(line.split()[1])
    return rss / 1024, pss / 1024


def spawners(data):
    """The processes that sandboxes are started from: they are nobody's children, and carry the run directory in their arguments."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            with open(f"/proc/{entry}/comm") as file:
                if file.read() == "pds-waiting\n":   # a main process that waits has its init's memory, which is counted there
                    continue
        except OSError:
            continue
        if b"__spawner" in words and os.path.join(data, "run").encode() in words:
            found.append(int(entry))
    return found


def cpu_seconds(pid):
    """User and system time of a process with the threads that have ended, in ticks of 10 ms: moto has a thread per connection."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """A process on core 0 that answers the AWS API on a port."""

    def __init__(self, command, port, credentials, env=None):
        headers = signed_headers(port, credentials, WHO)
        began = time.monotonic()
        self.process = subprocess.Popen(common.on_core(0, *command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
        while not answered(port, headers, WHO[2]):
            if self.process.poll() is not None or time.monotonic() - began > 60:
                raise SystemExit(f"{command[0]} did not start")
            time.sleep(0.0005)
        self.start_ms = (time.monotonic() - began) * 1e3
        self.port, self.credentials = port, credentials

    def client(self, service):
        import boto3

        return boto3.client(service, endpoint_url=f"http://127.0.0.1:{self.port}", region_name="us-east-1",
                            aws_access_key_id=self.credentials["AWS_ACCESS_KEY_ID"], aws_secret_access_key=self.credentials["AWS_SECRET_ACCESS_KEY"])

    def fill(self):
        """The same things in both: a secret, and three groups that want no instances."""
        self.client("secretsmanager").create_secret(Name="bench", SecretString='{"username":"podinfo","password":"0123456789abcdef"}')
        ec2 = self.client("ec2")
        image = ec2.describe_images()["Images"][0]["ImageId"]
        ec2.create_launch_template(LaunchTemplateName="bench", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"})
        zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
        for i in range(3):
            self.client("autoscaling").create_auto_scaling_group(
                AutoScalingGroupName=f"bench-{i}", MinSize=0, MaxSize=3, DesiredCapacity=0, AvailabilityZones=[zone],
                LaunchTemplate={"LaunchTemplateName": "bench", "Version": "$Latest"})

    def measure(self, call, seconds, directory):
        service, headers, body = CALLS[call]
        url = f"http://127.0.0.1:{self.port}/"
        credentials = {**self.credentials, "AWS_REGION": "us-east-1"}
        script = common.signed_script(os.path.join(directory, "call.lua"), url, service, credentials, headers, body)
        before = cpu_seconds(self.process.pid)
        load = common.wrk(url, 8, seconds, script)
        return load["rps"], (cpu_seconds(self.process.pid) - before) / load["requests"] * 1e6

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Ours(Server):
    """A cloud whose data directory exists: keys are made at the first start, and signing needs them before exec."""

    def __init__(self, data):
        pds = os.path.join(common.BIN, "pds")
        port = common.free_port()
        command = [pds, "cloud", "start", "--foreground", "--port", str(port), "--data", data]
        super().__init__(command, port, self.keys(pds, data))

    @staticmethod
    def keys(pds, data):
        if not os.path.exists(os.path.join(data, "credentials")):
            subprocess.run([pds, "cloud", "start", "--port", "0", "--data", data], check=True, stdout=subprocess.DEVNULL)
            env = subprocess.run([pds, "env", "--data", data, "--output", "json"], check=True, capture_output=True, text=True).stdout
            subprocess.run([pds, "cloud", "stop", "--data", data], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with open(os.path.join(data, "bench-keys.json"), "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(env)
        with open(os.path.join(data, "bench-keys.json")) as file:
            return json.load(file)


class Moto(Server):
    def __init__(self):
        port = common.free_port()
        super().__init__([moto_program(), "-H", "127.0.0.1", "-p", str(port)], port, {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"})


def moto_program():
    """moto's server itself: a version manager's stand-in in front of it would be counted as its start."""
    found = shutil.which("moto_server")
    if found and "/shims/" in found:
        real = subprocess.run(["pyenv", "which", "moto_server"], capture_output=True, text=True)
        return real.stdout.strip() if real.returncode == 0 else found
    return found


def idle_memory(ours, data):
    """(resident set of the daemon, of all its processes, proportional set of all) once nothing moves."""
    previous = None
    for _ in range(50):
        pids = [ours.process.pid, *spawners(data)]
        sizes = (resident_mib(ours.process.pid)[0], *resident_mib(*pids))
        if previous and all(abs(a - b) < 0.1 for a, b in zip(sizes, previous)):
            break
        previous = sizes
        time.sleep(0.1)
    return sizes


def compare_starts(starts, data):
    ours, theirs, memory, moto_memory = [], [], [], []
    for _ in range(starts):
        cloud = Ours(data)
        memory.append(idle_memory(cloud, data))
        ours.append(cloud.start_ms)
        cloud.stop()
    for _ in range(min(starts, 3)):
        moto = Moto()
        theirs.append(moto.start_ms)
        moto_memory.append(resident_mib(moto.process.pid)[0])
        moto.stop()
    start, moto_start = common.median(ours), common.median(theirs)
    daemon, everything, shared = (common.median(m[i] for m in memory) for i in range(3))
    peer = common.median(moto_memory)
    return [
        common.row("exec to first API answer", f"{start:.1f} ms", f"{moto_start:.0f} ms", start / moto_start, "at most 20 ms", start <= 20),
        common.row("idle resident set, daemon", f"{daemon:.1f} MiB", f"{peer:.1f} MiB", daemon / peer, "below 25 MiB", daemon < 25),
        common.row("... with its sandbox pool", f"{everything:.1f} MiB", f"{peer:.1f} MiB", everything / peer, "", None),
        common.row("... shared pages once (PSS)", f"{shared:.1f} MiB", f"{peer:.1f} MiB", shared / peer, "", None),
    ]


def compare_calls(rounds, seconds, data, directory):
    servers = []
    try:
        for make in (lambda: Ours(data), Moto):
            servers.append(make())
            servers[-1].fill()
        results = {call: [] for call in CALLS}
        for call in CALLS:   # connections open, memory grown
            for server in servers:
                server.measure(call, seconds, directory)
        for i in range(rounds):
            for call in CALLS:
                order = servers if i % 2 == 0 else servers[::-1]
                figures = {server: server.measure(call, seconds, directory) for server in order}
                results[call].append((figures[servers[0]], figures[servers[1]]))
    finally:
        for server in servers:
            server.stop()
    rows = []
    for call, pairs in results.items():
        ratio = common.median(ours[0] / moto[0] for ours, moto in pairs)
        rows.append(common.row(call, f"{common.median(ours[0] for ours, _ in pairs):.0f} /s", f"{common.median(moto[0] for _, moto in pairs):.0f} /s",
                               ratio, "at least 100x", ratio >= 100))
        saved = common.median(moto[1] / ours[1] for ours, moto in pairs)
        rows.append(common.row("... CPU per request, theirs / ours", f"{common.median(ours[1] for ours, _ in pairs):.0f} us",
                               f"{common.median(moto[1] for _, moto in pairs):.0f} us", saved, "", None))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--output", choices=["text", "json"], default="text")
    args = parser.parse_args()
    reason = common.missing("moto_server", "wrk", "taskset")
    try:
        import boto3  # noqa: F401
    except ImportError:
        reason = reason or "needs boto3"
    if reason:
        print(f"skipped: {reason}")
        return 0
    common.build("pds")
    directory = tempfile.mkdtemp(prefix="pds-bench-", dir="/tmp")
    try:
        data = os.path.join(directory, "data")
        rows = compare_starts(args.starts, data) + compare_calls(args.rounds, args.seconds, data, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    common.report(rows, args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
