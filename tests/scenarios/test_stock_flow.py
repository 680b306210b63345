"""The whole life of podinfo by stock clients alone: boto3, the AWS CLI and skopeo make what `pds up`, `push` and `deploy` would make.

Only the images come from `pds build` and `pds sign`, as an OCI layout on disk. Everything else is what any user of AWS would write.
"""
import base64
import collections
import datetime
import http.client
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
import unittest
import urllib.parse
import uuid

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


def bundle(image, public_key):
    """The revision that a fleet installs, as a tar of its AppSpec, scripts, image reference and trusted key."""
    out = io.BytesIO()
    files = {"appspec.yml": (APP_SPEC, 0o644), "image": (image + "\n", 0o644), "trusted.pub": (public_key, 0o644),
             "scripts/start": (START, 0o755), "scripts/stop": (STOP, 0o755), "scripts/validate": (VALIDATE, 0o755)}
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, (content, mode) in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content.encode()))
    return out.getvalue()


def ask(netloc, path, host=None, headers=None):
    """Every name here is this machine: the address is dialled, the name goes into the Host header."""
    connection = http.client.HTTPConnection(netloc, timeout=20)
    try:
        connection.request("GET", path, headers={**({"Host": host} if host else {}), **(headers or {})})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
    finally:
        connection.close()


class Load:
    """One request after another to one endpoint until told to stop; no request is tried twice."""

    def __init__(self, netloc, host=None):
        self.netloc, self.host = netloc, host
        self.sent, self.failures, self.versions = 0, [], collections.Counter()
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.done.wait(0.03):
            self.sent += 1
            try:
                status, headers, body = ask(self.netloc, "/api/data", self.host)
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(repr(error))
                continue
            if status != 200:
                self.failures.append(f"{status} {body[:200]!r}")
            self.versions[headers.get("x-podinfo-version")] += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()


