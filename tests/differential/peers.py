"""Servers that are asked the same: ours, and nginx and HAProxy before a backend that says what reached it."""
import os
import re
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time

from harness import BIN


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")


class Backend(socketserver.ThreadingTCPServer):
    """Says in X-Parsed what method, target and size of a body a proxy made of a request. What proxies send is well formed."""

    allow_reuse_address = daemon_threads = True

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            method, target, _ = self.rfile.readline().decode("latin-1").split(" ")
            fields = {}
            while (line := self.rfile.readline().decode("latin-1").strip()):
                name, value = line.split(":", 1)
                fields[name.lower()] = value.strip()
            size = int(fields.get("content-length", 0))
            if fields.get("transfer-encoding", "").lower() == "chunked":
                size = 0
                while length := int(self.rfile.readline().split(b";")[0], 16):
                    size += len(self.rfile.read(length))
                    self.rfile.readline()
            else:
                size = len(self.rfile.read(size))
            self.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\nX-Parsed: {method} {target} {size}\r\n\r\n".encode("latin-1"))

    def handle_error(self, *_):
        pass   # a proxy that broke off


class Peers:
    """`ports` by name; what a machine lacks is in `missing`."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="pds-differential-")
        self.processes, self.ports, self.missing = [], {}, [p for p in ("nginx", "haproxy") if not shutil.which(p)]
        self.backend = Backend(("127.0.0.1", 0), Backend.Handler)
        threading.Thread(target=self.backend.serve_forever, daemon=True).start()
        ours = self.spawn(os.path.join(BIN, "http_probe"), "0", stdout=subprocess.PIPE)
        self.ports["ours"] = int(ours.stdout.readline())
        for name in ("nginx", "haproxy"):
            if name not in self.missing:
                self.ports[name] = getattr(self, name)(self.backend.server_address[1])
                wait_for(self.ports[name])

    def spawn(self, *command, stdout=subprocess.DEVNULL):
        self.processes.append(subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL, text=True))
        return self.processes[-1]

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def nginx(self, backend):
        d, port = self.directory, free_port()
        conf = self.write("nginx.conf", f"""daemon off; master_process off; pid {d}/pid; error_log {d}/error;
events {{ worker_connections 1024; }}
http {{ access_log off; client_body_temp_path {d}/b; proxy_temp_path {d}/p; fastcgi_temp_path {d}/f; uwsgi_temp_path {d}/u; scgi_temp_path {d}/s;
  server {{ listen 127.0.0.1:{port}; client_body_timeout 1s; client_header_timeout 1s;
    location / {{ proxy_pass http://127.0.0.1:{backend}; proxy_http_version 1.1; proxy_set_header Host $host; }} }} }}
""")
        self.spawn("nginx", "-c", conf, "-p", d)
        return port

    def haproxy(self, backend):
        port = free_port()
        conf = self.write("haproxy.cfg", f"""defaults
  mode http
  timeout connect 5s
  timeout client 1s
  timeout http-request 1s
  timeout server 10s
  retries 0
frontend in
  bind 127.0.0.1:{port}
  default_backend out
backend out
  server s 127.0.0.1:{backend}
""")
        self.spawn("haproxy", "-db", "-f", conf)
        return port

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        self.backend.shutdown()
        self.backend.server_close()
        shutil.rmtree(self.directory, ignore_errors=True)


def verdict(port, request):
    """("accepted", method, target, size), or ("refused", status): 0 when the connection was closed without an answer, 408 when the request
    was never complete."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.settimeout(10)
        try:
            connection.sendall(request)
            while b"\r\n\r\n" not in received and (chunk := connection.recv(65536)):
                received += chunk
        except OSError:
            pass
    text = received.decode("latin-1")
    if parsed := re.search(r"^X-Parsed: (\S*) (.*) (\d+)\r?$", text.split("\r\n\r\n")[0], re.M | re.I):
        return ("accepted", parsed[1], parsed[2], int(parsed[3]))
    status = re.match(r"HTTP/1\.[01] (\d+)", text)
    return ("refused", int(status[1]) if status else 0)
