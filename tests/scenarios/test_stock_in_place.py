"""CodeDeploy in place, by boto3 alone: the same instances get one revision after another, and go back when a hook of the new one fails."""
import os
import unittest

from harness import wait_until
from stock import OVER, StockTest, tar_of

EVENTS = ["ApplicationStop", "DownloadBundle", "BeforeInstall", "Install", "AfterInstall", "ApplicationStart", "ValidateService"]
HOOKS = [event for event in EVENTS if event not in ("DownloadBundle", "Install")]   # what a revision may bring scripts for
TRACE = "/var/lib/trace"

# Each hook says that it ran, of which revision it is and for which deployment.
SCRIPT = f"""#!/bin/sh
set -eu
folder=$(dirname "$0")/..
echo "$LIFECYCLE_EVENT $(cat "$folder/VERSION") $DEPLOYMENT_ID" >>{TRACE}
if [ "$LIFECYCLE_EVENT" = "$(cat "$folder/FAILS")" ]; then
  echo "this revision does not hold"
  echo "and says why on stderr" >&2
  exit 7
fi
"""


def app_spec():
    lines = ["version: 0.0", "os: linux", "files:", "  - source: VERSION", "    destination: /opt/app", "permissions:",
             "  - object: /opt/app", "    mode: 640", "    type: [file]", "hooks:"]
    for event in HOOKS:
        lines += [f"  {event}:", "    - location: scripts/hook", "      timeout: 120"]
    return "\n".join(lines) + "\n"


