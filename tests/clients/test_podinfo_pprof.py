"""/debug/pprof as pprof reads it: a profile of a busy podinfo, decoded by the numbers of profile.proto."""
import gzip
import threading
import unittest

import otlp
from podinfo_process import PODINFO, Podinfo, free_port


class PprofTest(unittest.TestCase):
    def podinfo(self, *flags):
        podinfo = Podinfo(*flags)
        self.addCleanup(podinfo.stop)
        return podinfo

    def read(self, answer):
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/octet-stream"))
        own = list(otlp.fields(gzip.decompress(answer.body)))
        texts = [value.decode() for number, value in own if number == 6]
        samples = [list(otlp.fields(value)) for number, value in own if number == 2]
        locations = {dict(otlp.fields(value))[1]: dict(otlp.fields(value)) for number, value in own if number == 4}
        mappings = {dict(otlp.fields(value))[1]: texts[dict(otlp.fields(value))[5]] for number, value in own if number == 3}
        return own, texts, samples, locations, mappings

    def test_a_busy_program_is_seen_where_it_is_busy(self):
        podinfo = self.podinfo("--stress-cpu=1")
        own, texts, samples, locations, mappings = self.read(podinfo.ask("GET", "/debug/pprof/profile?seconds=1"))
        self.assertEqual(texts[:5], ["", "samples", "count", "cpu", "nanoseconds"])
        self.assertEqual(dict(own)[12], 10_000_000)
        counts = [[value for number, value in sample if number == 2] for sample in samples]
        self.assertTrue(all(nanoseconds == count * 10_000_000 for count, nanoseconds in counts), counts)
        self.assertGreater(sum(count for count, _ in counts), 20)   # of a hundred, on a machine that may have other things to do
        used = {value for sample in samples for number, value in sample if number == 1}
        self.assertEqual(used, set(locations))
        files = {mappings.get(location.get(2)) for location in locations.values()}
        self.assertIn(PODINFO, files)

    def test_only_one_at_a_time_and_not_beyond_the_servers_time(self):
        podinfo = self.podinfo()
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(podinfo.ask("GET", "/debug/pprof/profile?seconds=2").status)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(answers), [200, 500])
        answer = podinfo.ask("GET", "/debug/pprof/profile")
        self.assertEqual((answer.status, answer.text), (400, "profile duration exceeds server's WriteTimeout\n"))
        self.assertEqual(podinfo.ask("GET", "/debug/pprof/profile?seconds=1").status, 200)   # and again

    def test_the_rest(self):
        port = free_port()
        podinfo = self.podinfo("--ui-message=quiet", f"--port-metrics={port}")
        self.assertIn("profile", podinfo.ask("GET", "/debug/pprof/").text)
        self.assertEqual(podinfo.ask("GET", "/debug/pprof/", port=port).status, 200)
        self.assertEqual(podinfo.ask("GET", "/debug/pprof/cmdline").text, PODINFO)
        self.assertEqual(podinfo.ask("GET", "/debug/pprof/symbol").text, "num_symbols: 1\n")
        self.assertEqual(podinfo.ask("GET", "/debug/pprof/heap").status, 404)
        podinfo.ask("POST", "/fault_injection/enable")
        self.assertEqual(podinfo.ask("GET", "/debug/pprof/").status, 200)
        prefixed = self.podinfo("--prefix=/foo")
        for path in ("/debug/pprof/", "/foo/debug/pprof/"):
            self.assertEqual(prefixed.ask("GET", path).status, 404)


if __name__ == "__main__":
    unittest.main()
