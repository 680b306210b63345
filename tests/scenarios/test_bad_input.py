"""What is wrong is named, has its exit code, and changes nothing."""
import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import unittest
import urllib.parse

from harness import PDS, Cloud, CloudTest
from stack import Stack

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def pds(*arguments, cwd=None, env=None):
    return subprocess.run([PDS, *arguments], capture_output=True, text=True, cwd=cwd, env=env, timeout=60)


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="pds-bad-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.directory, True)

    def assert_refused(self, done, code, *texts):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr + done.stdout)

    def config(self, text):
        with open(os.path.join(self.directory, "deploy.yaml"), "w") as file:
            file.write(text)
        return pds("config", cwd=self.directory)

    def test_an_unknown_key_gets_its_line_and_a_suggestion(self):
        self.assert_refused(self.config("name: podinfo\nbalanser:\n  port: 1\n"), 2, "deploy.yaml:2", "'balanser'", "did you mean 'balancer'?")

    def test_yaml_that_is_none_gets_its_line(self):
        self.assert_refused(self.config("name: [podinfo\n"), 2, "E_CONFIG", "deploy.yaml:2")

    def test_an_unknown_flag_is_a_usage_error(self):
        self.assert_refused(pds("deploy", "--nope", "1.0.0"), 2, "--nope")

    def test_without_a_cloud_the_next_step_is_said(self):
        for command in (["env"], ["cloud", "status"]):
            self.assert_refused(pds(*command, "--data", self.directory), 9, "no cloud is running", "pds cloud start")
        self.assertEqual(os.listdir(self.directory), [])

    def test_a_cloud_that_cannot_be_reached_is_said_with_the_step_and_what_to_do(self):
        with open(os.path.join(self.directory, "deploy.yaml"), "w") as file:
            file.write("name: podinfo\n")
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))   # bound and not listening: connections are refused
            for place, code in (("no-such-host.invalid:4566", "E_RESOLVE"), (f"127.0.0.1:{nobody.getsockname()[1]}", "E_CONNECT")):
                env = {**os.environ, "AWS_ENDPOINT_URL": "http://" + place, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1"}
                for command, step in ((["status"], "GetCallerIdentity"), (["up"], "DescribeRepositories")):
                    with self.subTest(code=code, command=command):
                        done = pds(*command, "--output", "json", cwd=self.directory, env=env)
                        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                        error = json.loads(done.stdout.splitlines()[-1])
                        self.assertEqual(error["code"], code)
                        self.assertRegex(error["message"], f"^{step}: .*{place.split(':')[0]}")
                        self.assertTrue(error["next"], error)

    def test_completion_scripts_print_and_an_unknown_shell_is_refused(self):
        for shell in ("bash", "zsh", "fish"):
            done = pds("completion", shell)
            self.assertEqual(done.returncode, 0)
            self.assertIn("pds", done.stdout)
        self.assert_refused(pds("completion", "nosh"), 2, "bash, zsh and fish")

    def commands(self, *path):
        """Every command, as --help lists them."""
        done = pds(*path, "--help")
        self.assertEqual(done.returncode, 0, path)
        self.assertIn("Usage: pds", done.stdout)
        yield path
        listed = done.stdout.partition("\nSubcommands:\n")[2].partition("\n\n")[0]
        for line in listed.splitlines():
            yield from self.commands(*path, line.split()[0])

    def test_every_command_has_help(self):
        found = list(self.commands())
        self.assertIn(("cloud", "start"), found)
        self.assertGreater(len(found), 20)

    def test_a_taken_port_is_named(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            port = holder.getsockname()[1]
            self.assert_refused(pds("cloud", "start", "--port", str(port), "--data", self.directory), 1, "E_PORT_IN_USE", f"127.0.0.1:{port}", "--port 0")
        self.assertEqual(pds("cloud", "status", "--data", self.directory).returncode, 9)


class RunningCloudTest(CloudTest):
    def test_a_second_cloud_on_the_same_data_is_refused(self):
        pid = self.cloud.pid
        done = pds("cloud", "start", "--port", "0", "--data", self.cloud.data)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn(f"pid {pid}", done.stderr)
        self.assertEqual(self.cloud.pid, pid)
        self.cloud.client("sts").get_caller_identity()

    def test_a_body_that_is_too_large_is_answered_413(self):
        url = urllib.parse.urlparse(self.cloud.url)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
        self.addCleanup(connection.close)
        connection.putrequest("POST", "/")
        connection.putheader("Content-Type", "application/x-amz-json-1.1")
        connection.putheader("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories")
        connection.putheader("Content-Length", str(10 * 1024 * 1024 + 1))
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 413)
        self.cloud.client("sts").get_caller_identity()

    def test_a_body_whose_length_nobody_said_is_answered_413_when_it_is_too_large(self):
        """Chunked: counted as it comes, and answered before it has all come."""
        url = urllib.parse.urlparse(self.cloud.url)

        def chunks(total):
            piece = b"x" * 65536
            for _ in range(total // len(piece)):
                yield piece

        limit = 8 * 1024 * 1024
        for size, too_large in ((limit - 65536, False), (limit + 65536, True), (4 * limit, True)):
            with self.subTest(size=size):
                connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
                self.addCleanup(connection.close)
                headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories"}
                connection.request("POST", "/", chunks(size), headers, encode_chunked=True)
                answer = connection.getresponse()
                content = answer.read()
                self.assertEqual(answer.status // 100, 4, content)
                self.assertEqual(answer.status == 413, too_large, content)
                if too_large:
                    self.assertIn(b"RequestEntityTooLarge", content)
        self.cloud.client("sts").get_caller_identity()

    def test_a_tag_that_is_not_in_the_registry_is_not_found(self):
        stack = Stack(self.cloud, versions=["1.0.0"])
        self.addCleanup(stack.remove)
        done = stack.pds("deploy", "7.7.7", check=False)
        self.assertEqual(done.returncode, 9, done.stderr)
        self.assertIn("podinfo:7.7.7", done.stderr)
        status = stack.status()
        self.assertFalse(status["locked"])
        self.assertNotIn("serving", status)


class Registry:
    """The registry's HTTP API, raw."""

    def __init__(self, cloud, repository):
        self.cloud, self.repository = cloud, repository
        self.token = cloud.client("ecr").get_authorization_token()["authorizationData"][0]["authorizationToken"]

    def ask(self, method, path, body=None, kind="application/octet-stream"):
        url = urllib.parse.urlparse(self.cloud.url)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
        host = f"000000000000.dkr.ecr.us-east-1.localhost:{url.port}"
        try:
            connection.request(method, path, body, {"Host": host, "Authorization": "Basic " + self.token, "Content-Type": kind})
        except BrokenPipeError:
            pass  # the registry has answered before it has heard all
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def put_blob(self, content, name):
        answer, _ = self.ask("POST", f"/v2/{self.repository}/blobs/uploads/")
        assert answer.status == 202, answer.status
        place = urllib.parse.urlparse(answer.headers["Location"])
        return self.ask("PUT", place.path + "?" + (place.query + "&" if place.query else "") + "digest=" + name, content)

    def has_blob(self, name):
        return self.ask("HEAD", f"/v2/{self.repository}/blobs/{name}")[0].status == 200


class RegistryTest(CloudTest):
    def setUp(self):
        self.ecr = self.cloud.client("ecr")
        self.repository = "bad/" + self.id().rsplit(".", 1)[1].replace("_", "-")[:60]
        self.ecr.create_repository(repositoryName=self.repository)
        self.registry = Registry(self.cloud, self.repository)

    def assert_registry_error(self, answered, status, code):
        answer, content = answered
        self.assertEqual(answer.status, status, content)
        self.assertEqual(json.loads(content)["errors"][0]["code"], code)

    def test_a_blob_under_a_wrong_digest_is_refused(self):
        named = digest(b"what was meant")
        self.assert_registry_error(self.registry.put_blob(b"what came", named), 400, "DIGEST_INVALID")
        self.assertFalse(self.registry.has_blob(named))

    def test_a_truncated_layer_is_refused(self):
        layer = os.urandom(100_000)
        self.assert_registry_error(self.registry.put_blob(layer[:60_000], digest(layer)), 400, "DIGEST_INVALID")
        self.assertFalse(self.registry.has_blob(digest(layer)))

    def test_a_manifest_that_names_a_missing_blob_is_refused(self):
        config = b"{}"
        self.assertEqual(self.registry.put_blob(config, digest(config))[0].status, 201)
        manifest = json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config), "size": len(config)},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(b"never pushed"), "size": 12}]})
        answer, content = self.registry.ask("PUT", f"/v2/{self.repository}/manifests/1.0.0", manifest, MANIFEST)
        self.assertEqual(answer.status // 100, 4, content)
        self.assertIn(json.loads(content)["errors"][0]["code"], ("MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"))
        self.assertEqual(self.ecr.list_images(repositoryName=self.repository)["imageIds"], [])


class DamagedStoreTest(unittest.TestCase):
    def test_a_damaged_store_is_named_and_left_as_it_is(self):
        try:
            import boto3  # noqa: F401
        except ImportError:
            self.skipTest("boto3 is not on this machine")
        cloud = Cloud().start()
        self.addCleanup(cloud.stop)
        ecr = cloud.client("ecr")
        for number in range(200):
            ecr.create_repository(repositoryName=f"some/state-{number}")
        self.assertEqual(pds("cloud", "stop", "--data", cloud.data).returncode, 0)
        store = os.path.join(cloud.data, "store.db")
        size = os.path.getsize(store)
        self.assertGreater(size, 3 * 4096, "the state is more than a page")
        # From the second page on: the header stays, the trees below it do not.
        with open(store, "r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (size - 4096))
        with open(store, "rb") as file:
            damaged = file.read()
        done = pds("cloud", "start", "--port", "0", "--data", cloud.data)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("E_STORE_CORRUPT", done.stderr)
        self.assertIn(store, done.stderr)
        with open(store, "rb") as file:
            self.assertEqual(file.read(), damaged)


class FullDiskTest(unittest.TestCase):
    def assert_disk_full(self, answer, content):
        self.assertEqual(answer.status, 507, content)
        error = json.loads(content)["errors"][0]
        self.assertTrue(error["code"])
        self.assertIn("no space left", error["message"])

    def test_a_full_disk_fails_the_push_and_nothing_else(self):
        try:
            import boto3  # noqa: F401
        except ImportError:
            self.skipTest("boto3 is not on this machine")
        cloud = Cloud()
        self.addCleanup(cloud.stop)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", cloud.data], capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest("a file system of limited size cannot be mounted here: " + mounted.stderr.strip())
        # Cleanups run last in, first out: the cloud is ended before its disk goes.
        self.addCleanup(subprocess.run, ["umount", "--lazy", cloud.data])
        self.addCleanup(pds, "cloud", "stop", "--data", cloud.data)
        cloud.start()
        ecr = cloud.client("ecr")
        ecr.create_repository(repositoryName="full")
        registry = Registry(cloud, "full")
        small = b"fits"
        self.assertEqual(registry.put_blob(small, digest(small))[0].status, 201)
        kept = []
        for _ in range(8):
            layer = os.urandom(4 << 20)
            answer, content = registry.put_blob(layer, digest(layer))
            if answer.status != 201:
                break
            kept.append(digest(layer))
        self.assert_disk_full(answer, content)
        self.assertFalse(registry.has_blob(digest(layer)))
        # A layer that is larger than the whole disk: most of it comes after the answer.
        for _ in range(3):
            layer = os.urandom(30 << 20)
            self.assert_disk_full(*registry.put_blob(layer, digest(layer)))
            self.assertFalse(registry.has_blob(digest(layer)))
        self.assertTrue(all(registry.has_blob(name) for name in kept))
        self.assertTrue(registry.has_blob(digest(small)))
        self.assertEqual(ecr.list_images(repositoryName="full")["imageIds"], [])
        cloud.client("sts").get_caller_identity()


if __name__ == "__main__":
    unittest.main()
