"""`pds up` against a server we did not write: moto takes what the deploy half sends, as far as moto goes."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from harness import PDS

STACK = "proven"
REGION = "us-east-1"
ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
# Up to the first thing moto does not have: a registry to which an image could have been pushed.
MADE = [
    f"VPC {STACK}-vpc", *(f"subnet {STACK}-{zone}" for zone in ZONES), f"internet gateway {STACK}-gateway", f"route table {STACK}-routes",
    f"security group {STACK}-balancer", f"security group {STACK}-instance", f"role {STACK}-instance", f"role {STACK}-function",
    f"role {STACK}-rotation", f"role {STACK}-deploy", f"instance profile {STACK}-instance", f"secret {STACK}/app",
    f"bucket {STACK}-releases-123456789012-{REGION}", f"target group {STACK}-fleet", f"load balancer {STACK}", f"listener {STACK}:18080",
    f"launch template {STACK}-fleet", f"Auto Scaling group {STACK}-fleet", f"function {STACK}",
]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@unittest.skipUnless(shutil.which("moto_server"), "moto_server is not on this machine")
class MotoTest(unittest.TestCase):
    """One provisioning run, looked at from every side by the stock SDK."""

    @classmethod
    def setUpClass(cls):
        try:
            import boto3  # noqa: F401
        except ImportError:
            raise unittest.SkipTest("boto3 is not on this machine")
        cls.folder = tempfile.mkdtemp(prefix="pds-moto-", dir="/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        port = free_port()
        # Without its catalogue of managed policies, moto refuses to attach what every AWS account has.
        env = {**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
        with open(os.path.join(cls.folder, "moto.log"), "wb") as log:
            cls.server = subprocess.Popen(["moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log, env=env)
        cls.addClassCleanup(cls.stop_server)
        cls.wait_for(port)
        cls.env = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PDS_"))}
        cls.env.update({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
                        "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "PDS_DATA": os.path.join(cls.folder, "data")})
        cls.image = cls.client("ec2").describe_images()["Images"][0]["ImageId"]
        with open(os.path.join(cls.folder, "deploy.yaml"), "w") as file:
            file.write(f"name: {STACK}\nregion: {REGION}\nsecret:\n  name: {STACK}/app\nbalancer:\n  port: 18080\nfleet:\n  image_id: {cls.image}\n")
        cls.plan = cls.pds("plan", "--output", "json")
        cls.up = cls.pds("up")

    @classmethod
    def stop_server(cls):
        cls.server.terminate()
        cls.server.wait(30)

    @classmethod
    def wait_for(cls, port):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and cls.server.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        with open(os.path.join(cls.folder, "moto.log"), errors="replace") as log:
            raise RuntimeError(f"moto_server did not start: {log.read()[-2000:]}")

    @classmethod
    def client(cls, service):
        import boto3

        return boto3.client(service, endpoint_url=cls.env["AWS_ENDPOINT_URL"], region_name=REGION, aws_access_key_id="testing",
                            aws_secret_access_key="testing")

    @classmethod
    def pds(cls, *arguments):
        return subprocess.run([PDS, *arguments], capture_output=True, text=True, env=cls.env, cwd=cls.folder, timeout=120)

    def vpc(self):
        return self.client("ec2").describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [f"{STACK}-vpc"]}])["Vpcs"]

    def test_the_plan_names_everything_and_changes_nothing_by_itself(self):
        self.assertEqual(self.plan.returncode, 0, self.plan.stderr)
        planned = [f"{c['kind']} {c['name']}" for c in json.loads(self.plan.stdout.splitlines()[-1])["changes"]]
        self.assertEqual(planned[:len(MADE)], MADE)
        self.assertIn(f"deployment group {STACK}-function", planned)

    def test_it_ends_where_moto_has_no_image_with_an_error_that_names_the_step(self):
        made = [line.split("+ ", 1)[1] for line in self.up.stderr.splitlines() if "  + " in line]
        self.assertEqual(made, MADE)
        self.assertEqual(self.up.returncode, 2, self.up.stderr)
        self.assertIn(f"error E_CONFIG  the function {STACK} needs an image to begin with", self.up.stderr)
        self.assertIn("`pds push`", self.up.stderr)
        self.assertIn("next:  ", self.up.stderr)

    def test_the_second_run_finds_what_the_first_made(self):
        again = self.pds("up")
        made = [line.split("+ ", 1)[1] for line in again.stderr.splitlines() if "  + " in line]
        self.assertEqual(made, [f"function {STACK}"])
        self.assertEqual(again.returncode, 2, again.stderr)

    def test_the_network_is_there(self):
        ec2 = self.client("ec2")
        (vpc,) = self.vpc()
        self.assertEqual(vpc["CidrBlock"], "10.0.0.0/16")
        inside = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        subnets = ec2.describe_subnets(Filters=inside)["Subnets"]
        self.assertEqual(sorted((s["AvailabilityZone"], s["CidrBlock"]) for s in subnets),
                         [(zone, f"10.0.{i + 1}.0/24") for i, zone in enumerate(ZONES)])
        (gateway,) = ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}])["InternetGateways"]
        named = [{"Name": "tag:Name", "Values": [f"{STACK}-routes"]}]
        (table,) = ec2.describe_route_tables(Filters=inside + named)["RouteTables"]
        self.assertIn(("0.0.0.0/0", gateway["InternetGatewayId"]), [(r.get("DestinationCidrBlock"), r.get("GatewayId")) for r in table["Routes"]])
        self.assertEqual({a["SubnetId"] for a in table["Associations"] if "SubnetId" in a}, {s["SubnetId"] for s in subnets})

    def test_only_the_balancer_reaches_the_instances(self):
        groups = self.client("ec2").describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [self.vpc()[0]["VpcId"]]}])["SecurityGroups"]
        by_name = {g["GroupName"]: g for g in groups}
        (public,) = by_name[f"{STACK}-balancer"]["IpPermissions"]
        self.assertEqual((public["FromPort"], public["ToPort"]), (18080, 18080))
        (inner,) = by_name[f"{STACK}-instance"]["IpPermissions"]
        self.assertEqual((inner["FromPort"], inner["ToPort"], inner["IpRanges"]), (9898, 9898, []))
        self.assertEqual([p["GroupId"] for p in inner["UserIdGroupPairs"]], [by_name[f"{STACK}-balancer"]["GroupId"]])

    def test_each_role_trusts_its_service_and_the_instances_have_a_profile(self):
        iam = self.client("iam")
        for role, service in (("instance", "ec2"), ("function", "lambda"), ("rotation", "lambda"), ("deploy", "codedeploy")):
            trust = iam.get_role(RoleName=f"{STACK}-{role}")["Role"]["AssumeRolePolicyDocument"]
            self.assertIn(f"{service}.amazonaws.com", json.dumps(trust))
        attached = iam.list_attached_role_policies(RoleName=f"{STACK}-deploy")["AttachedPolicies"]
        self.assertIn("arn:aws:iam::aws:policy/service-role/AWSCodeDeployRole", [p["PolicyArn"] for p in attached])
        profile = iam.get_instance_profile(InstanceProfileName=f"{STACK}-instance")["InstanceProfile"]
        self.assertEqual([r["RoleName"] for r in profile["Roles"]], [f"{STACK}-instance"])

    def test_the_secret_and_the_bucket_are_there(self):
        secret = self.client("secretsmanager").get_secret_value(SecretId=f"{STACK}/app")
        self.assertEqual(secret["VersionStages"], ["AWSCURRENT"])
        value = next(v for k, v in json.loads(secret["SecretString"]).items() if "pass" in k)
        self.assertGreaterEqual(len(value), 16)
        self.assertNotIn(value, self.up.stdout + self.up.stderr)
        buckets = [b["Name"] for b in self.client("s3").list_buckets()["Buckets"]]
        self.assertIn(f"{STACK}-releases-123456789012-{REGION}", buckets)

    def test_the_balancer_forwards_to_the_fleets_target_group(self):
        elb = self.client("elbv2")
        (balancer,) = elb.describe_load_balancers(Names=[STACK])["LoadBalancers"]
        self.assertEqual(sorted(z["ZoneName"] for z in balancer["AvailabilityZones"]), ZONES)
        (group,) = elb.describe_target_groups(Names=[f"{STACK}-fleet"])["TargetGroups"]
        self.assertEqual((group["Port"], group["HealthCheckPath"]), (9898, "/readyz"))
        (listener,) = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        self.assertEqual(listener["Port"], 18080)
        self.assertIn(group["TargetGroupArn"], json.dumps(listener["DefaultActions"]))

    def test_the_fleet_wants_three_instances_of_the_template_in_three_zones(self):
        ec2, scaling, elb = self.client("ec2"), self.client("autoscaling"), self.client("elbv2")
        (template,) = ec2.describe_launch_template_versions(LaunchTemplateName=f"{STACK}-fleet")["LaunchTemplateVersions"]
        self.assertEqual(template["LaunchTemplateData"]["ImageId"], self.image)
        (group,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[f"{STACK}-fleet"])["AutoScalingGroups"]
        # Nothing is released yet: the balancer's opinion of an instance does not count before that.
        self.assertEqual((group["MinSize"], group["DesiredCapacity"], group["MaxSize"], group["HealthCheckType"]), (3, 3, 6, "EC2"))
        # moto puts all instances of a group into the first of its subnets; that it was given all three is what we answer for.
        self.assertEqual(len(group["Instances"]), 3)
        subnets = ec2.describe_subnets(SubnetIds=group["VPCZoneIdentifier"].split(","))["Subnets"]
        self.assertEqual(sorted(s["AvailabilityZone"] for s in subnets), ZONES)
        (target_group,) = elb.describe_target_groups(Names=[f"{STACK}-fleet"])["TargetGroups"]
        self.assertEqual(group["TargetGroupARNs"], [target_group["TargetGroupArn"]])


if __name__ == "__main__":
    unittest.main()
