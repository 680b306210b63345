"""What stands behind /echo."""
import json
import os
import socket
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from podinfo_case import JSON
from podinfo_process import Podinfo, free_port


class Backends(unittest.TestCase):
    def test_each_is_asked_and_its_answer_stands_in_its_place(self):
        with Podinfo() as first:
            dead = f"http://127.0.0.1:{free_port()}/echo"
            urls = [f"http://127.0.0.1:{first.port}{path}" for path in ("/echo", "/headers", "/status/503")] + [dead, "nonsense"]
            urls.append(f"http://127.0.0.1:{first.port}//headers")   # moved
            with Podinfo("--ui-color=red", *(f"--backend-url={url}" for url in urls)) as front:
                answer = front.ask("POST", "/api/echo", body="hi", headers={"X-Request-Id": "r-1", "X-Correlation-ID": "c-1", "X-Other": "o"})
                self.assertEqual((answer.status, answer.headers["Content-Type"], answer.headers["X-Color"]), (200, JSON, "red"))
                echoed, headers, failed, unreachable, nonsense, moved = json.loads(answer.text)
                self.assertEqual(echoed, "hi")
                seen = json.loads(headers)
                self.assertEqual((seen["X-Request-Id"], seen["X-Correlation-Id"]), (["r-1"], ["c-1"]))
                self.assertNotIn("X-Other", seen)
                self.assertNotIn("Content-Type", seen)
                self.assertEqual(failed, f"backend {urls[2]} response status code 503")
                address = dead.split("/")[2]
                self.assertEqual(unreachable, f'backend {dead} call failed Post "{dead}": dial tcp {address}: connect: connection refused')
                self.assertEqual(nonsense, "")
                self.assertEqual(json.loads(moved)["X-Request-Id"], ["r-1"])
                self.assertEqual(len([line for line in front.lines if line and "backend call failed" in line]), 3)


    def test_one_that_does_not_answer_in_time_is_given_up_alone(self):
        with socket.socket() as silent, Podinfo() as first:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            urls = [f"http://127.0.0.1:{silent.getsockname()[1]}/", f"http://127.0.0.1:{first.port}/echo"]
            with Podinfo("--http-client-timeout=1s", "--backend-url=" + ",".join(urls)) as front:
                late, echoed = json.loads(front.ask("POST", "/echo", body="hi").text)
                self.assertEqual(late, f'backend {urls[0]} call failed Post "{urls[0]}": context deadline exceeded')
                self.assertEqual(echoed, "hi")

    def test_failures_have_gos_words(self):
        def close_after(what):
            listener = socket.create_server(("127.0.0.1", 0))
            self.addCleanup(listener.close)

            def serve():
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(what)

            threading.Thread(target=serve, daemon=True).start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}/"

        cases = {close_after(b""): "EOF", close_after(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"): "unexpected EOF",
                 "http://nobody.invalid/": "dial tcp: lookup nobody.invalid: no such host"}
        with Podinfo(*(f"--backend-url={url}" for url in cases)) as front:
            answers = json.loads(front.ask("POST", "/echo", body="hi").text)
        self.assertEqual(answers, [f'backend {url} call failed Post "{url}": {why}' for url, why in cases.items()])


if __name__ == "__main__":
    unittest.main()
