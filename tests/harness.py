"""What the black-box tests share: a cloud of their own, stock clients pointed at it, and counting."""
import concurrent.futures
import fnmatch
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.environ.get("PDS_BIN") or os.path.join(ROOT, "build", os.environ.get("PDS_PRESET", "release"), "bin")
PDS = os.path.join(BIN, "pds")
PODINFO = os.environ.get("PDS_PODINFO") or os.path.join(BIN, "podinfo")
FILES_AT_ONCE = int(os.environ.get("PDS_TEST_FILES_AT_ONCE", "2"))
FILE_SECONDS_MAX = 1800


class Cloud:
    """A `pds cloud` on a free port with a data directory of its own; gone, with all it ran, at the end."""

    def __init__(self, time_scale=1, extra=()):
        self.data = tempfile.mkdtemp(prefix="pds-", dir="/tmp")
        self.time_scale = time_scale
        self.extra = list(extra)
        self.env = {}

    def start(self):
        command = [PDS, "cloud", "start", "--port", "0", "--data", self.data, "--time-scale", str(self.time_scale), *self.extra]
        started = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if started.returncode != 0:
            raise RuntimeError(f"the cloud did not start: {started.stderr}\n{self.log()}")
        self.read_env()
        return self

    def read_env(self):
        answer = subprocess.run([PDS, "env", "--data", self.data, "--output", "json"], capture_output=True, text=True, check=True)
        self.env = json.loads(answer.stdout)
        self.url = self.env["AWS_ENDPOINT_URL"]

    @property
    def pid(self):
        with open(os.path.join(self.data, "cloud.json")) as file:
            return json.load(file)["pid"]

    def kill(self):
        """kill -9 of the cloud alone: what it started runs on."""
        pid = self.pid
        os.kill(pid, 9)
        while os.path.exists(f"/proc/{pid}"):
            time.sleep(0.01)

    def stop(self):
        subprocess.run([PDS, "cloud", "stop", "--data", self.data], capture_output=True, timeout=120)
        shutil.rmtree(self.data, ignore_errors=True)

    def log(self):
        try:
            with open(os.path.join(self.data, "cloud.log"), errors="replace") as file:
                return file.read()[-8000:]
        except OSError:
            return ""

    def client(self, service, **kwargs):
        import boto3
        from botocore.config import Config

        arguments = dict(
            endpoint_url=self.url,
            region_name=self.env["AWS_REGION"],
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
        )
        arguments.update(kwargs)
        return boto3.client(service, **arguments)

    def shell_env(self):
        return {**os.environ, **self.env, "PDS_DATA": self.data, "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}

    def pds(self, *arguments, cwd=None, check=True, timeout=900):
        done = subprocess.run([PDS, *arguments], capture_output=True, text=True, env=self.shell_env(), cwd=cwd, timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"pds {' '.join(arguments)} gave {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}\n{self.log()[-3000:]}")
        return done

    def podinfo_image(self, directory, stack, version):
        """podinfo built, signed and pushed as any release is; its URI by digest."""
        with open(os.path.join(directory, "deploy.yaml"), "w") as file:
            file.write(f"name: {stack}\n")
        for command in (f"build --version {version}", f"sign {version}", f"push {version}"):
            done = self.pds(*command.split(), "--output", "json", cwd=directory)
        return json.loads(done.stdout.splitlines()[-1])["image"]


def quiet_port():
    """A free port that is not one of those that connections are given: whoever asks a port that nobody listens on yet may come out of it
    himself, and then it is taken."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def python_with_grpc():
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import grpc"], capture_output=True).returncode == 0:
            return python
    raise unittest.SkipTest("grpcio (python3-grpcio) is not on this machine")


def wait_until(condition, timeout=60, what="the condition"):
    """Polls; for tests of a system whose progress can only be seen through its API."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {timeout} s")
        time.sleep(0.05)


class CloudTest(unittest.TestCase):
    """One cloud for all tests of a class."""

    time_scale = 1

    @classmethod
    def setUpClass(cls):
        try:
            import boto3  # noqa: F401
        except ImportError:
            raise unittest.SkipTest("boto3 is not on this machine")
        cls.cloud = Cloud(time_scale=cls.time_scale).start()

    @classmethod
    def tearDownClass(cls):
        if hasattr(cls, "cloud"):
            cls.cloud.stop()

    def assert_error(self, code, function, *arguments, status=None, **kwargs):
        from botocore.exceptions import ClientError

        with self.assertRaises(ClientError) as caught:
            function(*arguments, **kwargs)
        response = caught.exception.response
        self.assertEqual(response["Error"]["Code"], code, response)
        if status:
            self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], status)
        return response["Error"]["Message"]


class CountingResult(unittest.TextTestResult):
    """Counts what passed: a class that is skipped or fails as a whole is not among the tests run, so a difference would be wrong."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.passed += 1


def run_here(pattern, directory):
    """Every test of the files that match, in this process; the last line is what ./test counts."""
    suite = unittest.TestLoader().discover(directory, pattern=pattern)
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout, resultclass=CountingResult).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    for case, reason in result.skipped:
        print(f"skipped: {case}: {reason}")
    print(f"counts {result.passed} {failed} {skipped}")
    return 1 if failed else 0


def run_file(name, directory):
    """One file's tests in a process of its own: its output, [passed, failed, skipped] and the seconds it took."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, __file__, name, directory], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               errors="replace", start_new_session=True)
    try:
        output = process.communicate(timeout=FILE_SECONDS_MAX)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output = process.communicate()[0] + f"\nFAIL: {name} was not done in {FILE_SECONDS_MAX} s\n"
    counted = re.findall(r"^counts (\d+) (\d+) (\d+)$", output, re.MULTILINE)
    counts = [int(number) for number in counted[-1]] if counted else [0, 1, 0]
    return output, counts, time.monotonic() - began


def main(pattern="test_*.py", directory=os.path.join(ROOT, "tests", "clients")):
    """Runs the tests of the files below `directory` that match, two files at a time: most of them wait for what they test. All they print
    goes to standard output, a line for each file to standard error as it ends; the last line is what ./test counts."""
    files = sorted(name for name in os.listdir(directory) if fnmatch.fnmatch(name, pattern))
    if len(files) < 2:
        return run_here(pattern, directory)
    total = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        names = {pool.submit(run_file, name, directory): name for name in files}
        for done in concurrent.futures.as_completed(names):
            output, counts, seconds = done.result()
            print(output, flush=True)
            total = [sum(pair) for pair in zip(total, counts)]
            skipped = f", {counts[2]} skipped" if counts[2] else ""
            verdict = f"FAILED   {names[done]}: {counts[1]} failed" if counts[1] else f"ok       {names[done]}: {counts[0]} passed{skipped}"
            print(f"{verdict} ({seconds:.0f} s)", file=sys.stderr, flush=True)
    print("counts", *total)
    return 1 if total[1] else 0


if __name__ == "__main__":
    sys.path.insert(0, os.path.join(ROOT, "tests"))
    sys.exit(main(*sys.argv[1:]))
