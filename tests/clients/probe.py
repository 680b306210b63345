"""Our HTTP server alone (`http_probe`), and the balancer's data plane alone before it (`bench_proxy`)."""
import os
import socket
import subprocess
import tempfile
import time

from harness import BIN


class Probe:
    def __init__(self, balanced=False):
        self.processes = [subprocess.Popen([os.path.join(BIN, "http_probe"), "0"], stdout=subprocess.PIPE, text=True)]
        self.port = int(self.processes[0].stdout.readline())
        if balanced:
            self.port = self.start_balancer(self.port)

    def start_balancer(self, backend):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        log = tempfile.NamedTemporaryFile(prefix="pds-access-log-")
        self.processes.append(subprocess.Popen([os.path.join(BIN, "bench_proxy"), str(port), str(backend), log.name]))
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return port
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("the balancer does not listen")

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
