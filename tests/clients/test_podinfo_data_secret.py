"""The database that a secret names."""
import json
import os
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import PDS, Cloud, wait_until
from podinfo_data import PATH, DataCase
from postgres import ENCODED_PASSWORD, PASSWORD, missing


@unittest.skipIf(missing(), missing())
@unittest.skipUnless(os.path.exists(PDS), "pds is not built")
class DataSecretTest(DataCase):
    def secrets(self):
        import boto3
        cloud = Cloud().start()
        self.addCleanup(cloud.stop)
        return cloud, boto3.client("secretsmanager", endpoint_url=cloud.url, region_name=cloud.env["AWS_REGION"],
                               aws_access_key_id=cloud.env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=cloud.env["AWS_SECRET_ACCESS_KEY"])

    def test_a_secret_names_the_database_and_a_new_version_another(self):
        cloud, secrets = self.secrets()
        server = self.server()
        server.make_user("second", "other")
        secrets.create_secret(Name="db", SecretString=json.dumps({"DATABASE_URL": server.url(), "API_KEY": "k"}))
        podinfo = self.ready("--secret-id=db", "--secret-refresh=100ms", env=cloud.env)
        podinfo.write("of", "the first")
        secrets.put_secret_value(SecretId="db", SecretString=json.dumps({"database_url": server.url("second", "other")}))
        wait_until(lambda: podinfo.read("of") == 404)
        podinfo.write("of", "the second")
        self.assertEqual(server.sql("SELECT message FROM podinfo_data", "second"), "the second")
        self.assertEqual(server.sql("SELECT message FROM podinfo_data", "podinfo"), "the first")
        wait_until(lambda: server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'podinfo'") == "0")
        for bad in ({"API_KEY": "k"}, {"DATABASE_URL": 5}, {"DATABASE_URL": "mysql://a"}, "not json", None):
            secrets.put_secret_value(SecretId="db", SecretString=bad if isinstance(bad, str) else json.dumps(bad))
            wait_until(lambda: "last_error" in podinfo.json("GET", "/api/secret")[1])
            self.assertEqual(podinfo.read("of"), "the second")
            secrets.put_secret_value(SecretId="db", SecretString=json.dumps({"database_url": server.url("second", "other")}))
            wait_until(lambda: "last_error" not in podinfo.json("GET", "/api/secret")[1])
        for secret in (PASSWORD, ENCODED_PASSWORD, "other"):
            self.assertNotIn(secret, podinfo.log())

    def test_a_password_that_is_changed_before_the_secret_says_so_fails_no_request(self):
        cloud, secrets = self.secrets()
        server = self.server()
        server.make_user("alone", "before")
        secrets.create_secret(Name="db", SecretString=json.dumps({"DATABASE_URL": server.url("alone", "before")}))
        podinfo = self.ready("--secret-id=db", "--secret-refresh=1h", env=cloud.env)
        podinfo.write("of", "before")
        server.sql("ALTER USER alone PASSWORD 'after'")
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'alone'")
        answers = []
        asking = threading.Thread(target=lambda: answers.append(podinfo.ask("PUT", f"{PATH}/of", b'{"message": "after"}').status))
        asking.start()
        podinfo.wait_for_line("database server is away")
        secrets.put_secret_value(SecretId="db", SecretString=json.dumps({"DATABASE_URL": server.url("alone", "after")}))
        asking.join()
        self.assertEqual(answers, [200])
        self.assertEqual(podinfo.read("of"), "after")


if __name__ == "__main__":
    unittest.main()