class StockFlowTest(CloudTest):
    time_scale = 60   # a minute of the control plane's clock is a second of ours

    @classmethod
    def setUpClass(cls):
        for program in ("aws", "skopeo"):
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
        for step in (cls.make_images, cls.make_network, cls.make_roles, cls.make_secret, cls.make_fleet, cls.make_functions, cls.make_delivery):
            step()

    @classmethod
    def aws(cls, *arguments):
        done = subprocess.run(["aws", *arguments, "--output", "json"], capture_output=True, text=True, env=cls.cloud.shell_env(), timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"aws {' '.join(arguments)} gave {done.returncode}\n{done.stderr}")
        return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout

    # ------------------------------------------------------------ what `pds up` and `pds push` would make

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

    # ------------------------------------------------------------ what `pds deploy` would do

    def put_bundle(self, version):
        """By the CLI; the revision as CodeDeploy wants it named."""
        path = os.path.join(self.folder, f"{version}.tar")
        with open(path, "wb") as file:
            file.write(bundle(self.images[version], self.public_key))
        self.aws("s3", "cp", path, f"s3://flow-bundles/{version}.tar", "--only-show-errors")
        return {"revisionType": "S3", "s3Location": {"bucket": "flow-bundles", "key": f"{version}.tar", "bundleType": "tar"}}

    def deployment(self, id):
        return self.codedeploy.get_deployment(deploymentId=id)["deploymentInfo"]

    def wait_for_success(self, id):
        info = wait_until(lambda: next((i for i in [self.deployment(id)] if i["status"] in OVER), None), 120, f"the end of {id}")
        self.assertEqual(info["status"], "Succeeded", f"{info.get('errorInformation')}\n{self.cloud.log()[-3000:]}")
        return info

    def fleet_groups(self):
        return self.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]

    def weights(self):
        return self.functions.get_alias(FunctionName="flow", Name="live").get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def deploy_function(self, current, target):
        content = json.dumps({
            "version": 0.0,
            "Resources": [{"function": {"Type": "AWS::Lambda::Function", "Properties": {
                "Name": "flow", "Alias": "live", "CurrentVersion": current, "TargetVersion": target}}}],
            "Hooks": [{"BeforeAllowTraffic": HOOK}]})
        return self.codedeploy.create_deployment(applicationName="flow-function", deploymentGroupName="function", revision={
            "revisionType": "AppSpecContent", "appSpecContent": {"content": content}})["deploymentId"]

    def balancer_netloc(self):
        return f"127.0.0.1:{self.balancer_port}"

    def test_1_the_fleet_is_one_instance_per_zone_and_takes_its_first_release(self):
        def in_service():
            instances = self.fleet_groups()[0]["Instances"]
            return len(instances) == 3 and all(i["LifecycleState"] == "InService" for i in instances) and instances

        self.assertEqual({i["AvailabilityZone"] for i in wait_until(in_service, what="three instances in service")}, set(self.zones))
        revision = self.put_bundle(FIRST)
        id = self.codedeploy.create_deployment(applicationName="flow-fleet", deploymentGroupName="fleet", revision=revision)["deploymentId"]
        self.wait_for_success(id)

        def healthy():
            health = self.elbv2.describe_target_health(TargetGroupArn=self.target_group)["TargetHealthDescriptions"]
            return [h["TargetHealth"]["State"] for h in health] == ["healthy"] * 3

        wait_until(healthy, what="three healthy targets")
        status, headers, _ = ask(self.balancer_netloc(), "/version")
        self.assertEqual((status, headers["x-podinfo-version"]), (200, FIRST))
        status, headers, _ = ask(self.netloc, "/version", self.function_host)
        self.assertEqual((status, headers["x-podinfo-version"]), (200, FIRST))

    def test_2_a_release_to_both_targets_loses_no_request(self):
        revision = self.put_bundle(SECOND)
        self.functions.update_function_code(FunctionName="flow", ImageUri=self.images[SECOND])
        self.functions.get_waiter("function_updated_v2").wait(FunctionName="flow", WaiterConfig={"Delay": 1})
        version = self.functions.publish_version(FunctionName="flow")["Version"]
        before = {g["AutoScalingGroupName"] for g in self.fleet_groups()}
        with Load(self.balancer_netloc()) as fleet, Load(self.netloc, self.function_host) as function:
            fleet_id = self.aws("deploy", "create-deployment", "--application-name", "flow-fleet", "--deployment-group-name", "fleet",
                                "--revision", json.dumps(revision))["deploymentId"]
            self.assert_error("DeploymentLimitExceededException", self.codedeploy.create_deployment,
                              applicationName="flow-fleet", deploymentGroupName="fleet", revision=revision)
            function_id = self.deploy_function("1", version)
            self.assertEqual(wait_until(self.weights, what="the canary's weight"), {version: 0.1})
            self.wait_for_success(function_id)
            self.assertEqual(self.weights(), {})
            self.wait_for_success(fleet_id)
            # Sees both sides of the change, and the new one alone at its end.
            seen = fleet.versions[SECOND], function.versions[SECOND]
            wait_until(lambda: fleet.versions[SECOND] > seen[0] + 10 and function.versions[SECOND] > seen[1] + 10, what="answers after the release")
        for load in (fleet, function):
            self.assertEqual(load.failures, [], f"{len(load.failures)} of {load.sent} failed")
            self.assertEqual(set(load.versions), {FIRST, SECOND})
        self.assertEqual(self.functions.get_alias(FunctionName="flow", Name="live")["FunctionVersion"], version)
        groups = wait_until(lambda: [g for g in self.fleet_groups() if g["AutoScalingGroupName"] not in before] == self.fleet_groups()
                            and self.fleet_groups(), what="the end of the old group")
        self.assertEqual([g["AutoScalingGroupName"] for g in groups], [f"CodeDeploy_fleet_{fleet_id}"])
        self.assertEqual({i["AvailabilityZone"] for i in groups[0]["Instances"]}, set(self.zones))

    def test_3_the_secret_is_rotated_by_its_function_and_both_targets_notice(self):
        self.functions.add_permission(FunctionName="flow-rotate", StatementId="secretsmanager", Action="lambda:InvokeFunction",
                                      Principal="secretsmanager.amazonaws.com")
        arn = self.functions.get_function_configuration(FunctionName="flow-rotate")["FunctionArn"]
        new = self.secretsmanager.rotate_secret(SecretId=SECRET, RotationLambdaARN=arn, RotationRules={"AutomaticallyAfterDays": 30})["VersionId"]
        self.assertNotEqual(new, self.first_secret)

        def stages():
            return self.secretsmanager.describe_secret(SecretId=SECRET)["VersionIdsToStages"]

        wait_until(lambda: "AWSCURRENT" in stages().get(new, []), what="the four steps of the rotation")
        self.assertEqual(stages()[self.first_secret], ["AWSPREVIOUS"])
        value = json.loads(self.secretsmanager.get_secret_value(SecretId=SECRET)["SecretString"])
        previous = json.loads(self.secretsmanager.get_secret_value(SecretId=SECRET, VersionStage="AWSPREVIOUS")["SecretString"])
        self.assertEqual(value["username"], "podinfo")
        self.assertNotEqual(value["password"], previous["password"])
        for netloc, host in ((self.balancer_netloc(), None), (self.netloc, self.function_host)):
            # Each polls every 15 seconds of real time, and needs no restart.
            wait_until(lambda: new.encode() in ask(netloc, "/api/secret", host)[2], what=f"version {new} at {host or netloc}")

    def test_4_logs_tell_what_happened(self):
        correlation = "stock-flow-" + uuid.uuid4().hex
        self.assertEqual(ask(self.netloc, "/api/data", self.function_host, {"X-Correlation-ID": correlation})[0], 200)
        found = wait_until(lambda: self.logs.filter_log_events(logGroupName="/aws/lambda/flow", filterPattern=f'"{correlation}"')["events"],
                           what="the request in the function's log")
        self.assertIn(correlation, found[0]["message"])
        rotated = self.logs.filter_log_events(logGroupName="/aws/lambda/flow-rotate", filterPattern='"rotation step done"')["events"]
        steps = [json.loads(event["message"])["step"] for event in rotated]
        self.assertEqual(steps, ["createSecret", "setSecret", "testSecret", "finishSecret"])

    def test_5_metrics_count_the_requests_of_both_targets(self):
        for netloc, host in ((self.balancer_netloc(), None), (self.netloc, self.function_host)):
            self.assertEqual(ask(netloc, "/api/data", host)[0], 200)

        def query(id, namespace, name, dimension, value):
            return {"Id": id, "MetricStat": {"Stat": "Sum", "Period": 60, "Metric": {
                "Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": dimension, "Value": value}]}}}

        queries = [query("balancer", "AWS/ApplicationELB", "RequestCount", "LoadBalancer", self.balancer.split("loadbalancer/")[1]),
                   query("url", "AWS/Lambda", "UrlRequestCount", "FunctionName", "flow"),
                   query("invocations", "AWS/Lambda", "Invocations", "FunctionName", "flow")]
        began = self.codedeploy.get_application(applicationName="flow-fleet")["application"]["createTime"] - datetime.timedelta(hours=1)
        missing = []

        def all_counted():
            answer = self.cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=began, EndTime=began + datetime.timedelta(hours=23))
            missing[:] = [result["Id"] for result in answer["MetricDataResults"] if sum(result["Values"]) == 0]
            return len(answer["MetricDataResults"]) == len(queries) and not missing

        try:
            wait_until(all_counted, 20, what="requests in GetMetricData")
        except AssertionError as late:
            self.fail(f"{late}: nothing in {missing}")

    def test_6_what_cannot_be_is_refused_with_the_codes_of_aws(self):
        group = self.fleet_groups()[0]["AutoScalingGroupName"]
        self.assert_error("ResourceInUse", self.autoscaling.delete_auto_scaling_group, AutoScalingGroupName=group)
        self.assert_error("ResourceNotFoundException", self.functions.update_alias, FunctionName="flow", Name="live",
                          RoutingConfig={"AdditionalVersionWeights": {"99": 0.1}})
        self.assert_error("LoadBalancerNotFound", self.elbv2.describe_load_balancers, Names=["none"])
        self.assert_error("ResourceInUse", self.elbv2.delete_target_group, TargetGroupArn=self.target_group)
        self.assert_error("ApplicationDoesNotExistException", self.codedeploy.get_application, applicationName="none")
        self.assert_error("DeploymentGroupDoesNotExistException", self.codedeploy.create_deployment, applicationName="flow-fleet",
                          deploymentGroupName="none")
        self.assert_error("RepositoryNotEmptyException", self.ecr.delete_repository, repositoryName="flow/podinfo")
        self.assert_error("DependencyViolation", self.ec2.delete_vpc, VpcId=self.vpc)
        self.assert_error("DeleteConflict", self.iam.delete_role, RoleName="flow-instance")

    def test_7_nobody_gets_in_with_wrong_keys(self):
        wrong = {"aws_secret_access_key": "x" * 40}
        unknown = {"aws_access_key_id": "AKIA" + "X" * 16}
        calls = (("sts", "get_caller_identity", {}, "SignatureDoesNotMatch", "InvalidClientTokenId"),
                 ("autoscaling", "describe_auto_scaling_groups", {}, "SignatureDoesNotMatch", "InvalidClientTokenId"),
                 ("codedeploy", "list_applications", {}, "InvalidSignatureException", "UnrecognizedClientException"),
                 ("lambda", "list_functions", {}, "InvalidSignatureException", "UnrecognizedClientException"),
                 ("ec2", "describe_vpcs", {}, "AuthFailure", "AuthFailure"),
                 ("s3", "list_buckets", {}, "SignatureDoesNotMatch", "InvalidAccessKeyId"))
        for service, operation, arguments, bad_signature, bad_key in calls:
            with self.subTest(service=service):
                self.assert_error(bad_signature, getattr(self.cloud.client(service, **wrong), operation), **arguments)
                self.assert_error(bad_key, getattr(self.cloud.client(service, **unknown), operation), **arguments)

    def test_8_an_operation_that_is_not_here_is_501_and_named(self):
        message = self.assert_error("NotImplemented", self.ec2.describe_nat_gateways, status=501)
        self.assertIn("DescribeNatGateways", message)
        status, body = self.send_signed("ecr", {"X-Amz-Target": "AmazonEC2ContainerRegistry_V20150921.StartImageScan"}, b"{}")
        self.assertEqual(status, 501, body)
        self.assertIn(b"NotImplemented", body)
        self.assertIn(b"StartImageScan", body)

    def send_signed(self, service, headers, body):
        """One request as no client would send it, but signed by a client's own signer."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        request = AWSRequest("POST", self.cloud.url + "/", {**headers, "Content-Type": "application/x-amz-json-1.1"}, body)
        SigV4Auth(Credentials(self.cloud.env["AWS_ACCESS_KEY_ID"], self.cloud.env["AWS_SECRET_ACCESS_KEY"]), service,
                  self.cloud.env["AWS_REGION"]).add_auth(request)
        connection = http.client.HTTPConnection(self.netloc, timeout=20)
        connection.request("POST", "/", body, dict(request.headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content


del CloudTest
