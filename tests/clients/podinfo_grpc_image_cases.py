"""podinfo's gRPC module in an image."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import PDS
from podinfo_grpc import grpc, text_field
from podinfo_process import LIMIT, free_port


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="pds-grpc-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        with open(os.path.join(cls.folder, "deploy.yaml"), "w") as file:
            file.write("name: podinfo\n")
        cls.built = cls.build("data")

    @classmethod
    def pds(cls, *arguments, data="data"):
        done = subprocess.run([PDS, *arguments, "--data", data], capture_output=True, text=True, cwd=cls.folder, timeout=300)
        if done.returncode != 0:
            raise AssertionError(f"pds {arguments} gave {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    @classmethod
    def build(cls, data):
        return cls.pds("build", "--version", "1.0.0", "--output", "json", data=data)

    def blob(self, digest):
        return os.path.join(self.folder, "data/images/blobs", digest.replace(":", "/"))

    def test_the_image_has_the_module_beside_the_program_and_its_libraries(self):
        names = [os.path.basename(path) for path in self.built["libraries"]]
        self.assertIn("/home/app/podinfo_grpc.so", self.built["libraries"])
        for library in ("libgrpc++.so", "libgrpc.so", "libprotobuf.so"):
            self.assertTrue(any(name.startswith(library) for name in names), names)
        self.assertEqual(self.build("again")["digest"], self.built["digest"])

    def test_the_sbom_names_the_packages_that_they_are_from(self):
        packages = [package["name"] for package in self.pds("sbom", "1.0.0")["packages"]]
        for package in ("libgrpc++", "libprotobuf", "libabsl"):
            self.assertTrue(any(name.startswith(package) for name in packages), packages)

    def test_it_is_laid_out_as_the_originals(self):
        with open(self.blob(self.built["digest"])) as file:
            manifest = json.load(file)
        with open(self.blob(manifest["config"]["digest"])) as file:
            config = json.load(file)["config"]
        self.assertEqual((config["User"], config["WorkingDir"], config["Cmd"]), ("100:101", "/home/app", ["./podinfo"]))
        self.assertNotIn("Entrypoint", config)

    def test_it_serves_in_the_image(self):
        root = os.path.join(self.folder, "root")
        os.mkdir(root)
        with open(self.blob(self.built["digest"])) as file:
            layers = json.load(file)["layers"]
        for layer in layers:
            subprocess.run(["tar", "-xf", self.blob(layer["digest"]), "-C", root], check=True)
        port, grpc_port = free_port(), free_port()
        inside = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child", "--root", root, "--mount-proc"]
        if subprocess.run([*inside, "/usr/local/bin/podcli", "version"], capture_output=True).returncode != 0:
            self.skipTest("there are no user namespaces on this machine")
        process = subprocess.Popen([*inside, "/usr/local/bin/podinfo", "--host=127.0.0.1", f"--port={port}", f"--grpc-port={grpc_port}"],
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertIn("Starting gRPC Server.", next(line for line in process.stderr if "Starting gRPC" in line or '"error"' in line))
        with grpc.insecure_channel(f"127.0.0.1:{grpc_port}") as channel:
            version = channel.unary_unary("/version.VersionService/Version")(b"", timeout=LIMIT)
            self.assertEqual(version, text_field(1, b"1.0.0") + text_field(2, b"unknown"))


if __name__ == "__main__":
    unittest.main()