class InPlaceTest(StockTest):
    steps = ("network", "roles", "fleet", "in_place_group")

    @classmethod
    def make_in_place_group(cls):
        cls.s3.create_bucket(Bucket="flow-bundles")
        cls.codedeploy.create_application(applicationName="app", computePlatform="Server")
        cls.style = {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"}
        cls.codedeploy.create_deployment_group(
            applicationName="app", deploymentGroupName="in-place", serviceRoleArn=cls.roles["deploy"], autoScalingGroups=["flow-fleet"],
            deploymentConfigName="CodeDeployDefault.OneAtATime", deploymentStyle=cls.style,
            autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]})

    def revision(self, version, fails=""):
        files = {"appspec.yml": (app_spec(), 0o644), "VERSION": (version + "\n", 0o644), "FAILS": (fails + "\n", 0o644), "scripts/hook": (SCRIPT, 0o755)}
        self.s3.put_object(Bucket="flow-bundles", Key=f"{version}.tar", Body=tar_of(files))
        return {"revisionType": "S3", "s3Location": {"bucket": "flow-bundles", "key": f"{version}.tar", "bundleType": "tar"}}

    def deploy(self, revision):
        return self.codedeploy.create_deployment(applicationName="app", deploymentGroupName="in-place", revision=revision)["deploymentId"]

    def instances(self):
        return {i["InstanceId"]: i["LifecycleState"] for i in self.fleet_groups()[0]["Instances"]}

    def targets(self, id):
        ids = self.codedeploy.list_deployment_targets(deploymentId=id)["targetIds"]
        answer = self.codedeploy.batch_get_deployment_targets(deploymentId=id, targetIds=ids)["deploymentTargets"]
        return {t["instanceTarget"]["targetId"]: t["instanceTarget"] for t in answer}

    def assert_all_events(self, target):
        """All events of a deployment in place, in their order, one after the other."""
        events = target["lifecycleEvents"]
        self.assertEqual([e["lifecycleEventName"] for e in events], EVENTS)
        self.assertEqual({e["status"] for e in events}, {"Succeeded"}, events)
        self.assertEqual(target["status"], "Succeeded")
        for earlier, later in zip(events, events[1:]):
            self.assertLessEqual(earlier["startTime"], earlier["endTime"])
            self.assertLessEqual(earlier["endTime"], later["startTime"])

    def on_instance(self, instance, path):
        """A file of an instance, as it lies in the writable layer that the cloud keeps for it."""
        with open(os.path.join(self.cloud.data, "ec2", "us-east-1", instance, "layer", path.lstrip("/"))) as file:
            return file.read()

    def assert_installed(self, version, ids):
        for instance in ids:
            self.assertEqual(self.on_instance(instance, "/opt/app/VERSION"), version + "\n")

    def trace_of(self, instance, deployment):
        """(event, revision) of the scripts that ran for a deployment."""
        lines = (line.split() for line in self.on_instance(instance, TRACE).splitlines())
        return [(event, version) for event, version, id in lines if id == deployment]

    def test_revisions_come_one_after_another_to_the_same_instances(self):
        wait_until(lambda: list(self.instances().values()) == ["InService"] * 3, 120, "three instances in service")
        ids = set(self.instances())
        previous = None
        for version in ("1", "2"):
            id = self.deploy(self.revision(version))
            info = self.wait_for_success(id)
            self.assertEqual(info["deploymentStyle"], self.style)
            self.assertEqual(info["deploymentOverview"], {"Pending": 0, "InProgress": 0, "Succeeded": 3, "Failed": 0, "Skipped": 0, "Ready": 0})
            targets = self.targets(id)
            self.assertEqual(set(targets), ids)
            for target in targets.values():
                self.assert_all_events(target)
            self.assertEqual(set(self.instances()), ids, "in place: no instance came or went")
            self.assert_installed(version, ids)
            for instance in ids:
                # A first deployment has nothing to stop; later ones stop the old revision by the old revision's own script.
                stop = [("ApplicationStop", previous)] if previous else []
                self.assertEqual(self.trace_of(instance, id), stop + [(event, version) for event in HOOKS[1:]])
            # One at a time: on each instance everything had ended before it began on the next.
            spans = sorted((t["lifecycleEvents"][0]["startTime"], t["lifecycleEvents"][-1]["endTime"]) for t in targets.values())
            for (_, end), (start, _) in zip(spans, spans[1:]):
                self.assertLessEqual(end, start)
            previous = version

        for fails in ("AfterInstall", "ValidateService"):
            with self.subTest(fails=fails):
                self.goes_back_from(fails, ids)

    def goes_back_from(self, event, ids):
        version = "broken-" + event
        id = self.deploy(self.revision(version, fails=event))
        info = wait_until(lambda: next((i for i in [self.deployment(id)] if i["status"] in OVER and "rollbackInfo" in i), None), 300, f"the end of {id}")
        self.assertEqual(info["status"], "Failed")
        self.assertEqual(info["errorInformation"]["code"], "HEALTH_CONSTRAINTS")
        self.assertEqual((info["deploymentOverview"]["Failed"], info["deploymentOverview"]["Skipped"]), (1, 2), "the first was enough")
        targets = self.targets(id)
        failed = next(t for t in targets.values() if t["status"] == "Failed")
        told = {e["lifecycleEventName"]: e for e in failed["lifecycleEvents"]}
        at = EVENTS.index(event)
        self.assertEqual([told[e]["status"] for e in EVENTS], ["Succeeded"] * at + ["Failed"] + ["Skipped"] * (len(EVENTS) - at - 1))
        why = told[event]["diagnostics"]
        self.assertEqual((why["errorCode"], why["scriptName"]), ("ScriptFailed", "scripts/hook"))
        self.assertIn("exit code 7", why["message"])
        self.assertIn("[stdout]this revision does not hold", why["logTail"])
        self.assertIn("[stderr]and says why on stderr", why["logTail"])
        for target in targets.values():
            if target is not failed:
                self.assertEqual({e["status"] for e in target["lifecycleEvents"]}, {"Skipped"}, target)

        back = self.wait_for_success(info["rollbackInfo"]["rollbackDeploymentId"])
        self.assertEqual(back["creator"], "codeDeployRollback")
        self.assertEqual(back["rollbackInfo"]["rollbackTriggeringDeploymentId"], id)
        self.assertEqual(back["revision"]["s3Location"]["key"], "2.tar")
        gone_back = self.targets(back["deploymentId"])
        self.assertIn(failed["targetId"], gone_back)
        for target in gone_back.values():
            self.assert_all_events(target)
        self.assert_installed("2", ids)
        group = self.codedeploy.get_deployment_group(applicationName="app", deploymentGroupName="in-place")["deploymentGroupInfo"]
        self.assertEqual(group["targetRevision"]["s3Location"]["key"], "2.tar")
        self.assertEqual(set(self.instances()), ids)

    def test_in_place_with_traffic_control_is_refused_by_name(self):
        message = self.assert_error("NotImplemented", self.codedeploy.create_deployment_group, status=501, applicationName="app",
                                    deploymentGroupName="other", serviceRoleArn=self.roles["deploy"], autoScalingGroups=["flow-fleet"],
                                    deploymentStyle={"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"})
        self.assertIn("WITH_TRAFFIC_CONTROL", message)


if __name__ == "__main__":
    unittest.main()
