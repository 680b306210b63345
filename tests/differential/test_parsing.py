"""Generated requests read by our server, nginx and HAProxy: accepted by all or refused by all, and read as the same method, target and size of
body. Where that is not so, `differences.py` says why."""
import collections
import os
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from differences import explained, same_reading
from generate import requests
from peers import Peers, verdict

SEED = 20261127
COUNT = int(os.environ.get("PDS_DIFFERENTIAL_REQUESTS", "600"))


class ParsingTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.peers = Peers()
        generated = requests(SEED, COUNT)
        with ThreadPoolExecutor(24) as pool:
            cls.read = list(pool.map(lambda r: (r[0], r[1], {name: verdict(port, r[1]) for name, port in cls.peers.ports.items()}), generated))

    @classmethod
    def tearDownClass(cls):
        cls.peers.stop()

    def compare(self, peer):
        if peer in self.peers.missing:
            self.skipTest(f"{peer} is not on this machine")
        unexplained = collections.Counter()
        agreed = collections.Counter()
        for wrong, request, verdicts in self.read:
            ours, theirs = verdicts["ours"], verdicts[peer]
            if ours[0] != theirs[0]:
                if not explained(peer, request, wrong, ours, theirs):
                    unexplained[f"{wrong or request}: ours {ours}, {peer} {theirs}"] += 1
            elif ours[0] == "accepted" and not same_reading(ours, theirs):
                unexplained[f"{wrong or request}: ours {ours}, {peer} {theirs}"] += 1
            else:
                agreed[ours[0]] += 1
        self.assertEqual(dict(unexplained), {})
        # A comparison in which nothing was accepted, or nothing refused, would show nothing.
        self.assertGreater(agreed["accepted"], COUNT / 10)
        self.assertGreater(agreed["refused"], COUNT / 10)

    def test_nginx(self):
        self.compare("nginx")

    def test_haproxy(self):
        self.compare("haproxy")

    def test_good_requests_are_accepted(self):
        for wrong, request, verdicts in self.read:
            if not wrong:
                self.assertEqual(verdicts["ours"][0], "accepted", request)


if __name__ == "__main__":
    unittest.main()
