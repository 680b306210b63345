"""iam:PassRole: whoever hands a role to a service needs the permission to do so, and the refusals are AWS's."""
import json

from harness import CloudTest

ROLE = "arn:aws:iam::000000000000:role/"
EVERYTHING_BUT_ROLES = {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}


def trust(*services):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"}]})


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def may_pass(role, service):
    return {"Effect": "Allow", "Action": "iam:PassRole", "Resource": ROLE + role, "Condition": {"StringEquals": {"iam:PassedToService": service}}}


class PassRoleTest(CloudTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        iam = cls.iam = cls.cloud.client("iam")
        iam.create_role(RoleName="work", AssumeRolePolicyDocument=trust("lambda.amazonaws.com", "ec2.amazonaws.com", "codedeploy.amazonaws.com"))
        iam.create_instance_profile(InstanceProfileName="work")
        iam.add_role_to_instance_profile(InstanceProfileName="work", RoleName="work")
        iam.create_user(UserName="ops")
        key = iam.create_access_key(UserName="ops")["AccessKey"]
        cls.keys = dict(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
        ec2 = cls.cloud.client("ec2")
        cls.image = ec2.describe_images()["Images"][0]["ImageId"]
        ec2.create_launch_template(LaunchTemplateName="work", LaunchTemplateData={"ImageId": cls.image, "InstanceType": "t3.nano", "IamInstanceProfile": {"Name": "work"}})
        ec2.create_launch_template(LaunchTemplateName="plain", LaunchTemplateData={"ImageId": cls.image, "InstanceType": "t3.nano"})

    def setUp(self):
        self.allow(EVERYTHING_BUT_ROLES)

    def allow(self, *statements):
        self.iam.put_user_policy(UserName="ops", PolicyName="p", PolicyDocument=policy(*statements))

    def client(self, service):
        return self.cloud.client(service, **self.keys)

    def assert_not_passed(self, code, function, status, **arguments):
        message = self.assert_error(code, function, status=status, **arguments)
        self.assertEqual(message, "User: arn:aws:iam::000000000000:user/ops is not authorized to perform: iam:PassRole on resource: "
                                  f"{ROLE}work because no identity-based policy allows the iam:PassRole action")

    def test_lambda(self):
        create = self.client("lambda").create_function
        arguments = dict(FunctionName="f", Role=ROLE + "work", PackageType="Image", Code={"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/none:1"})
        self.assert_not_passed("AccessDeniedException", create, 403, **arguments)
        # Passing it to another service is another permission.
        self.allow(EVERYTHING_BUT_ROLES, may_pass("work", "ec2.amazonaws.com"))
        self.assert_not_passed("AccessDeniedException", create, 403, **arguments)
        self.allow(EVERYTHING_BUT_ROLES, may_pass("work", "lambda.amazonaws.com"))
        self.assert_error("InvalidParameterValueException", create, **arguments)  # there is no such image
        change = self.client("lambda").update_function_configuration
        self.assert_error("ResourceNotFoundException", change, FunctionName="f", Role=ROLE + "work")
        self.allow(EVERYTHING_BUT_ROLES)
        self.assert_not_passed("AccessDeniedException", change, 403, FunctionName="f", Role=ROLE + "work")
        self.assert_error("ResourceNotFoundException", change, FunctionName="f", Description="no role is passed")

    def test_instances(self):
        run = self.client("ec2").run_instances
        plain = dict(ImageId=self.image, MinCount=1, MaxCount=1, DryRun=True)
        by_template = dict(MinCount=1, MaxCount=1, DryRun=True, LaunchTemplate={"LaunchTemplateName": "work"})
        self.assert_error("DryRunOperation", run, **plain)
        self.assert_not_passed("UnauthorizedOperation", run, 403, **plain, IamInstanceProfile={"Name": "work"})
        self.assert_not_passed("UnauthorizedOperation", run, 403, **by_template)
        self.assert_error("InvalidParameterValue", run, **{**plain, "DryRun": False}, IamInstanceProfile={"Name": "nobody"})
        self.allow(EVERYTHING_BUT_ROLES, may_pass("work", "ec2.amazonaws.com"))
        self.assert_error("DryRunOperation", run, **plain, IamInstanceProfile={"Name": "work"})
        self.assert_error("DryRunOperation", run, **by_template)

    def test_groups_of_instances(self):
        create = self.client("autoscaling").create_auto_scaling_group
        arguments = dict(AutoScalingGroupName="g", MinSize=0, MaxSize=0, AvailabilityZones=["us-east-1a"])
        message = self.assert_error("AccessDenied", create, status=403, **arguments, LaunchTemplate={"LaunchTemplateName": "work"})
        self.assertEqual(message, "You are not authorized to use launch template: work")
        create(**arguments, LaunchTemplate={"LaunchTemplateName": "plain"})
        change = self.client("autoscaling").update_auto_scaling_group
        self.assert_error("AccessDenied", change, status=403, AutoScalingGroupName="g", LaunchTemplate={"LaunchTemplateName": "work"})
        change(AutoScalingGroupName="g", MaxSize=1)
        self.allow(EVERYTHING_BUT_ROLES, may_pass("work", "ec2.amazonaws.com"))
        change(AutoScalingGroupName="g", LaunchTemplate={"LaunchTemplateName": "work"})

    def test_code_deploy(self):
        code_deploy = self.client("codedeploy")
        code_deploy.create_application(applicationName="a", computePlatform="Server")
        arguments = dict(applicationName="a", deploymentGroupName="g", serviceRoleArn=ROLE + "work")
        self.assert_not_passed("AccessDeniedException", code_deploy.create_deployment_group, 400, **arguments)
        self.allow(EVERYTHING_BUT_ROLES, may_pass("work", "codedeploy.amazonaws.com"))
        code_deploy.create_deployment_group(**arguments)

    def test_an_instance_profile_s_role(self):
        self.iam.create_instance_profile(InstanceProfileName="other")
        add = self.client("iam").add_role_to_instance_profile
        self.assert_not_passed("AccessDenied", add, 403, InstanceProfileName="other", RoleName="work")
        self.allow(EVERYTHING_BUT_ROLES, may_pass("work", "ec2.amazonaws.com"))
        add(InstanceProfileName="other", RoleName="work")

    def test_an_explicit_deny_says_so(self):
        self.allow({"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"})
        message = self.assert_error("AccessDeniedException", self.client("lambda").create_function, FunctionName="f", Role=ROLE + "work", PackageType="Image",
                                    Code={"ImageUri": "000000000000.dkr.ecr.us-east-1.amazonaws.com/none:1"})
        self.assertIn("with an explicit deny in an identity-based policy", message)


del CloudTest  # the loader would run it by itself
