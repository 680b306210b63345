"""A stock gRPC server: its health service answers by the name that is asked for. Prints its port.

    grpc_health_peer.py [--without-health]
"""
import concurrent.futures
import sys

import grpc

SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"


def check(request, context):
    service = request[2:].decode()
    if service not in ("", "podinfo", "tired"):
        context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
    return NOT_SERVING if service == "tired" else SERVING


server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
if "--without-health" not in sys.argv:
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
        "grpc.health.v1.Health", {"Check": grpc.unary_unary_rpc_method_handler(check)}),))
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
server.wait_for_termination()
