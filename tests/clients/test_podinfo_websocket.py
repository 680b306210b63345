"""podinfo's /ws/echo, frame by frame."""
import json
import os
import socket
import struct
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import exposition
from harness import wait_until
from podinfo_case import PodinfoTest
from podinfo_process import LIMIT, Podinfo


class WebSocket(PodinfoTest):
    def open(self, **changes):
        fields = {"Host": f"127.0.0.1:{self.podinfo.port}", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        fields.update({name.replace("_", "-"): value for name, value in changes.items() if name != "method"})
        lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
        connection = socket.create_connection(("127.0.0.1", self.podinfo.port), LIMIT)
        self.addCleanup(connection.close)
        connection.sendall("\r\n".join([f"{changes.get('method', 'GET')} /ws/echo HTTP/1.1", *lines, "", ""]).encode())
        reader = connection.makefile("rb")
        self.addCleanup(reader.close)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = reader.read(1)
            self.assertTrue(byte, head)
            head += byte
        return connection, reader, head.decode()

    def send(self, connection, opcode, payload, final=True, mask=True):
        length = struct.pack("!B", len(payload)) if len(payload) < 126 else \
            struct.pack("!BH", 126, len(payload)) if len(payload) < 65536 else struct.pack("!BQ", 127, len(payload))
        length = bytes([length[0] | (0x80 if mask else 0)]) + length[1:]
        connection.sendall(bytes([(0x80 if final else 0) | opcode]) + length + (b"\0\0\0\0" if mask else b"") + payload)

    def receive(self, reader):
        """Opcode and payload of the next frame that is not about the server."""
        while True:
            first, second = reader.read(2)
            length = second & 0x7f
            if length == 126:
                length, = struct.unpack("!H", reader.read(2))
            elif length == 127:
                length, = struct.unpack("!Q", reader.read(8))
            payload = reader.read(length)
            if not (first & 15 == 1 and b'"server":' in payload and b'"msg":' not in payload):
                return first & 15, payload

    def test_the_handshake_is_accepted_or_refused_by_name(self):
        for changes, status in (({}, 101), ({"Origin": f"http://127.0.0.1:{self.podinfo.port}"}, 101), ({"Origin": "http://evil.com"}, 403),
                                ({"Connection": "close"}, 400), ({"Upgrade": "x"}, 400), ({"method": "POST"}, 405),
                                ({"Sec_WebSocket_Version": "8"}, 400), ({"Sec_WebSocket_Key": "x"}, 400)):
            with self.subTest(changes=changes):
                _, _, head = self.open(**changes)
                self.assertTrue(head.startswith(f"HTTP/1.1 {status} "), head)
                if status == 101:
                    self.assertIn("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", head)
                else:
                    self.assertIn("Sec-Websocket-Version: 13\r\n", head)
                    self.assertIn("Content-Type: text/plain; charset=utf-8\r\n", head)

    def test_who_closes_without_a_code_is_answered_without_one(self):
        for sent in (b"", b"\x03\xe8"):
            connection, reader, _ = self.open()
            self.send(connection, 8, sent)
            self.assertEqual((self.receive(reader), reader.read()), ((8, sent), b""))

    def test_who_goes_while_an_answer_is_on_its_way_is_said(self):
        connection, _, _ = self.open(X_Correlation_ID="gone")
        connection.settimeout(1)
        with self.assertRaises(OSError):   # nothing is read any more once nobody takes the answers
            while True:
                self.send(connection, 2, b"x" * 60000)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
        line = json.loads(self.podinfo.wait_for_line("websocket write error"))
        self.assertEqual((line["level"], line["correlation_id"]), ("warn", "gone"))

    def test_each_message_comes_back_as_text_with_its_time(self):
        connection, reader, _ = self.open()
        for opcode, message, text in ((1, b"hi", "hi"), (2, b"<\xff>", "<\ufffd>"), (1, b"\xff", "\ufffd"), (1, b"", ""),
                                      (2, b"x" * (1 << 20), "x" * (1 << 20))):
            self.send(connection, opcode, message)
            kind, payload = self.receive(reader)
            self.assertEqual((kind, payload[-2:]), (1, b"}\n"))
            said = json.loads(payload)
            self.assertEqual((list(said), said["msg"]), (["ts", "msg"], text))
            self.assertRegex(said["ts"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        self.assertIn(b'"msg":"\\u003c', self.echo(connection, reader, 1, b"<"))

    def echo(self, connection, reader, opcode, message):
        self.send(connection, opcode, message)
        return self.receive(reader)[1]

    def test_fragments_pings_and_closes(self):
        connection, reader, _ = self.open()
        self.send(connection, 1, b"in ", final=False)
        self.send(connection, 9, b"there?")
        self.send(connection, 0, b"parts")
        self.assertEqual(self.receive(reader), (10, b"there?"))
        self.assertEqual(json.loads(self.receive(reader)[1])["msg"], "in parts")
        self.send(connection, 8, struct.pack("!H", 4000) + b"done")
        kind, payload = self.receive(reader)
        self.assertEqual((kind, payload[:2]), (8, struct.pack("!H", 4000)))

    def test_what_breaks_the_protocol_or_is_too_big_is_closed_with_its_code(self):
        for what, send, code in (("unmasked", lambda c: self.send(c, 1, b"x" * 8, mask=False), 1002),
                                 ("an unknown opcode", lambda c: self.send(c, 3, b"x"), 1002),
                                 ("a continuation of nothing", lambda c: self.send(c, 0, b"x"), 1002),
                                 ("a long ping", lambda c: self.send(c, 9, b"x" * 126), 1002),
                                 ("one byte too many", lambda c: self.send(c, 2, b"x" * ((1 << 20) + 1)), 1009)):
            with self.subTest(what=what):
                connection, reader, _ = self.open()
                send(connection)
                kind, payload = self.receive(reader)
                self.assertEqual((kind, struct.unpack("!H", payload[:2])[0]), (8, code))

    def test_the_server_says_who_it_is_between_messages(self):
        _, reader, _ = self.open()
        first, length = reader.read(2)
        said = json.loads(reader.read(length))
        self.assertEqual((first & 15, list(said)), (1, ["ts", "server"]))
        self.assertEqual(said["server"], json.loads(self.ask("GET", "/api/info").text)["hostname"])

    def test_a_conversation_is_counted_when_it_has_ended(self):
        def counted():
            families = exposition.read(self.ask("GET", "/metrics").text)
            return exposition.value_of(families, "http_request_duration_seconds_count", path="ws_echo", status="200")

        with Podinfo() as podinfo:
            kept, type(self).podinfo = self.podinfo, podinfo
            self.addCleanup(setattr, type(self), "podinfo", kept)
            connection, reader, _ = self.open()
            self.assertIsNone(counted())
            self.send(connection, 8, struct.pack("!H", 1000))
            self.receive(reader)
            connection.close()
            wait_until(lambda: counted() == 1, what="the count")

    def test_an_open_conversation_does_not_hold_up_the_end(self):
        with Podinfo("--level=debug", "--server-shutdown-timeout=1h") as podinfo:
            kept, type(self).podinfo = self.podinfo, podinfo
            self.addCleanup(setattr, type(self), "podinfo", kept)
            self.open()
            podinfo.signal()
            self.assertEqual(podinfo.wait(), 0)


if __name__ == "__main__":
    unittest.main()
