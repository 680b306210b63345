"""A stack as any user of AWS would make it, by boto3, the AWS CLI and skopeo alone: what the stock flows begin with."""
import base64
import http.client
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import unittest
import urllib.parse

from harness import CloudTest, wait_until
from stack import free_port

FIRST, SECOND = "1.0.0", "1.1.0"
SECRET = "podinfo/app"
HOOK = "CodeDeployHook_flow"   # CodeDeploy's managed role may invoke functions of this prefix only
PORT = 9898
OVER = ("Succeeded", "Failed", "Stopped")

APP_SPEC = """version: 0.0
os: linux
files:
  - source: /
    destination: /opt/podinfo
file_exists_behavior: OVERWRITE
hooks:
  ApplicationStop:
    - location: scripts/stop
      timeout: 120
  ApplicationStart:
    - location: scripts/start
      timeout: 300
  ValidateService:
    - location: scripts/validate
      timeout: 120
"""
START = f"""#!/bin/sh
set -eu
exec /usr/local/bin/pds agent run-container --name podinfo --image "$(cat /opt/podinfo/image)" \\
  --trusted-key /opt/podinfo/trusted.pub --port {PORT} --env PODINFO_SECRET_ID={SECRET}
"""
STOP = "#!/bin/sh\nexec /usr/local/bin/pds agent stop-container --name podinfo\n"
VALIDATE = f"#!/bin/sh\nexec /usr/local/bin/pds agent wait-healthy --port {PORT} --path /readyz --timeout 60s\n"
USER_DATA = "#!/bin/sh\nset -eu\nexport AWS_REGION=us-east-1\nexec /usr/local/bin/pds agent run\n"


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions, resource="*"):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def tar_of(files):
    """{name: (text, mode)} as the bytes of a tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, (content, mode) in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content.encode()))
    return out.getvalue()


def bundle(image, public_key):
    """The revision that a fleet installs: its AppSpec, scripts, image reference and trusted key."""
    return tar_of({"appspec.yml": (APP_SPEC, 0o644), "image": (image + "\n", 0o644), "trusted.pub": (public_key, 0o644),
                   "scripts/start": (START, 0o755), "scripts/stop": (STOP, 0o755), "scripts/validate": (VALIDATE, 0o755)})


def ask(netloc, path, host=None, headers=None):
    """Every name here is this machine: the address is dialled, the name goes into the Host header."""
    connection = http.client.HTTPConnection(netloc, timeout=20)
    try:
        connection.request("GET", path, headers={**({"Host": host} if host else {}), **(headers or {})})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
    finally:
        connection.close()


class StockTest(CloudTest):
    """Runs `steps`, names of what is made below, once for all tests of a class."""

    time_scale = 60   # a minute of the control plane's clock is a second of ours
    programs = ()
    steps = ()

    @classmethod
    def setUpClass(cls):
        for program in cls.programs:
            if not shutil.which(program):
                raise unittest.SkipTest(f"{program} is not on this machine")
        super().setUpClass()
        cls.addClassCleanup(cls.cloud.stop)   # also when the rest of this does not get through
        cls.netloc = urllib.parse.urlparse(cls.cloud.url).netloc
        if not json.loads(ask(cls.netloc, "/_pds/health")[2])["sandboxes"]:
            raise unittest.SkipTest("this machine cannot run sandboxes")
        cls.folder = tempfile.mkdtemp(prefix="stock-flow-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        for service in ("ec2", "iam", "elbv2", "autoscaling", "lambda", "codedeploy", "secretsmanager", "s3", "cloudwatch", "logs", "ecr"):
            setattr(cls, "functions" if service == "lambda" else service, cls.cloud.client(service))
        for step in cls.steps:
            getattr(cls, "make_" + step)()

    @classmethod
    def aws(cls, *arguments):
        done = subprocess.run(["aws", *arguments, "--output", "json"], capture_output=True, text=True, env=cls.cloud.shell_env(), timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"aws {' '.join(arguments)} gave {done.returncode}\n{done.stderr}")
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    @classmethod
    def make_images(cls):
        with open(os.path.join(cls.folder, "deploy.yaml"), "w") as file:
            file.write("name: flow\n")
        repository = cls.aws("ecr", "create-repository", "--repository-name", "flow/podinfo")["repository"]["repositoryUri"]
        token = cls.aws("ecr", "get-authorization-token")["authorizationData"][0]["authorizationToken"]
        credentials = base64.b64decode(token).decode()
        cls.images = {}
        for version in (FIRST, SECOND):
            digest = json.loads(cls.cloud.pds("build", "--version", version, "--output", "json", cwd=cls.folder).stdout)["digest"]
            cls.cloud.pds("sign", version, cwd=cls.folder)
            signature = digest.replace(":", "-") + ".sig"
            for source, target in ((f"podinfo-{version}", version), (signature, signature)):
                # By address: the machine's resolver need not know the names below localhost.
                copied = subprocess.run(
                    ["skopeo", "--insecure-policy", "copy", "--preserve-digests", "--dest-tls-verify=false", "--dest-creds", credentials,
                     f"oci:{cls.cloud.data}/images:{source}", f"docker://{cls.netloc}/flow/podinfo:{target}"],
                    capture_output=True, text=True, timeout=60)
                if copied.returncode != 0:
                    raise AssertionError(copied.stderr)
            pushed = cls.ecr.describe_images(repositoryName="flow/podinfo", imageIds=[{"imageTag": version}])["imageDetails"][0]
            assert pushed["imageDigest"] == digest, (pushed, digest)
            cls.images[version] = f"{repository}@{digest}"
        with open(os.path.join(cls.folder, "keys", "pds.key.pub")) as file:
            cls.public_key = file.read()

    @classmethod
    def make_network(cls):
        cls.vpc = cls.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        cls.zones = [z["ZoneName"] for z in cls.ec2.describe_availability_zones()["AvailabilityZones"]][:3]
        cls.subnets = [cls.ec2.create_subnet(VpcId=cls.vpc, AvailabilityZone=zone, CidrBlock=f"10.0.{i}.0/24")["Subnet"]["SubnetId"]
                       for i, zone in enumerate(cls.zones, 1)]
        gateway = cls.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        cls.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=cls.vpc)
        table = cls.ec2.create_route_table(VpcId=cls.vpc)["RouteTable"]["RouteTableId"]
        cls.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        for subnet in cls.subnets:
            cls.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        cls.balancer_port = free_port()
        cls.balancer_group = cls.ec2.create_security_group(GroupName="balancer", Description="users to the balancer", VpcId=cls.vpc)["GroupId"]
        cls.instance_group = cls.ec2.create_security_group(GroupName="instances", Description="balancer to instances", VpcId=cls.vpc)["GroupId"]
        cls.ec2.authorize_security_group_ingress(GroupId=cls.balancer_group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": cls.balancer_port, "ToPort": cls.balancer_port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
        cls.ec2.authorize_security_group_ingress(GroupId=cls.instance_group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": PORT, "ToPort": PORT, "UserIdGroupPairs": [{"GroupId": cls.balancer_group}]}])

    @classmethod
    def make_roles(cls):
        logs = allow("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
        read = allow("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret")
        policies = {
            "instance": ("ec2", [read, logs, allow("s3:GetObject", "s3:GetObjectVersion", resource="arn:aws:s3:::flow-bundles/*"),
                                 allow("ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"),
                                 allow("codedeploy-commands-secure:*")]),
            "function": ("lambda", [read, logs]),
            "helper": ("lambda", [read, logs, allow("secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
                                                    "secretsmanager:GetRandomPassword", "lambda:InvokeFunction", "codedeploy:GetDeployment",
                                                    "codedeploy:PutLifecycleEventHookExecutionStatus")]),
            "deploy": ("codedeploy", []),
        }
        cls.roles = {}
        for name, (service, statements) in policies.items():
            trust = document({"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"})
            cls.roles[name] = cls.iam.create_role(RoleName=f"flow-{name}", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
            if statements:
                cls.iam.put_role_policy(RoleName=f"flow-{name}", PolicyName="flow", PolicyDocument=document(*statements))
        for managed in ("AWSCodeDeployRole", "AWSCodeDeployRoleForLambda"):
            cls.iam.attach_role_policy(RoleName="flow-deploy", PolicyArn=f"arn:aws:iam::aws:policy/service-role/{managed}")
        cls.profile = cls.iam.create_instance_profile(InstanceProfileName="flow-instance")["InstanceProfile"]["Arn"]
        cls.iam.add_role_to_instance_profile(InstanceProfileName="flow-instance", RoleName="flow-instance")

    @classmethod
    def make_secret(cls):
        password = cls.secretsmanager.get_random_password(PasswordLength=40, ExcludePunctuation=True)["RandomPassword"]
        cls.first_secret = cls.secretsmanager.create_secret(
            Name=SECRET, SecretString=json.dumps({"username": "podinfo", "password": password}))["VersionId"]

    @classmethod
    def make_fleet(cls):
        made = cls.elbv2.create_target_group(
            Name="flow", Protocol="HTTP", Port=PORT, VpcId=cls.vpc, TargetType="instance", HealthCheckPath="/readyz",
            HealthCheckIntervalSeconds=10, HealthCheckTimeoutSeconds=5, HealthyThresholdCount=2, UnhealthyThresholdCount=2, Matcher={"HttpCode": "200"})
        cls.target_group = made["TargetGroups"][0]["TargetGroupArn"]
        cls.elbv2.modify_target_group_attributes(
            TargetGroupArn=cls.target_group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "60"}])
        made = cls.elbv2.create_load_balancer(Name="flow", Subnets=cls.subnets, SecurityGroups=[cls.balancer_group])
        cls.balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        cls.elbv2.create_listener(LoadBalancerArn=cls.balancer, Protocol="HTTP", Port=cls.balancer_port,
                                  DefaultActions=[{"Type": "forward", "TargetGroupArn": cls.target_group}])
        image = cls.ec2.describe_images(Owners=["self", "amazon"], Filters=[{"Name": "name", "Values": ["pds-*"]}])["Images"][0]["ImageId"]
        cls.ec2.create_launch_template(LaunchTemplateName="flow", LaunchTemplateData={
            "ImageId": image, "InstanceType": "t3.micro", "UserData": base64.b64encode(USER_DATA.encode()).decode(),
            "SecurityGroupIds": [cls.instance_group], "IamInstanceProfile": {"Arn": cls.profile},
            "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"}})
        cls.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName="flow-fleet", LaunchTemplate={"LaunchTemplateName": "flow", "Version": "$Latest"}, MinSize=3, MaxSize=6,
            DesiredCapacity=3, TargetGroupARNs=[cls.target_group], HealthCheckType="EC2", HealthCheckGracePeriod=600,
            VPCZoneIdentifier=",".join(cls.subnets))

    @classmethod
    def make_functions(cls):
        environment = {"Variables": {"PODINFO_SECRET_ID": SECRET, "PODINFO_LEVEL": "debug"}}   # debug: each request is logged
        for name, role, command in (("flow", "function", None), (HOOK, "helper", ["hook"]), ("flow-rotate", "helper", ["rotate"])):
            cls.functions.create_function(
                FunctionName=name, Role=cls.roles[role], PackageType="Image", Code={"ImageUri": cls.images[FIRST]}, MemorySize=256, Timeout=10,
                Publish=True, Environment=environment, **({"ImageConfig": {"Command": command}} if command else {}))
        for name in ("flow", HOOK, "flow-rotate"):
            cls.functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        cls.functions.create_alias(FunctionName="flow", Name="live", FunctionVersion="1")
        cls.functions.add_permission(FunctionName="flow", Qualifier="live", StatementId="public", Action="lambda:InvokeFunctionUrl",
                                     Principal="*", FunctionUrlAuthType="NONE")
        url = cls.functions.create_function_url_config(FunctionName="flow", Qualifier="live", AuthType="NONE")["FunctionUrl"]
        cls.function_host = urllib.parse.urlparse(url).netloc

    @classmethod
    def make_delivery(cls):
        cls.s3.create_bucket(Bucket="flow-bundles")
        for application, platform in (("flow-fleet", "Server"), ("flow-function", "Lambda")):
            cls.codedeploy.create_application(applicationName=application, computePlatform=platform)
        rollback = {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"]}
        traffic = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
        cls.codedeploy.create_deployment_group(
            applicationName="flow-fleet", deploymentGroupName="fleet", serviceRoleArn=cls.roles["deploy"], autoScalingGroups=["flow-fleet"],
            deploymentConfigName="CodeDeployDefault.HalfAtATime", deploymentStyle=traffic, autoRollbackConfiguration=rollback,
            loadBalancerInfo={"targetGroupInfoList": [{"name": "flow"}]},
            blueGreenDeploymentConfiguration={
                "greenFleetProvisioningOption": {"action": "COPY_AUTO_SCALING_GROUP"},
                "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
                "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 2}})
        cls.codedeploy.create_deployment_group(
            applicationName="flow-function", deploymentGroupName="function", serviceRoleArn=cls.roles["deploy"], deploymentStyle=traffic,
            deploymentConfigName="CodeDeployDefault.LambdaCanary10Percent5Minutes", autoRollbackConfiguration=rollback)

    def deployment(self, id):
        return self.codedeploy.get_deployment(deploymentId=id)["deploymentInfo"]

    def wait_for_success(self, id):
        info = wait_until(lambda: next((i for i in [self.deployment(id)] if i["status"] in OVER), None), 300, f"the end of {id}")
        self.assertEqual(info["status"], "Succeeded", f"{info.get('errorInformation')}\n{self.cloud.log()[-3000:]}")
        return info

    def fleet_groups(self):
        return self.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
