"""IAM and STS as the stock SDK sees them: policies are enforced, sessions are real, errors are AWS's."""
import json
import urllib.parse

from harness import CloudTest

TRUST_EC2 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def allow(action, resource="*", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]})


class IamTest(CloudTest):
    def setUp(self):
        self.iam = self.cloud.client("iam")

    def user(self, name):
        self.iam.create_user(UserName=name)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return dict(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])

    def test_root_is_root(self):
        identity = self.cloud.client("sts").get_caller_identity()
        self.assertEqual(identity["Arn"], "arn:aws:iam::000000000000:root")
        self.assertEqual(identity["Account"], "000000000000")

    def test_a_role_comes_back_as_it_was_made(self):
        made = self.iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST_EC2), Description="d", Path="/team/", Tags=[{"Key": "a", "Value": "b"}])
        self.assertEqual(made["Role"]["Arn"], "arn:aws:iam::000000000000:role/team/web")
        role = self.iam.get_role(RoleName="web")["Role"]
        self.assertEqual(role["AssumeRolePolicyDocument"], TRUST_EC2)
        self.assertEqual(role["Tags"], [{"Key": "a", "Value": "b"}])
        self.assertEqual(role["MaxSessionDuration"], 3600)
        self.assert_error("EntityAlreadyExists", self.iam.create_role, RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST_EC2), status=409)
        self.assert_error("NoSuchEntity", self.iam.get_role, RoleName="other", status=404)
        self.assert_error("MalformedPolicyDocument", self.iam.create_role, RoleName="bad", AssumeRolePolicyDocument="{}", status=400)
        self.iam.put_role_policy(RoleName="web", PolicyName="p", PolicyDocument=allow("s3:GetObject"))
        document = self.iam.get_role_policy(RoleName="web", PolicyName="p")["PolicyDocument"]
        self.assertEqual(document["Statement"][0]["Action"], "s3:GetObject")
        self.assert_error("DeleteConflict", self.iam.delete_role, RoleName="web", status=409)
        self.iam.delete_role_policy(RoleName="web", PolicyName="p")
        self.iam.delete_role(RoleName="web")

    def test_an_instance_profile_carries_its_role(self):
        self.iam.create_role(RoleName="node", AssumeRolePolicyDocument=json.dumps(TRUST_EC2))
        self.iam.create_instance_profile(InstanceProfileName="node")
        self.iam.add_role_to_instance_profile(InstanceProfileName="node", RoleName="node")
        profile = self.iam.get_instance_profile(InstanceProfileName="node")["InstanceProfile"]
        self.assertEqual([r["RoleName"] for r in profile["Roles"]], ["node"])
        self.assertEqual(profile["Roles"][0]["AssumeRolePolicyDocument"], TRUST_EC2)
        self.assert_error("LimitExceeded", self.iam.add_role_to_instance_profile, InstanceProfileName="node", RoleName="node")
        self.assertEqual(len(self.iam.list_instance_profiles_for_role(RoleName="node")["InstanceProfiles"]), 1)

    def test_pages_of_the_sdk_see_every_policy_once(self):
        pages = self.iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 3})
        names = [p["PolicyName"] for page in pages for p in page["Policies"]]
        self.assertEqual(len(names), len(set(names)))
        for expected in ("AWSLambdaBasicExecutionRole", "AWSCodeDeployRole", "AmazonSSMManagedInstanceCore", "AdministratorAccess"):
            self.assertIn(expected, names)

    def test_a_user_may_do_what_its_policies_say(self):
        keys = self.user("reader")
        secrets = self.cloud.client("secretsmanager", **keys)
        root = self.cloud.client("secretsmanager")
        arn = root.create_secret(Name="iam/one", SecretString="x")["ARN"]
        root.create_secret(Name="iam/two", SecretString="x")
        message = self.assert_error("AccessDeniedException", secrets.get_secret_value, SecretId="iam/one", status=400)
        self.assertIn("user/reader is not authorized to perform: secretsmanager:GetSecretValue on resource: " + arn, message)
        self.iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=allow("secretsmanager:GetSecretValue", arn[:-6] + "??????"))
        self.assertEqual(secrets.get_secret_value(SecretId="iam/one")["SecretString"], "x")
        self.assert_error("AccessDeniedException", secrets.get_secret_value, SecretId="iam/two")
        self.assert_error("AccessDenied", self.cloud.client("iam", **keys).list_roles, status=403)

    def test_a_session_in_a_role_has_the_role_s_rights(self):
        keys = self.user("ci")
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:user/ci"}, "Action": "sts:AssumeRole"}]}
        arn = self.iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        self.iam.attach_role_policy(RoleName="deploy", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        sts = self.cloud.client("sts", **keys)
        session = sts.assume_role(RoleArn=arn, RoleSessionName="build-7")["Credentials"]
        inside = dict(aws_access_key_id=session["AccessKeyId"], aws_secret_access_key=session["SecretAccessKey"], aws_session_token=session["SessionToken"])
        self.assertTrue(session["AccessKeyId"].startswith("ASIA"))
        self.assertEqual(self.cloud.client("sts", **inside).get_caller_identity()["Arn"], "arn:aws:sts::000000000000:assumed-role/deploy/build-7")
        self.cloud.client("iam", **inside).list_roles()
        self.assert_error("AccessDenied", self.cloud.client("iam", **inside).create_user, UserName="no")
        without_token = {k: v for k, v in inside.items() if k != "aws_session_token"}
        self.assert_error("InvalidClientTokenId", self.cloud.client("sts", **without_token).get_caller_identity, status=403)
        self.assert_error("AccessDenied", sts.assume_role, RoleArn=arn.replace("deploy", "other"), RoleSessionName="build-7")
        self.assert_error("NotImplemented", sts.assume_role, RoleArn=arn, RoleSessionName="build-7", Policy=allow("*"), status=501)

    def test_wrong_keys_are_told_apart(self):
        self.assert_error("InvalidClientTokenId", self.cloud.client("sts", aws_access_key_id="AKIANOBODY").get_caller_identity, status=403)
        self.assert_error("SignatureDoesNotMatch", self.cloud.client("sts", aws_secret_access_key="wrong").get_caller_identity, status=403)

    def test_what_is_not_done_is_refused_by_name(self):
        message = self.assert_error("NotImplemented", self.iam.create_group, GroupName="g", status=501)
        self.assertIn("CreateGroup", message)


del CloudTest  # the loader would run it by itself
