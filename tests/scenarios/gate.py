"""A gate between a client and the cloud that counts the calls which change something, and can hold one of them while the knife falls."""
import http.client
import http.server
import threading
import urllib.parse

READS = ("Get", "Describe", "List", "Batch", "Filter")


def name_of(method, target, headers, body):
    """'CreateDeployment', 'PUT releases/r-1.json': what a call asks for, by the protocols that AWS has for saying so."""
    path = urllib.parse.urlparse(target).path
    if "X-Amz-Target" in headers:
        return headers["X-Amz-Target"].split(".")[-1]
    if "/operation/" in path:
        return path.split("/operation/")[1]
    action = urllib.parse.parse_qs(body.decode(errors="replace")).get("Action") if method == "POST" and path == "/" else None
    return action[0] if action else f"{method} {'/'.join(path.split('/')[2:])}"


class Gate:
    """`cut(name)` is called at one write, when the cloud has done and acknowledged it and the client has not heard of it yet. Its answer says
    whether the client hears of it afterwards, or finds the connection closed. `at`: the write's number, or ("CreateDeployment", 1) for the
    second one of that name."""

    def __init__(self, cloud, at=-1, cut=None):
        self.cloud, self.at, self.cut = cloud, at, cut
        self.writes = []        # names, in order
        self.acknowledged = {}  # path of an object: the last body that was put there
        self.name = None        # of the write at which the knife fell
        gate = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self):
                self.raw_requestline = self.rfile.readline(65537)
                if self.raw_requestline and self.parse_request():
                    gate.pass_on(self)
                else:
                    self.close_connection = True

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a client that was killed while it was being answered

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def pass_on(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        answer = self.ask_cloud(handler, body)
        if answer is None:
            handler.close_connection = True
            return
        status, headers, content = answer
        name = name_of(handler.command, handler.path, handler.headers, body)
        if status < 300 and handler.command not in ("GET", "HEAD") and not name.startswith(READS) and not self.count(name, handler, body):
            handler.close_connection = True
            return
        handler.send_response_only(status)
        for key, value in headers:
            if key.lower() not in ("connection", "transfer-encoding", "content-length"):
                handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(content)) if handler.command != "HEAD" else dict(headers).get("Content-Length", "0"))
        handler.end_headers()
        handler.wfile.write(content)

    def ask_cloud(self, handler, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.cloud.port, timeout=120)
        try:
            connection.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
            for key, value in handler.headers.items():
                if key.lower() != "connection":
                    connection.putheader(key, value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def count(self, name, handler, body):
        """Whether the client hears of this write."""
        self.writes.append(name)
        if handler.command == "PUT":
            self.acknowledged[handler.path] = body
        if handler.command == "DELETE":
            self.acknowledged.pop(handler.path, None)
        here = (name, self.writes.count(name) - 1) == self.at or len(self.writes) - 1 == self.at
        if not here or self.name:
            return True
        self.name = name
        return self.cut(name)
