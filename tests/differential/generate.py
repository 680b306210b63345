"""Requests from a seed: good ones, and good ones with one or two things wrong in the ways that parsers disagree about."""
import random

METHODS = ["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "get", "G-T"]
TARGETS = ["/", "/a", "/a/b?x=1&y=2", "/%41%2f", "/a//b", "/a/../b", "/.", "//a", "/a;p", "/a?b?c", "/~u", "/a|b", "/a\"b", "/a<b", "/a\\b", "/a{b}"]
BODIES = [b"", b"a", b"hello", b"x" * 300]
WRONG_LINES = [
    "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET\t/ HTTP/1.1", "GET / HTTP/1.2", "GET / HTTP/2.0", "GET / HTTP/1.10",
    "GET / http/1.1", "GET / HTTP/1", "GET /", "GET", "GET /a b HTTP/1.1", "GET /# HTTP/1.1", "GET /\x01 HTTP/1.1", "GET /\x7f HTTP/1.1",
    "GET /\xe4 HTTP/1.1", "GET /\x00 HTTP/1.1", "GET a HTTP/1.1", "GET * HTTP/1.1", "OPTIONS * HTTP/1.1", "GET http://a/x HTTP/1.1",
    "GET http://b/x HTTP/1.1", "GET http://u@a/x HTTP/1.1", "GET ftp://a/x HTTP/1.1", "GET http://a HTTP/1.1", "CONNECT a:1 HTTP/1.1", "TRACE / HTTP/1.1",
    "G(T / HTTP/1.1", "GET /%zz HTTP/1.1", "GET / HTTP/1.1\r", "GET / HTTP/0.9",
]
FIELDS = ["X: a", "X:a", "X:\ta\t", "Accept: */*", "X: \xe4", "Connection: close", "Connection: keep-alive", "X:", "Cookie: a=b; c=d", "User-Agent: t"]
WRONG_FIELDS = [
    "X : a", "X\t: a", "X", ": a", "X: a\x00b", "X: a\x01b", "X: a\x7fb", "X: a\rb", " X: a", "X: a\r\n b", "X\x00: a", "X(: a", "\xe4: a", "X: a\nY: b",
    "Host: b", "Host: a", "Content-Length: 0", "Content-Length: +5", "Content-Length: -1", "Content-Length: 0x5", "Content-Length: 5 5", "Content-Length: 5,5",
    "Content-Length: ", "Content-Length: 99999999999999999999", "Content-Length: 05", "Content-Length : 5", "Content_Length: 5",
    "Transfer-Encoding: chunked", "Transfer-Encoding: xchunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: identity", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: \x0bchunked",
    "Transfer-Encoding:\tchunked", "Transfer-Encoding : chunked", "Transfer-Encoding: CHUNKED", "Transfer-Encoding: ,chunked", "Expect: 200-ok",
    "Connection: close, X", "Upgrade: h2c",
]
CHUNKS = [
    b"5\r\nhello\r\n0\r\n\r\n", b"0\r\n\r\n", b"5;a=b\r\nhello\r\n0\r\n\r\n", b"05\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\r\n0\r\nX: a\r\n\r\n",
]
WRONG_CHUNKS = [
    b"5\nhello\r\n0\r\n\r\n", b"5\r\nhello\n0\r\n\r\n", b"4\r\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"+5\r\nhello\r\n0\r\n\r\n", b" 5\r\nhello\r\n0\r\n\r\n",
    b"5 \r\nhello\r\n0\r\n\r\n", b"zz\r\n\r\n", b"ffffffffffffffffff\r\n", b"5;\x00\r\nhello\r\n0\r\n\r\n", b"5;\rx\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\r\n0\r\nX : a\r\n\r\n",
    b"5\r\nhello\r\n0\r\nContent-Length: 1\r\n\r\n", b"5\r\nhello\r\n0\r\nX: a\n\r\n", b"5\r\nhello\r\n0\n\n", b"-0\r\n\r\n",
]


def assemble(line, fields, body):
    return (line + "\r\n" + "".join(field + "\r\n" for field in fields) + "\r\n").encode("latin-1") + body


def request(rng):
    """What is wrong with it (a list, empty for a good one), and its bytes."""
    wrong = []
    line = f"{rng.choice(METHODS)} {rng.choice(TARGETS)} HTTP/1.1"
    fields = ["Host: a"] + rng.sample(FIELDS, rng.randint(0, 3))
    body = b""
    kind = rng.random()
    if kind < 0.25:
        body = rng.choice(BODIES)
        fields.append(f"Content-Length: {len(body)}")
    elif kind < 0.5:
        fields.append("Transfer-Encoding: chunked")
        body = rng.choice(CHUNKS)
        if rng.random() < 0.4:
            body = rng.choice(WRONG_CHUNKS)
            wrong.append(repr(body))
    if rng.random() < 0.3:
        line = rng.choice(WRONG_LINES)
        wrong.append(repr(line))
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        field = rng.choice(WRONG_FIELDS)
        fields.insert(rng.randint(0, len(fields)), field)
        wrong.append(repr(field))
    if rng.random() < 0.03:
        fields.remove("Host: a")
        wrong.append("no Host")
    return wrong, assemble(line, fields, body)


def requests(seed, count):
    rng = random.Random(seed)
    return [request(rng) for _ in range(count)]
