"""Whoever asks the cloud while it starts waits for his answer, and gets it."""
import socket
import subprocess
import time
import unittest

from harness import PDS, Cloud, quiet_port

STARTS = 8


class FirstAnswerTest(unittest.TestCase):
    def setUp(self):
        try:
            import boto3  # noqa: F401
        except ImportError:
            self.skipTest("boto3 is not on this machine")
        self.cloud = Cloud().start()   # makes the keys
        self.addCleanup(self.cloud.stop)
        subprocess.run([PDS, "cloud", "stop", "--data", self.cloud.data], check=True, capture_output=True, timeout=120)

    def signed_request(self, port):
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        body = "Action=GetCallerIdentity&Version=2011-06-15"
        request = AWSRequest("POST", f"http://127.0.0.1:{port}/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        credentials = Credentials(self.cloud.env["AWS_ACCESS_KEY_ID"], self.cloud.env["AWS_SECRET_ACCESS_KEY"])
        SigV4Auth(credentials, "sts", "us-east-1").add_auth(request)
        fields = {**dict(request.headers), "Host": f"127.0.0.1:{port}", "Content-Length": str(len(body)), "Connection": "close"}
        return ("POST / HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n" + body).encode()

    def ask_until_it_listens(self, process, port, request):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.assertIsNone(process.poll(), "the cloud ended while it started")
            with socket.socket() as connection:
                if connection.connect_ex(("127.0.0.1", port)) != 0:
                    continue
                connection.settimeout(60)
                connection.sendall(request)
                answer = b""
                while piece := connection.recv(65536):
                    answer += piece
                return answer
        raise AssertionError("nobody listens")

    def test_nobody_comes_too_early(self):
        for _ in range(STARTS):
            port = quiet_port()
            request = self.signed_request(port)
            command = [PDS, "cloud", "start", "--foreground", "--port", str(port), "--data", self.cloud.data]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                try:
                    answer = self.ask_until_it_listens(process, port, request)
                    self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer[:300])
                    self.assertIn(b"GetCallerIdentityResult", answer)
                finally:
                    process.terminate()
            self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    unittest.main()
