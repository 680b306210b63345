"""gRPC's health protocol, which follows podinfo's readiness."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from podinfo_grpc import Code, Server, grpc


class HealthTest(unittest.TestCase):
    SERVING, NOT_SERVING, SERVICE_UNKNOWN = 1, 2, 3

    def server(self, *flags, **options):
        server = Server(*flags, **options)
        self.addCleanup(server.stop)
        return server

    def check(self, server, service=""):
        return server.call("grpc.health.v1.Health/Check", service=service).status

    def test_it_follows_readiness(self):
        server = self.server("--grpc-service-name=mine")
        watches = [server.begin("grpc.health.v1.Health/Watch", service=service) for service in ("", "mine")]
        for path, status in ((None, self.SERVING), ("/readyz/disable", self.NOT_SERVING), ("/readyz/enable", self.SERVING)):
            if path:
                server.podinfo.ask("POST", path)
            for service, watch in zip(("", "mine"), watches):
                self.assertEqual(self.check(server, service), status)
                self.assertEqual(next(watch).status, status)
            listed = server.call("grpc.health.v1.Health/List").statuses
            self.assertEqual({name: listed[name].status for name in listed}, {"": status, "mine": status})

    def test_other_services_are_not_known(self):
        server = self.server("--grpc-service-name=mine")
        for service in ("podinfo", "echo.EchoService"):
            self.assertEqual(server.fail("grpc.health.v1.Health/Check", service=service), (Code.NOT_FOUND, "unknown service"))
        watch = server.begin("grpc.health.v1.Health/Watch", service="podinfo")
        self.assertEqual(next(watch).status, self.SERVICE_UNKNOWN)
        watch.cancel()

    def test_who_is_not_ready_is_not_serving(self):
        self.assertEqual(self.check(self.server("--unready")), self.NOT_SERVING)

    def test_the_end_is_told_before_it_comes(self):
        # Not with --level=debug: for three seconds balancers may find out.
        server = self.server()
        watch = server.begin("grpc.health.v1.Health/Watch")
        self.assertEqual(next(watch).status, self.SERVING)
        server.podinfo.signal()
        self.assertEqual(next(watch).status, self.NOT_SERVING)
        self.assertEqual(self.check(server), self.NOT_SERVING)
        with self.assertRaises(grpc.RpcError) as caught:
            next(watch)
        self.assertEqual((caught.exception.code(), caught.exception.details()), (Code.UNAVAILABLE, "the server is shutting down"))
        self.assertEqual(server.end(), 0)


if __name__ == "__main__":
    unittest.main()
