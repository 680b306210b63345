"""Where we and others read a request differently, and why that is meant. What is not here is a failure."""

# We refuse, another accepts. By what is wrong with the request, as the generator names it.
STRICTER = {
    "'X: a\\nY: b'": "a bare LF is no line end: who takes it for one sees a field that others do not see",
    "'X: a\\x00b'": "NUL ends strings in some programs",
    "'X: a\\x01b'": "control characters have no place in values (RFC 9110 5.5)",
    "'X: a\\x7fb'": "control characters have no place in values (RFC 9110 5.5)",
    "'X: a\\rb'": "a bare CR is a line end to some",
    "'X: a\\r\\n b'": "folded lines are obsolete, and who does not unfold them sees another field (RFC 9112 5.2)",
    "' X: a'": "a folded line, or a field that begins with a blank",
    "'X'": "a line without a colon is no field",
    "': a'": "a field without a name",
    "'X : a'": "a space before the colon hides a field's name from some (RFC 9112 5.1)",
    "'X\\t: a'": "a tab before the colon hides a field's name from some (RFC 9112 5.1)",
    "'X(: a'": "a name is a token (RFC 9110 5.1)",
    "'X\\x00: a'": "a name is a token (RFC 9110 5.1)",
    "'ä: a'": "a name is a token (RFC 9110 5.1)",
    "'Host: a'": "a second Host, even the same (RFC 9112 3.2)",
    "'Host: b'": "a second Host (RFC 9112 3.2)",
    "no Host": "HTTP/1.1 has one (RFC 9112 3.2)",
    "'Content-Length: 0'": "a second length, or one beside chunked: HAProxy drops the length, which is allowed, but tells of an attempt",
    "'Content-Length: 05'": "a second length, or one beside chunked",
    "'Content-Length: 5,5'": "a list of lengths, even of the same (RFC 9112 6.3 leaves the choice)",
    "'Content-Length : 5'": "a space before the colon hides a field's name from some",
    "'Transfer-Encoding: chunked'": "chunked twice, or beside a length",
    "'Transfer-Encoding: CHUNKED'": "chunked twice, or beside a length",
    "'Transfer-Encoding:\\tchunked'": "chunked twice, or beside a length",
    "'Transfer-Encoding : chunked'": "a space before the colon hides a field's name from some",
    "'Transfer-Encoding: ,chunked'": "an empty member of the list, or chunked twice",
    "'Transfer-Encoding: chunked, chunked'": "chunked twice",
    "'Transfer-Encoding: chunked, identity'": "chunked is not last",
    "'Transfer-Encoding: identity'": "a coding that RFC 9112 has taken away",
    "'Transfer-Encoding: xchunked'": "a coding nobody knows",
    "'Transfer-Encoding: gzip, chunked'": "a coding that is not undone here",
    "'Expect: 200-ok'": "an expectation that is not met is 417 (RFC 9110 10.1.1)",
    "'GET  / HTTP/1.1'": "one space (RFC 9112 3)",
    "' GET / HTTP/1.1'": "no space before the method",
    "'GET / HTTP/1.1 '": "nothing behind the version",
    "'GET / HTTP/1.1\\r'": "a bare CR is a line end to some",
    "'GET\\t/ HTTP/1.1'": "a space, not a tab (RFC 9112 3)",
    "'GET / HTTP/1.10'": "a version has one digit on each side (RFC 9112 2.3)",
    "'GET / HTTP/2.0'": "another major version is another protocol: 505",
    "'GET / HTTP/0.9'": "HTTP/0.9 has no versions",
    "'GET /# HTTP/1.1'": "a fragment is never sent; some take it for part of the path",
    "'GET /\\x01 HTTP/1.1'": "a target holds no control characters",
    "'GET /\\x7f HTTP/1.1'": "a target holds no control characters",
    "'GET /ä HTTP/1.1'": "a target is ASCII",
    "'GET a HTTP/1.1'": "none of the four forms of a target (RFC 9112 3.2)",
    "'GET * HTTP/1.1'": "only OPTIONS asks for * (RFC 9112 3.2.4)",
    "'GET http://b/x HTTP/1.1'": "target and Host name different authorities: rules and targets would each believe one",
    "'GET http://u@a/x HTTP/1.1'": "credentials in a target (RFC 9110 4.2.4)",
    "'GET ftp://a/x HTTP/1.1'": "a scheme that is not spoken here",
    "b'5\\nhello\\r\\n0\\r\\n\\r\\n'": "a bare LF is no line end",
    "b'5\\r\\nhello\\n0\\r\\n\\r\\n'": "a bare LF is no line end",
    "b'5\\r\\nhello\\r\\n0\\n\\n'": "a bare LF is no line end",
    "b'5\\r\\nhello\\r\\n0\\r\\nX: a\\n\\r\\n'": "a bare LF is no line end",
    "b'5\\r\\nhello\\r\\n0\\r\\nX : a\\r\\n\\r\\n'": "a space before the colon, in a trailer too",
    "b'5\\r\\nhello\\r\\n0\\r\\nContent-Length: 1\\r\\n\\r\\n'": "a trailer that frames the message (RFC 9110 6.5.1)",
    "b'5 \\r\\nhello\\r\\n0\\r\\n\\r\\n'": "a blank behind a chunk's size",
    "b' 5\\r\\nhello\\r\\n0\\r\\n\\r\\n'": "a blank before a chunk's size",
    "b'5;\\x00\\r\\nhello\\r\\n0\\r\\n\\r\\n'": "NUL in a chunk extension",
    "b'5;\\rx\\r\\nhello\\r\\n0\\r\\n\\r\\n'": "a bare CR is a line end to some",
}

# We accept, another refuses.
LENIENT = {
    ("nginx", "'CONNECT a:1 HTTP/1.1'"): "the parser takes it, and the service answers: the balancer 405",
    ("haproxy", "'CONNECT a:1 HTTP/1.1'"): "the same",
    ("nginx", "'TRACE / HTTP/1.1'"): "the parser takes it, and the service answers: the balancer 405",
    ("nginx", "'OPTIONS * HTTP/1.1'"): "right by RFC 9112 3.2.4, which nginx does not do",
    ("nginx", "'GET /%zz HTTP/1.1'"): "targets pass as they came; who decodes them (query parameters, S3's keys) refuses this",
    ("nginx", "a method in small letters"): "methods are case-sensitive tokens (RFC 9110 9.1), so this is one that no service knows; nginx takes capitals only",
}


def explained(peer, request, wrong, ours, theirs):
    """Whether a difference is meant."""
    if ours[0] == "refused":
        return any(thing in STRICTER for thing in wrong)
    method = request.split(b" ")[0].strip()
    names = wrong + (["a method in small letters"] if method != method.upper() else [])
    return any((peer, name) in LENIENT for name in names)


def same_reading(ours, theirs):
    """Proxies may turn an absolute target into its path."""
    target = ours[2]
    if "://" in target:
        path = target.split("://", 1)[1]
        target = "/" + path.split("/", 1)[1] if "/" in path else "/"
    return ours[1] == theirs[1] and ours[3] == theirs[3] and theirs[2] in (ours[2], target)
