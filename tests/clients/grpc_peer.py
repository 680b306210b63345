"""A stock gRPC client and server in one file, run by a Python that has grpcio: messages are bytes, so no code is generated.

    grpc_peer.py call PORT     unary, streaming both ways, a call that fails, one that is cut off, many at once; prints "ok"
    grpc_peer.py serve         an echo service on a free port, which is printed
"""
import queue
import sys
from concurrent import futures

import grpc


def call(port):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        echo = channel.unary_unary("/test.Echo/Echo")
        reply, details = echo.with_call(b"hello", timeout=20)
        assert reply == b"hello" and details.code() == grpc.StatusCode.OK, (reply, details.code())
        large = b"x" * 1_000_000
        assert echo(large, timeout=20) == large
        assert [f.result(20) for f in [echo.future(b"%d" % i) for i in range(200)]] == [b"%d" % i for i in range(200)]

        # Each message is sent when the one before has come back: nothing on the way may gather them.
        outgoing = queue.Queue()
        answers = channel.stream_stream("/test.Chat/Echo")(iter(outgoing.get, None), timeout=20)
        for i in range(20):
            outgoing.put(b"%d" % i)
            assert next(answers) == b"%d" % i
        outgoing.put(None)
        assert list(answers) == []
    print("ok")


def call_failing(port):
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        for method, code in (("/test.Fail/Fail", grpc.StatusCode.NOT_FOUND), ("/test.No/Such", grpc.StatusCode.UNIMPLEMENTED)):
            try:
                channel.unary_unary(method)(b"", timeout=20)
            except grpc.RpcError as error:
                assert error.code() == code, error
            else:
                raise AssertionError(f"{method} did not fail")
    print("ok")


class Handlers(grpc.GenericRpcHandler):
    def service(self, details):
        def fail(_, context):
            context.abort(grpc.StatusCode.NOT_FOUND, "nothing here")

        return {
            "/test.Echo/Echo": grpc.unary_unary_rpc_method_handler(lambda message, _: message),
            "/test.Chat/Echo": grpc.stream_stream_rpc_method_handler(lambda messages, _: messages),
            "/test.Fail/Fail": grpc.unary_unary_rpc_method_handler(fail),
        }.get(details.method)


def serve():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), handlers=(Handlers(),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    {"call": lambda: call(sys.argv[2]), "call-failing": lambda: call_failing(sys.argv[2]), "serve": serve}[sys.argv[1]]()
