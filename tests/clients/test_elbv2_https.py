"""HTTPS listeners: made by the stock SDK with certificates in ACM, and used by stock TLS clients."""
import http.client
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

from certificates import Authority
from harness import CloudTest


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class HttpsTest(CloudTest):
    time_scale = 60

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ec2 = cls.cloud.client("ec2")
        cls.vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        cls.subnets = [
            ec2.create_subnet(VpcId=cls.vpc, CidrBlock=f"10.20.{i}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
            for i, zone in enumerate("ab")
        ]
        cls.group = ec2.create_security_group(GroupName="lb", Description="lb", VpcId=cls.vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=cls.group, IpProtocol="tcp", FromPort=1, ToPort=65535, CidrIp="0.0.0.0/0")
        cls.folder = tempfile.mkdtemp(prefix="pds-https-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.authority = Authority(cls.folder)

    def setUp(self):
        self.elb, self.acm = self.cloud.client("elbv2"), self.cloud.client("acm")
        name = re.sub("[^a-z]", "-", self._testMethodName.removeprefix("test_"))[:30].strip("-")
        balancer = self.elb.create_load_balancer(Name=name, Subnets=self.subnets, SecurityGroups=[self.group])["LoadBalancers"][0]
        self.balancer = balancer["LoadBalancerArn"]
        self.addCleanup(self.elb.delete_load_balancer, LoadBalancerArn=self.balancer)

    def listen(self, certificate, **kwargs):
        """An HTTPS listener that answers 200."""
        self.port = free_port()
        action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "secret"}}
        made = self.elb.create_listener(LoadBalancerArn=self.balancer, Protocol="HTTPS", Port=self.port, DefaultActions=[action],
                                        Certificates=[{"CertificateArn": certificate}], **kwargs)
        return made["Listeners"][0]

    def context(self):
        return ssl.create_default_context(cafile=self.authority.file)

    def connect(self, name):
        """A connection over TLS for this name; raises when the certificate is not for it."""
        return self.context().wrap_socket(socket.create_connection(("127.0.0.1", self.port), 20), server_hostname=name)

    def get(self, name):
        connection = http.client.HTTPConnection(name)
        connection.sock = self.connect(name)
        connection.request("GET", "/")
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    def serial(self, name):
        return int(self.connect(name).getpeercert()["serialNumber"], 16)

    def test_a_listener_serves_over_tls_with_its_policy(self):
        arn = self.acm.import_certificate(**self.authority.as_import("web.example"))["CertificateArn"]
        listener = self.listen(arn, SslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-2021-06")
        self.assertEqual((listener["Protocol"], listener["SslPolicy"]), ("HTTPS", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"))
        self.assertEqual(listener["Certificates"], [{"CertificateArn": arn}])
        self.assertEqual(self.get("web.example"), (200, "secret"))
        self.assertEqual(self.connect("web.example").version(), "TLSv1.3")
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.connect("other.example")
        self.assertEqual(self.acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"], [self.balancer])
        self.assert_error("ResourceInUseException", self.acm.delete_certificate, CertificateArn=arn)
        policies = self.elb.describe_ssl_policies(Names=["ELBSecurityPolicy-TLS13-1-2-Res-2021-06"])["SslPolicies"]
        self.assertEqual(policies[0]["SslProtocols"], ["TLSv1.3", "TLSv1.2"])
        self.assertEqual(policies[0]["Ciphers"][0], {"Name": "TLS_AES_128_GCM_SHA256", "Priority": 1})
        self.assert_error("NotImplemented", self.elb.modify_listener, ListenerArn=listener["ListenerArn"], SslPolicy="ELBSecurityPolicy-2016-08",
                          status=501)

    def test_further_certificates_are_chosen_by_name(self):
        first = self.acm.import_certificate(**self.authority.as_import("first.example"))["CertificateArn"]
        second = self.acm.import_certificate(**self.authority.as_import("*.second.example"))["CertificateArn"]
        listener = self.listen(first)["ListenerArn"]
        self.elb.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": second}])
        self.assertEqual(self.get("a.second.example"), (200, "secret"))
        self.assertEqual(self.get("first.example"), (200, "secret"))
        shown = self.elb.describe_listener_certificates(ListenerArn=listener)["Certificates"]
        self.assertEqual({c["CertificateArn"]: c["IsDefault"] for c in shown}, {first: True, second: False})
        self.elb.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": second}])
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.connect("a.second.example")

    def test_a_certificate_is_replaced_under_traffic_without_a_failed_request(self):
        arn = self.acm.import_certificate(**self.authority.as_import("live.example"))["CertificateArn"]
        self.listen(arn)
        before, stop, failures, answered = self.serial("live.example"), threading.Event(), [], [0]

        def load():
            while not stop.is_set():
                try:
                    if self.get("live.example") != (200, "secret"):
                        failures.append("another answer")
                    answered[0] += 1
                except (OSError, http.client.HTTPException) as error:
                    failures.append(repr(error))

        clients = [threading.Thread(target=load) for _ in range(3)]
        for client in clients:
            client.start()
        kept = http.client.HTTPConnection("live.example")
        kept.sock = self.connect("live.example")
        serials = {before}
        try:
            for _ in range(5):
                self.acm.import_certificate(CertificateArn=arn, **self.authority.as_import("live.example"))
                serials.add(self.serial("live.example"))
                kept.request("GET", "/")   # a connection of before goes on
                self.assertEqual(kept.getresponse().read(), b"secret")
        finally:
            stop.set()
            for client in clients:
                client.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(serials), 6)
        self.assertGreater(answered[0], 0)

    def test_openssl_s_client_resumes_a_session(self):
        arn = self.acm.import_certificate(**self.authority.as_import("resumed.example"))["CertificateArn"]
        self.listen(arn)
        session = f"{self.folder}/session"

        def s_client(*arguments):
            request = "GET / HTTP/1.1\r\nHost: resumed.example\r\nConnection: close\r\n\r\n"
            command = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-servername", "resumed.example", "-CAfile",
                       self.authority.file, "-verify_return_error", "-ign_eof", *arguments]
            return subprocess.run(command, input=request, capture_output=True, text=True, timeout=30).stdout

        for version in ("-tls1_2", "-tls1_3"):
            fresh = s_client(version, "-sess_out", session)
            self.assertIn("New, TLSv1", fresh)
            self.assertIn("secret", fresh)
            self.assertIn("Verify return code: 0 (ok)", fresh)
            self.assertIn("Reused, TLSv1", s_client(version, "-sess_in", session))
        self.assertNotIn("Cipher is TLS_", s_client("-tls1_1"))

    def test_plain_http_on_a_tls_port_is_told_so(self):
        self.listen(self.acm.import_certificate(**self.authority.as_import("plain.example"))["CertificateArn"])
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", "/")
        answer = connection.getresponse()
        self.assertEqual((answer.status, b"HTTPS server" in answer.read()), (400, True))

    @unittest.skipUnless(shutil.which("curl"), "curl is not on this machine")
    def test_curl_gets_what_it_asks_for(self):
        self.listen(self.acm.import_certificate(**self.authority.as_import("curl.example"))["CertificateArn"])
        command = ["curl", "-sS", "--cacert", self.authority.file, "--resolve", f"curl.example:{self.port}:127.0.0.1",
                   f"https://curl.example:{self.port}/", f"https://curl.example:{self.port}/"]
        done = subprocess.run([*command, "-w", "%{http_code} %{ssl_verify_result} %{num_connects}\n"], capture_output=True, text=True, timeout=30)
        self.assertEqual((done.stdout, done.stderr), ("secret200 0 1\nsecret200 0 0\n", ""))
        refused = subprocess.run(["curl", "-sS", f"https://127.0.0.1:{self.port}/"], capture_output=True, text=True, timeout=30)
        self.assertNotEqual(refused.returncode, 0)
