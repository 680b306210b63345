"""EC2 and Auto Scaling as boto3 sees them: networks, templates, instances that boot, and groups that keep their size."""
import base64

from harness import CloudTest, wait_until

USER_DATA = """#!/bin/sh
echo "user data of $(cat /proc/sys/kernel/hostname)"
"""


class FleetTest(CloudTest):
    time_scale = 60

    def setUp(self):
        self.ec2 = self.cloud.client("ec2")
        self.autoscaling = self.cloud.client("autoscaling")
        self.image = self.ec2.describe_images(Filters=[{"Name": "name", "Values": ["pds-debian-*"]}])["Images"][0]["ImageId"]

    def test_a_network_is_made_described_and_deleted(self):
        vpc = self.ec2.create_vpc(CidrBlock="10.7.0.0/16", TagSpecifications=[
            {"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "walk"}]}])["Vpc"]
        self.assertEqual(vpc["Tags"], [{"Key": "Name", "Value": "walk"}])
        subnets = [
            self.ec2.create_subnet(VpcId=vpc["VpcId"], CidrBlock=f"10.7.{n}.0/24", AvailabilityZone=zone["ZoneName"])["Subnet"]
            for n, zone in enumerate(self.ec2.describe_availability_zones()["AvailabilityZones"])]
        self.assertEqual(len(subnets), 3)
        found = self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
        self.assertEqual({s["SubnetId"] for s in found}, {s["SubnetId"] for s in subnets})
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc["VpcId"])
        table = self.ec2.create_route_table(VpcId=vpc["VpcId"])["RouteTable"]["RouteTableId"]
        self.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        association = self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0]["SubnetId"])["AssociationId"]
        group = self.ec2.create_security_group(VpcId=vpc["VpcId"], GroupName="web", Description="web")["GroupId"]
        rules = self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])["SecurityGroupRules"]
        self.assertEqual(rules[0]["CidrIpv4"], "0.0.0.0/0")
        self.assertEqual(self.ec2.describe_security_group_rules(
            Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"].__len__(), 2)
        self.assert_error("DependencyViolation", self.ec2.delete_vpc, VpcId=vpc["VpcId"])
        self.ec2.delete_security_group(GroupId=group)
        self.ec2.disassociate_route_table(AssociationId=association)
        self.ec2.delete_route_table(RouteTableId=table)
        self.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc["VpcId"])
        self.ec2.delete_internet_gateway(InternetGatewayId=gateway)
        for subnet in subnets:
            self.ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        self.ec2.delete_vpc(VpcId=vpc["VpcId"])
        self.assert_error("InvalidVpcID.NotFound", self.ec2.describe_vpcs, VpcIds=[vpc["VpcId"]])

    def test_an_instance_boots_stops_starts_and_is_terminated(self):
        made = self.ec2.run_instances(ImageId=self.image, InstanceType="t3.micro", MinCount=1, MaxCount=1, UserData=USER_DATA)
        instance = made["Instances"][0]
        self.assertEqual(instance["State"]["Name"], "pending")
        ids = [instance["InstanceId"]]
        wait = {"Delay": 1, "MaxAttempts": 60}
        self.ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig=wait)
        self.ec2.get_waiter("instance_status_ok").wait(InstanceIds=ids, WaiterConfig=wait)

        def console():
            return self.ec2.get_console_output(InstanceId=ids[0], Latest=True)["Output"]
        wait_until(lambda: "boot finished" in console())
        hostname = "ip-" + instance["PrivateIpAddress"].replace(".", "-")
        self.assertIn("user data of " + hostname, console())
        self.ec2.stop_instances(InstanceIds=ids)
        self.ec2.get_waiter("instance_stopped").wait(InstanceIds=ids, WaiterConfig=wait)
        self.ec2.start_instances(InstanceIds=ids)
        self.ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig=wait)
        self.ec2.terminate_instances(InstanceIds=ids)
        self.ec2.get_waiter("instance_terminated").wait(InstanceIds=ids, WaiterConfig=wait)

    def test_an_instance_survives_the_cloud_being_killed(self):
        ids = [self.ec2.run_instances(ImageId=self.image, InstanceType="t3.nano", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]]
        wait = {"Delay": 1, "MaxAttempts": 60}
        self.ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig=wait)
        wait_until(lambda: "boot finished" in self.ec2.get_console_output(InstanceId=ids[0])["Output"])
        self.cloud.kill()
        self.cloud.start()
        self.setUp()   # the port may be another
        state = self.ec2.describe_instances(InstanceIds=ids)["Reservations"][0]["Instances"][0]["State"]["Name"]
        self.assertEqual(state, "running")
        self.assertEqual(self.ec2.get_console_output(InstanceId=ids[0])["Output"].count("boots as"), 1)
        self.ec2.terminate_instances(InstanceIds=ids)
        self.ec2.get_waiter("instance_terminated").wait(InstanceIds=ids, WaiterConfig=wait)

    def test_what_is_wrong_is_refused_in_aws_own_words(self):
        run = dict(ImageId=self.image, InstanceType="t3.micro", MinCount=1, MaxCount=1)
        self.assert_error("DryRunOperation", self.ec2.run_instances, **run, DryRun=True)
        self.assert_error("InvalidAMIID.NotFound", self.ec2.run_instances, **{**run, "ImageId": "ami-1234567890abcdef0"})
        self.assert_error("InvalidSubnetID.NotFound", self.ec2.run_instances, **run, SubnetId="subnet-1234567890abcdef0")
        self.assert_error("InvalidInstanceID.NotFound", self.ec2.describe_instances, InstanceIds=["i-1234567890abcdef0"])
        message = self.assert_error("NotImplemented", self.ec2.run_instances, **run, CpuOptions={"CoreCount": 2, "ThreadsPerCore": 1}, status=501)
        self.assertIn("CpuOptions", message)
        self.assert_error("NotImplemented", self.ec2.run_instances, **run, UserData="#cloud-config\n")
        self.assert_error("NotImplemented", self.ec2.create_volume, AvailabilityZone="us-east-1a", Size=1)
        self.assert_error("InvalidParameterValue", self.ec2.describe_vpcs, Filters=[{"Name": "colour", "Values": ["red"]}])

    def test_a_group_grows_is_held_by_a_hook_and_is_deleted(self):
        template = self.ec2.create_launch_template(LaunchTemplateName="group", LaunchTemplateData={
            "ImageId": self.image, "InstanceType": "t3.nano", "UserData": base64.b64encode(USER_DATA.encode()).decode()})["LaunchTemplate"]
        zones = [zone["ZoneName"] for zone in self.ec2.describe_availability_zones()["AvailabilityZones"]]
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName="group", MinSize=0, MaxSize=4, DesiredCapacity=3, AvailabilityZones=zones,
            LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"], "Version": "$Latest"},
            Tags=[{"Key": "Name", "Value": "group", "PropagateAtLaunch": True}])
        group = lambda: self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["group"])["AutoScalingGroups"][0]
        states = lambda: sorted(instance["LifecycleState"] for instance in group()["Instances"])
        wait_until(lambda: states() == ["InService"] * 3)
        self.assertEqual(len({instance["AvailabilityZone"] for instance in group()["Instances"]}), 3)
        activities = self.autoscaling.describe_scaling_activities(AutoScalingGroupName="group")["Activities"]
        self.assertEqual({activity["StatusCode"] for activity in activities}, {"Successful"})
        self.assert_error("ValidationError", self.autoscaling.set_desired_capacity, AutoScalingGroupName="group", DesiredCapacity=9)

        self.autoscaling.put_lifecycle_hook(AutoScalingGroupName="group", LifecycleHookName="ready", HeartbeatTimeout=3600,
                                            LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING")
        self.autoscaling.set_desired_capacity(AutoScalingGroupName="group", DesiredCapacity=4)
        wait_until(lambda: "Pending:Wait" in states())
        waiting = next(i["InstanceId"] for i in group()["Instances"] if i["LifecycleState"] == "Pending:Wait")
        self.autoscaling.complete_lifecycle_action(AutoScalingGroupName="group", LifecycleHookName="ready", InstanceId=waiting,
                                                   LifecycleActionResult="CONTINUE")
        wait_until(lambda: states() == ["InService"] * 4)

        self.ec2.terminate_instances(InstanceIds=[waiting])   # by hand: the group replaces it, and the hook holds the new one
        wait_until(lambda: waiting not in {i["InstanceId"] for i in group()["Instances"]} and "Pending:Wait" in states())
        self.assert_error("ResourceInUse", self.autoscaling.delete_auto_scaling_group, AutoScalingGroupName="group")
        self.autoscaling.delete_auto_scaling_group(AutoScalingGroupName="group", ForceDelete=True)
        wait_until(lambda: not self.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"])
        self.assert_error("NotImplemented", self.autoscaling.put_scaling_policy, AutoScalingGroupName="group", PolicyName="p")


del CloudTest
