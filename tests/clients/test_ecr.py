"""ECR's API by the stock SDK, its registry by plain HTTP; skopeo where it is present."""
import base64
import hashlib
import http.client
import json
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse
import uuid

from harness import CloudTest

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class EcrTest(CloudTest):
    def setUp(self):
        self.ecr = self.cloud.client("ecr")
        self.name = "test/" + uuid.uuid4().hex
        self.token = self.ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]

    def ask(self, method, path, body=None, headers=None, token=None):
        url = urllib.parse.urlparse(self.cloud.url)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
        host = f"000000000000.dkr.ecr.us-east-1.localhost:{url.port}"
        connection.request(method, path, body, {"Host": host, "Authorization": "Basic " + (token or self.token), **(headers or {})})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def push(self, tag, salt):
        config, layer = json.dumps({"architecture": "amd64", "os": "linux", "salt": salt}).encode(), b"layer " + salt.encode()
        for blob in (config, layer):
            answer, _ = self.ask("POST", f"/v2/{self.name}/blobs/uploads/")
            self.assertEqual(answer.status, 202)
            place = urllib.parse.urlparse(answer.headers["Location"])
            target = place.path + "?" + (place.query + "&" if place.query else "") + "digest=" + digest(blob)
            answer, content = self.ask("PUT", target, blob, {"Content-Type": "application/octet-stream"})
            self.assertEqual(answer.status, 201, content)
        manifest = json.dumps({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config), "size": len(config)},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(layer), "size": len(layer)}],
        }).encode()
        answer, content = self.ask("PUT", f"/v2/{self.name}/manifests/{tag}", manifest, {"Content-Type": MANIFEST})
        return answer, content, digest(manifest)

    def test_push_describe_get_delete(self):
        made = self.ecr.create_repository(repositoryName=self.name)["repository"]
        self.assertTrue(made["repositoryUri"].endswith("/" + self.name))
        answer, _, pushed = self.push("1.0.0", "a")
        self.assertEqual(answer.status, 201)
        image = self.ecr.describe_images(repositoryName=self.name)["imageDetails"][0]
        self.assertEqual((image["imageDigest"], image["imageTags"]), (pushed, ["1.0.0"]))
        got = self.ecr.batch_get_image(repositoryName=self.name, imageIds=[{"imageTag": "1.0.0"}])["images"][0]
        self.assertEqual(digest(got["imageManifest"].encode()), pushed)
        layers = [layer["digest"] for layer in json.loads(got["imageManifest"])["layers"]]
        checked = self.ecr.batch_check_layer_availability(repositoryName=self.name, layerDigests=layers + ["sha256:" + "0" * 64])["layers"]
        self.assertEqual([layer["layerAvailability"] for layer in checked], ["AVAILABLE", "UNAVAILABLE"])
        self.assert_error("RepositoryNotEmptyException", self.ecr.delete_repository, repositoryName=self.name)
        self.ecr.batch_delete_image(repositoryName=self.name, imageIds=[{"imageDigest": pushed}])
        self.assertEqual(self.ecr.list_images(repositoryName=self.name)["imageIds"], [])
        self.ecr.delete_repository(repositoryName=self.name)
        self.assert_error("RepositoryNotFoundException", self.ecr.describe_images, repositoryName=self.name, status=400)

    def test_immutable_tags(self):
        self.ecr.create_repository(repositoryName=self.name, imageTagMutability="IMMUTABLE")
        self.assertEqual(self.push("1", "a")[0].status, 201)
        self.assertEqual(self.push("1", "a")[0].status, 201)
        answer, content, _ = self.push("1", "b")
        self.assertEqual(answer.status, 400)
        self.assertEqual(json.loads(content)["errors"][0]["code"], "TAG_INVALID")

    def test_the_door_is_closed_without_a_token(self):
        answer, _ = self.ask("GET", "/v2/", token=base64.b64encode(b"AWS:guess").decode())
        self.assertEqual(answer.status, 401)
        self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Basic"))
        self.assertEqual(self.ask("GET", "/v2/")[0].status, 200)
        self.assertEqual(self.push_start_status(), 404)

    def push_start_status(self):
        return self.ask("POST", "/v2/not-created/blobs/uploads/")[0].status

    def test_what_is_not_done_is_refused_by_name(self):
        self.assert_error("NotImplemented", self.ecr.create_repository, repositoryName=self.name, imageScanningConfiguration={"scanOnPush": True}, status=501)
        self.assert_error("NotImplemented", self.ecr.put_lifecycle_policy, repositoryName=self.name, lifecyclePolicyText="{" + " " * 100 + "}", status=501)

    @unittest.skipUnless(shutil.which("skopeo"), "skopeo is not on this machine")
    def test_skopeo_copies_in_and_out(self):
        self.ecr.create_repository(repositoryName=self.name)
        _, _, pushed = self.push("1", "a")
        port = urllib.parse.urlparse(self.cloud.url).port
        registry = f"127.0.0.1:{port}"  # its resolver may not know names below localhost; any other host is the default region's registry
        user = base64.b64decode(self.token).decode()
        with tempfile.TemporaryDirectory() as out:
            copied = subprocess.run(["skopeo", "--insecure-policy", "copy", "--preserve-digests", "--src-tls-verify=false", "--src-creds", user, f"docker://{registry}/{self.name}:1", f"oci:{out}/image:1"],
                                    capture_output=True, text=True, timeout=60)
            self.assertEqual(copied.returncode, 0, copied.stderr)
            back = subprocess.run(["skopeo", "--insecure-policy", "copy", "--preserve-digests", "--dest-tls-verify=false", "--dest-creds", user, f"oci:{out}/image:1", f"docker://{registry}/{self.name}:2"],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(back.returncode, 0, back.stderr)
        self.assertEqual(self.ecr.describe_images(repositoryName=self.name, imageIds=[{"imageTag": "2"}])["imageDetails"][0]["imageDigest"], pushed)


del CloudTest
