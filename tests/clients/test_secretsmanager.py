"""Secrets Manager as the stock SDK sees it. Rotation by a real function is in the flow tests."""
import uuid

from harness import CloudTest


class SecretsManagerTest(CloudTest):
    def setUp(self):
        self.secrets = self.cloud.client("secretsmanager")
        self.name = "test/" + uuid.uuid4().hex

    def test_versions_and_their_labels(self):
        made = self.secrets.create_secret(Name=self.name, SecretString="one", Tags=[{"Key": "team", "Value": "blue"}])
        self.assertRegex(made["ARN"], self.name + "-[A-Za-z0-9]{6}$")
        second = self.secrets.put_secret_value(SecretId=self.name, SecretString="two")["VersionId"]
        got = self.secrets.get_secret_value(SecretId=made["ARN"])
        self.assertEqual((got["SecretString"], got["VersionId"], got["VersionStages"]), ("two", second, ["AWSCURRENT"]))
        previous = self.secrets.get_secret_value(SecretId=self.name, VersionStage="AWSPREVIOUS")
        self.assertEqual((previous["SecretString"], previous["VersionId"]), ("one", made["VersionId"]))
        self.secrets.put_secret_value(SecretId=self.name, SecretBinary=b"\x00\x01", VersionStages=["blue"])
        self.assertEqual(self.secrets.get_secret_value(SecretId=self.name, VersionStage="blue")["SecretBinary"], b"\x00\x01")
        described = self.secrets.describe_secret(SecretId=self.name)
        self.assertEqual(described["VersionIdsToStages"][second], ["AWSCURRENT"])
        self.assertNotIn("RotationEnabled", described)
        self.secrets.update_secret_version_stage(SecretId=self.name, VersionStage="AWSCURRENT", RemoveFromVersionId=second, MoveToVersionId=made["VersionId"])
        self.assertEqual(self.secrets.get_secret_value(SecretId=self.name)["SecretString"], "one")

    def test_errors_are_aws_s(self):
        self.assert_error("ResourceNotFoundException", self.secrets.get_secret_value, SecretId="nothing", status=400)
        self.secrets.create_secret(Name=self.name)
        self.assert_error("ResourceNotFoundException", self.secrets.get_secret_value, SecretId=self.name)
        self.assert_error("ResourceExistsException", self.secrets.create_secret, Name=self.name, SecretString="x")
        self.assert_error("InvalidRequestException", self.secrets.rotate_secret, SecretId=self.name)
        self.assert_error("NotImplemented", self.secrets.put_resource_policy, SecretId=self.name, ResourcePolicy="{}", status=501)
        self.assert_error("NotImplemented", self.secrets.create_secret, Name="r", AddReplicaRegions=[{"Region": "eu-west-1"}], status=501)

    def test_deletion_and_restoration(self):
        self.secrets.create_secret(Name=self.name, SecretString="x")
        self.secrets.delete_secret(SecretId=self.name, RecoveryWindowInDays=7)
        self.assert_error("InvalidRequestException", self.secrets.get_secret_value, SecretId=self.name)
        self.secrets.restore_secret(SecretId=self.name)
        self.assertEqual(self.secrets.get_secret_value(SecretId=self.name)["SecretString"], "x")
        self.secrets.delete_secret(SecretId=self.name, ForceDeleteWithoutRecovery=True)
        self.assert_error("ResourceNotFoundException", self.secrets.describe_secret, SecretId=self.name)

    def test_lists_page_and_filter(self):
        for i in range(5):
            self.secrets.create_secret(Name=f"{self.name}/{i}", SecretString=str(i))
        pages = self.secrets.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [self.name]}], PaginationConfig={"PageSize": 2})
        names = [s["Name"] for page in pages for s in page["SecretList"]]
        self.assertEqual(sorted(names), [f"{self.name}/{i}" for i in range(5)])
        batch = self.secrets.batch_get_secret_value(SecretIdList=[f"{self.name}/1", "nothing"])
        self.assertEqual([v["SecretString"] for v in batch["SecretValues"]], ["1"])
        self.assertEqual(batch["Errors"][0]["ErrorCode"], "ResourceNotFoundException")

    def test_passwords(self):
        password = self.secrets.get_random_password(PasswordLength=20, ExcludePunctuation=True, ExcludeCharacters="0O1l")["RandomPassword"]
        self.assertEqual(len(password), 20)
        self.assertFalse(set(password) & set("0O1l!\"#$%&"))

    def test_a_value_outlives_kill_nine_and_is_nowhere_in_the_clear(self):
        value = "needle-" + uuid.uuid4().hex
        self.secrets.create_secret(Name=self.name, SecretString=value)
        self.cloud.kill()
        self.cloud.start()
        self.assertEqual(self.cloud.client("secretsmanager").get_secret_value(SecretId=self.name)["SecretString"], value)
        import os

        for folder, _, files in os.walk(self.cloud.data):
            for file in files:
                path = os.path.join(folder, file)
                if os.path.isfile(path):
                    with open(path, "rb") as content:
                        self.assertNotIn(value.encode(), content.read(), path)


del CloudTest
