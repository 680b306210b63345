"""What changes the state of a podinfo: readiness and injected faults."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from podinfo_case import JSON, NOT_FOUND, TEXT, PodinfoTest


class Switches(PodinfoTest):
    """What changes the state of the process."""

    def test_readiness(self):
        answer = self.ask("POST", "/readyz/disable")
        self.assertEqual((answer.status, answer.body, answer.headers["Content-Type"]), (202, b"", None))
        refused = self.ask("GET", "/readyz")
        self.assertEqual((refused.status, refused.body, refused.headers["Content-Type"]), (503, b"", None))
        self.assertEqual(self.ask("GET", "/healthz").status, 200)
        self.assertEqual(self.ask("POST", "/readyz/enable").status, 202)
        self.assertEqual(self.ask("GET", "/readyz").status, 200)

    def test_fault_injection(self):
        enabled = self.ask("POST", "/fault_injection/enable")
        self.addCleanup(self.ask, "POST", "/fault_injection/disable")
        self.assertEqual((enabled.status, enabled.text), (202, '{\n  "fault_injection": "enabled"\n}'))
        self.check([
            ("GET", "/version", 500, TEXT, '{"status":"fault injection enabled"}\n'),
            ("POST", "/readyz/disable", 500, TEXT, '{"status":"fault injection enabled"}\n'),
            ("GET", "/healthz", 200, JSON, '{\n  "status": "OK"\n}'),
            ("GET", "/readyz", 200, JSON, '{\n  "status": "OK"\n}'),
            ("GET", "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", re.compile("")),
            ("GET", "/fault_injection/status", 200, JSON, '{\n  "fault_injection": "enabled"\n}'),
            ("GET", "/nothing", 404, TEXT, NOT_FOUND),
            ("PUT", "/version", 405, None, ""),
        ])
        disabled = self.ask("POST", "/fault_injection/disable")
        self.assertEqual((disabled.status, disabled.text), (202, '{\n  "fault_injection": "disabled"\n}'))
        self.assertEqual(self.ask("GET", "/version").status, 200)


if __name__ == "__main__":
    unittest.main()
