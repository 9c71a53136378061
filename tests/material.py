"""Small real conversations, one or more for each protocol; the generic tests run over them.

Whoever writes a protocol adds what its sides say to each other here, and its decoder is then cut,
damaged, copied and compared between the gears with all the others.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass

import quic_vectors
from frames import Turn, tcp_records, udp_records

from wirestep.model import Record, Side

C, S = Side.CLIENT, Side.SERVER


@dataclass(frozen=True)
class Talk:
    """What two sides say, without the layers below."""

    name: str
    protocol: str
    """The card that must read it."""
    turns: tuple[Turn, ...]
    port: int
    stream: bool = True

    def records(self, cuts: tuple[int, ...] = (1400,)) -> list[Record]:
        """The conversation on a wire; a stream cut into pieces of the sizes in `cuts`, in turn."""
        if self.stream:
            return tcp_records(self.turns, self.port, cuts)
        return udp_records(self.turns, self.port)


def _framed(*messages: bytes) -> bytes:
    """Messages with a two-byte length each, as DNS has them on a stream (RFC 1035 4.2.2)."""
    return b"".join(struct.pack("!H", len(message)) + message for message in messages)


_QUERY = bytes.fromhex(
    "3a7d 0100 0001 0000 0000 0001 03777777 076578616d706c65 03636f6d 00 0001 0001"
    "00 0029 04d0 0000 8000 000c 000a 0008 1f2e3d4c5b6a7988"
)
_ANSWER = bytes.fromhex(
    "3a7d 8180 0001 0002 0000 0001 03777777 076578616d706c65 03636f6d 00 0001 0001"
    "c00c 0005 0001 00015180 0007 04686f7374 c010"
    "c02d 0001 0001 00000e10 0004 cb007107"
    "00 0029 1000 0000 0000 0000"
)
_AAAA_QUERY = bytes.fromhex(
    "92c4 0100 0001 0000 0000 0000 046d61696c 076578616d706c65 03636f6d 00 001c 0001"
)
_AAAA_ANSWER = bytes.fromhex(
    "92c4 8180 0001 0001 0000 0000 046d61696c 076578616d706c65 03636f6d 00 001c 0001"
    "c00c 001c 0001 00000258 0010 20010db8a1b2c3d4e5f60718293a4b5c"
)

_ZONE_ANSWER = bytes.fromhex(  # MX, TXT, SRV, RRSIG, NSEC, SVCB, CAA, OPT with ECS and EDE
    "2b4e 8583 0001 0003 0002 0003 07746573742d7831 03636f6d 00 000f 0001"
    "c00c 000f 0001 00000e11 0009 0103 046d61696c c00c"
    "c00c 0010 0001 00000e12 000b 05763d737066 04616c6c21"
    "045f736970 c00c 0021 0001 00000e13 000c 0201 0403 13c4 0373696e c00c"
    "c00c 002e 0001 00000e14 0025 000f 0e 02 00015181 6b36ec7e 6ae68a8b 78bd c014"
    "a1b2c3d4e5f60718293a4b5c6d7e8f90a2"
    "c00c 002f 0001 00000e15 000d 017a c00c 0007 62018008000203"
    "c00c 0041 0001 00000e16 0013 0102 00 0001 0006 02 6833 02 6832 0003 0002 20fb"
    "c00c 0101 0001 00000e17 000f 80 05 6973737565 63612e746573742e"
    "00 0029 0abc 01008000 0016 0008 0007 0001 1611 c63364 000f 0007 0012 6e6f706521"
)
_UPDATE = bytes.fromhex(
    "2b4f 2800 0001 0001 0001 0000 076578616d706c65 036f7267 00 0006 0001"
    "c00c 00ff 00ff 00000000 0000 036e6577 c00c 0001 0001 0000012d 0004 c6336409"
)
_SERVICES = bytes.fromhex(
    "0000 0000 0002 0000 0000 0000 055f69707073 045f746370 056c6f63616c 00 000c 8001c012 00ff 0003"
)
_HOST = bytes.fromhex(
    "0000 8400 0000 0001 0000 0001 04686f7374 056c6f63616c 00 0001 8001 00000079 0004 a9fe1722"
    "c00c 002f 8001 0000007a 0008 c00c 0004 40000008"
)
_NEIGHBOUR = bytes.fromhex("71c5 0000 0001 0000 0000 0000 0677696e646f77 00 001c 0001")

_REQUESTS = (
    b"GET /first?x=1 HTTP/1.1\r\nHost: www.example.com\r\nAccept: */*\r\n\r\n"
    b"POST /second HTTP/1.1\r\nHost: www.example.com\r\nContent-Type: text/plain\r\n"
    b"Content-Length: 11\r\n\r\nhello world"
    b"HEAD /third HTTP/1.1\r\nHost: www.example.com\r\n\r\n"
)
_RESPONSES = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n"
    b"Trailer: X-Sum\r\n\r\n5\r\nfirst\r\n1c;name=value\r\nand some more of what is sai\r\n"
    b"0\r\nX-Sum: 42\r\n\r\n"
    b"HTTP/1.1 204 No Content\r\nServer: small\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nContent-Type: text/html\r\n\r\n"
)

# A refusal to wait, a coded body in chunks, a body to the end of the flow (RFC 9112 section 6.3).
_GZIP = gzip.compress(b"said again and again, " * 9, mtime=0)
_BODIES: tuple[Turn, ...] = (
    (C, b"PUT /x?y HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"),
    (S, b"HTTP/1.1 100 Continue\r\n\r\n"),
    (C, b"body"),
    (S, b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"),
    (S, b"9\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (_GZIP[:9], len(_GZIP) - 9, _GZIP[9:])),
    (C, b"GET /end HTTP/1.0\r\nCookie: a=b; c=d\r\nAuthorization: Basic dTpw\r\n\r\n"),
    (S, b"HTTP/1.0 404 Not Found\r\nContent-Type: text/plain\r\n\r\nthere is\r\nno such thing"),
)

# A chat: masked one way, compressed with context, in fragments around a ping (RFC 6455, 7692).
_UPGRADE = (
    b"GET /chat HTTP/1.1\r\nHost: example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_UPGRADED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)


def _frame(first: int, payload: bytes, key: bytes = b"") -> bytes:
    """A WebSocket frame (RFC 6455 section 5.2)."""
    mask = 0x80 if key else 0
    size = len(payload)
    length = struct.pack("!B", mask | size)
    if size > 125:
        length = struct.pack("!BH", mask | 126, size)
    if key:
        payload = bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))
    return bytes((first,)) + length + key + payload


_DEFLATE = zlib.compressobj(wbits=-15)
_COMPRESSED = [
    (_DEFLATE.compress(said) + _DEFLATE.flush(zlib.Z_SYNC_FLUSH))[:-4]
    for said in (b"the same thing said twice", b"the same thing said twice, and more")
]
_KEY = bytes.fromhex("37fa213d")
_CHAT: tuple[Turn, ...] = (
    (C, _UPGRADE),
    (S, _UPGRADED + _frame(0x81, b"welcome") + _frame(0xC1, _COMPRESSED[0])),
    (C, _frame(0x81, b"h\xc3\xa9llo", _KEY) + _frame(0x02, b"\x00\x01" * 80, _KEY)),
    (C, _frame(0x89, b"still there?", _KEY) + _frame(0x80, b"\x02\xff", _KEY)),
    (S, _frame(0x8A, b"still there?") + _frame(0x41, _COMPRESSED[1][:4])),
    (S, _frame(0x80, _COMPRESSED[1][4:]) + _frame(0x81, b"")),
    (C, _frame(0x88, b"\x03\xe9leaving", _KEY)),
    (S, _frame(0x88, b"\x03\xe9")),
)

# Two requests at once, a push, trailers, padding, a block in two frames (RFC 9113; blocks as in
# RFC 7541 appendix C.3 to C.6).
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def _h2(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """An HTTP/2 frame (RFC 9113 section 4.1)."""
    return len(payload).to_bytes(3, "big") + struct.pack("!BBL", kind, flags, stream) + payload


_FIRST = bytes.fromhex("828684410f7777772e6578616d706c652e636f6d")
_SECOND = bytes.fromhex("838785be400a637573746f6d2d6b65790c637573746f6d2d76616c7565")
_OK = bytes.fromhex(
    "88 5f92497ca58ae819aafb50938ec415305a99567b 5a839bd9ab"
    "6196d07abe941054d444a8200595040b8166e082a62d1bff"
)
_MOVED = bytes.fromhex(
    "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54"
    "6e1768747470733a2f2f7777772e6578616d706c652e636f6d"
)
_TWO_STREAMS: tuple[Turn, ...] = (
    (
        C,
        _PREFACE
        + _h2(4, 0, 0, bytes.fromhex("0001 00002000 0003 00000064 0004 00010000 0009 00000001"))
        + _h2(8, 0, 0, bytes.fromhex("000a0b0c"))
        + _h2(1, 0x25, 1, bytes.fromhex("80000000 c8") + _FIRST)
        + _h2(1, 0x00, 3, _SECOND[:9])
        + _h2(9, 0x04, 3, _SECOND[9:])
        + _h2(0, 0x09, 3, b"\x03" + b"name=value" + bytes(3))
        + _h2(0x10, 0, 0, b"\x00\x00\x00\x03u=2, i"),
    ),
    (
        S,
        _h2(4, 0, 0, bytes.fromhex("0005 00008000 0008 00000001 fafa 01020304"))
        + _h2(4, 1, 0)
        + _h2(5, 0x04, 1, b"\x00\x00\x00\x02" + bytes.fromhex("3fe11f") + _FIRST)
        + _h2(1, 0x04, 1, _OK)
        + _h2(1, 0x04, 3, _MOVED)
        + _h2(0, 0, 1, _GZIP[:11])
        + _h2(0, 1, 3, b"moved")
        + _h2(0, 0, 1, _GZIP[11:])
        + _h2(1, 0x05, 1, bytes.fromhex("00 0a 677270632d7374617475 01 37"))
        + _h2(10, 0, 0, b"\x00\x0bexample.org" + b'h3=":443"')
        + _h2(12, 0, 0, b"\x00\x13https://example.net")
        + _h2(6, 0, 0, b"\x01\x23\x45\x67\x89\xab\xcd\xef"),
    ),
    (
        C,
        _h2(4, 1, 0)
        + _h2(6, 1, 0, b"\x01\x23\x45\x67\x89\xab\xcd\xef")
        + _h2(3, 0, 2, b"\x00\x00\x00\x08")
        + _h2(2, 0, 5, bytes.fromhex("00000003 0f"))
        + _h2(0x2A, 0x5F, 7, b"grease")
        + _h2(7, 0, 0, bytes.fromhex("00000002 00000000") + b"done"),
    ),
)

# A ClientHello and an alert, in records of their own (RFC 8446 sections 4.1.2 and 5.1).
_HELLO_BODY = (
    bytes.fromhex("0303")
    + bytes(range(0x40, 0x60))
    + bytes.fromhex("20")
    + bytes(range(0xA0, 0xC0))
    + bytes.fromhex("0006 1301 1303 c02b 01 00")
)
_EXTENSIONS = (
    bytes.fromhex("0000 0010 000e 00 000b")
    + b"example.org"
    + bytes.fromhex("0010 000e 000c 02 6832 08")
    + b"http/1.1"
    + bytes.fromhex("002b 0005 04 0304 0303")
    + bytes.fromhex("000a 0006 0004 001d 0017")
    + bytes.fromhex("000d 0006 0004 0804 0403")
    + bytes.fromhex("0033 0026 0024 001d 0020")
    + bytes(range(0x10, 0x30))
)
_HELLO = _HELLO_BODY + struct.pack("!H", len(_EXTENSIONS)) + _EXTENSIONS
_HELLO = b"\x01" + len(_HELLO).to_bytes(3, "big") + _HELLO


def _record(kind: int, data: bytes, version: int = 0x0303) -> bytes:
    return struct.pack("!BHH", kind, version, len(data)) + data


def _message(kind: int, *parts: bytes) -> bytes:
    """A handshake message; its parts with nothing between them (RFC 8446 section 4)."""
    body = b"".join(parts)
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def _der(tag: int, *parts: bytes) -> bytes:
    """An element with its length (X.690 section 8.1)."""
    body = b"".join(parts)
    size = bytes((len(body),)) if len(body) < 128 else bytes((0x81, len(body)))
    return bytes((tag,)) + size + body


_NAME = _der(0x30, _der(0x31, _der(0x30, bytes.fromhex("0603550403"), _der(0x0C, b"abc"))))
_ED25519 = _der(0x30, bytes.fromhex("06032b6570"))
_CERTIFICATE = _der(
    0x30,
    _der(
        0x30,
        _der(0xA0, _der(2, b"\2")),
        _der(2, b"\1\2\3"),
        _ED25519,
        _NAME,
        _der(0x30, _der(0x17, b"260102030405Z"), _der(0x17, b"360102030405Z")),
        _NAME,
        _der(0x30, _ED25519, _der(3, b"\0", bytes(range(32)))),
        _der(
            0xA3,
            _der(
                0x30,
                _der(0x30, bytes.fromhex("0603551d11"), _der(4, _der(0x30, _der(0x82, b"abc")))),
            ),
        ),
    ),
    _ED25519,
    _der(3, b"\0", b"signature"),
)
_CHAIN = len(_CERTIFICATE).to_bytes(3, "big") + _CERTIFICATE
# The server's first flight of TLS 1.2: hello, certificate, key exchange, done (RFC 5246 7.3).
_FLIGHT = (
    _message(2, b"\x03\x03" + bytes(range(0x70, 0x90)), bytes.fromhex("00 c02f 00 0005 ff01000100"))
    + _message(11, len(_CHAIN).to_bytes(3, "big"), _CHAIN)
    + _message(12, bytes.fromhex("03 001d 04 c1c2c3c4 0804 0006 d1d2d3d4d5d6"))
    + _message(14)
)
_EXCHANGE = _message(16, bytes.fromhex("04 e1e2e3e4"))
_SECRET = bytes(range(0xB0, 0xD8))

TALKS: tuple[Talk, ...] = (
    Talk(
        "dns-udp",
        "dns",
        ((C, _QUERY), (S, _ANSWER), (C, _AAAA_QUERY), (S, _AAAA_ANSWER)),
        53,
        False,
    ),
    Talk(
        "dns-tcp",
        "dns",
        ((C, _framed(_QUERY, _AAAA_QUERY)), (S, _framed(_AAAA_ANSWER, _ANSWER))),
        53,
    ),
    Talk("dns-tcp-rich", "dns", ((C, _framed(_UPDATE)), (S, _framed(_ZONE_ANSWER))), 53),
    Talk("mdns", "mdns", ((C, _SERVICES), (C, _HOST)), 5353, False),
    Talk("llmnr", "llmnr", ((C, _NEIGHBOUR),), 5355, False),
    Talk("http1-continue", "http", _BODIES, 8080),
    Talk("http1-pipelined", "http", ((C, _REQUESTS), (S, _RESPONSES)), 80),
    Talk("http2-streams", "http2", _TWO_STREAMS, 8080),
    Talk(
        "tls-hello-and-alert",
        "tls",
        (
            (C, _record(22, _HELLO[:100], 0x0301) + _record(22, _HELLO[100:])),
            (S, _record(21, b"\x02\x28")),
            (C, _record(21, b"\x01\x00")),
        ),
        443,
    ),
    Talk(
        "tls-1.2-session",
        "tls",
        (
            (C, _record(22, _HELLO, 0x0301)),
            (S, _record(22, _FLIGHT[:60]) + _record(22, _FLIGHT[60:])),
            (C, _record(22, _EXCHANGE) + _record(20, b"\x01") + _record(22, _SECRET)),
            (S, _record(20, b"\x01") + _record(22, _SECRET) + _record(23, _SECRET[7:])),
            (C, _record(23, _SECRET[3:]) + _record(21, _SECRET[9:])),
        ),
        47443,
    ),
    Talk("websocket-chat", "websocket", _CHAT, 8080),
    Talk(
        "quic-initial",
        "quic",
        ((C, quic_vectors.CLIENT_INITIAL), (S, quic_vectors.SERVER_INITIAL)),
        443,
        False,
    ),
    Talk("unclaimed", "data", ((C, bytes(range(256))), (S, b"\xff" * 40)), 47001, False),
)
