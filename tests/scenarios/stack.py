"""A stack in a directory of its own on a cloud of its own: what the scenarios begin with."""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.parse
import urllib.request

from harness import PDS, Cloud, wait_until


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class FixedPortCloud(Cloud):
    """Comes back at the same address, so that who talked to it before kill -9 can go on."""

    def __init__(self, time_scale=1):
        super().__init__(time_scale)
        self.port = free_port()
        self.command = [PDS, "cloud", "start", "--port", str(self.port), "--data", self.data, "--time-scale", str(time_scale)]

    def start(self):
        started = subprocess.run(self.command, capture_output=True, text=True, timeout=60)
        if started.returncode != 0:
            raise RuntimeError(f"the cloud did not start: {started.stderr}\n{self.log()}")
        self.read_env()
        return self


class Running:
    """A `pds ... --output json` whose events are read as they come."""

    def __init__(self, stack, arguments, environment):
        self.errors = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen([PDS, *arguments, "--output", "json"], cwd=stack.directory,
                                        env={**stack.cloud.shell_env(), **environment}, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.seen = []

    def read_until(self, text):
        """True once an event that contains `text` was printed; False when the output ended before."""
        for line in self.process.stdout:
            event = json.loads(line).get("text", "")
            self.seen.append(event)
            if text in event:
                return True
        return False

    def signal(self, number):
        self.process.send_signal(number)
        return self.end()

    def kill(self):
        return self.signal(signal.SIGKILL)

    def end(self, timeout=900):
        """The exit code; what was still printed is in `seen` and `rest`."""
        self.rest = self.process.communicate(timeout=timeout)[0]
        self.errors.seek(0)
        self.stderr = self.errors.read()
        self.errors.close()
        return self.process.returncode


class Stack:
    """`settings`: the rest of its deploy.yaml."""

    def __init__(self, cloud, versions=("1.0.0", "1.1.0"), settings=""):
        self.cloud = cloud
        self.directory = tempfile.mkdtemp(prefix="pds-stack-", dir="/tmp")
        with open(os.path.join(self.directory, "deploy.yaml"), "w") as file:
            file.write(f"name: podinfo\nbalancer:\n  port: {free_port()}\n{settings}")
        for version in versions:
            self.pds("build", "--version", version)
            self.pds("sign", version)
            self.pds("push", version)
        self.pds("up")

    def pds(self, *arguments, check=True):
        return self.cloud.pds(*arguments, cwd=self.directory, check=check)

    def begin(self, *arguments, environment=None):
        return Running(self, arguments, environment or {})

    def status(self):
        return json.loads(self.pds("status", "--output", "json").stdout)

    def releases(self):
        return [json.loads(line) for line in self.pds("history", "--output", "json").stdout.splitlines()]

    def settled(self):
        """The status once the groups that are on their way out are gone."""
        return wait_until(lambda: (status := self.status())["fleet_groups"] == 1 and not status["retiring_groups"] and status, 300, "one fleet group")

    def versions(self, status):
        """What both targets answer, asked a few times each: every instance has its turn."""
        urls = [status["balancer_url"], status["function_url"].rstrip("/")] * 6
        return {get_json(url + "/version")["version"] for url in urls}

    def remove(self):
        shutil.rmtree(self.directory, ignore_errors=True)


def get_json(url):
    """Any name below localhost is this machine; not every resolver knows."""
    parts = urllib.parse.urlparse(url)
    request = urllib.request.Request(f"http://127.0.0.1:{parts.port}{parts.path}", headers={"Host": parts.netloc})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
