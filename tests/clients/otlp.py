"""What OTLP's messages say, read without its libraries: fields by number, as opentelemetry-proto has them."""
import struct


def fields(message):
    """(number, value) of each field: an integer, or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        kind = tag & 7
        if kind == 0:
            value = varint()
        elif kind == 1:
            value, at = struct.unpack_from("<Q", message, at)[0], at + 8
        elif kind == 5:
            value, at = struct.unpack_from("<I", message, at)[0], at + 4
        elif kind == 2:
            size = varint()
            if at + size > len(message):
                raise ValueError("a field is longer than its message")
            value, at = message[at:at + size], at + size
        else:
            raise ValueError(f"wire type {kind}")
        yield tag >> 3, value


def any_value(message):
    for number, value in fields(message):
        return {1: lambda: value.decode(), 2: lambda: bool(value), 3: lambda: value, 4: lambda: struct.unpack("<d", struct.pack("<Q", value))[0]}[number]()
    return ""


def attributes(message, number):
    pairs = [dict(fields(value)) for field, value in fields(message) if field == number]
    return {pair[1].decode(): any_value(pair.get(2, b"")) for pair in pairs}


def span(message):
    own = dict(fields(message))
    status = dict(fields(own.get(15, b"")))
    return {"trace_id": own[1].hex(), "span_id": own[2].hex(), "state": own.get(3, b"").decode(), "parent": own.get(4, b"").hex(), "name": own[5].decode(),
            "kind": own[6], "began": own[7], "ended": own[8], "attributes": attributes(message, 9), "status": status.get(3, 0),
            "message": status.get(2, b"").decode()}


def record(message):
    own = dict(fields(message))
    return {"severity": own.get(2, 0), "level": own.get(3, b"").decode(), "body": any_value(own.get(5, b"")), "attributes": attributes(message, 6),
            "trace_id": own.get(9, b"").hex(), "span_id": own.get(10, b"").hex()}


def export(message, read):
    """(resource attributes, scope, item) of an export request."""
    for number, group in fields(message):
        if number != 1:
            continue
        own = list(fields(group))
        resource = attributes(next(value for field, value in own if field == 1), 1)
        for field, scoped in own:
            if field == 2:
                parts = list(fields(scoped))
                scope = dict(fields(next(value for part, value in parts if part == 1)))[1].decode()
                for part, value in parts:
                    if part == 2:
                        yield resource, scope, read(value)
