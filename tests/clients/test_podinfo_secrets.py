"""podinfo's secret, from the cloud's own Secrets Manager: what podinfo does when it cannot have it, at the start and later."""
import http.server
import json
import os
import socket
import tempfile
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlparse

from harness import CloudTest, wait_until
from podinfo_process import Podinfo

VALUE = "a value that nobody sees"
READ_SECRETS = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]})


class Gate:
    """A way to the cloud that can be shut: connections are then closed unanswered. When it is silent they stay open, and unanswered."""

    def __init__(self, url):
        target = urlparse(url)
        self.target, self.is_open, self.is_silent = (target.hostname, target.port), True, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.passing = set()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if not self.is_open:
                near.close()
                continue
            if self.is_silent:
                self.passing.add(near)
                continue
            far = socket.create_connection(self.target)
            self.passing |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    def carry(self, source, sink):
        try:
            while piece := source.recv(65536):
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def shut(self):
        self.is_open = False
        for end in list(self.passing):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.shut()
        self.listener.close()


class CredentialsEndpoint:
    """What hands a container its credentials: the given ones, for so many seconds."""

    def __init__(self, key, secret):
        self.key, self.secret, self.valid_seconds = key, secret, 3600
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if endpoint.valid_seconds is None:
                    return self.send_error(503)
                expires = datetime.now(timezone.utc) + timedelta(seconds=endpoint.valid_seconds)
                body = json.dumps({"AccessKeyId": endpoint.key, "SecretAccessKey": endpoint.secret, "Token": "",
                                   "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ")}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/credentials"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class FakeSts:
    """STS for web identities: takes one token, and gives the same keys each time, for so many seconds."""

    def __init__(self, key, secret):
        self.good, self.seen, self.signed, self.valid_seconds = None, [], False, 3600
        sts = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                sts.seen.append(form)
                sts.signed |= "Authorization" in self.headers
                good = form["Action"] == ["AssumeRoleWithWebIdentity"] and form["WebIdentityToken"] == [sts.good]
                expires = datetime.now(timezone.utc) + timedelta(seconds=sts.valid_seconds)
                body = (f"<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>{key}</AccessKeyId>"
                        f"<SecretAccessKey>{secret}</SecretAccessKey><Expiration>{expires.strftime('%Y-%m-%dT%H:%M:%SZ')}</Expiration>"
                        "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>" if good else
                        "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>no</Message></Error></ErrorResponse>").encode()
                self.send_response(200 if good else 400)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class SecretsTest(CloudTest):
    def setUp(self):
        self.secrets = self.cloud.client("secretsmanager")
        self.name = "app/" + self.id().rsplit(".", 1)[1]
        self.version = self.secrets.create_secret(Name=self.name, SecretString=json.dumps({"password": VALUE, "API_KEY": "k"}))["VersionId"]
        self.gate = Gate(self.cloud.url)
        self.addCleanup(self.gate.close)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path + ".new", "w") as file:
            file.write(text)
        os.replace(path + ".new", path)
        return path

    def podinfo(self, **env):
        env = {"AWS_ENDPOINT_URL": self.gate.url, "AWS_REGION": self.cloud.env["AWS_REGION"], "AWS_ACCESS_KEY_ID": self.cloud.env["AWS_ACCESS_KEY_ID"],
               "AWS_SECRET_ACCESS_KEY": self.cloud.env["AWS_SECRET_ACCESS_KEY"], "SECRET_ARN": self.name, "HOME": self.folder.name, **env}
        podinfo = Podinfo("--secret-refresh=50ms", env={name: value for name, value in env.items() if value is not None})
        self.addCleanup(self.ends_without_a_word, podinfo)
        return podinfo

    def ends_without_a_word(self, podinfo):
        podinfo.stop()
        self.assertNotIn(VALUE, "".join(line for line in podinfo.lines if line))

    def told(self, podinfo):
        answer = podinfo.ask("GET", "/api/secret")
        self.assertEqual(answer.status, 200)
        self.assertNotIn(VALUE, answer.text)
        return json.loads(answer.text)

    def wait_ready(self, podinfo):
        wait_until(lambda: podinfo.ask("GET", "/readyz").status == 200, what="podinfo's readiness")

    def wait_error(self, podinfo, code):
        return wait_until(lambda: (told := self.told(podinfo)).get("last_error") == code and told, what=f"{code} in /api/secret")

    def assert_unready(self, podinfo, code):
        """Without a secret, for that reason, and without a stand-in for it."""
        self.assertFalse(self.wait_error(podinfo, code)["loaded"])
        answer = podinfo.ask("GET", "/readyz")
        self.assertEqual((answer.status, answer.body, answer.headers["X-Unready-Reason"]), (503, b"", "the secret could not be loaded: " + code))
        self.assertEqual(podinfo.ask("GET", "/healthz").status, 200)
        podinfo.wait_for_line(code)

    def assert_keeps(self, podinfo, code):
        """Ready with what it has, and says what is wrong."""
        told = self.wait_error(podinfo, code)
        self.assertEqual((told["loaded"], told["version_id"]), (True, self.version))
        self.assertEqual(podinfo.ask("GET", "/readyz").status, 200)

    def test_a_secret_is_loaded_and_told_of(self):
        podinfo = self.podinfo()
        self.wait_ready(podinfo)
        told = self.told(podinfo)
        self.assertEqual((told["version_id"], told["secret_status"]),
                         (self.version, {"super_secret_token_loaded": False, "database_url_loaded": False, "api_key_loaded": True}))
        self.assertNotIn("last_error", told)

    def test_secrets_manager_is_down_at_the_start(self):
        self.gate.shut()
        podinfo = self.podinfo()
        self.assert_unready(podinfo, "E_CLOSED")
        self.gate.is_open = True
        self.wait_ready(podinfo)
        self.assertEqual(self.told(podinfo)["version_id"], self.version)

    def test_secrets_manager_goes_down_later(self):
        podinfo = self.podinfo()
        self.wait_ready(podinfo)
        self.gate.shut()
        self.assert_keeps(podinfo, "E_CLOSED")
        self.version = self.secrets.put_secret_value(SecretId=self.name, SecretString="another")["VersionId"]
        self.gate.is_open = True
        wait_until(lambda: self.told(podinfo)["version_id"] == self.version, what="the new version")
        self.assertNotIn("last_error", self.told(podinfo))

    def test_secrets_manager_accepts_and_never_answers(self):
        self.gate.is_silent = True
        podinfo = self.podinfo()
        begin = time.monotonic()
        self.assert_unready(podinfo, "E_TIMEOUT")
        self.assertLess(time.monotonic() - begin, 12, "a look ends after ten seconds")
        self.gate.is_silent = False
        self.wait_ready(podinfo)
        self.assertEqual(self.told(podinfo)["version_id"], self.version)

    def test_an_arn_is_asked_for_in_its_own_region(self):
        podinfo = self.podinfo(SECRET_ARN=self.secrets.describe_secret(SecretId=self.name)["ARN"], AWS_REGION="eu-central-1")
        self.wait_ready(podinfo)
        self.assertEqual(self.told(podinfo)["version_id"], self.version)

    def test_a_malformed_secret_is_not_taken(self):
        self.secrets.put_secret_value(SecretId=self.name, SecretString='{"password": "cut o')
        podinfo = self.podinfo()
        self.assert_unready(podinfo, "MalformedSecret")
        self.version = self.secrets.put_secret_value(SecretId=self.name, SecretString='{"password": "whole"}')["VersionId"]
        self.wait_ready(podinfo)
        self.secrets.put_secret_value(SecretId=self.name, SecretBinary=b"\xff\xfe")
        self.assert_keeps(podinfo, "MalformedSecret")

    def test_a_wrong_region_has_no_such_secret(self):
        podinfo = self.podinfo(AWS_REGION="eu-central-1")
        code = wait_until(lambda: self.told(podinfo).get("last_error"), what="an error")
        self.assertIn(code, ("ResourceNotFoundException", "InvalidSignatureException"))
        self.assert_unready(podinfo, code)

    def test_a_secret_that_is_not_there_or_not_allowed(self):
        podinfo = self.podinfo(SECRET_ARN="app/missing")
        self.assert_unready(podinfo, "ResourceNotFoundException")
        iam = self.cloud.client("iam")
        iam.create_user(UserName="nobody")
        key = iam.create_access_key(UserName="nobody")["AccessKey"]
        denied = self.podinfo(AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])
        self.assert_unready(denied, "AccessDeniedException")

    def test_credentials_that_are_revoked(self):
        iam = self.cloud.client("iam")
        iam.create_user(UserName="reader")
        iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=READ_SECRETS)
        key = iam.create_access_key(UserName="reader")["AccessKey"]
        podinfo = self.podinfo(AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])
        self.wait_ready(podinfo)
        iam.delete_access_key(UserName="reader", AccessKeyId=key["AccessKeyId"])
        self.assert_keeps(podinfo, "UnrecognizedClientException")

    def test_credentials_that_are_replaced_before_their_end(self):
        iam = self.cloud.client("iam")
        iam.create_user(UserName="replaced")
        iam.put_user_policy(UserName="replaced", PolicyName="read", PolicyDocument=READ_SECRETS)
        old = iam.create_access_key(UserName="replaced")["AccessKey"]
        endpoint = CredentialsEndpoint(old["AccessKeyId"], old["SecretAccessKey"])
        self.addCleanup(endpoint.close)
        podinfo = self.podinfo(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_CONTAINER_CREDENTIALS_FULL_URI=endpoint.url)
        self.wait_ready(podinfo)
        new = iam.create_access_key(UserName="replaced")["AccessKey"]
        endpoint.key, endpoint.secret = new["AccessKeyId"], new["SecretAccessKey"]
        iam.delete_access_key(UserName="replaced", AccessKeyId=old["AccessKeyId"])
        version = self.secrets.put_secret_value(SecretId=self.name, SecretString="another")["VersionId"]
        wait_until(lambda: self.told(podinfo)["version_id"] == version, what="the new version")
        self.assertFalse([line for line in podinfo.lines if line and "UnrecognizedClientException" in line])

    def test_credentials_that_expire(self):
        endpoint = CredentialsEndpoint(self.cloud.env["AWS_ACCESS_KEY_ID"], self.cloud.env["AWS_SECRET_ACCESS_KEY"])
        self.addCleanup(endpoint.close)
        env = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_CONTAINER_CREDENTIALS_FULL_URI": endpoint.url}
        endpoint.valid_seconds = -1
        podinfo = self.podinfo(**env)
        self.assert_unready(podinfo, "E_CREDENTIALS_EXPIRED")
        endpoint.valid_seconds = 2
        self.wait_ready(podinfo)
        endpoint.valid_seconds = None   # and nothing to renew them with
        code = wait_until(lambda: self.told(podinfo).get("last_error"), what="an error")
        self.assert_keeps(podinfo, code)
        endpoint.valid_seconds = 3600
        wait_until(lambda: "last_error" not in self.told(podinfo), what="new credentials")

    def test_a_web_identity(self):
        sts = FakeSts(self.cloud.env["AWS_ACCESS_KEY_ID"], self.cloud.env["AWS_SECRET_ACCESS_KEY"])
        self.addCleanup(sts.close)
        token = self.file("token", "jwt-1\n")
        podinfo = self.podinfo(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ENDPOINT_URL_STS=sts.url,
                               AWS_ROLE_ARN="arn:aws:iam::123456789012:role/web", AWS_ROLE_SESSION_NAME="pod")
        self.assert_unready(podinfo, "InvalidIdentityToken")
        sts.good, sts.valid_seconds = "jwt-2", 2   # renewed at each look, for it soon ends
        self.file("token", "jwt-2\n")
        self.wait_ready(podinfo)
        sts.good = "jwt-3"
        self.file("token", "jwt-3\n")
        wait_until(lambda: sts.seen[-1]["WebIdentityToken"] == ["jwt-3"] and "last_error" not in self.told(podinfo), what="the new token")
        self.assertEqual((sts.seen[-1]["RoleArn"], sts.seen[-1]["RoleSessionName"]), (["arn:aws:iam::123456789012:role/web"], ["pod"]))
        self.assertFalse(sts.signed)
        self.assertNotIn("jwt-", "".join(line for line in podinfo.lines if line))

    def test_a_role_of_a_profile_with_region_and_endpoints_of_its_own(self):
        iam = self.cloud.client("iam")
        user = iam.create_user(UserName="assumer")["User"]
        key = iam.create_access_key(UserName="assumer")["AccessKey"]
        role = iam.create_role(RoleName="reads-secrets", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": user["Arn"]}, "Action": "sts:AssumeRole"}]}))["Role"]
        iam.put_role_policy(RoleName="reads-secrets", PolicyName="read", PolicyDocument=READ_SECRETS)
        iam.put_user_policy(UserName="assumer", PolicyName="assume", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role["Arn"]}]}))
        keys = self.file("credentials", f"[base]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n")
        config = self.file("config", f"""[profile reader]
role_arn = {role['Arn']}
source_profile = base
region = {self.cloud.env['AWS_REGION']}
endpoint_url = {self.cloud.url}    # STS is there, too
services = local

[services local]
secrets_manager =
  endpoint_url = {self.gate.url}
""")
        podinfo = self.podinfo(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_ENDPOINT_URL=None, AWS_REGION=None, AWS_PROFILE="reader",
                               AWS_CONFIG_FILE=config, AWS_SHARED_CREDENTIALS_FILE=keys, AWS_EC2_METADATA_DISABLED="true")
        self.wait_ready(podinfo)
        self.assertTrue(self.gate.passing, "the service's own endpoint was asked")
        self.file("config", "[profile reader]\nrole_arn\n")
        other = self.podinfo(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_PROFILE="reader", AWS_CONFIG_FILE=config)
        self.assert_unready(other, "E_PROFILE")

    def test_a_program_that_prints_the_keys(self):
        output = self.file("keys.json", json.dumps({"Version": 1, "AccessKeyId": self.cloud.env["AWS_ACCESS_KEY_ID"],
                                                    "SecretAccessKey": self.cloud.env["AWS_SECRET_ACCESS_KEY"]}))
        config = self.file("config", f"[default]\ncredential_process = cat '{output}'\n")
        podinfo = self.podinfo(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_CONFIG_FILE=config)
        self.wait_ready(podinfo)

    def test_an_instance_whose_metadata_never_answers_holds_nothing_up(self):
        silent = Gate(self.cloud.url)
        silent.is_silent = True
        self.addCleanup(silent.close)
        begin = time.monotonic()
        podinfo = self.podinfo(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_EC2_METADATA_SERVICE_ENDPOINT=silent.url)
        self.assert_unready(podinfo, "E_CREDENTIALS")
        self.assertLess(time.monotonic() - begin, 5)

    def test_it_rotates_under_load_without_a_failed_request(self):
        podinfo = self.podinfo()
        self.wait_ready(podinfo)
        failed, stop = [], threading.Event()

        def load():
            while not stop.is_set():
                status = podinfo.ask("GET", "/readyz").status
                if status != 200:
                    failed.append(status)

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for number in range(5):
                version = self.secrets.put_secret_value(SecretId=self.name, SecretString=f"value {number}")["VersionId"]
                wait_until(lambda: self.told(podinfo)["version_id"] == version, what="the new version")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failed, [])
        self.assertEqual(sum("secret rotated" in line for line in podinfo.lines if line), 5)


if __name__ == "__main__":
    unittest.main()
