"""Our WebSocket against a client that is not ours (python3-websockets), without the balancer and through it."""
import asyncio
import sys
import unittest

from probe import Probe

try:
    import websockets
except ImportError:
    # Debian's package belongs to Debian's interpreter; it is pure Python, so another one can use it.
    sys.path.append("/usr/lib/python3/dist-packages")
    try:
        import websockets
    except ImportError:
        websockets = None


@unittest.skipIf(websockets is None, "python3-websockets is not on this machine")
class WebSocketTest(unittest.TestCase):
    balanced = False

    @classmethod
    def setUpClass(cls):
        cls.probe = Probe(cls.balanced)
        cls.url = f"ws://127.0.0.1:{cls.probe.port}/ws"

    @classmethod
    def tearDownClass(cls):
        cls.probe.stop()

    def talk(self, conversation, **options):
        async def run():
            async with websockets.connect(self.url, open_timeout=20, close_timeout=20, **options) as socket:
                return await asyncio.wait_for(conversation(socket), 60)

        return asyncio.run(run())

    def test_messages_of_every_size_come_back(self):
        async def conversation(socket):
            for message in ("", "a", "ä€𝄞", "x" * 125, "x" * 126, "x" * 65535, "x" * 65536, b"", b"\x00\xff" * 1000, b"b" * 500_000):
                await socket.send(message)
                self.assertEqual(await socket.recv(), message)

        self.talk(conversation, max_size=None)

    def test_offered_extensions_are_declined(self):
        async def conversation(socket):
            self.assertEqual(socket.extensions, [])
            await socket.send("plain")
            return await socket.recv()

        self.assertEqual(self.talk(conversation, compression="deflate"), "plain")

    def test_messages_in_parts_pings_and_many_at_once(self):
        async def conversation(socket):
            await socket.send(["in ", "three ", "parts"])
            self.assertEqual(await socket.recv(), "in three parts")
            await (await socket.ping(b"there?"))
            await asyncio.gather(*(socket.send(str(i)) for i in range(100)))
            self.assertEqual({await socket.recv() for _ in range(100)}, {str(i) for i in range(100)})

        self.talk(conversation)

    def test_a_close_comes_back_with_its_code(self):
        async def conversation(socket):
            await socket.close(4000, "done")
            return socket.close_code

        self.assertEqual(self.talk(conversation), 4000)

    def test_a_message_that_is_too_big_is_told_1009(self):
        async def conversation(socket):
            await socket.send(b"x" * (2 << 20))
            with self.assertRaises(websockets.ConnectionClosedError) as closed:
                await socket.recv()
            return closed.exception.rcvd.code

        self.assertEqual(self.talk(conversation), 1009)

    def test_what_is_no_handshake_is_refused(self):
        import http.client

        place = self.url.split("/")[2]
        for headers, status in (({}, 426),
                                ({"Upgrade": "websocket", "Connection": "upgrade", "Sec-WebSocket-Version": "8"}, 426),
                                ({"Upgrade": "websocket", "Connection": "upgrade", "Sec-WebSocket-Version": "13"}, 400),
                                ({"Upgrade": "websocket", "Connection": "upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "abc"}, 400)):
            with self.subTest(headers=headers):
                connection = http.client.HTTPConnection(place, timeout=20)
                connection.request("GET", "/ws", headers=headers)
                self.assertEqual(connection.getresponse().status, status)
                connection.close()


class BalancedWebSocketTest(WebSocketTest):
    balanced = True


if __name__ == "__main__":
    unittest.main()
