"""podinfo's gRPC port, as stock gRPC clients see it. Messages are made of what the server says by reflection, so that is proved, too."""
import base64
import hashlib
import hmac
import json
import os
import sys
import unittest

try:
    import grpc
    from google.protobuf import descriptor_pool, message_factory
except ImportError:
    raise unittest.SkipTest("grpcio and protobuf (python3-grpcio) are not on this machine")

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from otlp import fields
from podinfo_process import LIMIT, Podinfo, free_port

Code = grpc.StatusCode
SERVICES = ["delay.DelayService", "echo.EchoService", "env.EnvService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection", "header.HeaderService", "info.InfoService", "panic.PanicService",
            "status.StatusService", "token.TokenService", "version.VersionService"]
LONG = 3600   # seconds that no test waits for
SECRET = "key"


def varint(value):
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7f | 0x80]), value >> 7
    return out + bytes([value])


def text_field(number, text):
    return varint(number << 3 | 2) + varint(len(text)) + text


class Reflection:
    """A server's services, described by itself."""

    def __init__(self, channel, version="v1"):
        self.channel = channel
        self.info = channel.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
        self.pool = descriptor_pool.DescriptorPool()
        self.files = {}
        self.names = [dict(fields(service))[1].decode() for service in self.ask(7, b"*", 6)]
        for name in self.names:
            (self.files[name],) = self.ask(4, name.encode(), 4)
            self.pool.AddSerializedFile(self.files[name])

    def ask(self, number, text, answer):
        """The values of the first field of that part of the answer."""
        (response,) = self.info(iter([text_field(number, text)]), timeout=LIMIT)
        return [value for field, value in fields(dict(fields(response))[answer]) if field == 1]

    def message(self, descriptor):
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(descriptor)
        return message_factory.MessageFactory(self.pool).GetPrototype(descriptor)

    def stub(self, name):
        """Of "echo.EchoService/Echo": what makes its requests, and what calls it."""
        service, method = name.split("/")
        described = self.pool.FindServiceByName(service).methods_by_name[method]
        request, response = self.message(described.input_type), self.message(described.output_type)
        streams = method == "Watch"
        kind = self.channel.unary_stream if streams else self.channel.unary_unary
        return request, kind("/" + name, request_serializer=request.SerializeToString, response_deserializer=response.FromString)


class Server:
    """A podinfo with a gRPC port, and a client for it."""

    def __init__(self, *flags, env=None):
        self.grpc_port = free_port()
        self.podinfo = Podinfo(f"--grpc-port={self.grpc_port}", *flags, env={"PODINFO_JWT_SECRET": SECRET, **(env or {})})
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.grpc_port}")
        self.reflection = Reflection(self.channel)

    def begin(self, name, metadata=(), **fields):
        request, stub = self.reflection.stub(name)
        return (stub if name.endswith("/Watch") else stub.future)(request(**fields), timeout=None, metadata=metadata)

    def call(self, name, metadata=(), **fields):
        request, stub = self.reflection.stub(name)
        return stub(request(**fields), timeout=LIMIT, metadata=metadata)

    def fail(self, name, metadata=(), **fields):
        """The code and the details of a call that fails."""
        try:
            answer = self.call(name, metadata, **fields)
        except grpc.RpcError as error:
            return error.code(), error.details()
        raise AssertionError(f"{name} answered {answer}")

    def send(self, path, message, **options):
        """The same for bytes that no message gives."""
        try:
            answer = self.channel.unary_unary(path)(message, timeout=LIMIT, **options)
        except grpc.RpcError as error:
            return error.code(), error.details()
        raise AssertionError(f"{path} answered {answer}")

    def end(self):
        """The exit status. An idle client of this kind answers no ping, and would be waited for."""
        self.channel.close()
        return self.podinfo.wait()

    def stop(self):
        self.channel.close()
        self.podinfo.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def token(claims, secret=SECRET):
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    text = encode(b'{"alg":"HS256","typ":"JWT"}') + b"." + encode(json.dumps(claims).encode())
    return (text + b"." + encode(hmac.new(secret.encode(), text, hashlib.sha256).digest())).decode()
