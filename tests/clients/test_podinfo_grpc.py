"""podinfo's gRPC port by stock clients: runs podinfo_grpc_*_cases.py by a Python that has grpcio, which may not be the one that has boto3."""
import os
import subprocess
import unittest

from harness import ROOT, python_with_grpc


class GrpcTest(unittest.TestCase):
    def test_all_cases(self):
        python = python_with_grpc()
        command = [python, os.path.join(ROOT, "tests", "harness.py"), "podinfo_grpc_*_cases.py", os.path.dirname(os.path.abspath(__file__))]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-2000:])
        passed = int(done.stdout.rsplit("counts ", 1)[1].split()[0])
        self.assertGreater(passed, 20, done.stdout[-3000:])


if __name__ == "__main__":
    unittest.main()
