"""What stands behind /echo."""
import json
import os
import socket
import sys
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
                self.assertTrue(unreachable.startswith(f'backend {dead} call failed Post "{dead}": '), unreachable)
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
                self.assertTrue(late.startswith(f"backend {urls[0]} call failed Post "), late)
                self.assertEqual(echoed, "hi")


if __name__ == "__main__":
    unittest.main()
