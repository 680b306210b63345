"""Answers that are made bit by bit pass through the balancer bit by bit."""
import http.client
import unittest

from probe import Probe


class LongAnswers(unittest.TestCase):
    def setUp(self):
        self.probe = Probe(balanced=True)
        self.addCleanup(self.probe.stop)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.probe.port, timeout=30)
        self.addCleanup(connection.close)
        connection.request("GET", path)
        return connection.getresponse()

    def test_the_first_event_arrives_before_the_second_is_made(self):
        events = self.get("/events")
        self.assertEqual(events.getheader("content-type"), "text/event-stream")
        self.assertEqual(events.readline() + events.readline(), b"data: 1\n\n")
        self.assertEqual(self.get("/next").status, 200)   # only now there is a second
        self.assertEqual(events.read(), b"data: 2\n\n")


if __name__ == "__main__":
    unittest.main()
