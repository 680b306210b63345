"""A podinfo for all tests of a class, and what its answers are made of."""
import json
import shutil
import tempfile
import unittest

from podinfo_process import Podinfo

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
RAW = "application/octet-stream"
NOT_FOUND = "404 page not found\n"
LIMIT_BYTES = 10 << 20


def error(code, message):
    return json.dumps({"code": code, "message": message}, indent=2)


class PodinfoTest(unittest.TestCase):
    flags = ()
    env = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="podinfo-", dir="/tmp")
        cls.podinfo = Podinfo(f"--data-path={cls.folder}", *cls.flags, env=cls.env)

    @classmethod
    def tearDownClass(cls):
        cls.podinfo.stop()
        shutil.rmtree(cls.folder)

    def ask(self, *arguments, **options):
        return self.podinfo.ask(*arguments, **options)

    def check(self, rows):
        """Method, path, status, Content-Type (None: there is none), body (a pattern where it is compiled)."""
        for method, path, status, kind, body in rows:
            with self.subTest(request=f"{method} {path}"):
                answer = self.ask(method, path)
                self.assertEqual(answer.status, status, answer.body)
                self.assertEqual(answer.headers["Content-Type"], kind)
                if isinstance(body, str):
                    self.assertEqual(answer.text, body)
                else:
                    self.assertRegex(answer.text, body)
                if kind == JSON:
                    self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
                self.assertIsNone(answer.headers["Server"])
                self.assertRegex(answer.headers["Date"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
                self.assertRegex(answer.headers["X-Correlation-ID"], r"^[0-9a-f-]{36}$")
