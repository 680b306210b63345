"""An OTLP collector over gRPC, by stock grpcio: prints its port, then one line for each call: service, metadata and message as JSON.

    python3 otlp_peer.py [STATUS]     answers that gRPC status instead of taking what comes, until a line comes in on standard input
"""
import base64
import json
import sys
import threading
from concurrent import futures

import grpc

refused = {"status": int(sys.argv[1]) if len(sys.argv) > 1 else 0}
one_line = threading.Lock()   # calls come on four threads, and print writes a line and its end apart


class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        def take(request, context):
            metadata = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
            line = {"method": details.method, "metadata": metadata, "message": base64.b64encode(request).decode(), "refused": refused["status"]}
            with one_line:
                print(json.dumps(line), flush=True)
            if refused["status"]:
                context.abort(next(code for code in grpc.StatusCode if code.value[0] == refused["status"]), "not now")
            return b""

        return grpc.unary_unary_rpc_method_handler(take)


server = grpc.server(futures.ThreadPoolExecutor(4))
server.add_generic_rpc_handlers([Handler()])
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()


def listen():
    for _ in sys.stdin:
        refused["status"] = 0


threading.Thread(target=listen, daemon=True).start()
server.wait_for_termination()
