"""Requests that try to be read two ways, to be endless, or to be slow, from raw sockets, and the exact answer to each: by podinfo, by the
cloud's endpoint and by a balancer's listener, which are one HTTP stack and must agree."""
import re
import socket
import time
import unittest

from harness import Cloud
from podinfo_process import Podinfo

LIMIT = 30


def talk(port, *pieces, half_close=False, seconds=LIMIT):
    """Everything that comes back until the server closes, or until it is silent for too long (then the text ends in OPEN)."""
    with socket.create_connection(("127.0.0.1", port), seconds) as connection:
        connection.settimeout(seconds)
        received = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                received += chunk
        except socket.timeout:
            return received.decode("latin-1") + "OPEN"
        except (ConnectionResetError, BrokenPipeError):
            pass
        return received.decode("latin-1")


def statuses(text):
    return [int(status) for status in re.findall(r"HTTP/1\.[01] (\d{3}) ", text)]


def request(fields="", line="GET {path} HTTP/1.1", host="Host: a\r\n", body=b""):
    """With `{path}` for the server's own; CR LF is added to each line but the last."""
    return lambda path: (line.replace("{path}", path) + "\r\n" + host + fields + "\r\n").encode("latin-1") + body


def post(fields, body=b""):
    return request(fields, "POST {path} HTTP/1.1", body=body)


CHUNKED = "Transfer-Encoding: chunked\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n"

