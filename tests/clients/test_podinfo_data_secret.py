"""The database that a secret names."""
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from harness import PDS, Cloud, wait_until
from podinfo_data import PATH, DataCase
from postgres import ENCODED_PASSWORD, PASSWORD, missing


@unittest.skipIf(missing(), missing())
@unittest.skipUnless(os.path.exists(PDS), "pds is not built")
class DataSecretTest(DataCase):
    def test_a_secret_names_the_database_and_a_new_version_another(self):
        import boto3
        cloud = Cloud().start()
        self.addCleanup(cloud.stop)
        server = self.server()
        server.make_user("second", "other")
        secrets = boto3.client("secretsmanager", endpoint_url=cloud.url, region_name=cloud.env["AWS_REGION"],
                               aws_access_key_id=cloud.env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=cloud.env["AWS_SECRET_ACCESS_KEY"])
        secrets.create_secret(Name="db", SecretString=json.dumps({"DATABASE_URL": server.url(), "API_KEY": "k"}))
        podinfo = self.ready("--secret-id=db", "--secret-refresh=100ms", env=cloud.env)
        podinfo.write("of", "the first")
        secrets.put_secret_value(SecretId="db", SecretString=json.dumps({"database_url": server.url("second", "other")}))
        wait_until(lambda: podinfo.read("of") == 404)
        podinfo.write("of", "the second")
        self.assertEqual(server.sql("SELECT message FROM podinfo_data", "second"), "the second")
        self.assertEqual(server.sql("SELECT message FROM podinfo_data", "podinfo"), "the first")
        wait_until(lambda: server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'podinfo'") == "0")
        secrets.put_secret_value(SecretId="db", SecretString=json.dumps({"API_KEY": "k"}))
        wait_until(lambda: podinfo.json("GET", PATH)[1].get("id", "").startswith("req-"))
        for secret in (PASSWORD, ENCODED_PASSWORD, "other"):
            self.assertNotIn(secret, podinfo.log())


if __name__ == "__main__":
    unittest.main()
