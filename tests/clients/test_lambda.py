"""Functions by the stock SDK: an image pushed to the registry, created, invoked, versioned, split, exposed and broken."""
import base64
import gzip
import hashlib
import http.client
import io
import json
import os
import tarfile
import unittest
import urllib.parse
import uuid

from harness import BIN, Cloud, CloudTest, wait_until

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
})


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def make_layer():
    """The static bootstrap and the places a root needs, as one reproducible layer."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in ("proc", "dev", "tmp"):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        with open(os.path.join(BIN, "lambda_bootstrap"), "rb") as program:
            entry = tarfile.TarInfo("bootstrap")
            entry.size, entry.mode = os.fstat(program.fileno()).st_size, 0o755
            tar.addfile(entry, program)
    return out.getvalue()


def ask(cloud, method, path, body=None, headers=None, host=None):
    url = urllib.parse.urlparse(cloud.url)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
    connection.request(method, path, body, {**({"Host": host} if host else {}), **(headers or {})})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def push_image(cloud, repository, tag, salt="", index=False):
    """Pushes an image of the bootstrap; its URI by tag."""
    ecr = cloud.client("ecr")
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    host = f"000000000000.dkr.ecr.us-east-1.localhost:{urllib.parse.urlparse(cloud.url).port}"

    def registry(method, path, body=None, kind=None):
        headers = {"Authorization": "Basic " + token, **({"Content-Type": kind} if kind else {})}
        answer, content = ask(cloud, method, path, body, headers, host)
        assert answer.status in (201, 202), (method, path, answer.status, content)
        return answer

    layer = make_layer()
    packed = gzip.compress(layer, mtime=0)
    config = json.dumps({
        "architecture": "amd64", "os": "linux", "config": {"Entrypoint": ["/bootstrap"], "Env": ["SALT=" + salt]},
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
    }).encode()
    for blob in (packed, config):
        place = urllib.parse.urlparse(registry("POST", f"/v2/{repository}/blobs/uploads/").headers["Location"])
        target = place.path + "?" + (place.query + "&" if place.query else "") + "digest=" + urllib.parse.quote(digest(blob))
        registry("PUT", target, blob, "application/octet-stream")
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(config), "size": len(config)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest(packed), "size": len(packed)}],
    }).encode()
    if index:
        registry("PUT", f"/v2/{repository}/manifests/{digest(manifest)}", manifest, MANIFEST)
        kind = "application/vnd.oci.image.index.v1+json"
        manifests = [{"mediaType": MANIFEST, "digest": digest(manifest), "size": len(manifest)}]
        manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": manifests}).encode()
        registry("PUT", f"/v2/{repository}/manifests/{tag}", manifest, kind)
    else:
        registry("PUT", f"/v2/{repository}/manifests/{tag}", manifest, MANIFEST)
    return f"{host}/{repository}:{tag}"


class LambdaTest(CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not os.path.exists(os.path.join(BIN, "lambda_bootstrap")):
            raise unittest.SkipTest("lambda_bootstrap is not built")
        _, health = ask(cls.cloud, "GET", "/_pds/health")
        if not json.loads(health)["sandboxes"]:
            raise unittest.SkipTest("this machine cannot run sandboxes")
        cls.role = cls.cloud.client("iam").create_role(RoleName="function", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        cls.cloud.client("ecr").create_repository(repositoryName="fn")
        cls.image = push_image(cls.cloud, "fn", "1")
        cls.other_image = push_image(cls.cloud, "fn", "2", salt="2")

    def setUp(self):
        self.functions = self.cloud.client("lambda")
        self.name = "f-" + uuid.uuid4().hex[:12]

    def create(self, **kwargs):
        made = self.functions.create_function(
            **{"FunctionName": self.name, "Role": self.role, "PackageType": "Image", "Code": {"ImageUri": self.image}, "Timeout": 10, **kwargs})
        self.functions.get_waiter("function_active_v2").wait(FunctionName=self.name, WaiterConfig={"Delay": 1})
        return made

    def invoke(self, event, **kwargs):
        answer = self.functions.invoke(FunctionName=self.name, Payload=json.dumps(event), **kwargs)
        return json.loads(answer["Payload"].read() or "null"), answer

    def test_create_invoke_delete(self):
        made = self.create(Environment={"Variables": {"COLOR": "blue"}}, Tags={"team": "a"})
        self.assertEqual((made["State"], made["PackageType"], made["Version"]), ("Pending", "Image", "$LATEST"))
        payload, answer = self.invoke({"a": 1}, LogType="Tail")
        self.assertEqual(payload, {"a": 1})
        self.assertEqual((answer["StatusCode"], answer["ExecutedVersion"]), (200, "$LATEST"))
        self.assertNotIn("FunctionError", answer)
        log = base64.b64decode(answer["LogResult"]).decode()
        self.assertRegex(log, r"^START RequestId: \S+ Version: \$LATEST\nEND RequestId: \S+\nREPORT RequestId: .*\tInit Duration: ")
        self.assertEqual(self.invoke("env COLOR")[0], "blue")
        self.assertEqual(self.functions.get_function(FunctionName=self.name)["Tags"], {"team": "a"})
        self.functions.delete_function(FunctionName=self.name)
        self.assert_error("ResourceNotFoundException", self.functions.get_function, FunctionName=self.name, status=404)

    def test_what_is_refused(self):
        arguments = {"FunctionName": self.name, "Role": self.role}
        create = self.functions.create_function
        self.assert_error("NotImplemented", create, **arguments, Runtime="python3.12", Handler="a.b", Code={"ZipFile": b"x"}, status=501)
        message = self.assert_error("InvalidParameterValueException", create, **arguments, PackageType="Image",
                                    Code={"ImageUri": self.image + "-none"})
        self.assertIn("does not exist. Provide a valid source image.", message)
        index = push_image(self.cloud, "fn", "index", index=True)
        message = self.assert_error("InvalidParameterValueException", create, **arguments, PackageType="Image", Code={"ImageUri": index})
        self.assertIn("The image manifest, config or layer media type for the source image", message)
        self.assert_error("NotImplemented", self.functions.put_function_concurrency, FunctionName=self.name, ReservedConcurrentExecutions=1)

    def test_errors_of_functions(self):
        self.create(Timeout=1)
        for event, part in (("crash", "Runtime exited with error: exit status 3"), ("sleep", "Task timed out after 1.00 seconds")):
            payload, answer = self.invoke(event)
            self.assertEqual(answer["FunctionError"], "Unhandled")
            self.assertIn(part, payload["errorMessage"])
        self.assertEqual(self.invoke(1)[0], 1)
        self.assert_error("InvalidRequestContentException", self.functions.invoke, FunctionName=self.name, Payload=b"{")

    def test_versions_and_weighted_aliases(self):
        self.create()
        first = self.functions.publish_version(FunctionName=self.name)["Version"]
        self.functions.get_waiter("published_version_active").wait(FunctionName=self.name, Qualifier=first, WaiterConfig={"Delay": 1})
        self.functions.update_function_code(FunctionName=self.name, ImageUri=self.other_image)
        self.functions.get_waiter("function_updated_v2").wait(FunctionName=self.name, WaiterConfig={"Delay": 1})
        second = self.functions.publish_version(FunctionName=self.name)["Version"]
        self.functions.get_waiter("published_version_active").wait(FunctionName=self.name, Qualifier=second, WaiterConfig={"Delay": 1})
        self.assertEqual((first, second), ("1", "2"))
        self.functions.create_alias(FunctionName=self.name, Name="live", FunctionVersion="1",
                                    RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
        seen = {self.invoke("env SALT", Qualifier="live")[1]["ExecutedVersion"] for _ in range(40)}
        self.assertEqual(seen, {"1", "2"})
        self.functions.update_alias(FunctionName=self.name, Name="live", FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}})
        payload, answer = self.invoke("env SALT", Qualifier="live")
        self.assertEqual((payload, answer["ExecutedVersion"]), ("2", "2"))
        message = self.assert_error("InvalidParameterValueException", self.functions.update_alias, FunctionName=self.name, Name="live",
                                    RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}})
        self.assertIn("is already included in routing configuration", message)
        self.assert_error("ResourceConflictException", self.functions.delete_function, FunctionName=self.name, Qualifier="2")
        versions = self.functions.get_paginator("list_versions_by_function").paginate(FunctionName=self.name, PaginationConfig={"PageSize": 1})
        self.assertEqual([v["Version"] for page in versions for v in page["Versions"]], ["$LATEST", "1", "2"])

    def test_function_url(self):
        self.create()
        url = self.functions.create_function_url_config(FunctionName=self.name, AuthType="NONE", Cors={"AllowOrigins": ["*"]})["FunctionUrl"]
        host = urllib.parse.urlparse(url).netloc
        self.assertEqual(ask(self.cloud, "GET", "/", host=host)[0].status, 403)
        self.functions.add_permission(FunctionName=self.name, StatementId="public", Action="lambda:InvokeFunctionUrl", Principal="*",
                                      FunctionUrlAuthType="NONE")
        answer, content = ask(self.cloud, "POST", "/a?b=c", b"hi", {"Content-Type": "text/plain", "Origin": "https://x.example"}, host)
        event = json.loads(content)   # the function answers with its event
        self.assertEqual((event["rawPath"], event["queryStringParameters"], event["body"]), ("/a", {"b": "c"}, "hi"))
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")

    def test_asynchronous_invocation_and_logs(self):
        self.create()
        answer = self.functions.invoke(FunctionName=self.name, InvocationType="Event", Payload=b'"print"')
        self.assertEqual(answer["StatusCode"], 202)
        logs = self.cloud.client("logs")

        def printed():
            try:
                return logs.filter_log_events(logGroupName="/aws/lambda/" + self.name, filterPattern='"second line"')["events"]
            except logs.exceptions.ResourceNotFoundException:
                return []

        wait_until(printed, what="the line in the log")


class LambdaRestartTest(unittest.TestCase):
    def test_environments_outlive_a_killed_cloud(self):
        try:
            import boto3  # noqa: F401
        except ImportError:
            self.skipTest("boto3 is not on this machine")
        cloud = Cloud().start()
        try:
            _, health = ask(cloud, "GET", "/_pds/health")
            if not json.loads(health)["sandboxes"]:
                self.skipTest("this machine cannot run sandboxes")
            role = cloud.client("iam").create_role(RoleName="function", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
            cloud.client("ecr").create_repository(repositoryName="fn")
            image = push_image(cloud, "fn", "1")
            functions = cloud.client("lambda")
            functions.create_function(FunctionName="f", Role=role, PackageType="Image", Code={"ImageUri": image})
            functions.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 1})
            stream = functions.invoke(FunctionName="f", Payload=b'"env AWS_LAMBDA_LOG_STREAM_NAME"')["Payload"].read()
            cloud.kill()
            cloud.start()
            again = cloud.client("lambda").invoke(FunctionName="f", Payload=b'"env AWS_LAMBDA_LOG_STREAM_NAME"')["Payload"].read()
            self.assertEqual(stream, again)   # a stream belongs to one environment
        finally:
            cloud.stop()