# What, the request, the answer's status. What is refused closes the connection, and nothing behind it is read.
REFUSED = [
    ("Content-Length beside Transfer-Encoding", post("Content-Length: 4\r\n" + CHUNKED, b"0\r\n\r\n"), 400),
    ("Transfer-Encoding beside Content-Length", post(CHUNKED + "Content-Length: 4\r\n", b"0\r\n\r\n"), 400),
    ("two lengths that differ", post("Content-Length: 4\r\nContent-Length: 0\r\n", b"abcd"), 400),
    ("two lengths that agree", post("Content-Length: 4\r\nContent-Length: 4\r\n", b"abcd"), 400),
    ("a list of lengths", post("Content-Length: 4, 4\r\n", b"abcd"), 400),
    ("a length with plus", post("Content-Length: +4\r\n", b"abcd"), 400),
    ("a length with minus", post("Content-Length: -4\r\n"), 400),
    ("a hexadecimal length", post("Content-Length: 0x4\r\n", b"abcd"), 400),
    ("a length with a space", post("Content-Length: 4 4\r\n", b"abcd"), 400),
    ("an empty length", post("Content-Length:\r\n"), 400),
    ("a length beyond counting", post("Content-Length: 18446744073709551617\r\n"), 400),
    ("chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"), 400),
    ("chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"), 400),
    ("xchunked", post("Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), 501),
    ("gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), 501),
    ("identity", post("Transfer-Encoding: identity\r\n"), 501),
    ("a quoted coding", post('Transfer-Encoding: "chunked"\r\n', b"0\r\n\r\n"), 400),
    ("chunked behind a vertical tab", post("Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n"), 400),
    ("chunked with a space before the colon", post("Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), 400),
    ("chunked in a folded line", post("Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"), 400),
    ("chunked in HTTP/1.0", request(CHUNKED, "POST {path} HTTP/1.0", body=b"0\r\n\r\n"), 400),
    ("a folded field", request("X: a\r\n b\r\n"), 400),
    ("a space before a colon", request("X : a\r\n"), 400),
    ("a field without a colon", request("X\r\n"), 400),
    ("a field without a name", request(": x\r\n"), 400),
    ("a bare LF behind a field", request("X: a\n"), 400),
    ("a bare LF behind the request line", lambda path: f"GET {path} HTTP/1.1\nHost: a\r\n\r\n".encode(), 400),
    ("a bare LF as the end", lambda path: f"GET {path} HTTP/1.1\r\nHost: a\r\n\n".encode(), 400),
    ("a bare CR in a value", request("X: a\rb\r\n"), 400),
    ("NUL in a value", request("X: a\0b\r\n"), 400),
    ("a control character in a value", request("X: a\x01b\r\n"), 400),
    ("no Host", request(host=""), 400),
    ("two Hosts", request("Host: b\r\n"), 400),
    ("a Host with a path", request(host="Host: a/b\r\n"), 400),
    ("an absolute target and another Host", request(line="GET http://b{path} HTTP/1.1"), 400),
    ("a fragment", request(line="GET {path}#x HTTP/1.1"), 400),
    ("a control character in the target", request(line="GET {path}\x01 HTTP/1.1"), 400),
    ("a byte beyond ASCII in the target", request(line="GET {path}\xe4 HTTP/1.1"), 400),
    ("a space in the target", request(line="GET {path} x HTTP/1.1"), 400),
    ("two spaces", request(line="GET  {path} HTTP/1.1"), 400),
    ("a tab for a space", request(line="GET\t{path} HTTP/1.1"), 400),
    ("a target without a form", request(line="GET a HTTP/1.1"), 400),
    ("a method that is no token", request(line="G(T {path} HTTP/1.1"), 400),
    ("no version", request(line="GET {path}"), 400),
    ("a version in small letters", request(line="GET {path} http/1.1"), 400),
    ("HTTP/2.0", request(line="GET {path} HTTP/2.0"), 505),
    ("HTTP/0.9", request(line="GET {path} HTTP/0.9"), 505),
    ("another expectation", post("Expect: 200-ok\r\nContent-Length: 1\r\n"), 417),
    ("a request line without end", lambda path: b"GET /" + b"a" * 100_000, 414),
    ("fields without end", request("X: " + "a" * 100_000 + "\r\n"), 431),
    ("too many fields", request("X: a\r\n" * 129), 431),
]

# Bodies that go wrong after their head was good: for servers that read them.
BAD_BODIES = [
    ("a chunk size that is none", b"zz\r\n"),
    ("a chunk size with a sign", b"+5\r\nhello\r\n0\r\n\r\n"),
    ("a chunk size with 0x", b"0x5\r\nhello\r\n0\r\n\r\n"),
    ("a chunk size behind a blank", b" 5\r\nhello\r\n0\r\n\r\n"),
    ("a chunk size before a blank", b"5 \r\nhello\r\n0\r\n\r\n"),
    ("a chunk size beyond 64 bits", b"fffffffffffffffff\r\n"),
    ("a bare LF behind a chunk size", b"5\nhello\r\n0\r\n\r\n"),
    ("a bare LF behind a chunk", b"5\r\nhello\n0\r\n\r\n"),
    ("a chunk longer than its size", b"4\r\nhello\r\n0\r\n\r\n"),
    ("an extension without end", b"5;" + b"a" * 1000),
    ("NUL in an extension", b"5;\0\r\nhello\r\n0\r\n\r\n"),
    ("many long extensions", (b"1;" + b"a" * 200 + b"\r\nx\r\n") * 100),
    ("a trailer that frames", b"0\r\nContent-Length: 5\r\n\r\n"),
    ("a trailer that routes", b"0\r\nHost: b\r\n\r\n"),
    ("a trailer with a bare LF", b"0\r\nX: a\n\r\n"),
    ("a trailer with a space before its colon", b"0\r\nX : a\r\n\r\n"),
    ("a folded trailer", b"0\r\nX: a\r\n b\r\n\r\n"),
]

# What, the request, the statuses of all answers, whether the connection stays open.
ACCEPTED = [
    ("a plain request", request(), [200], True),
    ("one empty line before it", lambda path: b"\r\n" + request()(path), [200], True),
    ("blanks around a value", request("X: \t a \t\r\n"), [200], True),
    ("bytes beyond ASCII in a value", request("X: \xe4\r\n"), [200], True),
    ("an absolute target", request(line="GET http://a{path} HTTP/1.1"), [200], True),
    ("a later minor version", request(line="GET {path} HTTP/1.7"), [200], True),
    ("a wish to close", request("Connection: close\r\n"), [200], False),
    ("HTTP/1.0", request(line="GET {path} HTTP/1.0", host=""), [200], False),
    ("HTTP/1.0 that asks to stay", request("Connection: keep-alive\r\n", "GET {path} HTTP/1.0"), [200], True),
    ("three at once", lambda path: request()(path) * 3, [200] * 3, True),
    ("two, and the second closes", lambda path: request()(path) + request("Connection: close\r\n")(path) + HIDDEN, [200] * 2, False),
]


class AbuseCases:
    """Mixed into one class per server, which says where it listens and what path answers 200."""

    port = 0
    path = "/"
    head_status = 200
    taken = {}   # of REFUSED, what this server takes all the same: the statuses of its answers

    def test_each_attempt_at_being_read_two_ways_is_refused_by_its_name(self):
        for what, make, status in REFUSED:
            with self.subTest(what=what):
                answer = talk(self.port, make(self.path) + HIDDEN, seconds=1 if what in self.taken else LIMIT)
                self.assertEqual(statuses(answer), self.taken.get(what, [status]), answer)
                if what in self.taken:
                    continue
                self.assertIn("\r\nConnection: close\r\n", answer)
                self.assertFalse(answer.endswith("OPEN"), answer)

    def test_what_is_right_is_answered(self):
        for what, make, expected, stays_open in ACCEPTED:
            with self.subTest(what=what):
                answer = talk(self.port, make(self.path), seconds=1 if stays_open else LIMIT)
                self.assertEqual(statuses(answer), expected, answer)
                self.assertEqual(answer.endswith("OPEN"), stays_open, answer)

    def test_a_head_answer_has_no_body(self):
        answer = talk(self.port, request("Connection: close\r\n", "HEAD {path} HTTP/1.1")(self.path))
        self.assertEqual(statuses(answer), [self.head_status], answer)
        self.assertTrue(answer.endswith("\r\n\r\n"), answer)

    def test_the_verdict_does_not_depend_on_the_split(self):
        for what, make, status in REFUSED[:20]:
            with self.subTest(what=what):
                text = make(self.path)
                answer = talk(self.port, *(text[i : i + 7] for i in range(0, len(text), 7)))
                self.assertEqual(statuses(answer), [status], answer)

    def test_a_thousand_connections_that_say_nothing_keep_nobody_out(self):
        silent = []
        try:
            for _ in range(1000):
                silent.append(socket.create_connection(("127.0.0.1", self.port), LIMIT))
            self.assertEqual(statuses(talk(self.port, request("Connection: close\r\n")(self.path))), [200])
        finally:
            for connection in silent:
                connection.close()


class PodinfoAbuse(AbuseCases, unittest.TestCase):
    path = "/version"
    head_status = 405   # as podinfo's
    taken = {"a byte beyond ASCII in the target": [404, 404]}   # as Go does: part of a path that is not found, and then /hidden

    @classmethod
    def setUpClass(cls):
        cls.podinfo = Podinfo()
        cls.port = cls.podinfo.port

    @classmethod
    def tearDownClass(cls):
        cls.podinfo.stop()

    def test_a_body_that_goes_wrong_ends_the_connection(self):
        for what, body in BAD_BODIES:
            with self.subTest(what=what):
                answer = talk(self.port, b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body + HIDDEN)
                self.assertEqual(statuses(answer), [200], answer)   # podinfo's error documents have this status
                self.assertIn('"code": 400', answer)
                self.assertIn("\r\nConnection: close\r\n", answer)
                self.assertFalse(answer.endswith("OPEN"), answer)

    def test_a_body_is_asked_for_only_when_it_is_read(self):
        head = b"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
        self.assertEqual(statuses(talk(self.port, head + b"abc"))[0], 100)
        unread = talk(self.port, head.replace(b"/echo", b"/version"))
        self.assertEqual(statuses(unread), [405], unread)
        old = talk(self.port, head.replace(b"HTTP/1.1", b"HTTP/1.0") + b"abc")
        self.assertNotIn(100, statuses(old))

    def test_a_head_that_trickles_is_408(self):
        with socket.create_connection(("127.0.0.1", self.port), LIMIT) as connection:
            connection.settimeout(0.5)
            received, began = b"", time.monotonic()
            while b"\r\n\r\n" not in received and time.monotonic() - began < LIMIT:
                try:
                    connection.sendall(b"a")   # a method without end, slower than any timeout between two bytes
                    received += connection.recv(65536)
                except socket.timeout:
                    pass
            self.assertEqual(statuses(received.decode()), [408], received)


class CloudAbuse(AbuseCases, unittest.TestCase):
    path = "/_pds/health"

    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud().start()
        cls.port = int(cls.cloud.url.rsplit(":", 1)[1])

    @classmethod
    def tearDownClass(cls):
        cls.cloud.stop()


class BalancerAbuse(AbuseCases, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        try:
            import boto3  # noqa: F401
        except ImportError:
            raise unittest.SkipTest("boto3 is not on this machine")
        cls.cloud = Cloud(time_scale=60).start()
        ec2, elb = cls.cloud.client("ec2"), cls.cloud.client("elbv2")
        vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{i}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
                   for i, zone in enumerate("ab")]
        group = ec2.create_security_group(GroupName="lb", Description="lb", VpcId=vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=1, ToPort=65535, CidrIp="0.0.0.0/0")
        cls.balancer = elb.create_load_balancer(Name="abused", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            cls.port = free.getsockname()[1]
        fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "fine"}}
        elb.create_listener(LoadBalancerArn=cls.balancer, Protocol="HTTP", Port=cls.port, DefaultActions=[fixed])
        elb.get_waiter("load_balancer_available").wait(Names=["abused"], WaiterConfig={"Delay": 1})

    @classmethod
    def tearDownClass(cls):
        if hasattr(cls, "cloud"):
            cls.cloud.stop()

    def test_methods_that_would_make_it_act_for_others_are_405(self):
        self.assertEqual(statuses(talk(self.port, b"TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")), [405])
        self.assertEqual(statuses(talk(self.port, b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nConnection: close\r\n\r\n")), [405])

    def test_silence_is_closed_and_a_slow_head_is_408_after_its_idle_timeout(self):
        elb = self.cloud.client("elbv2")
        elb.modify_load_balancer_attributes(LoadBalancerArn=self.balancer, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "1"}])
        self.addCleanup(elb.modify_load_balancer_attributes, LoadBalancerArn=self.balancer,
                        Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "60"}])
        self.assertEqual(talk(self.port, b""), "")
        self.assertEqual(statuses(talk(self.port, b"GET / HTTP/1.1\r\nHo")), [408])
        answered = talk(self.port, request()("/"))
        self.assertEqual(statuses(answered), [200])
        self.assertFalse(answered.endswith("OPEN"))


if __name__ == "__main__":
    unittest.main()
